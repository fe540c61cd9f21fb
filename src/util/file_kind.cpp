#include "util/file_kind.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace heed {
namespace {

using namespace std::literals;

struct Mark {
  std::string_view bytes, form;
};

// From the formats' own descriptions. Bzip2's is long, for its first bytes are letters. The last
// ones are no compression: what people give in place of its text, or by mistake.
constexpr std::array kMarks = {
    Mark{"\x1F\x8B"sv, "gzip"},
    Mark{"\x28\xB5\x2F\xFD"sv, "zstd"},
    Mark{"\xFD"
         "7zXZ\0"sv,
         "xz"},
    Mark{"PK\x03\x04"sv, "zip"},
    Mark{"PK\x05\x06"sv, "zip"},
    Mark{"7z\xBC\xAF\x27\x1C"sv, "7-Zip"},
    Mark{"Rar!\x1A\x07"sv, "rar"},
    Mark{"\x04\x22\x4D\x18"sv, "lz4"},
    Mark{"\x1F\x9D"sv, "compress (.Z)"},
    Mark{"LZIP\x01"sv, "lzip"},
    Mark{"BZh1\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh2\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh3\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh4\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh5\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh6\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh7\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh8\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"BZh9\x31\x41\x59\x26\x53\x59"sv, "bzip2"},
    Mark{"%PDF-"sv, "PDF"},
    Mark{"{\\rtf1"sv, "RTF"},
    Mark{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "Microsoft Office"},
    Mark{"\x89PNG\r"sv, "PNG"},
    Mark{"\xFF\xD8\xFF"sv, "JPEG"},
    Mark{"\x7F"
         "ELF"sv,
         "ELF"},
};

// Byte order marks, the longer first.
constexpr std::array kOrders = {
    Mark{"\xFF\xFE\0\0"sv, "UTF-32 (little-endian)"},
    Mark{"\0\0\xFE\xFF"sv, "UTF-32 (big-endian)"},
    Mark{"\xFF\xFE"sv, "UTF-16 (little-endian)"},
    Mark{"\xFE\xFF"sv, "UTF-16 (big-endian)"},
};

// Frames of zstd that hold no data, which parallel compressors put first.
bool is_skippable_frame(std::string_view start) {
  return start.size() >= 4 && (static_cast<unsigned char>(start[0]) & 0xF0) == 0x50 &&
         start.substr(1, 3) == "\x2A\x4D\x18"sv;
}

// The old format of .lzma has no mark, but properties that hardly vary and a size not known.
bool is_lzma(std::string_view start) {
  return start.starts_with("\x5D\0\0"sv) && start.size() >= 13 &&
         start.substr(5, 8) == "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv;
}

bool is_tar(std::string_view start) {
  return start.size() >= 262 && start.substr(257, 5) == "ustar";
}

// How often bytes at places i with i % 4 == `place` are zero, and how many are at most 0x10, the
// last plane of Unicode.
struct Column {
  size_t zeros = 0, planes = 0, count = 0;
};

bool is_utf32(const std::array<Column, 4>& columns, size_t first, size_t second) {
  const Column &zero = columns[first], &plane = columns[second];
  return zero.count > 1 && zero.zeros == zero.count && plane.planes == plane.count &&
         2 * plane.zeros >= plane.count;
}

// UTF-16 of Latin letters has a zero beside nearly every byte. Other scripts have few, but their
// line ends are whole units: a '\n' beside a zero, at an even place. (A '\n' beside another byte is
// half of a letter, U+4E0A say.)
struct Halves {
  size_t zeros = 0, others = 0;  // zeros where high bytes are, and where low bytes are
  size_t line_ends = 0;          // units that are '\n'
  size_t newline_bytes = 0;      // '\n' where low bytes are
};

Halves count_halves(std::string_view start, size_t low) {
  Halves halves;
  for (size_t i = 0; i + 1 < start.size(); i += 2) {
    char low_byte = start[i + low], high_byte = start[i + 1 - low];
    halves.zeros += high_byte == '\0';
    halves.others += low_byte == '\0';
    halves.newline_bytes += low_byte == '\n';
    halves.line_ends += low_byte == '\n' && high_byte == '\0';
  }
  return halves;
}

bool is_utf16(std::string_view start, size_t low) {
  Halves halves = count_halves(start, low);
  if (halves.zeros < 2 || halves.others * 20 > halves.zeros) return false;
  if (halves.zeros * 4 >= start.size()) return true;
  return halves.line_ends >= 2 && halves.line_ends * 4 >= halves.newline_bytes;
}

}  // namespace

std::string_view packed_form(std::string_view start) {
  for (const Mark& mark : kMarks) {
    if (start.starts_with(mark.bytes)) return mark.form;
  }
  if (is_skippable_frame(start)) return "zstd";
  if (is_lzma(start)) return "lzma";
  return is_tar(start) ? "tar" : "";
}

bool begins_mark(std::string_view start) {
  auto is_begun = [&](const Mark& mark) {
    return start.size() < mark.bytes.size() && mark.bytes.starts_with(start);
  };
  if (std::ranges::any_of(kMarks, is_begun) || std::ranges::any_of(kOrders, is_begun)) return true;
  if (start.empty() || start.size() > 3) return start.empty();
  return (start[0] & 0xF0) == 0x50 && "\x2A\x4D\x18"sv.starts_with(start.substr(1));
}

std::string_view wide_encoding(std::string_view start) {
  for (const Mark& order : kOrders) {
    if (start.starts_with(order.bytes)) return order.form;
  }
  if (start.find('\0') == std::string_view::npos) return "";
  std::array<Column, 4> columns;
  for (size_t i = 0; i < start.size() / 4 * 4; ++i) {
    Column& column = columns[i % 4];
    ++column.count;
    column.zeros += start[i] == '\0';
    column.planes += static_cast<unsigned char>(start[i]) <= 0x10;
  }
  if (is_utf32(columns, 3, 2)) return "UTF-32 (little-endian)";
  if (is_utf32(columns, 0, 1)) return "UTF-32 (big-endian)";
  if (is_utf16(start, 0)) return "UTF-16 (little-endian)";
  if (is_utf16(start, 1)) return "UTF-16 (big-endian)";
  return "";
}

}  // namespace heed
