// The bytes of text files, decompressed where they are compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "util/decoder.h"

namespace heed {

// A file or standard input ("-"), plain or compressed by its content, from its beginning on.
class ByteReader {
 public:
  // Throws Error for a file that cannot be opened, naming it and the system's reason.
  explicit ByteReader(const std::string& path);
  ~ByteReader();
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  // At most `size` bytes; 0 at the end. Throws Error naming the file and the place where compressed
  // data is damaged or ends too early, and what a file is that holds no UTF-8 text: UTF-16, UTF-32,
  // an archive, a compression that heed cannot read. This is told from what the first call gets: it
  // should ask for some kilobytes.
  size_t read(char* buffer, size_t size);

  bool started() const { return started_; }
  bool compressed() const { return decoder_ != nullptr; }  // known once it has started
  int descriptor() const { return descriptor_; }
  // Of the file, as they lie there: read so far, a buffer ahead of what was handed out at most.
  int64_t bytes_taken() const { return static_cast<int64_t>(bytes_taken_); }
  const std::string& path() const { return path_; }

 private:
  void start();
  size_t read_plain(char* buffer, size_t size);
  size_t read_decoded(char* buffer, size_t size);
  void refill();
  void check_text(std::string_view beginning) const;

  std::string path_;
  int descriptor_;
  bool started_ = false, ended_ = false;
  std::unique_ptr<Decoder> decoder_;
  std::string form_;          // what it decodes
  std::string raw_;           // bytes as they lie in the file
  std::string_view unused_;   // those of them that are still to be handed out or decoded
  uint64_t bytes_taken_ = 0;  // of the file
};

}  // namespace heed
