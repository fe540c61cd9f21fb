#include "decoding/search.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "config/options.h"
#include "decoding/beam.h"
#include "decoding/candidates.h"
#include "decoding/phrases.h"
#include "decoding/rules.h"
#include "decoding/sampling.h"

namespace heed {
namespace {

// Beams of many sentences in step with each other. A sentence has one beam, or one for each group
// or sample; all beams of a group stand together, the groups in order.
class Search {
 public:
  Search(const Inference& model, const IdMatrix& source, const SpecialIds& special,
         const SearchOptions& options, std::vector<Demand> demands)
      : source_(source),
        special_(special),
        options_(options),
        demands_(std::move(demands)),
        rules_(make_rules(options, special, demands_)) {
    demands_.resize(source.rows);
    auto whole = [](const Rule& rule) { return rule.apply != nullptr; };
    all_whole_ = options.sampling() || options.beam_groups > 1 ||
                 std::ranges::any_of(make_rules(options, special, {}), whole);
    make_beams();
    decoding_ = model.begin(source, {options.needs_attention(), shortlist()});
    if (groups() > 1) repeat_sentences();
    last_.assign(beams_.size(), special.begin);
  }

  std::vector<std::vector<Hypothesis>> run() {
    while (!beams_.empty()) {
      decoding_->take(last_);
      if (options_.needs_attention()) attention_.push_back(decoding_->attention());
      Parents parents = choose();
      tell(parents);
      keep_unfinished(parents);
    }
    std::vector<std::vector<Hypothesis>> results;
    for (int64_t i = 0; i < source_.rows; ++i) results.push_back(best_of(i));
    return results;
  }

 private:
  using Parents = std::vector<std::vector<int64_t>>;  // of each beam's next live hypotheses

  int64_t groups() const {
    return options_.sampling() ? options_.n_best
                               : std::min(options_.beam_groups, options_.beam_size);
  }

  void make_beams() {
    int64_t size = options_.sampling() ? 1 : options_.beam_size / groups();
    unwanted_.assign(source_.rows, false);
    finished_.assign(source_.rows, std::vector<std::vector<Hypothesis>>(groups()));
    for (int64_t group = 0; group < groups(); ++group) {
      for (int64_t i = 0; i < source_.rows; ++i) {
        // The end symbol is not one of the source's pieces.
        int64_t limit = length_limit(source_.lengths[i] - 1, options_);
        int64_t demanded = std::ssize(demands_[i].prefix);
        for (const auto& phrase : demands_[i].phrases) demanded += std::ssize(phrase);
        beams_.emplace_back(BeamPlan{i, group, size, std::max(limit, demanded)}, special_.end,
                            options_);
      }
    }
  }

  // The pieces to choose among; none: all.
  std::vector<int32_t> shortlist() const {
    auto whole = [this](const Beam& beam) { return needs_whole_rows(beam); };
    if (!options_.lexicon || std::ranges::any_of(beams_, whole)) return {};
    std::vector<int32_t> pieces(source_.ids.begin(), source_.ids.end());
    std::vector<int32_t> always = {special_.end, special_.unknown};
    std::vector<int32_t> ids = options_.lexicon->candidates(pieces, options_.shortlist, always);
    for (int64_t id : barred(options_.min_length)) std::erase(ids, static_cast<int32_t>(id));
    return ids;
  }

  // A row of each sentence for each group.
  void repeat_sentences() {
    std::vector<int64_t> sentences;
    for (const Beam& beam : beams_) sentences.push_back(beam.plan().sentence);
    decoding_->keep(sentences, &sentences);
  }

  std::vector<int64_t> barred(int64_t length) const {
    std::vector<int64_t> pieces;
    for (const Rule& rule : rules_) {
      if (rule.bar) rule.bar(length, pieces);
    }
    return pieces;
  }

  // Whether a rule or draw looks at all pieces. What a sentence demands is its own affair: its
  // neighbours in the batch are computed as without it, to the last digit.
  bool needs_whole_rows(const Beam& beam) const {
    const Demand& demand = demands_[beam.plan().sentence];
    return all_whole_ || !demand.prefix.empty() || !demand.phrases.empty();
  }

  // The parents of each beam's next hypotheses.
  Parents choose() {
    auto whole = [this](const Beam& beam) { return needs_whole_rows(beam); };
    FloatMatrix original, allowed;
    if (std::ranges::any_of(beams_, whole)) {
      original = decoding_->log_probabilities();
      allowed = allowed_of(original);
    }
    BestPieces best{};
    if (!std::ranges::all_of(beams_, whole)) {
      best = decoding_->best({2 * beams_[0].plan().size, barred(length_), special_.end});
    }
    std::vector<std::vector<int32_t>> taken(source_.rows);  // by the groups before
    Parents parents;
    for (size_t i = 0; i < beams_.size(); ++i) {
      std::vector<int32_t>& before = taken[beams_[i].plan().sentence];
      parents.push_back(whole(beams_[i]) ? advance_among_all(i, original, allowed, before)
                                         : advance_among_best(i, best));
    }
    return parents;
  }

