#include "decoding/search.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "decoding/beam.h"
#include "decoding/candidates.h"
#include "decoding/constraints.h"
#include "decoding/phrases.h"
#include "decoding/sampling.h"
#include "kernels/top_k.h"

namespace heed {
namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

// Beams of many sentences in step with each other. A sentence has one beam, or one for each group
// or sample; all beams of a group stand together, the groups in order.
class Search {
 public:
  Search(Seq2Seq& model, const SpecialIds& special, const SearchOptions& options)
      : model_(model), special_(special), options_(options) {}

  std::vector<std::vector<Hypothesis>> run(const IdMatrix& source,
                                           const std::vector<Demand>& demands) {
    demands_ = demands;
    demands_.resize(source.rows);
    whole_rows_ = needs_whole_rows();
    start(source);
    while (!beams_.empty()) advance();
    std::vector<std::vector<Hypothesis>> results;
    for (int64_t i = 0; i < source.rows; ++i) results.push_back(best_of(i));
    return results;
  }

 private:
  using Parents = std::vector<std::vector<int64_t>>;  // of each beam's next live hypotheses

  void start(const IdMatrix& source) {
    source_lengths_ = source.lengths;
    int64_t groups =
        options_.sampling ? options_.n_best : std::min(options_.beam_groups, options_.beam_size);
    int64_t size = options_.sampling ? 1 : options_.beam_size / groups;
    finished_.assign(source.rows, std::vector<std::vector<Hypothesis>>(groups));
    std::vector<int64_t> sentences;
    for (int64_t group = 0; group < groups; ++group) {
      for (int64_t i = 0; i < source.rows; ++i) {
        // The end symbol is not one of the source's pieces.
        int64_t limit = length_limit(source.lengths[i] - 1, options_);
        auto demanded = static_cast<int64_t>(demands_[i].prefix.size());
        for (const auto& phrase : demands_[i].phrases) {
          demanded += static_cast<int64_t>(phrase.size());
        }
        beams_.emplace_back(BeamPlan{i, group, size, std::max(limit, demanded)}, special_.end,
                            options_);
        sentences.push_back(i);
      }
    }
    state_ = model_.start(model_.encode(to_tensors(source, model_)));
    state_.wants_attention = needs_attention(options_);
    state_.wants_logits = whole_rows_;
    if (options_.lexicon && !whole_rows_) offer(source.ids);
    if (groups > 1) model_.reorder(state_, on_device(sentences), on_device(sentences));
    width_ = 1;
    last_ids_.assign(beams_.size(), special_.begin);
  }

  // Leaves the pieces of the shortlist alone to choose from, where the model can.
  void offer(const std::vector<int64_t>& source) {
    std::vector<int32_t> pieces(source.begin(), source.end());
    std::vector<int32_t> always = {special_.end, special_.unknown};
    std::vector<int32_t> ids = options_.lexicon->candidates(pieces, options_.shortlist, always);
    for (int64_t id : never_taken()) std::erase(ids, static_cast<int32_t>(id));
    state_.offered = model_.offer(ids);
    if (state_.offered) offered_ = OfferedPieces(std::move(ids));
  }

  // One step of every live hypothesis, then the choice of the next ones.
  void advance() {
    auto batch = static_cast<int64_t>(beams_.size());
    Tensor ids = torch::tensor(last_ids_, torch::kInt64).view({batch, width_}).to(model_.device());
    StepOutput output = model_.step(ids, state_);
    Tensor attention;
    if (needs_attention(options_)) {
      attention = output.attention.to(torch::kFloat32).cpu().contiguous();
    }
    taken_.assign(source_lengths_.size(), {});
    keep_unfinished(whole_rows_ ? choose_by_rules(output.logits, attention)
                                : choose_best(output, attention));
  }

  // Whether a rule or a draw looks at more of a row than its best pieces.
  bool needs_whole_rows() const {
    bool demanding = std::ranges::any_of(
        demands_, [](const Demand& one) { return !one.prefix.empty() || !one.phrases.empty(); });
    return options_.sampling || options_.beam_groups > 1 || options_.no_repeat_ngram > 0 ||
           demanding;
  }

