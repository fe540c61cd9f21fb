// Files written whole or not at all. Every failure names the path and the system's reason; none
// goes unchecked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

// Writes beside `path`, syncs, renames and syncs the folder: after a crash `path` holds the old
// content or the new, never a part. Throws Error naming the path and the cause (a full disk, say).
// A device or a pipe in its place is written to directly.
void write_file_atomically(const std::string& path, std::string_view content);
void write_file_atomically(const std::string& path, const std::vector<std::string_view>& parts);
// Whether a file of this name is one that a killed process was writing for a file named `finished`.
bool is_unfinished(std::string_view name, std::string_view finished);
// Throws Error naming the path and the cause; one that is not there is no error.
void remove_file(const std::string& path);
// Appends all of `text` or nothing. Throws Error naming the path and the cause.
void append_to_file(const std::string& path, std::string_view text);
// Syncs a folder, so that what was made, renamed or removed in it survives a crash. Throws Error
// naming it; a folder that may not be read, or whose file system cannot do so, is left as it is.
void sync_folder(const std::string& path);
// Renames and syncs the parent folder of `to`, so that the rename survives a crash.
void rename_durably(const std::string& from, const std::string& to);

}  // namespace heed
