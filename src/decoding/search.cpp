#include "decoding/search.h"

#include "model/torch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "decoding/constraints.h"
#include "util/error.h"

namespace heed {
namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

double penalised(double log_probability, int64_t length, double penalty) {
  return log_probability / std::pow(static_cast<double>(length), penalty);
}

// The beam of one sentence that is still being translated.
struct Beam {
  int64_t sentence;    // index in the batch
  int64_t max_length;  // pieces, the end symbol not counted
  std::vector<Hypothesis> live, finished;
};

// A live hypothesis's continuation: which row it goes on from, with which piece.
struct Candidate {
  int64_t parent;  // index in Beam::live
  int32_t id;
  double log_probability;
};

class BeamSearch {
 public:
  BeamSearch(Seq2Seq& model, const SpecialIds& special, const SearchOptions& options)
      : model_(model), special_(special), options_(options) {}

  std::vector<std::vector<Hypothesis>> run(const IdMatrix& source) {
    start(source);
    while (!beams_.empty()) advance();
    return std::move(results_);
  }

 private:
  void start(const IdMatrix& source) {
    results_.resize(source.rows);
    for (int64_t i = 0; i < source.rows; ++i) {
      // The end symbol is not one of the source's pieces.
      beams_.push_back({i, length_limit(source.lengths[i] - 1), {Hypothesis{}}, {}});
    }
    source_lengths_ = source.lengths;
    state_ = model_.start(model_.encode(to_tensors(source, model_)));
    width_ = 1;
    last_ids_.assign(source.rows, special_.begin);
  }

  int64_t length_limit(int64_t source_length) const {
    auto by_ratio =
        static_cast<int64_t>(options_.max_length_ratio * static_cast<double>(source_length));
    int64_t limit = by_ratio + 10;
    return options_.max_length > 0 ? std::min(limit, options_.max_length) : limit;
  }

  // One step of every live hypothesis, then the choice of the next ones.
  void advance() {
    auto batch = static_cast<int64_t>(beams_.size());
    Tensor ids = torch::tensor(last_ids_, torch::kInt64).view({batch, width_}).to(model_.device());
    StepOutput output = model_.step(ids, state_);
    Tensor log_probabilities = torch::log_softmax(output.logits.to(torch::kFloat32), -1).cpu();
    constrain(log_probabilities);
    if (options_.want_attention)
      attention_ = output.attention.to(torch::kFloat32).cpu().contiguous();
    auto candidates = best_candidates(log_probabilities);
    std::vector<std::vector<int64_t>> parents(batch);
    for (int64_t i = 0; i < batch; ++i) parents[i] = choose(i, candidates[i]);
    keep_unfinished(parents);
  }

  void constrain(Tensor& log_probabilities) const {
    forbid_special(log_probabilities, special_);
    forbid_early_end(log_probabilities, special_, state_.position - 1, options_.min_length);
    if (options_.no_repeat_ngram == 0) return;
    static const std::vector<int32_t> kNothing;
    Prefixes prefixes;
    for (const Beam& beam : beams_) {
      for (int64_t row = 0; row < width_; ++row) {
        bool real = row < static_cast<int64_t>(beam.live.size());
        prefixes.push_back(real ? &beam.live[row].ids : &kNothing);
      }
    }
    forbid_repeated_ngrams(log_probabilities, prefixes, options_.no_repeat_ngram);
  }

