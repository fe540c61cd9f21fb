// File descriptors, for the files beside this one.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

namespace heed::descriptors {

// Calls again for as long as a signal comes in between.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

constexpr size_t kBufferBytes = 1 << 16;

// Opens a file, or standard input ("-"). Throws Error for a missing file, a folder in its place, or
// no permission.
int open_for_reading(const std::string& path);
// At most `size` bytes; 0 at the end. Throws Error naming `path`.
size_t read_some(int descriptor, char* buffer, size_t size, const std::string& path);
// Throws BrokenPipe where the reader has gone, else Error naming `path`.
void write_all(int descriptor, std::string_view text, const std::string& path);
// Standard streams stay open: the next file opened would take their place.
void close_reading(int descriptor);
// Gives each standard stream that this process was started without a descriptor that can be neither
// read nor written, so that no file opened later takes its place. Call it before anything is
// opened.
void hold_standard_streams();
// Whether a file is there and is no regular one: a device or a pipe, say.
bool is_special(const std::string& path);
// The same but for folders.
bool is_pipe_or_device(const std::string& path);

}  // namespace heed::descriptors
