#include "evaluation/segment_text.h"

#include <unicode/ucasemap.h>

#include <algorithm>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

const UCaseMap* root_case_map() {
  static const UCaseMap* const map = [] {
    UErrorCode status = U_ZERO_ERROR;
    const UCaseMap* opened = ucasemap_open("", 0, &status);
    if (U_FAILURE(status)) {
      fail("lowercasing: ICU cannot open its case map ({}); check the ICU installation",
           u_errorName(status));
    }
    return opened;
  }();
  return map;
}

// Where the character that ends before `end` starts.
size_t previous_start(std::string_view text, size_t end) {
  size_t at = end - 1;
  while (at > 0 && end - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

int wide_space_bytes(std::string_view text, size_t at) {
  DecodedChar c = decode_utf8(text, at);
  return c.valid && is_space(c.code_point) ? c.bytes : 0;
}

std::string_view strip_end(std::string_view text) {
  while (!text.empty()) {
    size_t at = previous_start(text, text.size());
    int bytes = python_space_bytes(text, at);
    if (bytes == 0 || at + bytes != text.size()) break;
    text.remove_suffix(bytes);
  }
  return text;
}

std::string_view strip_both(std::string_view text) {
  text = strip_end(text);
  while (!text.empty()) {
    int bytes = python_space_bytes(text, 0);
    if (bytes == 0) break;
    text.remove_prefix(bytes);
  }
  return text;
}

void split_on_spaces(std::string_view text, std::vector<std::string_view>& words) {
  words.clear();
  size_t at = 0;
  while (at < text.size()) {
    if (int bytes = python_space_bytes(text, at)) {
      at += bytes;
      continue;
    }
    size_t start = at;
    while (at < text.size() && python_space_bytes(text, at) == 0) ++at;
    words.push_back(text.substr(start, at - start));
  }
}

std::string to_lower(std::string_view text) {
  if (is_ascii(text)) return lower_ascii(text);
  auto length = static_cast<int32_t>(text.size());
  std::string out(text.size() + 16, '\0');
  for (;;) {
    UErrorCode status = U_ZERO_ERROR;
    int32_t needed =
        ucasemap_utf8ToLower(root_case_map(), out.data(), static_cast<int32_t>(out.size()),
                             text.data(), length, &status);
    if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status)) {
      fail("lowercasing a line of {} bytes: ICU says {}; check that the text is UTF-8", text.size(),
           u_errorName(status));
    }
    bool whole = static_cast<size_t>(needed) <= out.size();
    out.resize(needed);
    if (whole) return out;
  }
}

}  // namespace heed
