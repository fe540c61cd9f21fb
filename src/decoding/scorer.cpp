#include "decoding/scorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <optional>

#include "util/workers.h"

namespace heed {
namespace {

struct Pair {
  std::vector<int32_t> source, target;
  TranslationNotes notes;
};

// Of a text of so many bytes.
void cut(std::vector<int32_t>& ids, size_t bytes, int64_t limit, const std::string& what,
         Pair& pair) {
  if (std::ssize(ids) > limit) {
    pair.notes.cuts.push_back(fmt::format(fmt::runtime(what), ids.size(), limit));
    ids.resize(limit);
  } else if (bytes > Tokenizer::kMaxBytes) {
    pair.notes.cuts.push_back(bytes_cut(bytes));
  }
}

class Scorer {
 public:
  Scorer(const LoadedModel& model, const EngineOptions& options)
      : model_(model),
        options_(options),
        workers_(worker_count(*model.inference, options),
                 [&model] { model.inference->enter_worker(); }) {}

  std::vector<Pair> encode(const std::vector<GivenPair>& given) {
    int64_t longest = model_.config.data.max_length;
    int64_t limit = longest_translation(longest, options_.search);
    std::vector<Pair> pairs(given.size());
    share(pairs.size(), [&](size_t i) {
      Pair& pair = pairs[i];
      pair.source = model_.tokenizers.source->encode(given[i].source);
      size_t target_bytes = set_target(given[i], pair);
      cut(pair.source, given[i].source.size(), longest, "{} pieces, cut to {} (data.max_length)",
          pair);
      cut(pair.target, target_bytes, limit,
          "a target of {} pieces, cut to {} (data.max_length times max_length_ratio)", pair);
    });
    return pairs;
  }

  std::vector<Translation> score(const std::vector<Pair>& pairs, Progress* progress) {
    std::vector<size_t> order(pairs.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [&](size_t i) {
      return std::pair(pairs[i].target.size(), pairs[i].source.size());
    });
    auto size = static_cast<size_t>(options_.batch_size);
    std::vector<Translation> scored(pairs.size());
    share((order.size() + size - 1) / size, [&](size_t batch) {
      size_t first = batch * size, count = std::min(size, order.size() - first);
      score_batch(pairs, {order.data() + first, count}, scored);
      if (progress) progress->add(static_cast<int64_t>(count));
    });
    return scored;
  }

 private:
  // Returns how many bytes of text were encoded: 0 where the given pieces are taken.
  size_t set_target(const GivenPair& given, Pair& pair) const {
    const Tokenizer& tokenizer = *model_.tokenizers.target;
    std::optional<std::vector<int32_t>> ids = known_pieces(given);
    if (ids && spell(*ids, given.target)) {
      pair.target = std::move(*ids);
      return 0;
    }
    pair.notes.other_pieces += ids.has_value();
    pair.target = tokenizer.encode(given.target);
    return given.target.size();
  }

  // The pieces' ids without the end symbol at their end; none where no pieces are given, or one is
  // not of the vocabulary.
  std::optional<std::vector<int32_t>> known_pieces(const GivenPair& given) const {
    const Tokenizer& tokenizer = *model_.tokenizers.target;
    std::vector<int32_t> ids;
    for (const std::string& piece : given.target_pieces) {
      std::optional<int32_t> id = tokenizer.vocabulary().id(piece);
      if (!id) return std::nullopt;
      ids.push_back(*id);
    }
    if (ids.empty()) return std::nullopt;
    if (ids.back() == tokenizer.special().end) ids.pop_back();
    return ids;
  }

  // Whether these pieces are those of a text, which has no control symbols.
  bool spell(const std::vector<int32_t>& ids, const std::string& text) const {
    const Tokenizer& tokenizer = *model_.tokenizers.target;
    const SpecialIds& special = tokenizer.special();
    bool control = std::ranges::any_of(ids, [&](int32_t id) {
      return id == special.pad || id == special.unknown || id == special.begin || id == special.end;
    });
    return !control && tokenizer.decode(ids) == text;
  }

  // work(0) to work(count - 1), shared among the workers as they become free.
  void share(size_t count, const std::function<void(size_t)>& work) {
    std::atomic<size_t> next = 0;
    workers_.run([&](int64_t) {
      for (size_t i = next++; i < count; i = next++) work(i);
    });
  }

  void score_batch(const std::vector<Pair>& pairs, std::span<const size_t> batch,
                   std::vector<Translation>& scored) const {
    std::vector<SentenceView> sources;
    std::vector<std::vector<int32_t>> targets;
    for (size_t i : batch) {
      sources.emplace_back(pairs[i].source);
      targets.push_back(pairs[i].target);
    }
    auto hypotheses =
        score_targets(*model_.inference, sources, targets, model_.tokenizers.source->special(),
                      model_.tokenizers.target->special(), options_.search);
    for (size_t k = 0; k < batch.size(); ++k) {
      Translation& line = scored[batch[k]];
      line.score = hypotheses[k].score;
      line.log_probability = hypotheses[k].log_probability;
      line.length = std::ssize(hypotheses[k].ids) + 1;
    }
  }

  const LoadedModel& model_;
  const EngineOptions& options_;
  Workers workers_;
};

}  // namespace

std::vector<Translation> score_lines(const LoadedModel& model, const EngineOptions& options,
                                     const std::vector<std::string>& sources,
                                     const std::vector<std::string>& targets, NoteLog& notes) {
  std::vector<GivenPair> pairs;
  for (size_t i = 0; i < sources.size(); ++i) pairs.push_back({sources[i], targets[i]});
  Progress progress({.what = "scoring", .total = std::ssize(pairs), .unit = "pairs"});
  return score_pairs(model, options, pairs, 1, notes, &progress);
}

std::vector<Translation> score_pairs(const LoadedModel& model, const EngineOptions& options,
                                     const std::vector<GivenPair>& given, int64_t first_line,
                                     NoteLog& notes, Progress* progress) {
  Scorer scorer(model, options);
  std::vector<Pair> pairs = scorer.encode(given);
  for (size_t i = 0; i < pairs.size(); ++i) {
    notes.add(first_line + static_cast<int64_t>(i), pairs[i].notes);
  }
  return scorer.score(pairs, progress);
}

}  // namespace heed
