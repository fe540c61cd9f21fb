#include "decoding/translator.h"

#include "kernels/torch.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "decoding/mbr.h"
#include "decoding/phrases.h"
#include "decoding/score_targets.h"
#include "decoding/splitting.h"
#include "model/device.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kWindowBatches = 16;  // lines sorted by length together, in batches
constexpr int64_t kCutsNamed = 10;     // lines cut that are named, before they are only counted
// Hypotheses that a Transformer takes at once on a CPU: what more of them look back at leaves the
// processor's cache. Measured: 64 sentences of 5 hypotheses take a tenth longer than 12 or fewer.
constexpr int64_t kTogether = 48;
constexpr int kPartBits = 20;  // of a number that tells parts of lines apart

// A translation is one line, whatever characters the model has put together.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::vector<Request> to_requests(const std::vector<std::string>& lines) {
  std::vector<Request> requests;
  for (const std::string& line : lines) requests.push_back({line, "", {}});
  return requests;
}

}  // namespace

Translator::Translator(const Bundle& bundle, std::shared_ptr<Seq2Seq> model,
                       const SearchOptions& options, int64_t batch_size, LineOptions lines)
    : bundle_(bundle),
      model_(std::move(model)),
      options_(options),
      batch_size_(batch_size),
      n_best_(options.n_best),
      lines_(std::move(lines)),
      workers_(std::make_unique<Workers>(lines_.workers, [] { set_worker_threads(1); })) {
  if (options.mbr != Utility::kNone) options_.n_best = std::max(n_best_, options.beam_size);
  options_.want_attention = options.want_attention || lines_.replace_unknown;
}

void Translator::begin_text(const std::string& name) {
  text_name_ = name;
  line_ = 0;
}

std::string Translator::place() const {
  return text_name_.empty() ? fmt::format("line {}", line_)
                            : fmt::format("{}:{}", text_name_, line_);
}

void Translator::share(size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  workers_->run([&](int64_t) {
    for (size_t i = next++; i < count; i = next++) work(i);
  });
}

Translator::Texts Translator::encode(const Request& request) const {
  Texts texts;
  if (is_blank(request.text)) return texts;
  auto sentences = lines_.split_sentences ? split_sentences(request.text)
                                          : std::vector<std::string>{request.text};
  for (std::string& sentence : sentences) {
    auto written = lines_.split_long ? split_bytes(sentence, Tokenizer::kMaxBytes)
                                     : std::vector<std::string>{std::move(sentence)};
    for (std::string& text : written) {
      std::vector<int32_t> ids = bundle_.tokenizers.source->encode(text);
      texts.push_back({std::move(text), std::move(ids)});
    }
  }
  return texts;
}

std::vector<Translator::Part> Translator::parts_of(const std::vector<Request>& requests) {
  std::vector<Texts> texts(requests.size());
  share(requests.size(), [&](size_t i) { texts[i] = encode(requests[i]); });
  std::vector<Part> parts;
  for (size_t i = 0; i < requests.size(); ++i) {
    add_parts(requests[i], std::move(texts[i]), i, parts);
  }
  return parts;
}

void Translator::add_parts(const Request& request, Texts texts, size_t line,
                           std::vector<Part>& parts) {
  ++line_;
  size_t first = parts.size();
  for (Text& text : texts) add_pieces({line, std::move(text.text)}, std::move(text.ids), parts);
  for (size_t i = first; i < parts.size(); ++i) {
    parts[i].demand.number = (static_cast<uint64_t>(line_) << kPartBits) + (i - first);
  }
  if (parts.size() == first) return;
  Demand& demand = parts[first].demand;
  demand.prefix = encode_target(request.prefix);
  for (const std::string& phrase : request.phrases) {
    demand.phrases.push_back(encode_target(phrase));
  }
}