  // The best pieces of each row are enough: 2 K of them hold K that do not end.
  std::vector<int64_t> advance_among_best(size_t i, const BestPieces& best) {
    Candidates candidates = merge_best(beams_[i], best, first_row(i));
    auto end = best.asked.begin() + first_row(i);
    return beams_[i].advance(candidates, step_of(i, {end, end + beams_[i].width()}));
  }

  std::vector<int64_t> advance_among_all(size_t i, const FloatMatrix& original,
                                         const FloatMatrix& allowed, std::vector<int32_t>& before) {
    Beam& beam = beams_[i];
    std::vector<float> end;
    for (int64_t k = 0; k < beam.width(); ++k) {
      end.push_back(original[first_row(i) + k][special_.end]);
    }
    BeamRows rows{allowed[first_row(i)], allowed.columns};
    Candidates candidates =
        options_.sampling() ? drawn_candidate(beam, rows) : best_candidates(beam, rows, before);
    auto parents = beam.advance(candidates, step_of(i, std::move(end)));
    for (int64_t k = 0; k < beam.width(); ++k) before.push_back(beam.last(k));
    return parents;
  }

  // The rows after all rules. A narrow beam's free rows stay as they are.
  FloatMatrix allowed_of(const FloatMatrix& original) const {
    FloatMatrix allowed = original;
    auto size = static_cast<size_t>(original.columns);
    std::vector<int64_t> never = barred(length_);
    for (size_t i = 0; i < beams_.size(); ++i) {
      if (!needs_whole_rows(beams_[i])) continue;
      for (int64_t k = 0; k < beams_[i].width(); ++k) {
        int64_t row = first_row(i) + k;
        for (int64_t id : never) allowed[row][id] = -std::numeric_limits<float>::infinity();
        RowSoFar so_far{beams_[i].ids(k), &demands_[beams_[i].plan().sentence]};
        for (const Rule& rule : rules_) {
          if (rule.apply) rule.apply(so_far, {original[row], size}, {allowed[row], size});
        }
      }
    }
    return allowed;
  }

  int64_t first_row(size_t beam) const { return static_cast<int64_t>(beam) * width_; }

  // What the model said of one beam; `end` is log P of the end symbol for each live hypothesis.
  BeamStep step_of(size_t index, std::vector<float> end) const {
    for (float value : end) check_probability(value);
    BeamStep step{std::move(end), {}};
    if (attention_.empty()) return step;
    const Beam& beam = beams_[index];
    auto length = static_cast<size_t>(source_.lengths[beam.plan().sentence]);
    for (int64_t k = 0; k < beam.width(); ++k) {
      step.attention.emplace_back(attention_.back()[first_row(index) + k], length);
    }
    return step;
  }

  // The best continuations of a beam; groups keep away from what those before them have taken.
  Candidates best_candidates(const Beam& beam, const BeamRows& allowed,
                             const std::vector<int32_t>& taken) const {
    Candidates candidates =
        best_of_whole(beam, allowed, 2 * beam.plan().size, taken, options_.diversity_penalty);
    const auto& phrases = demands_[beam.plan().sentence].phrases;
    if (!phrases.empty()) serve_phrases(beam, phrases, allowed, special_.end, candidates);
    return candidates;
  }

  // One continuation of a sample.
  Candidates drawn_candidate(const Beam& beam, const BeamRows& allowed) const {
    std::vector<float> scores(allowed[0], allowed[0] + allowed.size);
    apply_temperature(scores, options_.temperature);
    keep_top_k(scores, options_.sampling_top_k);
    keep_top_p(scores, options_.sampling_top_p);
    const BeamPlan& plan = beam.plan();
    int64_t id = draw(scores, {.seed = static_cast<uint64_t>(options_.seed),
                               .sentence = demands_[plan.sentence].number,
                               .sample = static_cast<uint64_t>(plan.group),
                               .position = static_cast<uint64_t>(beam.length())});
    if (id < 0) return {};
    return {{0, static_cast<int32_t>(id), beam.log_probability(0) + allowed[0][id]}};
  }

  // Tells those who watch how far it is. Sentences that are no longer wanted lose their hypotheses.
  void tell(Parents& parents) {
    for (int64_t i = 0; i < source_.rows; ++i) {
      if (!demands_[i].watch) continue;
      SearchNews news = news_of(i);
      if (news.ids.empty() || demands_[i].watch(news)) continue;
      unwanted_[i] = true;
      for (size_t k = 0; k < beams_.size(); ++k) {
        if (beams_[k].plan().sentence == i) parents[k].clear();
      }
    }
  }