  // The parents of each beam's next hypotheses, from the best pieces of each row alone.
  Parents choose_best(const StepOutput& output, const Tensor& attention) {
    std::vector<int64_t> passed_over;
    if (offered_.all()) passed_over = never_taken();
    int64_t end_column = offered_.column_of(special_.end);
    if (state_.position - 1 < options_.min_length) passed_over.push_back(end_column);
    int64_t count = 2 * beams_[0].plan().size;
    kernels::RowBest best =
        output.logits.defined()
            ? kernels::best_of_rows(output.logits, count, passed_over, end_column)
            : kernels::best_of_products(*output.projection, output.states, count, passed_over,
                                        end_column);
    offered_.to_pieces(best.ids);
    Tensor end = best.asked.sub_(best.log_sum_exp);
    Parents parents;
    for (int64_t i = 0; i < static_cast<int64_t>(beams_.size()); ++i) {
      Candidates candidates = merge_best(beams_[i].live(), best, i * width_);
      parents.push_back(beams_[i].advance(candidates, step_of(i, end, attention)));
    }
    return parents;
  }

  std::vector<int64_t> never_taken() const {
    if (special_.pad == special_.end) return {special_.begin};
    return {special_.begin, special_.pad};
  }

  // The same with log-probabilities written out, so that rules can forbid and samples be drawn.
  Parents choose_by_rules(const Tensor& logits, const Tensor& attention) {
    auto batch = static_cast<int64_t>(beams_.size());
    Tensor log_probabilities = log_probabilities_of(logits);
    Tensor end = log_probabilities.select(1, special_.end).clone();  // before any rule
    constrain(log_probabilities);
    Parents parents;
    for (int64_t first = 0, last = 0; first < batch; first = last) {
      while (last < batch && (options_.sampling || group_of(last) == group_of(first))) ++last;
      auto candidates = options_.sampling ? drawn_candidates(log_probabilities)
                                          : best_candidates(log_probabilities, first, last);
      for (int64_t i = first; i < last; ++i) {
        parents.push_back(beams_[i].advance(candidates[i - first], step_of(i, end, attention)));
        for (const Hypothesis& live : beams_[i].live()) {
          taken_[beams_[i].plan().sentence].push_back(live.ids.back());
        }
      }
    }
    return parents;
  }

  int64_t group_of(int64_t index) const { return beams_[index].plan().group; }
  const Demand& demand_of(const Beam& beam) const { return demands_[beam.plan().sentence]; }

  // What the model said of one beam. A narrow beam's free rows are left out.
  BeamStep step_of(int64_t index, const Tensor& end, const Tensor& attention) const {
    BeamStep step;
    const Beam& beam = beams_[index];
    auto rows = static_cast<int64_t>(beam.live().size());
    const float* first = end.const_data_ptr<float>() + index * width_;
    step.end.assign(first, first + rows);
    for (int64_t k = 0; k < rows && attention.defined(); ++k) {
      const float* row =
          attention.const_data_ptr<float>() + (index * width_ + k) * attention.size(2);
      step.attention.emplace_back(row, source_lengths_[beam.plan().sentence]);
    }
    return step;
  }

  void constrain(Tensor& log_probabilities) const {
    static const std::vector<int32_t> kNothing;
    auto entries = log_probabilities.accessor<float, 2>();
    Prefixes prefixes(entries.size(0), &kNothing);
    std::vector<ForcedPiece> forced;
    std::vector<int64_t> incomplete;
    for (size_t i = 0; i < beams_.size(); ++i) {
      const Demand& demand = demand_of(beams_[i]);
      for (size_t k = 0; k < beams_[i].live().size(); ++k) {
        const auto& ids = beams_[i].live()[k].ids;
        auto row = static_cast<int64_t>(i) * width_ + static_cast<int64_t>(k);
        prefixes[row] = &ids;
        if (ids.size() < demand.prefix.size()) {
          int32_t id = demand.prefix[ids.size()];
          forced.push_back({row, id, entries[row][id]});
        }
        if (!phrase_progress(demand.phrases, ids).complete) incomplete.push_back(row);
      }
    }
    forbid_special(log_probabilities, special_);
    forbid_early_end(log_probabilities, special_, state_.position - 1, options_.min_length);
    forbid_repeated_ngrams(log_probabilities, prefixes, options_.no_repeat_ngram);
    forbid_end(log_probabilities, special_, incomplete);
    force_pieces(log_probabilities, forced);
  }

  // Of the beams from first to last, the 2 K best continuations of each, best first: enough for K
  // that do not end.
  std::vector<Candidates> best_candidates(const Tensor& log_probabilities, int64_t first,
                                          int64_t last) const {
    int64_t vocabulary = log_probabilities.size(1);
    Tensor totals = totals_of(log_probabilities, first, last).view({last - first, -1});
    int64_t count = std::min(2 * beams_[first].plan().size, totals.size(1));
    Tensor indices = std::get<1>(totals.topk(count, 1));
    auto best = indices.accessor<int64_t, 2>();
    std::vector<Candidates> candidates(last - first);
    for (int64_t i = first; i < last; ++i) {
      Candidates& own = candidates[i - first];
      for (int64_t j = 0; j < count; ++j) {
        int64_t index = best[i - first][j];
        add_candidate(own, log_probabilities, i, index / vocabulary, index % vocabulary);
      }
      if (!demand_of(beams_[i]).phrases.empty()) serve_phrases(own, log_probabilities, i);
    }
    return candidates;
  }