// Cuts a text that is too long, or splits it.
void Translator::add_pieces(Part part, std::vector<int32_t> ids, std::vector<Part>& parts) {
  auto limit = static_cast<size_t>(bundle_.config.data.max_length);
  std::vector<size_t> ends;
  if (ids.size() > limit && lines_.split_long) {
    ends = split_points(bundle_.tokenizers.source->pieces(ids), limit);
  } else if (ids.size() > limit) {
    if (notes_cut()) {
      log_warning("{}: {} pieces, cut to {} (data.max_length)", place(), ids.size(), limit);
    }
    ids.resize(limit);
  }
  ends.push_back(ids.size());
  for (size_t end : ends) {
    part.source.assign(ids.begin() + static_cast<ptrdiff_t>(part.first),
                       ids.begin() + static_cast<ptrdiff_t>(end));
    // A text of invisible characters alone has no piece.
    if (!part.source.empty()) parts.push_back(part);
    part.first = end;
  }
}

bool Translator::notes_cut() { return counts_.cut++ < kCutsNamed && lines_.warns_of_cuts; }

void Translator::cut_target(std::vector<int32_t>& ids) {
  int64_t max_length = bundle_.config.data.max_length;
  SearchOptions by_ratio = options_;
  by_ratio.max_length = 0;
  auto limit = static_cast<size_t>(std::max(max_length, length_limit(max_length, by_ratio)));
  if (ids.size() <= limit) return;
  if (notes_cut()) {
    log_warning("{}: a target of {} pieces, cut to {} (data.max_length times max_length_ratio)",
                place(), ids.size(), limit);
  }
  ids.resize(limit);
}

std::vector<int32_t> Translator::encode_target(const std::string& text) const {
  const Tokenizer& tokenizer = *bundle_.tokenizers.target;
  std::vector<int32_t> ids = tokenizer.encode(text);
  if (std::ranges::count(ids, tokenizer.special().unknown) > 0) {
    log_warning("{}: \"{}\" has characters that the vocabulary does not know", place(),
                printable(text, 80));
  }
  return ids;
}

// Batches of parts of like length. How many are together changes no translation.
std::vector<std::vector<size_t>> Translator::plan(const std::vector<Part>& parts) const {
  std::vector<size_t> order(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](size_t i) { return parts[i].source.size(); });
  bool in_cache = bundle_.config.model.architecture == "transformer" && model_->device().is_cpu();
  int64_t hypotheses = options_.sampling ? options_.n_best : options_.beam_size;
  auto size = static_cast<size_t>(
      in_cache ? std::clamp<int64_t>(kTogether / hypotheses, 1, batch_size_) : batch_size_);
  std::vector<std::vector<size_t>> batches;
  for (size_t start = 0; start < order.size(); start += size) {
    size_t end = std::min(start + size, order.size());
    batches.emplace_back(order.begin() + static_cast<ptrdiff_t>(start),
                         order.begin() + static_cast<ptrdiff_t>(end));
  }
  return batches;
}

Translation Translator::make_translation(const Hypothesis& hypothesis, const Part& part) const {
  Translation translation;
  const Tokenizer& target = *bundle_.tokenizers.target;
  translation.text = one_line(target.decode(hypothesis.ids));
  translation.score = hypothesis.score;
  translation.log_probability = hypothesis.log_probability;
  translation.length = static_cast<int64_t>(hypothesis.ids.size()) + 1;
  translation.ended = hypothesis.ended;
  if (!options_.want_attention) return translation;
  translation.source_pieces = bundle_.tokenizers.source->pieces(part.source);
  translation.source_pieces.emplace_back("</s>");
  translation.target_pieces = target.pieces(hypothesis.ids);
  translation.target_pieces.emplace_back("</s>");
  translation.attention = hypothesis.attention;
  int32_t unknown = target.special().unknown;
  if (!lines_.replace_unknown || std::ranges::count(hypothesis.ids, unknown) == 0) {
    return translation;
  }
  auto written = bundle_.tokenizers.source->encode_pieces(part.text);
  auto first = written.begin() + static_cast<ptrdiff_t>(part.first);
  std::vector<std::string> source(first, first + static_cast<ptrdiff_t>(part.source.size()));
  translation.text = one_line(target.decode_pieces(
      replace_unknown(translation, target.piece(unknown), source, lines_.dictionary)));
  return translation;
}

