#include "util/byte_reader.h"

#include <algorithm>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/file_kind.h"

namespace heed {
using namespace descriptors;

ByteReader::ByteReader(const std::string& path)
    : path_(path == "-" ? "standard input" : path), descriptor_(open_for_reading(path)) {}

ByteReader::~ByteReader() { close_reading(descriptor_); }

// Takes in what tells plain text from the rest. A terminal or a pipe may hold one line and no more:
// only the beginning of a mark waits for further bytes.
void ByteReader::start() {
  started_ = true;
  raw_.resize(kBufferBytes);
  size_t held = 0;
  while (held < raw_.size() && begins_mark({raw_.data(), held})) {
    size_t got = read_some(descriptor_, raw_.data() + held, raw_.size() - held, path_);
    if (got == 0) break;
    held += got;
  }
  bytes_taken_ = held;
  unused_ = {raw_.data(), held};
  form_ = packed_form(unused_);
  if (!form_.empty()) decoder_ = make_decoder(form_, path_);
}

void ByteReader::check_text(std::string_view beginning) const {
  std::string_view encoding = wide_encoding(beginning);
  if (!encoding.empty()) {
    fail("{}: is {} text, and heed reads UTF-8: convert it, for example by iconv -f {} -t UTF-8",
         path_, encoding, encoding.substr(0, 6));
  }
  std::string_view inner = packed_form(beginning);
  if (decoder_ && !inner.empty()) {
    fail("{}: what is compressed by {} in it is a {} file and no text: unpack it first", path_,
         form_, inner);
  }
}

size_t ByteReader::read(char* buffer, size_t size) {
  bool first = !started_;
  if (first) start();
  size_t got = decoder_ ? read_decoded(buffer, size) : read_plain(buffer, size);
  if (first) check_text({buffer, got});
  return got;
}

size_t ByteReader::read_plain(char* buffer, size_t size) {
  if (unused_.empty()) {
    size_t got = read_some(descriptor_, buffer, size, path_);
    bytes_taken_ += got;
    return got;
  }
  size_t got = unused_.copy(buffer, size);
  unused_.remove_prefix(got);
  return got;
}

void ByteReader::refill() {
  size_t got = read_some(descriptor_, raw_.data(), raw_.size(), path_);
  bytes_taken_ += got;
  unused_ = {raw_.data(), got};
  ended_ = got == 0;
}

size_t ByteReader::read_decoded(char* buffer, size_t size) {
  std::span<char> room(buffer, size);
  while (true) {
    size_t before = unused_.size();
    std::string fault = decoder_->decode(unused_, room, ended_);
    if (fault.empty() && room.size() < size) return size - room.size();
    uint64_t place = bytes_taken_ - unused_.size();
    if (fault.empty() && before > 0 && unused_.size() == before) fault = "no end of it";
    if (!fault.empty()) fail("{}: corrupt {} data at byte {} ({})", path_, form_, place, fault);
    if (ended_ && !decoder_->complete()) {
      fail("{}: the {} data ends too early, at byte {} (truncated file?)", path_, form_, place);
    }
    if (ended_) return 0;
    if (unused_.empty()) refill();
  }
}

}  // namespace heed