  // What continuations are chosen by: log P of the whole, less what earlier groups of the sentence
  // have taken. [beams, K, V]
  Tensor totals_of(const Tensor& log_probabilities, int64_t first, int64_t last) const {
    Tensor totals = torch::full({last - first, width_, 1}, kMinusInfinity, torch::kFloat32);
    auto rows = totals.accessor<float, 3>();
    for (int64_t i = first; i < last; ++i) {
      const auto& live = beams_[i].live();
      for (size_t k = 0; k < live.size(); ++k) {
        rows[i - first][static_cast<int64_t>(k)][0] = static_cast<float>(live[k].log_probability);
      }
    }
    Tensor steps = log_probabilities.narrow(0, first * width_, (last - first) * width_);
    totals = steps.view({last - first, width_, -1}) + totals;
    for (int64_t i = first; i < last && group_of(first) > 0; ++i) {
      Tensor own = totals[i - first];
      penalise_pieces(own, taken_[beams_[i].plan().sentence], options_.diversity_penalty);
    }
    return totals;
  }

  // Passes over free rows and what no rule or model allows.
  void add_candidate(Candidates& candidates, const Tensor& log_probabilities, int64_t beam,
                     int64_t parent, int64_t id) const {
    const auto& live = beams_[beam].live();
    if (id < 0 || parent >= static_cast<int64_t>(live.size())) return;
    auto entries = log_probabilities.accessor<float, 2>();
    double step = entries[beam * width_ + parent][id];
    if (!std::isfinite(step)) return;
    candidates.push_back({parent, static_cast<int32_t>(id), live[parent].log_probability + step});
  }

  // Post and Vilar (2018, 3.1): beside the best continuations, each hypothesis's own best one and
  // those that go on with a phrase; then the beam is shared among the banks.
  void serve_phrases(Candidates& candidates, const Tensor& log_probabilities, int64_t index) const {
    const auto& live = beams_[index].live();
    const Phrases& phrases = demand_of(beams_[index]).phrases;
    std::set<std::pair<int64_t, int64_t>> known;
    for (const Candidate& candidate : candidates) known.emplace(candidate.parent, candidate.id);
    for (int64_t k = 0; k < static_cast<int64_t>(live.size()); ++k) {
      std::vector<int32_t> ids = phrase_progress(phrases, live[k].ids).next;
      ids.push_back(log_probabilities[index * width_ + k].argmax().item<int32_t>());
      for (int32_t id : ids) {
        if (known.emplace(k, id).second) add_candidate(candidates, log_probabilities, index, k, id);
      }
    }
    std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::log_probability);
    std::vector<int64_t> banks;
    for (const Candidate& candidate : candidates) {
      std::vector<int32_t> ids = live[candidate.parent].ids;
      if (candidate.id != special_.end) ids.push_back(candidate.id);
      banks.push_back(phrase_progress(phrases, ids).pieces);
    }
    share_among_banks(candidates, banks);
  }

  // One continuation of each sample.
  std::vector<Candidates> drawn_candidates(const Tensor& log_probabilities) const {
    Tensor allowed = log_probabilities / options_.temperature;
    keep_top_k(allowed, options_.sampling_top_k);
    keep_top_p(allowed, options_.sampling_top_p);
    std::vector<DrawKey> keys;
    for (const Beam& beam : beams_) {
      keys.push_back({options_.seed, demand_of(beam).number,
                      static_cast<uint64_t>(beam.plan().group),
                      static_cast<uint64_t>(beam.length())});
    }
    std::vector<int64_t> ids = draw(allowed, keys);
    std::vector<Candidates> candidates(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      add_candidate(candidates[i], log_probabilities, static_cast<int64_t>(i), 0, ids[i]);
    }
    return candidates;
  }