  // The 2 K best continuations of each sentence, best first: enough for K that do not end.
  std::vector<std::vector<Candidate>> best_candidates(const Tensor& log_probabilities) const {
    auto batch = static_cast<int64_t>(beams_.size());
    int64_t vocabulary = log_probabilities.size(1);
    Tensor totals = torch::full({batch, width_, 1}, kMinusInfinity, torch::kFloat32);
    auto total_rows = totals.accessor<float, 3>();
    for (int64_t i = 0; i < batch; ++i) {
      for (size_t row = 0; row < beams_[i].live.size(); ++row) {
        total_rows[i][static_cast<int64_t>(row)][0] =
            static_cast<float>(beams_[i].live[row].log_probability);
      }
    }
    totals = (log_probabilities.view({batch, width_, vocabulary}) + totals).view({batch, -1});
    int64_t count = std::min(2 * options_.beam_size, totals.size(1));
    Tensor indices = std::get<1>(totals.topk(count, 1));
    auto index_rows = indices.accessor<int64_t, 2>();
    auto step_rows = log_probabilities.accessor<float, 2>();
    std::vector<std::vector<Candidate>> candidates(batch);
    for (int64_t i = 0; i < batch; ++i) {
      for (int64_t j = 0; j < count; ++j) {
        int64_t parent = index_rows[i][j] / vocabulary, id = index_rows[i][j] % vocabulary;
        double step = step_rows[i * width_ + parent][id];
        if (parent >= static_cast<int64_t>(beams_[i].live.size()) || !std::isfinite(step)) continue;
        candidates[i].push_back(
            {parent, static_cast<int32_t>(id), beams_[i].live[parent].log_probability + step});
      }
    }
    return candidates;
  }

  // Moves candidates into the beam's live and finished hypotheses; returns the parents of the live
  // ones, none once the sentence is done.
  std::vector<int64_t> choose(int64_t index, const std::vector<Candidate>& candidates) {
    Beam& beam = beams_[index];
    // No continuation has a finite probability: a model whose training has blown up, say. What
    // there is so far is the translation.
    if (candidates.empty()) {
      finish(beam);
      return {};
    }
    std::vector<Hypothesis> next;
    std::vector<int64_t> parents;
    auto beam_size = static_cast<size_t>(options_.beam_size);
    for (size_t rank = 0; rank < candidates.size() && next.size() < beam_size; ++rank) {
      const Candidate& candidate = candidates[rank];
      if (candidate.id == special_.end) {
        if (rank < beam_size) beam.finished.push_back(extend(index, candidate));
      } else {
        next.push_back(extend(index, candidate));
        parents.push_back(candidate.parent);
      }
    }
    beam.live = std::move(next);
    if (!is_done(beam)) return parents;
    finish(beam);
    return {};
  }

  Hypothesis extend(int64_t index, const Candidate& candidate) const {
    Hypothesis hypothesis = beams_[index].live[candidate.parent];
    hypothesis.log_probability = candidate.log_probability;
    hypothesis.ended = candidate.id == special_.end;
    if (!hypothesis.ended) hypothesis.ids.push_back(candidate.id);
    int64_t length = static_cast<int64_t>(hypothesis.ids.size()) + (hypothesis.ended ? 1 : 0);
    hypothesis.score = penalised(hypothesis.log_probability, length, options_.length_penalty);
    if (options_.want_attention) {
      const float* row = attention_.const_data_ptr<float>() +
                         (index * width_ + candidate.parent) * attention_.size(2);
      hypothesis.attention.emplace_back(row, row + source_lengths_[beams_[index].sentence]);
    }
    return hypothesis;
  }

  // Done at the length limit, or with K finished hypotheses once no live one scores better than the
  // worst of them. With A <= 0 a score only falls as the hypothesis grows, so nothing better is
  // lost.
  bool is_done(const Beam& beam) const {
    if (beam.live.empty() || static_cast<int64_t>(beam.live[0].ids.size()) >= beam.max_length)
      return true;
    if (static_cast<int64_t>(beam.finished.size()) < options_.beam_size) return false;
    std::vector<double> scores;
    for (const Hypothesis& hypothesis : beam.finished) scores.push_back(hypothesis.score);
    auto kth = scores.begin() + options_.beam_size - 1;
    std::nth_element(scores.begin(), kth, scores.end(), std::greater<>());
    return beam.live[0].score <= *kth;
  }

  // Finished hypotheses first, the live ones (cut at the limit) only where these are too few.
  void finish(Beam& beam) {
    auto by_score = [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; };
    std::stable_sort(beam.finished.begin(), beam.finished.end(), by_score);
    std::stable_sort(beam.live.begin(), beam.live.end(), by_score);
    for (Hypothesis& hypothesis : beam.live) beam.finished.push_back(std::move(hypothesis));
    if (beam.finished.size() > static_cast<size_t>(options_.beam_size)) {
      beam.finished.resize(options_.beam_size);
    }
    results_[beam.sentence] = std::move(beam.finished);
  }

