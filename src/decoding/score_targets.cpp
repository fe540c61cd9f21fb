#include "decoding/score_targets.h"

#include "kernels/torch.h"

#include <algorithm>

#include "decoding/beam.h"
#include "decoding/candidates.h"

namespace heed {

std::vector<Hypothesis> score_targets(Seq2Seq& model, const IdMatrix& source,
                                      const std::vector<std::vector<int32_t>>& targets,
                                      const SpecialIds& special, const SearchOptions& options) {
  c10::InferenceMode no_gradient;
  auto batch = static_cast<int64_t>(targets.size());
  std::vector<Hypothesis> scored(batch);
  std::vector<int64_t> last(batch, special.begin);
  size_t longest = 0;
  for (const auto& target : targets) longest = std::max(longest, target.size());
  DecoderState state = model.start(model.encode(to_tensors(source, model)));
  state.wants_attention = needs_attention(options);
  for (size_t step = 0; step <= longest; ++step) {
    Tensor ids = torch::tensor(last, torch::kInt64).view({batch, 1}).to(model.device());
    StepOutput output = model.step(ids, state);
    Tensor logits = output.logits.to(torch::kFloat32).cpu();
    Tensor sums = kernels::best_of_rows(output.logits, 1, {}).log_sum_exp;
    auto rows = logits.accessor<float, 2>();
    auto row_sums = sums.accessor<float, 1>();
    Tensor attention;
    if (needs_attention(options)) {
      attention = output.attention.to(torch::kFloat32).cpu().contiguous();
    }
    for (int64_t i = 0; i < batch; ++i) {
      if (step > targets[i].size()) continue;
      int32_t id = step == targets[i].size() ? special.end : targets[i][step];
      scored[i].log_probability += rows[i][id] - row_sums[i];
      last[i] = id;
      if (!attention.defined()) continue;
      const float* row = attention.const_data_ptr<float>() + i * attention.size(2);
      scored[i].attention.emplace_back(row, row + source.lengths[i]);
    }
  }
  for (int64_t i = 0; i < batch; ++i) {
    scored[i].ids = targets[i];
    scored[i].ended = true;
    scored[i].score = hypothesis_score(scored[i], options);
  }
  return scored;
}

}  // namespace heed
