#include "util/line_counts.h"

#include "util/error.h"
#include "util/text.h"

namespace heed {

void check_line_counts(const LineCount& one, const LineCount& other) {
  if (one.lines && one.lines == other.lines) return;
  auto count = [](const LineCount& file) {
    return file.lines ? with_commas(*file.lines) : std::string("more");
  };
  fail("{} has {} line{} and {} has {}: line i of one belongs to line i of the other", one.path,
       count(one), one.lines == 1 ? "" : "s", other.path, count(other));
}

}  // namespace heed
