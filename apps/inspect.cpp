// heed inspect MODEL -i FILE -o PAGE.html: attention, as a page to look at and as numbers.
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "command.h"
#include "decoding/attention_maps.h"
#include "decoding/attention_report.h"
#include "decoding/shortlist.h"
#include "decoding/stream.h"
#include "report/attention_page.h"
#include "report/attention_svg.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

struct InspectFlags {
  std::string folder, input = "-", target, format = "html", report, alignment, ambiguous;
  std::string output;  // empty: no page where numbers are asked for, else standard output
  size_t sentences = 100;
  int layer = 0, head = 0;  // of an SVG; 0 is all
  ComputeFlags compute;
  DecodingFlags decoding;

  bool numbers_wanted() const {
    return !report.empty() || !alignment.empty() || !ambiguous.empty();
  }
  std::string page() const { return output.empty() && !numbers_wanted() ? "-" : output; }
  bool table_wanted() const { return page() != "-" && report != "-"; }
};

// Everything read and checked before the model does any work.
struct InspectTexts {
  std::vector<std::string> source, target;        // target empty: the model translates
  std::vector<std::vector<AlignmentLink>> gold;   // a list a line; empty: not asked for
  std::vector<std::vector<AmbiguousWord>> words;  // the same
};

void check_counts(const std::string& first, size_t lines, const std::string& second, size_t other) {
  if (lines == other) return;
  fail("{} has {} lines and {} has {}: each line needs its own", first, lines, second, other);
}

// Against given translations a link must lie within the sentences; the model's own may be shorter.
void check_gold(const InspectTexts& texts, size_t line, const std::string& where) {
  auto sources = std::ssize(split_words(texts.source[line]));
  int64_t targets = texts.target.empty() ? INT64_MAX : std::ssize(split_words(texts.target[line]));
  for (const AlignmentLink& link : texts.gold[line]) {
    if (link.source < sources && link.target < targets) continue;
    std::string sides = texts.target.empty()
                            ? fmt::format("the source has {} words", sources)
                            : fmt::format("the sentences have {} and {} words", sources, targets);
    fail("{}: link {}-{} lies outside, {}; links are SOURCE-TARGET and count from 0", where,
         link.source, link.target, sides);
  }
}

InspectTexts read_texts(const InspectFlags& flags) {
  InspectTexts texts;
  texts.source = read_lines(flags.input);
  if (!flags.target.empty()) {
    texts.target = read_lines(flags.target);
    check_counts(flags.input, texts.source.size(), flags.target, texts.target.size());
  }
  if (!flags.alignment.empty()) {
    std::vector<std::string> lines = read_lines(flags.alignment);
    check_counts(flags.input, texts.source.size(), flags.alignment, lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      std::string where = fmt::format("{}:{}", flags.alignment, i + 1);
      texts.gold.push_back(parse_pharaoh(lines[i], where));
      check_gold(texts, i, where);
    }
  }
  if (!flags.ambiguous.empty()) {
    auto words = read_ambiguous_words(flags.ambiguous);
    check_ambiguous_words(words, flags.ambiguous, texts.source);
    texts.words.resize(texts.source.size());
    for (AmbiguousWord& word : words) {
      texts.words[static_cast<size_t>(word.line)].push_back(std::move(word));
    }
  }
  return texts;
}

// One sentence with its translation, the model's own or a given one.
struct InspectPair {
  size_t line;  // from 0
  AttentionSentence sentence;
};

SearchOptions with_pieces(const InspectFlags& flags, const LoadedModel& loaded) {
  DecodingConfig decoding = flags.decoding.over(loaded.config);
  SearchOptions options(decoding);
  options.lexicon = load_shortlist({flags.folder}, loaded, decoding);
  options.want_attention = true;  // pieces come with it
  return options;
}

// Goes through the texts, a batch of lines at a time, so that maps of only one batch are held.
class Inspection {
 public:
  Inspection(const InspectFlags& flags, const LoadedModel& loaded, const InspectTexts& texts)
      : texts_(texts),
        model_(loaded),
        decoding_(flags.decoding.over(loaded.config)),
        page_sentences_(flags.page().empty() ? 0 : flags.sentences),
        engine_(loaded, engine_options(with_pieces(flags, loaded), {}, flags.compute)),
        notes_(flags.input) {
    for (int32_t id = 0; id < model_.tokenizers.source->vocab_size(); ++id) {
      source_ids_[model_.tokenizers.source->piece(id)] = id;
    }
    for (int32_t id = 0; id < model_.tokenizers.target->vocab_size(); ++id) {
      target_ids_[model_.tokenizers.target->piece(id)] = id;
    }
  }