  SearchNews news_of(int64_t sentence) const {
    SearchNews news;
    std::vector<std::vector<int32_t>> others;
    for (const auto& group : finished_[sentence]) {
      for (const Hypothesis& one : group) others.push_back(one.ids);
    }
    for (const Beam& beam : beams_) {
      if (beam.plan().sentence != sentence) continue;
      for (int64_t k = 0; k < beam.width(); ++k) {
        if (news.ids.empty()) news.ids = beam.ids(k);
        others.push_back(beam.ids(k));
      }
      for (Hypothesis& one : beam.finished()) others.push_back(std::move(one.ids));
    }
    news.settled = news.ids.size();
    for (const auto& ids : others) {
      auto differs = std::ranges::mismatch(news.ids, ids).in1;
      news.settled = std::min(news.settled, static_cast<size_t>(differs - news.ids.begin()));
    }
    return news;
  }

  // Goes on with the chosen parents' rows; finished beams leave the batch.
  void keep_unfinished(const Parents& parents) {
    std::vector<int64_t> rows, kept_beams;
    std::vector<Beam> kept;
    int64_t width = 0;
    for (const auto& chosen : parents) width = std::max(width, std::ssize(chosen));
    last_.clear();
    for (size_t i = 0; i < beams_.size(); ++i) {
      if (parents[i].empty()) {
        const BeamPlan& plan = beams_[i].plan();
        finished_[plan.sentence][plan.group] = beams_[i].finished();
        continue;
      }
      for (int64_t k = 0; k < width; ++k) {
        // A narrow beam's free rows repeat its first hypothesis and are passed over.
        int64_t from = k < std::ssize(parents[i]) ? k : 0;
        rows.push_back(first_row(i) + parents[i][from]);
        last_.push_back(beams_[i].last(from));
      }
      kept_beams.push_back(static_cast<int64_t>(i));
      kept.push_back(std::move(beams_[i]));
    }
    bool all_stay = kept.size() == beams_.size();
    beams_ = std::move(kept);
    ++length_;
    if (beams_.empty()) return;
    bool identical = all_stay && width == 1 && width_ == 1;  // greedy: nothing moves
    if (!identical) decoding_->keep(rows, all_stay ? nullptr : &kept_beams);
    width_ = width;
  }

  // A sentence's results from those of its groups, each text once, those that lack a phrase last;
  // samples are what was drawn.
  std::vector<Hypothesis> best_of(int64_t sentence) {
    if (unwanted_[sentence]) return {};
    std::vector<Hypothesis> all;
    for (auto& group : finished_[sentence]) std::ranges::move(group, std::back_inserter(all));
    if (options_.sampling()) return all;
    std::ranges::stable_sort(all, std::greater<>(), &Hypothesis::score);
    std::ranges::stable_partition(all, [&](const Hypothesis& one) {
      return phrase_progress(demands_[sentence].phrases, one.ids).complete;
    });
    std::vector<Hypothesis> best;
    for (Hypothesis& next : all) {
      bool known = std::ranges::count(best, next.ids, &Hypothesis::ids) > 0;
      if (!known && std::ssize(best) < options_.n_best) best.push_back(std::move(next));
    }
    return best;
  }

  const IdMatrix& source_;
  const SpecialIds& special_;
  const SearchOptions& options_;
  std::vector<Demand> demands_;  // one per sentence
  Rules rules_;
  bool all_whole_ = false;  // whether all sentences need whole rows
  std::unique_ptr<Decoding> decoding_;
  std::vector<Beam> beams_;
  int64_t length_ = 0;                 // pieces of each live hypothesis
  int64_t width_ = 1;                  // rows per beam: those of the widest
  std::vector<int64_t> last_;          // the last piece of each row
  std::deque<FloatMatrix> attention_;  // [R, S] of each step: beams look into it
  std::vector<std::vector<std::vector<Hypothesis>>> finished_;  // by sentence and group
  std::vector<bool> unwanted_;                                  // of each sentence
};

}  // namespace

SearchOptions::SearchOptions() : SearchOptions(default_config().decoding) {}

int64_t length_limit(int64_t source_pieces, const DecodingConfig& options) {
  double pieces = options.max_length_ratio * static_cast<double>(source_pieces);
  auto by_ratio = static_cast<int64_t>(std::min(pieces, 1e9)) + 10;
  return options.max_length > 0 ? std::min(by_ratio, options.max_length) : by_ratio;
}

int64_t longest_translation(int64_t max_length, const DecodingConfig& options) {
  DecodingConfig by_ratio = options;
  by_ratio.max_length = 0;
  return std::max(max_length, length_limit(max_length, by_ratio));
}

std::vector<std::vector<Hypothesis>> search(const Inference& model, const IdMatrix& source,
                                            const SpecialIds& target, const SearchOptions& options,
                                            const std::vector<Demand>& demands) {
  return Search(model, source, target, options, demands).run();
}

}  // namespace heed
