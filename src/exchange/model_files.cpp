#include "exchange/model_files.h"

#include "kernels/torch.h"

#include "config/render.h"
#include "model/transformer.h"
#include "model/weights.h"
#include "util/atomic_file.h"
#include "util/error.h"

namespace heed {
namespace {

void check_weights(const WholeModel& model, const std::string& source) {
  WithoutWeights room_alone;
  Transformer shape(shape_of(model.config, model.tokenizers));
  auto wanted = shape.named_parameters();
  for (const auto& item : wanted) {
    auto found = model.weights.find(item.key());
    if (found == model.weights.end()) fail("{}: nothing in it becomes {}", source, item.key());
    const at::Tensor& weight = found->second;
    if (weight.sizes() != item.value().sizes()) {
      fail("{}: what becomes {} has shape {}, the rest of the model wants {}", source, item.key(),
           shape_text(weight.sizes()), shape_text(item.value().sizes()));
    }
    if (!weight.isfinite().all().item<bool>()) {
      fail("{}: what becomes {} holds numbers that are not finite", source, item.key());
    }
  }
  for (const auto& [name, weight] : model.weights) {
    if (!wanted.contains(name)) fail("{}: {} has no place in the model", source, name);
  }
}

}  // namespace

WholeModel read_model(const std::string& folder) {
  ModelFolder files = find_model(folder);
  WholeModel model{files.read_config(), files.load_tokenizers(), {}};
  TensorReader reader = open_weights(files, origin_of(model.config.model, model.tokenizers));
  for (const auto& [name, entry] : reader.entries()) {
    model.weights[name] = reader.read(name).to(torch::kFloat32);
  }
  reader.verify();
  return model;
}

void write_model(const WholeModel& model, NewFolder& folder, const std::string& source) {
  check_weights(model, source);
  ModelFolder files{folder.beside()};
  files.save_tokenizers(model.tokenizers);
  Config config = model.config;
  config.output.folder = std::string(".");
  write_file_atomically(files.config(), render_config(config));
  save_weights(files.weights(), model.weights, origin_of(model.config.model, model.tokenizers));
}

}  // namespace heed
