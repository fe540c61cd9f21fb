// The body of a request: how its head frames it, its chunks, what all bodies take of the memory
// (RFC 9112, 6 and 7).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

struct BodyHeaders {
  std::vector<std::string> lengths, codings;  // Content-Length, Transfer-Encoding
};

struct BodyFraming {
  bool chunked = false;
  int64_t length = 0;  // where it is not chunked; the largest number for what is larger
  // What a proxy in front may read otherwise; empty where nothing is wrong.
  std::string_view fault = {};

  bool has_body() const { return chunked || length > 0; }
};

BodyFraming framing_of(const BodyHeaders& headers);

// Reads as Channel::read does.
using ByteSource = std::function<ptrdiff_t(char* into, size_t size)>;
// Whether more is wanted.
using ByteSink = std::function<bool(const char* bytes, size_t count)>;

// A chunked body with its trailer, which nobody asks for. False: it is damaged or ends early, or
// the sink wants no more.
bool read_chunks(const ByteSource& source, const ByteSink& sink);

// Bytes of a body that a request holds, counted with those of all others.
class BodyShare {
 public:
  explicit BodyShare(std::atomic<int64_t>& all) : all_(all) {}
  ~BodyShare() { all_ -= bytes_; }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  // The bytes of all requests.
  int64_t add(int64_t bytes) {
    bytes_ += bytes;
    return all_ += bytes;
  }
  int64_t bytes() const { return bytes_; }

 private:
  std::atomic<int64_t>& all_;
  int64_t bytes_ = 0;
};

}  // namespace heed
