// Files that are no plain text, though all their lines are: SGM, XML and their kin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

// Whether a line begins as the first one of SGM, XML, TMX, XLIFF and HTML files does.
bool begins_markup(std::string_view line);

// Throws Error naming `path` where the first line that is not blank begins so: tags would be taken
// for words.
void refuse_markup(const std::vector<std::string>& lines, const std::string& path);

}  // namespace heed
