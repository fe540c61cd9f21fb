// Files that go together line by line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace heed {

struct LineCount {
  const std::string& path;
  std::optional<int64_t> lines;  // none: more than the other, and nobody has read to its end
};

// Throws Error naming both files and both counts where these differ.
void check_line_counts(const LineCount& one, const LineCount& other);

}  // namespace heed