  // Reorders the model's state to the chosen parents; finished beams leave the batch.
  void keep_unfinished(const Parents& parents) {
    std::vector<int64_t> rows, sentences;
    std::vector<Beam> kept;
    int64_t width = 0;
    for (const auto& chosen : parents) width = std::max(width, static_cast<int64_t>(chosen.size()));
    last_ids_.clear();
    for (size_t i = 0; i < beams_.size(); ++i) {
      if (parents[i].empty()) {
        const BeamPlan& plan = beams_[i].plan();
        finished_[plan.sentence][plan.group] = std::move(beams_[i].finished());
        continue;
      }
      for (int64_t k = 0; k < width; ++k) {
        // A narrow beam's free rows repeat its first hypothesis and are passed over.
        size_t from = static_cast<size_t>(k) < parents[i].size() ? k : 0;
        rows.push_back(static_cast<int64_t>(i) * width_ + parents[i][from]);
        last_ids_.push_back(beams_[i].live()[from].ids.back());
      }
      sentences.push_back(static_cast<int64_t>(i));
      kept.push_back(std::move(beams_[i]));
    }
    bool all_stay = kept.size() == beams_.size();
    beams_ = std::move(kept);
    if (beams_.empty()) return;
    bool identical = all_stay && width == 1 && width_ == 1;  // greedy: nothing moves
    if (!identical) {
      model_.reorder(state_, on_device(rows), all_stay ? Tensor() : on_device(sentences));
    }
    width_ = width;
  }

  Tensor on_device(const std::vector<int64_t>& index) const {
    return torch::tensor(index, torch::kInt64).to(model_.device());
  }

  // A sentence's results from those of its groups, each text once, those that lack a phrase last;
  // samples are what was drawn.
  std::vector<Hypothesis> best_of(int64_t sentence) {
    std::vector<Hypothesis> all;
    for (auto& group : finished_[sentence]) std::ranges::move(group, std::back_inserter(all));
    if (options_.sampling) return all;
    std::ranges::stable_sort(all, std::greater<>(), &Hypothesis::score);
    std::ranges::stable_partition(all, [&](const Hypothesis& one) {
      return phrase_progress(demands_[sentence].phrases, one.ids).complete;
    });
    std::vector<Hypothesis> best;
    for (Hypothesis& next : all) {
      bool known = std::ranges::count(best, next.ids, &Hypothesis::ids) > 0;
      if (!known && static_cast<int64_t>(best.size()) < options_.n_best) {
        best.push_back(std::move(next));
      }
    }
    return best;
  }

  Seq2Seq& model_;
  const SpecialIds& special_;
  const SearchOptions& options_;
  std::vector<Demand> demands_;  // one a sentence
  DecoderState state_;
  std::vector<Beam> beams_;
  bool whole_rows_ = false;
  OfferedPieces offered_;  // that logits are of
  int64_t width_ = 1;      // rows a beam in the model's state: the widest one's
  std::vector<int64_t> last_ids_, source_lengths_;
  std::vector<std::vector<int32_t>> taken_;  // pieces that a sentence's groups took at this step
  std::vector<std::vector<std::vector<Hypothesis>>> finished_;  // by sentence and group
};

}  // namespace

SearchOptions search_options(const DecodingConfig& config) {
  SearchOptions options;
  options.beam_size = config.beam_size;
  options.beam_groups = config.beam_groups;
  options.diversity_penalty = config.diversity_penalty;
  options.length_penalty = config.length_penalty;
  options.coverage_penalty = config.coverage_penalty;
  options.exact_stopping = config.early_stopping == "exact";
  options.max_length_ratio = config.max_length_ratio;
  options.max_length = config.max_length;
  options.min_length = config.min_length;
  options.no_repeat_ngram = config.no_repeat_ngram;
  options.sampling = config.sampling();
  options.sampling_top_k = config.sampling_top_k;
  options.sampling_top_p = config.sampling_top_p;
  options.temperature = config.temperature;
  options.seed = static_cast<uint64_t>(config.seed);
  options.shortlist = config.shortlist;
  if (config.mbr == "chrf") options.mbr = Utility::kChrf;
  if (config.mbr == "bleu") options.mbr = Utility::kBleu;
  return options;
}

int64_t length_limit(int64_t source_pieces, const SearchOptions& options) {
  double pieces = options.max_length_ratio * static_cast<double>(source_pieces);
  auto by_ratio = static_cast<int64_t>(std::min(pieces, 1e9)) + 10;
  return options.max_length > 0 ? std::min(by_ratio, options.max_length) : by_ratio;
}

std::vector<std::vector<Hypothesis>> search(Seq2Seq& model, const IdMatrix& source,
                                            const SpecialIds& target, const SearchOptions& options,
                                            const std::vector<Demand>& demands) {
  c10::InferenceMode no_gradient;
  return Search(model, target, options).run(source, demands);
}

}  // namespace heed
