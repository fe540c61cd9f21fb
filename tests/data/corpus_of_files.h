// A corpus straight from its files.
#pragma once

#include "data/corpus.h"
#include "util/temporary_file.h"

namespace heed {

inline Corpus read_corpus(const CorpusFiles& files, const TokenizerPair& tokenizers,
                          const DataConfig& limits) {
  return read_corpus(ParallelText(files, temporary_folder()), tokenizers, limits, {});
}

}  // namespace heed
