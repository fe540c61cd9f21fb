// Event files, which TensorBoard shows: records of a length, a checksum and an Event, a message of
// Protocol Buffers. The form is that of TensorFlow's core/util/event.proto, core/framework/
// summary.proto and core/lib/io/record_writer.h; the few fields in use are written by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heed {

// What an event says besides its scalars.
enum class EventNote {
  kNone,
  kFileVersion,  // "brain.Event:2": must be the first event of a file
  kStart,        // events of this step and later, in older files of the folder, no longer count
};

struct Event {
  double wall_time = 0;  // seconds since 1970
  int64_t step = 0;
  EventNote note = EventNote::kNone;
  std::vector<std::pair<std::string, float>> scalars = {};  // tag and value
};

// The event as a record of a file.
std::string event_record(const Event& event);

// CRC-32C (Castagnoli), as RFC 3720 has it: of "123456789" 0xE3069283.
uint32_t crc32c(std::string_view bytes);

// How the name of an event file begins, and how those made here end.
inline constexpr std::string_view kEventFilePrefix = "events.out.tfevents.";
inline constexpr std::string_view kEventFileSuffix = ".heed";

class EventFile {
 public:
  // Begins a file of its own in `folder`. What older files there have of steps after
  // `resumed_step`, which a resumed training makes again, TensorBoard then leaves out. Throws Error
  // where it cannot be written.
  EventFile(const std::string& folder, int64_t resumed_step);
  // Appends one event of now; whatever reads the file sees it at once.
  void append(int64_t step, std::vector<std::pair<std::string, float>> scalars);

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace heed
