// Subtitles in SubRip's form (.srt): numbered cues with their times and lines of text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

class Subtitles {
 public:
  // Whatever is no cue's text is kept as it is.
  explicit Subtitles(std::string_view text);

  // Of each cue the lines as one.
  const std::vector<std::string>& cues() const { return cues_; }
  // With each cue's translation in as many lines as the cue had, of like length.
  std::string with(const std::vector<std::string>& translations) const;

  bool has_times() const { return has_times_; }
  // The first line, from 1, outside a cue that has an arrow and no times around it.
  std::optional<size_t> fault() const { return fault_; }

 private:
  bool has_times_ = false;
  std::optional<size_t> fault_ = {};
  // What stands in front of each cue's text, and its lines; behind the last cue, the rest.
  std::vector<std::string> between_ = {""};
  std::vector<std::string> cues_;
  std::vector<size_t> lines_;
  std::string line_end_ = "\n";
  bool open_end_ = false;  // the last cue's last line has no line feed
};

// The words of a text in `count` lines of like length, fewer where there are not enough words.
std::vector<std::string> balance_lines(std::string_view text, size_t count);

}  // namespace heed
