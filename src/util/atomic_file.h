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
// Renames and syncs the parent folder of `to`, so that the rename survives a crash.
void rename_durably(const std::string& from, const std::string& to);
// Writes and syncs `path` itself, not its folder.
void write_file_synced(const std::string& path, const std::vector<std::string_view>& parts);

}  // namespace heed
