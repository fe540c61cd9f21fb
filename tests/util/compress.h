// Compressed data for tests.
#pragma once

#include <zlib.h>

#include <cstdlib>
#include <string>

namespace heed {

// One gzip member.
inline std::string gzip(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Numbered lines, long enough to need several buffers.
inline std::string many_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + std::string(i % 97, 'x') + "\n";
  return text;
}

}  // namespace heed
