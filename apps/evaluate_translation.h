// The test sets of `heed evaluate MODEL`, translated.
#pragma once

#include <string>
#include <vector>

#include "command.h"
#include "evaluation/metric.h"

namespace heed {

// The file of each source's translations, for `output` as given: a file for one source, a folder
// (one that is there, or ends in /) that gets a file of each source's name. Empty strings where
// `output` is empty. Makes the folder. Throws UsageError where two sources would share a file, or
// where several sources have one file.
std::vector<std::string> output_paths(const std::string& output,
                                      const std::vector<std::string>& sources);

struct SourceText {
  std::string path, output;  // output: the file to keep translations in, or empty
  Lines lines;
};

struct TranslationFlags {
  ModelFlags models;
  LineFlags lines;
  ComputeFlags compute;
  DecodingFlags decoding;
};

// A translation for each line of each source, also written to the outputs as they come.
std::vector<Lines> translate_sources(const TranslationFlags& flags,
                                     const std::vector<SourceText>& sources);

}  // namespace heed
