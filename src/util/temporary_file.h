// Files without a name: the system removes them when they are closed, even where heed is killed.
#pragma once

#include <string>

namespace heed {

// The descriptor of a new one in `folder`, for reading and writing. Throws Error naming the folder
// and the system's reason.
int open_temporary(const std::string& folder);

// $TMPDIR, else /tmp.
std::string temporary_folder();

}  // namespace heed
