#include "training/best_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ranges>

#include "model/safetensors.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kValidationKey = "validation";

}  // namespace

std::optional<BestModel::Kept> BestModel::kept() const try {
  if (!file_exists(folder_.weights())) return std::nullopt;
  TensorReader reader(folder_.weights());
  reader.verify();
  check_origin(reader.path(), reader.metadata(), origin_);
  auto found = reader.metadata().find(kValidationKey);
  if (found == reader.metadata().end()) return std::nullopt;
  Json said = Json::parse(found->second);
  auto text = [&](const char* key) { return said.at(key).get<std::string>(); };
  auto number = [&](const char* key) { return said.at(key).get<double>(); };
  if (Yardstick{text("dev"), text("metric"), text("bleu_by")} != yardstick_) return std::nullopt;
  Validation row{.loss = number("loss"), .bleu = number("bleu")};
  if (said.contains("command")) row.command = number("command");
  return Kept{text("what"), row};
} catch (const Error& error) {  // damaged, or another model's: any model is better
  log_warning("{}; it is replaced", error.what());
  return std::nullopt;
} catch (const Json::exception&) {
  return std::nullopt;
}

void BestModel::offer(const WeightMap& weights, const std::string& what, const Validation& row,
                      const History& history) const {
  auto there = kept();
  if (there && !history.is_better(row, there->row)) {
    if (there->what != what || there->row.loss != row.loss) {
      log_info("{} stays: {}, loss {:.4f}", folder_.weights(), there->what, there->row.loss);
    }
    return;
  }
  Json said = {{"what", what},
               {"loss", row.loss},
               {"bleu", row.bleu},
               {"dev", yardstick_.dev},
               {"metric", yardstick_.metric},
               {"bleu_by", yardstick_.bleu}};
  if (std::isfinite(row.command)) said["command"] = row.command;  // JSON has no NaN
  Metadata metadata = origin_;
  metadata[kValidationKey] = said.dump();
  save_weights(folder_.weights(), weights, std::move(metadata));
}

void BestModel::restore(const History& history) const {
  if (file_exists(folder_.weights())) return;
  for (int64_t step : history.best_steps(1)) {
    ModelFolder best{folder_.checkpoint(step)};
    if (!file_exists(best.weights())) continue;
    // The step's last row: one of another yardstick may stand before it.
    auto rows = history.state().validations | std::views::reverse;
    offer(read_safetensors(best.weights()).tensors, fmt::format("step {}", step),
          *std::ranges::find(rows, step, &Validation::step), history);
  }
}

}  // namespace heed
