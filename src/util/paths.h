// Paths: what is there, what is the same, what is relative to what.
#pragma once

#include <string>

namespace heed {

bool file_exists(const std::string& path);
bool is_folder(const std::string& path);
// Whether both are the same regular file, or would be once they are made. "-" is no file.
bool same_file(const std::string& one, const std::string& other);
void make_folders(const std::string& path);
// Relative to `folder` unless absolute or empty; then without a slash at its end.
std::string resolve_path(const std::string& folder, const std::string& path);

}  // namespace heed
