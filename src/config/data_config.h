// Section [data] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct DataConfig {
  std::vector<std::string> train_source, train_target;
  std::string dev_source, dev_target;
  std::vector<std::string> tags;  // none, or one for each of train_source
  std::string dev_tag;
  std::string source_language, target_language;
  int64_t max_length;
  double max_length_ratio;
};

}  // namespace heed
