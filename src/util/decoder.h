// Compressed data, decoded piece by piece: gzip, and zstd and xz where their libraries are there.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace heed {

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Decodes from the front of `in` to the front of `out`, and takes off both what it has used.
  // `last`: nothing comes after `in`. Returns what is wrong with the data, empty for nothing.
  virtual std::string decode(std::string_view& in, std::span<char>& out, bool last) = 0;
  // Whether the data may end here: all that has begun is whole.
  virtual bool complete() const = 0;
};

// For a form that packed_form names. A file may hold several compressed streams one after another;
// gzip's may be padded with zeros, as gzip itself allows. Throws Error naming `path` for a form
// that heed cannot read, or was built without.
std::unique_ptr<Decoder> make_decoder(std::string_view form, const std::string& path);

// The name of a file without the ending that its compression by one of these forms gives it:
// "a.de" of "a.de.gz".
std::string_view without_packed_ending(std::string_view name);

}  // namespace heed
