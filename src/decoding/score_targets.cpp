#include "decoding/score.h"
#include "decoding/search.h"

namespace heed {
namespace {

// Adds up what teacher forcing says of the pieces of one target; `log_probabilities` are its own.
Hypothesis scored(const std::vector<int32_t>& target, std::span<const float> log_probabilities,
                  const AttentionRows& attention, const SearchOptions& options) {
  Hypothesis hypothesis;
  hypothesis.ids = target;
  for (float step : log_probabilities) {
    check_probability(step);
    hypothesis.log_probability += step;
  }
  hypothesis.ended = true;
  hypothesis.score = hypothesis_score(options, hypothesis.log_probability,
                                      std::ssize(log_probabilities), attention);
  for (auto row : attention) hypothesis.attention.emplace_back(row.begin(), row.end());
  return hypothesis;
}

}  // namespace

std::vector<Hypothesis> score_targets(const Inference& model,
                                      const std::vector<SentenceView>& source,
                                      const std::vector<std::vector<int32_t>>& targets,
                                      const SpecialIds& source_special,
                                      const SpecialIds& target_special,
                                      const SearchOptions& options) {
  Batch batch =
      make_batch(source, {targets.begin(), targets.end()}, source_special, target_special);
  ForcedTargets forced = model.force(batch, options.needs_attention());
  const float* next = forced.log_probabilities.data();
  std::vector<Hypothesis> all;
  for (int64_t i = 0; i < batch.source.rows; ++i) {
    auto pieces = static_cast<size_t>(batch.target_output.lengths[i]);
    AttentionRows attention;
    for (size_t t = 0; t < pieces && !forced.attention.empty(); ++t) {
      attention.emplace_back(forced.attention[i][static_cast<int64_t>(t)],
                             static_cast<size_t>(batch.source.lengths[i]));
    }
    all.push_back(scored(targets[i], {next, pieces}, attention, options));
    next += pieces;
  }
  return all;
}

}  // namespace heed