  void run() {
    auto batch = static_cast<size_t>(decoding_.batch_size);
    for (size_t begin = 0; begin < texts_.source.size(); begin += batch) {
      std::vector<size_t> lines;
      for (size_t i = begin; i < std::min(begin + batch, texts_.source.size()); ++i) {
        lines.push_back(i);
      }
      inspect_batch(lines);
    }
    notes_.warn_of_totals(model_.config.data, decoding_);
    if (cut_ > 0) {
      log_warning("{} sentences cut to {} pieces (data.max_length)", cut_,
                  model_.config.data.max_length);
    }
    if (blank_ > 0) log_info("{} lines with a blank side left out", blank_);
  }

  const AttentionReport& report() const { return report_; }
  std::vector<AttentionSentence> take_sentences() { return std::move(sentences_); }
  size_t inspected() const { return inspected_; }

 private:
  void inspect_batch(const std::vector<size_t>& lines) {
    bool given = !texts_.target.empty();
    std::vector<InspectPair> pairs = given ? given_pairs(lines) : translated_pairs(lines);
    blank_ += lines.size() - pairs.size();
    add_maps(pairs);
    for (InspectPair& pair : pairs) {
      report_.add(pair.sentence,
                  texts_.gold.empty() ? std::nullopt : std::optional(texts_.gold[pair.line]));
    }
    if (!texts_.words.empty()) inspect_senses(lines, pairs);
    for (InspectPair& pair : pairs) {
      if (inspected_++ < page_sentences_) sentences_.push_back(std::move(pair.sentence));
    }
  }

  // Senses are judged on the model's own translations, which are `pairs` unless others are given.
  void inspect_senses(const std::vector<size_t>& lines, const std::vector<InspectPair>& pairs) {
    std::vector<size_t> ambiguous;
    for (size_t line : lines) {
      if (!texts_.words[line].empty()) ambiguous.push_back(line);
    }
    std::vector<InspectPair> own;
    if (!texts_.target.empty()) {
      own = translated_pairs(ambiguous);
      add_maps(own);
    }
    for (const InspectPair& pair : texts_.target.empty() ? pairs : own) {
      if (!texts_.words[pair.line].empty()) {
        report_.add_senses(pair.sentence, texts_.words[pair.line]);
      }
    }
  }

  std::vector<InspectPair> translated_pairs(const std::vector<size_t>& lines) {
    std::vector<Request> requests;
    for (size_t line : lines) {
      requests.push_back(
          {.text = texts_.source[line], .prefix = {}, .phrases = {}, .number = line + 1});
    }
    std::vector<InspectPair> pairs;
    std::vector<Translated> translated = engine_.translate(requests);
    for (size_t i = 0; i < lines.size(); ++i) {
      notes_.add(static_cast<int64_t>(lines[i]) + 1, translated[i].notes);
      const Translation& best = translated[i].translations[0];
      if (best.source_pieces.empty()) continue;
      pairs.push_back(
          {lines[i], {requests[i].text, best.text, best.source_pieces, best.target_pieces, {}}});
    }
    return pairs;
  }

  std::vector<InspectPair> given_pairs(const std::vector<size_t>& lines) {
    std::vector<InspectPair> pairs;
    for (size_t line : lines) {
      const std::string &source = texts_.source[line], &target = texts_.target[line];
      if (is_blank(source) || is_blank(target)) continue;
      pairs.push_back({line,
                       {source,
                        target,
                        pieces_of(*model_.tokenizers.source, source),
                        pieces_of(*model_.tokenizers.target, target),
                        {}}});
    }
    return pairs;
  }

  std::vector<std::string> pieces_of(const Tokenizer& tokenizer, const std::string& text) {
    std::vector<int32_t> ids = tokenizer.encode(text);
    auto limit = static_cast<size_t>(model_.config.data.max_length);
    if (ids.size() > limit) {
      ++cut_;
      ids.resize(limit);
    }
    std::vector<std::string> pieces = tokenizer.pieces(ids);
    pieces.emplace_back("</s>");
    return pieces;
  }

  void add_maps(std::vector<InspectPair>& pairs) {
    std::vector<AttentionPair> ids;
    auto ids_of = [](const std::vector<std::string>& pieces, const auto& vocabulary) {
      std::vector<int32_t> found;  // all but the end symbol
      for (size_t i = 0; i + 1 < pieces.size(); ++i) found.push_back(vocabulary.at(pieces[i]));
      return found;
    };
    for (const InspectPair& pair : pairs) {
      ids.push_back({ids_of(pair.sentence.source_pieces, source_ids_),
                     ids_of(pair.sentence.target_pieces, target_ids_)});
    }
    if (ids.empty()) return;
    auto maps = attention_maps(*model_.inference, ids, model_.tokenizers.source->special(),
                               model_.tokenizers.target->special());
    for (size_t i = 0; i < pairs.size(); ++i) pairs[i].sentence.maps = std::move(maps[i]);
  }

  const InspectTexts& texts_;
  const LoadedModel& model_;
  DecodingConfig decoding_;
  size_t page_sentences_;
  Engine engine_;
  NoteLog notes_;
  std::unordered_map<std::string, int32_t> source_ids_, target_ids_;
  AttentionReport report_;
  std::vector<AttentionSentence> sentences_;
  size_t inspected_ = 0, blank_ = 0;
  int64_t cut_ = 0;
};

