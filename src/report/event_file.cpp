#include "report/event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>

#include "util/atomic_file.h"
#include "util/paths.h"

namespace heed {
namespace {

// Kinds of fields on the wire.
constexpr uint64_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out += static_cast<char>(value);
}

std::string little_endian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string tag(uint64_t field, uint64_t kind) { return varint(field << 3 | kind); }

std::string bytes_field(uint64_t field, std::string_view content) {
  return tag(field, kBytes) + varint(content.size()) + std::string(content);
}

std::string scalar_value(const std::string& name, float value) {
  return bytes_field(1, name) + tag(2, kFixed32) + little_endian(std::bit_cast<uint32_t>(value), 4);
}

// A field that holds its default is left out, as Protocol Buffers' own writers do.
std::string event_message(const Event& event) {
  std::string message;
  if (event.wall_time != 0) {
    message += tag(1, kFixed64) + little_endian(std::bit_cast<uint64_t>(event.wall_time), 8);
  }
  if (event.step != 0) message += tag(2, kVarint) + varint(static_cast<uint64_t>(event.step));
  if (event.note == EventNote::kFileVersion) message += bytes_field(3, "brain.Event:2");
  if (!event.scalars.empty()) {
    std::string summary;
    for (const auto& [name, value] : event.scalars) {
      summary += bytes_field(1, scalar_value(name, value));
    }
    message += bytes_field(5, summary);
  }
  if (event.note == EventNote::kStart) {
    message += bytes_field(7, tag(1, kVarint) + varint(1));  // SessionLog.status = START
  }
  return message;
}

// A record's checksums are rotated and shifted, since sums of data that hold sums are weak.
std::string masked_checksum(std::string_view bytes) {
  return little_endian(std::rotr(crc32c(bytes), 15) + 0xA282EAD8u, 4);
}

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

// TensorBoard reads the files of a folder in the order of their names, so a later one has a later
// time in it.
std::string new_path(const std::string& folder) {
  for (auto seconds = static_cast<int64_t>(wall_time());; ++seconds) {
    std::string path = fmt::format("{}/{}{:010}.{}.{}{}", folder, kEventFilePrefix, seconds,
                                   host_name(), getpid(), kEventFileSuffix);
    if (!file_exists(path)) return path;
  }
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t sum = 0xFFFFFFFFu;
  for (char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0x82F63B78u : 0u);
  }
  return ~sum;
}

std::string event_record(const Event& event) {
  std::string message = event_message(event), length = little_endian(message.size(), 8);
  return length + masked_checksum(length) + message + masked_checksum(message);
}

EventFile::EventFile(const std::string& folder, int64_t resumed_step) : path_(new_path(folder)) {
  Event version{.wall_time = wall_time(), .step = 0, .note = EventNote::kFileVersion};
  Event start{.wall_time = version.wall_time, .step = resumed_step + 1, .note = EventNote::kStart};
  append_to_file(path_, event_record(version) + event_record(start));
}

void EventFile::append(int64_t step, std::vector<std::pair<std::string, float>> scalars) {
  append_to_file(path_, event_record({.wall_time = wall_time(),
                                      .step = step,
                                      .note = EventNote::kNone,
                                      .scalars = std::move(scalars)}));
}

}  // namespace heed
