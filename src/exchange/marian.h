// OPUS-MT as Marian wrote it.
#pragma once

#include "exchange/model_files.h"
#include "exchange/source_files.h"

namespace heed {

// The model in a folder or zip file with an .npz file, its vocabularies and SentencePiece models.
// Throws Error naming the file that is missing or damaged, or the option that heed's Transformer
// has not got.
WholeModel import_marian(const SourceFiles& files);

}  // namespace heed
