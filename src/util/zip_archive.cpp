#include "util/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "util/copy_bytes.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50, kDirectoryEntry = 0x02014b50, kEnd = 0x06054b50;
constexpr uint32_t kZip64End = 0x06064b50, kZip64Locator = 0x07064b50;
constexpr uint64_t kLocalBytes = 30, kEntryBytes = 46, kEndBytes = 22, kLocatorBytes = 20;
constexpr uint64_t kZip64EndBytes = 56, kLongestComment = 0xFFFF;
constexpr uint32_t kStored = 0, kDeflated = 8, kEncrypted = 1;
constexpr uint64_t kInZip64 = 0xFFFFFFFF;  // a field whose number stands in the zip64 part
// Deflate packs at most 1,032 to 1. Weights are packed to nine tenths, vocabularies to a fourth.
constexpr uint64_t kHighestRatio = 200, kSmall = 1 << 20;

// Little-endian numbers at places of a text, which must be long enough.
uint64_t number(std::string_view text, size_t at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(text[at + static_cast<size_t>(i)]);
  }
  return value;
}

// Numbers that were too large for their fields stand in the zip64 part of the extra field, in
// order.
void take_zip64(std::string_view extra, ZipArchive::Member& member) {
  while (extra.size() >= 4) {
    uint64_t kind = number(extra, 0, 2), size = number(extra, 2, 2);
    if (size > extra.size() - 4) return;
    std::string_view part = extra.substr(4, size);
    extra.remove_prefix(4 + size);
    if (kind != 1) continue;
    for (uint64_t* field : {&member.size, &member.packed, &member.offset}) {
      if (*field != kInZip64 || part.size() < 8) continue;
      *field = number(part, 0, 8);
      part.remove_prefix(8);
    }
  }
}

bool leads_outside(const std::string& path) {
  if (path.starts_with('/') || path.find('\\') != std::string::npos) return true;
  std::vector<std::string> parts = split(path, '/');
  return std::ranges::find(parts, "..") != parts.end();
}

