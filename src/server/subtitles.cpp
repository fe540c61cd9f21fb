#include "server/subtitles.h"

#include <algorithm>

#include "util/text.h"

namespace heed {
namespace {

// 00:00:01,000 as SubRip has it, 00:01.000 as WebVTT may.
bool is_time(std::string_view text) {
  size_t point = text.find_first_of(",.");
  std::vector<std::string> fields = split(text.substr(0, point), ':');
  if (point != text.npos) fields.emplace_back(text.substr(point + 1));
  size_t numbers = fields.size() - (point == text.npos ? 0 : 1);
  return (numbers == 2 || numbers == 3) && std::ranges::all_of(fields, [](const auto& field) {
           return !field.empty() && field.find_first_not_of("0123456789") == field.npos;
         });
}

// Two times; WebVTT has settings behind them.
bool is_line_of_times(std::string_view line) {
  size_t arrow = line.find("-->");
  if (arrow == line.npos) return false;
  std::vector<std::string> after = split_words(line.substr(arrow + 3));
  return is_time(trim(line.substr(0, arrow))) && !after.empty() && is_time(after[0]);
}

}  // namespace

Subtitles::Subtitles(std::string_view text) {
  if (text.find("\r\n") != std::string_view::npos) line_end_ = "\r\n";
  bool in_cue = false, begins = false;
  size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    bool blank = is_blank(line);
    if (blank) in_cue = false;
    bool time = is_line_of_times(line);
    if (time) has_times_ = true;
    if (!time && !in_cue && line.find("-->") != line.npos && !fault_) fault_ = number;
    if (in_cue && !time) {
      if (begins) {
        cues_.emplace_back();
        lines_.push_back(0);
        between_.emplace_back();
        begins = false;
      }
      std::string& cue = cues_.back();
      if (!cue.empty()) cue += ' ';
      cue += trim(line);
      ++lines_.back();
      continue;
    }
    between_.back() += line + "\n";
    if (time) in_cue = begins = true;
  }
  // split() gives a text one line more than it has line feeds.
  if (between_.back().empty()) {
    open_end_ = true;
  } else {
    between_.back().pop_back();
  }
}

std::string Subtitles::with(const std::vector<std::string>& translations) const {
  std::string out;
  for (size_t i = 0; i < cues_.size(); ++i) {
    out += between_[i];
    std::vector<std::string> lines = balance_lines(translations[i], lines_[i]);
    out += join(lines, line_end_);
    if (!open_end_ || i + 1 < cues_.size()) out += line_end_;
  }
  return out + between_.back();
}

std::vector<std::string> balance_lines(std::string_view text, size_t count) {
  std::vector<std::string> lines = {""};
  size_t left = utf8_length(text), length = 0;  // of the last line
  for (const std::string& word : split_words(text)) {
    size_t share = left / (count - lines.size() + 1), next = utf8_length(word);
    // Breaks where that is nearer to the share than another word would be.
    if (length > 0 && lines.size() < count && length + next / 2 >= share) {
      left -= std::min(left, length + 1);
      lines.emplace_back();
      length = 0;
    }
    if (length > 0) lines.back() += ' ';
    lines.back() += word;
    length += next + (length > 0 ? 1 : 0);
  }
  return lines;
}

}  // namespace heed