std::vector<Translation> Translator::translations_of(const std::vector<Hypothesis>& found,
                                                     const Part& part) const {
  std::vector<Translation> translations;
  for (const Hypothesis& hypothesis : found) {
    translations.push_back(make_translation(hypothesis, part));
  }
  if (options_.mbr != Utility::kNone) {
    choose_by_utility(translations, mbr_weights(translations, options_.sampling), options_.mbr);
    translations.resize(std::min(translations.size(), static_cast<size_t>(n_best_)));
  }
  return translations;
}

void Translator::count(const Hypothesis& best, const Part& part) {
  auto length = static_cast<int64_t>(best.ids.size());
  if (!phrase_progress(part.demand.phrases, best.ids).complete) ++counts_.without_phrase;
  if (best.ended) return;
  if (length < length_limit(static_cast<int64_t>(part.source.size()), options_)) {
    ++counts_.stuck;
  } else {
    bool by_length = options_.max_length > 0 && length >= options_.max_length;
    ++(by_length ? counts_.at_max_length : counts_.at_ratio);
  }
}

void Translator::translate_batch(const std::vector<Part>& parts, const std::vector<size_t>& batch,
                                 std::vector<Found>& found) const {
  std::vector<SentenceView> sentences;
  std::vector<Demand> demands;
  for (size_t i : batch) {
    sentences.emplace_back(parts[i].source);
    demands.push_back(parts[i].demand);
  }
  IdMatrix ids = pad_sentences(sentences, bundle_.tokenizers.source->special());
  auto hypotheses = search(*model_, ids, bundle_.tokenizers.target->special(), options_, demands);
  for (size_t k = 0; k < batch.size(); ++k) {
    Found& own = found[batch[k]];
    own.translations = translations_of(hypotheses[k], parts[batch[k]]);
    own.best = std::move(hypotheses[k][0]);
  }
}

std::vector<std::vector<Translation>> Translator::translate(const std::vector<std::string>& lines) {
  return translate(to_requests(lines));
}

std::vector<std::vector<Translation>> Translator::translate(const std::vector<Request>& requests) {
  std::vector<Part> parts = parts_of(requests);
  std::vector<Found> found(parts.size());
  auto batches = plan(parts);  // the longest first, so that workers end together
  share(batches.size(), [&](size_t i) { translate_batch(parts, batches[i], found); });
  for (size_t i = 0; i < parts.size(); ++i) count(found[i].best, parts[i]);
  std::vector<std::vector<Translation>> translations(requests.size(), {Translation{}});
  for (size_t i = 0, end = 0; i < parts.size(); i = end) {
    while (end < parts.size() && parts[end].line == parts[i].line) ++end;
    auto& line = translations[parts[i].line];
    line = std::move(found[i].translations);
    if (end == i + 1) continue;
    line.resize(1);
    for (size_t k = i + 1; k < end; ++k) line.push_back(std::move(found[k].translations[0]));
    line = {join_translations(line)};
  }
  return translations;
}

void Translator::stream(LineReader& input, const Sink& sink, const std::function<void()>& paused,
                        const StreamOptions& options) {
  RequestReader reader(input, options.files);
  begin_text(input.path());
  size_t window = kWindowBatches * static_cast<size_t>(batch_size_);
  std::vector<Request> requests;
  auto flush = [&] {
    auto translations = translate(requests);
    for (size_t i = 0; i < requests.size(); ++i) sink(requests[i].text, translations[i]);
    requests.clear();
    paused();
  };
  using Clock = std::chrono::steady_clock;
  Clock::time_point deadline;  // of the first line that waits
  for (Request request; reader.next(request);) {
    if (requests.empty()) deadline = Clock::now() + std::chrono::milliseconds(options.latency);
    requests.push_back(std::move(request));
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (requests.size() >= window || !reader.ready(std::max<int64_t>(left, 0))) flush();
  }
  if (!requests.empty()) flush();
}