// Inflates to exactly `size` bytes; false where that fails. Memory grows with what comes out, not
// with what is claimed.
bool inflate_to(std::string_view packed, uint64_t size, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  constexpr size_t kChunk = 1 << 20;
  int status = Z_OK;
  while (status == Z_OK && out.size() <= size) {
    if (stream.avail_in == 0 && !packed.empty()) {
      size_t count = std::min<size_t>(packed.size(), 1 << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
      stream.avail_in = static_cast<uInt>(count);
      packed.remove_prefix(count);
    }
    size_t before = out.size();
    out.resize(before + kChunk);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = kChunk;
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(before + kChunk - stream.avail_out);
    if (status == Z_BUF_ERROR || (out.size() == before && status == Z_OK)) break;
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && out.size() == size;
}

uint32_t crc32_of(std::string_view content) {
  uLong sum = ::crc32(0, nullptr, 0);
  while (!content.empty()) {
    auto count = static_cast<uInt>(std::min<size_t>(content.size(), 1 << 30));
    sum = ::crc32(sum, reinterpret_cast<const Bytef*>(content.data()), count);
    content.remove_prefix(count);
  }
  return static_cast<uint32_t>(sum);
}

}  // namespace

ZipArchive::ZipArchive(const std::string& path) : name_(path) {
  auto file = std::make_shared<RandomFile>(path);
  size_ = file->size();
  read_at_ = [file](uint64_t offset, std::span<char> into) { file->read(offset, into); };
  read_directory();
}

ZipArchive::ZipArchive(std::string name, std::string content)
    : name_(std::move(name)), size_(content.size()) {
  auto kept = std::make_shared<const std::string>(std::move(content));
  read_at_ = [kept](uint64_t offset, std::span<char> into) {
    copy_bytes(into.data(), kept->data() + offset, into.size());
  };
  read_directory();
}

void ZipArchive::refuse(const std::string& why) const {
  fail("{}: not a whole zip file ({} bytes): {}", name_, size_, why);
}

std::string ZipArchive::bytes(uint64_t offset, uint64_t size) const {
  if (offset > size_ || size > size_ - offset) {
    refuse(fmt::format("{} bytes at {} lie outside (a truncated file?)", size, offset));
  }
  std::string content(size, '\0');
  read_at_(offset, content);
  return content;
}

ZipArchive::Directory ZipArchive::find_directory() const {
  if (size_ < kEndBytes) refuse("its end is missing");
  uint64_t tail = std::min(size_, kEndBytes + kLongestComment);
  std::string last = bytes(size_ - tail, tail);
  for (uint64_t at = tail - kEndBytes + 1; at-- > 0;) {
    bool found = number(last, at, 4) == kEnd && number(last, at + 20, 2) == tail - at - kEndBytes;
    if (!found) continue;
    Directory directory{number(last, at + 16, 4), number(last, at + 12, 4),
                        number(last, at + 10, 2)};
    bool zip64 =
        directory.offset == kInZip64 || directory.size == kInZip64 || directory.entries == 0xFFFF;
    if (!zip64 || at < kLocatorBytes || number(last, at - kLocatorBytes, 4) != kZip64Locator) {
      return directory;
    }
    std::string end = bytes(number(last, at - kLocatorBytes + 8, 8), kZip64EndBytes);
    if (number(end, 0, 4) != kZip64End) refuse("its zip64 end is missing");
    return {number(end, 48, 8), number(end, 40, 8), number(end, 32, 8)};
  }
  refuse("its end is missing (a truncated file, or another format?)");
}

void ZipArchive::read_directory() {
  Directory directory = find_directory();
  std::string text = bytes(directory.offset, directory.size);
  size_t at = 0;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    if (text.size() - at < kEntryBytes || number(text, at, 4) != kDirectoryEntry) {
      refuse(fmt::format("entry {} of its directory is damaged", i + 1));
    }
    uint64_t name_size = number(text, at + 28, 2), extra_size = number(text, at + 30, 2);
    uint64_t size = kEntryBytes + name_size + extra_size + number(text, at + 32, 2);
    if (text.size() - at < size) refuse(fmt::format("entry {} of its directory is damaged", i + 1));
    Member member{.offset = number(text, at + 42, 4),
                  .packed = number(text, at + 20, 4),
                  .size = number(text, at + 24, 4),
                  .crc32 = static_cast<uint32_t>(number(text, at + 16, 4)),
                  .method = static_cast<uint32_t>(number(text, at + 10, 2)),
                  .flags = static_cast<uint32_t>(number(text, at + 8, 2))};
    std::string name = text.substr(at + kEntryBytes, name_size);
    take_zip64(std::string_view(text).substr(at + kEntryBytes + name_size, extra_size), member);
    at += size;
    if (leads_outside(name)) {
      fail("{}: its member {} leads outside of the archive", name_, printable(name, 80));
    }
    if (name.ends_with('/')) continue;
    if (!members_.emplace(name, member).second) {
      fail("{}: has the member {} twice", name_, printable(name, 80));
    }
  }
}

std::string ZipArchive::read(const std::string& name) const {
  const Member& member = members_.at(name);
  auto refuse_member = [&](const std::string& why) {
    fail("{}: its member {}: {}", name_, printable(name, 80), why);
  };
  if (member.flags & kEncrypted) refuse_member("is encrypted");
  if (member.method != kStored && member.method != kDeflated) {
    refuse_member(fmt::format("is packed by method {}; heed reads stored and deflated members",
                              member.method));
  }
  if (member.size > kSmall && member.size / kHighestRatio > member.packed) {
    refuse_member(
        fmt::format("claims {} bytes packed to {}: a zip bomb?", member.size, member.packed));
  }
  std::string header = bytes(member.offset, kLocalBytes);
  if (number(header, 0, 4) != kLocalHeader) refuse_member("its header is damaged");
  uint64_t skipped = kLocalBytes + number(header, 26, 2) + number(header, 28, 2);
  std::string packed = bytes(member.offset + skipped, member.packed), content;
  if (member.method == kStored) content = std::move(packed);
  bool whole = member.method == kStored ? content.size() == member.size
                                        : inflate_to(packed, member.size, content);
  if (!whole || crc32_of(content) != member.crc32) refuse_member("is damaged");
  return content;
}

}  // namespace heed
