// Section [data] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct DataConfig {
  std::vector<std::string> train_source, train_target;
  std::vector<std::string> train;  // both sides in each file; or none
  std::vector<double> weights;     // of each pair of files; none: all 1
  int64_t pool_pairs;
  std::string dev_source, dev_target, dev;
  std::vector<std::string> tags;  // none, or one for each pair of files
  std::string dev_tag;
  std::string source_language, target_language;
  int64_t max_length;
  double max_length_ratio;

  // Those with both sides, or pairs of files.
  size_t training_files() const { return train.empty() ? train_source.size() : train.size(); }
};

}  // namespace heed
