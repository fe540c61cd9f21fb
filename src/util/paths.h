// Paths: what is there, what is the same, what is relative to what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

bool file_exists(const std::string& path);
bool is_folder(const std::string& path);
// Whether `path` is the plain file that standard input was opened on (`< path`).
bool is_standard_input(const std::string& path);
// Whether both are the same regular file, or would be once they are made. "-" is no file.
bool same_file(const std::string& one, const std::string& other);
// Makes the folder and all on the way to it, each synced into the one that holds it. Throws Error
// naming `path`.
void make_folders(const std::string& path);
// Names of what is in a folder, in order; none where there is no such folder. Throws Error where it
// cannot be read.
std::vector<std::string> names_in_folder(const std::string& path);
// `path`, or where something has that name path-2, path-3, ...: the first that is free.
std::string free_path(const std::string& path);
// Throws Error where the current folder was removed, or cannot be reached.
void check_current_folder();
// The file that a symbolic link leads to, over all links on the way, there or not yet; `path`
// itself where it is none. A file that is written beside and renamed would take the link's place.
std::string behind_links(const std::string& path);
// `path` and, where it is a symbolic link, what each link on the way leads to; behind_links() last.
std::vector<std::string> along_links(const std::string& path);
// The folder that holds a file of this name, there or not yet, as an absolute path without links.
std::string real_folder_of(const std::string& path);
// Cuts a file off there; one that is not there stays so. Throws Error with the system's reason.
void resize_file(const std::string& path, int64_t bytes);
// Relative to `folder` unless absolute, empty or standard input ("-"); then without a slash at its
// end.
std::string resolve_path(const std::string& folder, const std::string& path);

}  // namespace heed
