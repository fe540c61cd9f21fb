// What a file holds besides UTF-8 text, told from its first bytes.
#pragma once

#include <string_view>

namespace heed {

// The compression, archive or document format that marks its files as `start` is marked: "gzip",
// "zstd", "xz", or one that heed cannot read, such as "bzip2", "zip" or "PDF"; empty for none.
std::string_view packed_form(std::string_view start);

// Whether the bytes are the beginning of a format's mark, so that more of them are wanted before
// packed_form or wide_encoding can tell. No mark holds a '\n': a whole line never waits.
bool begins_mark(std::string_view start);

// "UTF-16" or "UTF-32" with its byte order, by a byte order mark or by the places of zero bytes;
// empty for what may be UTF-8. A UTF-8 text with a few NULs in it stays one.
std::string_view wide_encoding(std::string_view start);

}  // namespace heed