void write_to(const std::string& path, const std::string& content) {
  OutputFile output(path);
  output.write(content);
  output.close();
}

void write_page(const InspectFlags& flags, const ModelConfig& model, Inspection& inspection) {
  AttentionDocument document;
  document.title = "Attention of " + flags.folder;
  document.facts = {{"architecture", model.architecture},
                    {"score", model.attention_score},
                    {"scope", model.attention_scope},
                    {"weights", model.attention_weights},
                    {"target", flags.target.empty() ? "the model's translation" : flags.target}};
  document.sentences = inspection.take_sentences();
  if (document.sentences.size() < inspection.inspected()) {
    log_info("the page shows the first {} of {} sentences; --sentences shows more",
             document.sentences.size(), inspection.inspected());
  }
  if (flags.format == "svg") {
    AttentionSvgOptions options;
    options.layer = flags.layer;
    options.head = flags.head;
    write_to(flags.page(), render_attention_svg(document.sentences.at(0), options));
  } else {
    write_to(flags.page(), flags.format == "json" ? render_attention_json(document)
                                                  : render_attention_html(document));
  }
}

void write_report(const InspectFlags& flags, const AttentionReport& report) {
  if (flags.table_wanted()) write_to("-", report.table());
  if (flags.report.empty()) return;
  using Json = nlohmann::ordered_json;
  Json json = {{"format", "heed-attention-report-1"},
               {"model", flags.folder},
               {"source", flags.input},
               {"target", nullptr}};
  if (!flags.target.empty()) json["target"] = flags.target;
  json.update(report.json());
  write_to(flags.report, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void check_flags(const InspectFlags& flags) {
  check_paths({flags.input, flags.target, flags.alignment, flags.ambiguous},
              {flags.page(), flags.report});
  if (flags.format != "html" && flags.page().empty()) {
    fail_usage("inspect: --format {} is of the page; give -o as well", flags.format);
  }
  if (flags.format != "svg" && (flags.layer != 0 || flags.head != 0)) {
    fail_usage("inspect: --layer and --head choose what --format svg draws; {} holds every one",
               flags.format);
  }
}

int inspect(const InspectFlags& flags) {
  check_flags(flags);
  set_log_quiet(flags.compute.quiet);
  InspectTexts texts = read_texts(flags);
  auto lines = std::count_if(texts.source.begin(), texts.source.end(),
                             [](const std::string& line) { return !is_blank(line); });
  if (lines == 0) fail("{}: no line to translate", flags.input);
  if (flags.format == "svg" && lines != 1) {
    fail("--format svg draws one sentence, the input has {} that are not blank", lines);
  }
  if (!flags.alignment.empty() && flags.target.empty()) {
    log_warning(
        "--alignment is compared with the model's own translations, link by link; for the error "
        "rates of the literature give the translations that were aligned: --target FILE");
  }
  LoadedModel loaded = load_models({flags.folder}, flags.compute.choice);
  Inspection inspection(flags, loaded, texts);
  inspection.run();
  if (inspection.inspected() == 0) {
    fail("{} and {}: no line has text on both sides", flags.input, flags.target);
  }
  if (!flags.page().empty()) write_page(flags, loaded.config.model, inspection);
  write_report(flags, inspection.report());
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("inspect", "Show and measure what a model attends to");
  auto flags = std::make_shared<InspectFlags>();
  command->add_option("folder", flags->folder, "Model folder")->required();
  command->add_option("-i,--input", flags->input, "Source text; - is standard input");
  command->add_option("--target", flags->target,
                      "Translations to inspect, a line each; without: the model's own");
  command->add_option(
      "-o,--output", flags->output,
      "The page; - is standard output, which is also the default unless numbers are "
      "asked for. With a file, a table of the numbers goes to standard output");
  command->add_option("--format", flags->format, "html, json, or svg (of a single sentence)")
      ->check(CLI::IsMember({"html", "json", "svg"}))
      ->capture_default_str();
  command->add_option("--sentences", flags->sentences, "Sentences on the page at most")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--layer", flags->layer, "Layer that --format svg draws; 0: mean of all")
      ->check(CLI::Range(0, 1000));
  command->add_option("--head", flags->head, "Head that --format svg draws; 0: mean of all")
      ->check(CLI::Range(0, 1000));
  command->add_option("--report", flags->report, "The numbers as JSON; - is standard output");
  command->add_option(
      "--alignment", flags->alignment,
      "Gold alignments (0-0 1-2 2?3): error rate, precision and recall of each head");
  command->add_option("--ambiguous", flags->ambiguous,
                      "List of ambiguous words (see data/README.md): how many came out right");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run = [flags] { return inspect(*flags); }; });
}

}  // namespace heed
