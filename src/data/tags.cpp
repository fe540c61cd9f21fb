#include "data/tags.h"

#include <algorithm>

#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {

std::vector<std::string> tags_of(const DataConfig& config) {
  std::vector<std::string> tags;
  auto add = [&](const std::string& tag) {
    if (!tag.empty() && std::ranges::count(tags, tag) == 0) tags.push_back(tag);
  };
  std::ranges::for_each(config.tags, add);
  add(config.dev_tag);
  return tags;
}

void warn_of_dev_tag(const DataConfig& config) {
  bool trained = config.tags.empty() || std::ranges::count(config.tags, config.dev_tag) > 0;
  if (config.dev_tag.empty() || trained) return;
  log_warning(
      "data.dev_tag = {} is none of data.tags ({}): no training file has it, and each validation "
      "begins with a piece that is not trained",
      config.dev_tag, join(config.tags, ", "));
}

std::vector<int32_t> encode_tag(const Tokenizer& tokenizer, const std::string& tag,
                                const std::string& where) {
  if (tag.empty()) return {};
  std::vector<int32_t> ids = tokenizer.encode(tag);
  std::vector<std::string> pieces = tokenizer.encode_pieces(tag);
  bool whole = !pieces.empty() && tokenizer.vocabulary().id(tag) == ids.back();
  bool alone = pieces.size() == 1 || (pieces.size() == 2 && pieces[0] == kWordMark);
  if (whole && alone) return ids;
  fail_usage(
      "{} {}: the vocabulary has no such piece, and splits it into {}; use a tag that the model "
      "was "
      "trained with, or train one with it in data.tags or tokenizer.user_defined",
      where, printable(tag, 80), printable(join(pieces, " "), 200));
}

}  // namespace heed