std::vector<Translation> Translator::score(const std::vector<std::string>& sources,
                                           const std::vector<std::string>& targets) {
  std::vector<Part> parts;
  std::vector<std::vector<int32_t>> target_ids(targets.size());
  std::vector<Texts> texts(sources.size());
  share(sources.size(), [&](size_t i) {
    texts[i] = encode({sources[i], "", {}});
    target_ids[i] = bundle_.tokenizers.target->encode(targets[i]);
  });
  for (size_t i = 0; i < sources.size(); ++i) {
    size_t before = parts.size();
    add_parts({sources[i], "", {}}, std::move(texts[i]), i, parts);
    if (parts.size() == before) parts.push_back({i, sources[i]});
    cut_target(target_ids[i]);
  }
  std::vector<Translation> scored(sources.size());
  auto batches = plan(parts);
  share(batches.size(), [&](size_t i) { score_batch(parts, batches[i], target_ids, scored); });
  return scored;
}

void Translator::score_batch(const std::vector<Part>& parts, const std::vector<size_t>& batch,
                             const std::vector<std::vector<int32_t>>& targets,
                             std::vector<Translation>& scored) const {
  std::vector<SentenceView> sentences;
  std::vector<std::vector<int32_t>> own;
  for (size_t i : batch) {
    sentences.emplace_back(parts[i].source);
    own.push_back(targets[parts[i].line]);
  }
  IdMatrix ids = pad_sentences(sentences, bundle_.tokenizers.source->special());
  auto hypotheses =
      score_targets(*model_, ids, own, bundle_.tokenizers.target->special(), options_);
  for (size_t k = 0; k < batch.size(); ++k) {
    scored[parts[batch[k]].line] = make_translation(hypotheses[k], parts[batch[k]]);
  }
}

void Translator::warn_of_limits() const {
  if (counts_.cut > kCutsNamed) {
    log_warning("{} lines in all were cut (data.max_length = {})", counts_.cut,
                bundle_.config.data.max_length);
  }
  if (counts_.at_max_length > 0) {
    log_warning("{} translations were cut at the length limit (decoding.max_length = {})",
                counts_.at_max_length, options_.max_length);
  }
  if (counts_.at_ratio > 0) {
    log_warning("{} translations were cut at the length limit (decoding.max_length_ratio = {})",
                counts_.at_ratio, options_.max_length_ratio);
  }
  if (counts_.stuck > 0) {
    log_warning("{} translations were cut where no further piece was possible", counts_.stuck);
  }
  if (counts_.without_phrase > 0) {
    log_warning("{} translations lack a phrase that they should hold: a larger beam may find room",
                counts_.without_phrase);
  }
}

Translation join_translations(const std::vector<Translation>& parts) {
  Translation whole;
  std::vector<std::string> texts;
  size_t columns = 1;
  for (const Translation& part : parts) {
    texts.push_back(part.text);
    auto weight = static_cast<double>(part.length);
    whole.score += part.score * weight;
    whole.utility += part.utility * weight;
    whole.log_probability += part.log_probability;
    whole.length += part.length;
    whole.ended = whole.ended && part.ended;
    columns += part.source_pieces.empty() ? 0 : part.source_pieces.size() - 1;
  }
  whole.text = join(texts, " ");
  whole.score /= static_cast<double>(whole.length);
  whole.utility /= static_cast<double>(whole.length);
  size_t first = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Translation& part = parts[i];
    if (part.source_pieces.empty()) continue;
    size_t between = i + 1 < parts.size() ? 1 : 0;  // the end symbol that is left out
    whole.source_pieces.insert(whole.source_pieces.end(), part.source_pieces.begin(),
                               part.source_pieces.end() - static_cast<ptrdiff_t>(between));
    for (size_t t = 0; t + between < part.target_pieces.size(); ++t) {
      whole.target_pieces.push_back(part.target_pieces[t]);
      std::vector<float>& row = whole.attention.emplace_back(columns, 0.0F);
      for (size_t s = 0; s + 1 < part.attention[t].size(); ++s)
        row[first + s] = part.attention[t][s];
      row[columns - 1] = part.attention[t].back();
    }
    first += part.source_pieces.size() - 1;
  }
  return whole;
}

}  // namespace heed
