// Files that are no plain text, though all their lines are: SGM, XML and their kin.
#pragma once

#include <string>
#include <vector>

namespace heed {

// Throws Error naming `path` where the first line that is not blank begins as those of SGM, XML,
// TMX and XLIFF do: their tags would be taken for words.
void refuse_markup(const std::vector<std::string>& lines, const std::string& path);

}  // namespace heed