  // Reorders the model's state to the chosen parents; finished sentences leave the batch.
  void keep_unfinished(const std::vector<std::vector<int64_t>>& parents) {
    std::vector<int64_t> rows, sentences;
    std::vector<Beam> kept;
    int64_t width = 0;
    for (const auto& chosen : parents) width = std::max(width, static_cast<int64_t>(chosen.size()));
    last_ids_.clear();
    for (size_t i = 0; i < beams_.size(); ++i) {
      if (parents[i].empty()) continue;
      for (int64_t k = 0; k < width; ++k) {
        // A narrow beam's free rows repeat its first hypothesis and are passed over.
        size_t from = static_cast<size_t>(k) < parents[i].size() ? k : 0;
        rows.push_back(static_cast<int64_t>(i) * width_ + parents[i][from]);
        last_ids_.push_back(beams_[i].live[from].ids.back());
      }
      sentences.push_back(static_cast<int64_t>(i));
      kept.push_back(std::move(beams_[i]));
    }
    bool all_stay = kept.size() == beams_.size();
    beams_ = std::move(kept);
    if (beams_.empty()) return;
    auto on_device = [&](const std::vector<int64_t>& index) {
      return torch::tensor(index, torch::kInt64).to(model_.device());
    };
    bool identical = all_stay && width == 1 && width_ == 1;  // greedy: nothing moves
    if (!identical) {
      model_.reorder(state_, on_device(rows), all_stay ? Tensor() : on_device(sentences));
    }
    width_ = width;
  }

  Seq2Seq& model_;
  const SpecialIds& special_;
  const SearchOptions& options_;
  DecoderState state_;
  std::vector<Beam> beams_;
  int64_t width_ = 1;  // rows a sentence in the model's state
  std::vector<int64_t> last_ids_, source_lengths_;
  Tensor attention_;  // [B, K, S] of the last step
  std::vector<std::vector<Hypothesis>> results_;
};

}  // namespace

SearchOptions search_options(const DecodingConfig& config) {
  SearchOptions options;
  options.beam_size = config.beam_size;
  options.length_penalty = config.length_penalty;
  options.max_length_ratio = config.max_length_ratio;
  options.max_length = config.max_length;
  options.min_length = config.min_length;
  options.no_repeat_ngram = config.no_repeat_ngram;
  return options;
}

std::vector<std::vector<Hypothesis>> search(Seq2Seq& model, const IdMatrix& source,
                                            const SpecialIds& target,
                                            const SearchOptions& options) {
  torch::NoGradGuard no_gradient;
  return BeamSearch(model, target, options).run(source);
}

std::vector<Hypothesis> score_targets(Seq2Seq& model, const IdMatrix& source,
                                      const std::vector<std::vector<int32_t>>& targets,
                                      const SpecialIds& special, const SearchOptions& options) {
  torch::NoGradGuard no_gradient;
  auto batch = static_cast<int64_t>(targets.size());
  std::vector<Hypothesis> scored(batch);
  std::vector<int64_t> last(batch, special.begin);
  size_t longest = 0;
  for (const auto& target : targets) longest = std::max(longest, target.size());
  DecoderState state = model.start(model.encode(to_tensors(source, model)));
  for (size_t step = 0; step <= longest; ++step) {
    Tensor ids = torch::tensor(last, torch::kInt64).view({batch, 1}).to(model.device());
    Tensor logits = model.step(ids, state).logits.to(torch::kFloat32);
    Tensor log_probabilities = torch::log_softmax(logits, -1).cpu();
    auto rows = log_probabilities.accessor<float, 2>();
    for (int64_t i = 0; i < batch; ++i) {
      if (step > targets[i].size()) continue;
      int32_t id = step == targets[i].size() ? special.end : targets[i][step];
      scored[i].log_probability += rows[i][id];
      last[i] = id;
    }
  }
  for (int64_t i = 0; i < batch; ++i) {
    scored[i].ids = targets[i];
    scored[i].ended = true;
    scored[i].score =
        penalised(scored[i].log_probability, static_cast<int64_t>(targets[i].size()) + 1,
                  options.length_penalty);
  }
  return scored;
}

}  // namespace heed
