// Which files a configuration names as its data.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "data/parallel_text.h"

namespace heed {

// Puts in place of each pattern of training files (data/*.en) the files that match it, sorted by
// their names' bytes. Throws UsageError for a pattern that nothing matches, and where patterns of
// the two sides match files whose names do not go in pairs: what stands for the stars must be the
// same.
void expand_patterns(Config& config);

CorpusFiles training_files(const Config& config);
CorpusFiles dev_files(const DataConfig& data);

// Warns of each pair of files whose sides hold the same lines: a side is there in place of the
// other, and the model would learn to copy.
enum class DataPart { kTraining, kDev };
void warn_of_equal_sides(const ParallelText& text, DataPart part);

// Throws UsageError where standard input ("-") or a pipe is named more than once.
void check_read_once(const Config& config);
// For several processes that read the same files: throws UsageError where one is named at all, for
// each process would get a part of it.
void check_read_by_all(const Config& config);

}  // namespace heed
