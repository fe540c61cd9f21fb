#include "exchange/import.h"

#include "kernels/torch.h"

#include <algorithm>

#include "exchange/able.h"
#include "exchange/hugging_face.h"
#include "exchange/marian.h"
#include "util/error.h"
#include "util/log.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

[[noreturn]] void refuse_form(const SourceFiles& files) {
  if (!files.ending(".intgemm.alphas.bin").empty() || !files.ending(".intgemm8.bin").empty()) {
    fail("{}: a quantised model of Firefox or bergamot, which heed does not import", files.path());
  }
  std::vector<std::string> names = files.names();
  constexpr size_t kShown = 5;
  size_t shown = std::min(kShown, names.size());
  std::string held = join({names.begin(), names.begin() + static_cast<ptrdiff_t>(shown)}, ", ");
  fail(
      "{}: neither a model as Marian writes it (*.npz, vocabularies, source.spm, target.spm) nor "
      "one "
      "as Hugging Face has it (config.json, model.safetensors): it holds {}{}",
      files.path(), names.empty() ? "no file" : printable(held, 200),
      names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

WholeModel import_form(const SourceFiles& files) {
  if (files.has("config.json")) {
    if (!files.is_zip()) return import_hugging_face(files);
    fail("{}: a model of Hugging Face in a zip file: unpack it, and name the folder", files.path());
  }
  if (!files.ending(".npz").empty()) return import_marian(files);
  refuse_form(files);
}

// Once more, for the tensors have set some of the values: a table's length, say.
void check_whole(const WholeModel& model, const std::string& source) {
  check_values(model.config, source);
  if (model.config.model.tie_source_target && !model.tokenizers.one_vocabulary()) {
    fail("{}: one table of embeddings for source and target, but two vocabularies", source);
  }
}

}  // namespace

void import_model(const std::string& source, const std::string& output) {
  NewFolder folder(output);
  Progress progress({.what = "importing " + short_name(source)});
  WholeModel model = import_form(SourceFiles(source));
  check_whole(model, source);
  model.config.tokenizer.shared = model.tokenizers.one_vocabulary();
  write_model(model, folder, source);
  folder.finish();
  int64_t parameters = 0;
  for (const auto& [name, weight] : model.weights) parameters += weight.numel();
  const ModelConfig& config = model.config.model;
  log_info("imported {} to {}: {} + {} layers of width {}, {} parameters, {} and {} pieces", source,
           output, config.layers, config.decoder_layers, config.hidden_size,
           with_commas(parameters), with_commas(model.tokenizers.source->vocab_size()),
           with_commas(model.tokenizers.target->vocab_size()));
}

}  // namespace heed
