// MarianMTModel as Hugging Face's transformers keeps it.
#pragma once

#include "exchange/model_files.h"
#include "exchange/source_files.h"

namespace heed {

// The model in a folder with config.json, model.safetensors, vocab.json and SentencePiece models.
// Throws Error naming the file that is missing or damaged, or the setting that heed's Transformer
// has not got.
WholeModel import_hugging_face(const SourceFiles& files);

// Fills the folder with the model. Throws Error naming the option that MarianMTModel has not got.
void export_hugging_face(const WholeModel& model, NewFolder& folder);

// The names of a layer's parts there, for both ways.
struct HuggingFaceNames {
  std::string part, norm;  // "model.encoder.layers.0.self_attn"
};
HuggingFaceNames hugging_face_names(const Sublayer& sublayer);
inline constexpr const char* kHuggingFacePadding = "<pad>";
// <pad>, or <<pad>> and so on: what heed adds to a vocabulary that has a <pad> of its own.
bool is_hugging_face_padding(std::string_view piece);
inline constexpr double kHuggingFaceEpsilon = 1e-5;  // of its layer normalisations

}  // namespace heed
