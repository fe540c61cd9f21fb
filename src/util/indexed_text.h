// Texts whose lines can be had in any order, at a cost of memory that is a 32nd byte a line.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/file_content.h"
#include "util/line_reader.h"

namespace heed {

class Progress;

// A text in blocks of lines.
class IndexedText {
 public:
  static constexpr int64_t kBlockLines = 256;
  using Wanted = std::bitset<kBlockLines>;  // lines of a block

  enum class Form { kLines, kTwoColumns };

  // Reads the text once, to count lines and find blocks. What is no plain file (a compressed one, a
  // pipe, standard input) is copied meanwhile to a temporary file in `folder`. Throws Error as
  // ByteReader does; for a file without room for the copy; and, of two columns, for a line that is
  // not blank and has not one TAB, naming it. `progress` hears of the file's bytes.
  IndexedText(const std::string& path, const std::string& folder, Form form = Form::kLines,
              Progress* progress = nullptr);

  int64_t lines() const { return lines_; }
  int64_t blocks() const { return static_cast<int64_t>(starts_.size()); }
  int64_t lines_of(int64_t block) const;
  const std::string& path() const { return path_; }
  const std::string& checksum() const { return checksum_; }  // of all bytes

  // Lines of a block, by LineReader's rules; those not wanted are empty. Of a line over a megabyte
  // the rest is left out. Several threads may read at a time. Throws Error where the file has been
  // written to since its indexing began.
  std::vector<std::string> read(int64_t block, const Wanted& wanted, Repairs& repairs) const;

 private:
  struct Scan;
  void index(std::string_view text, Scan& scan);
  void end_line(Scan& scan);

  std::string path_;
  Form form_;
  std::vector<uint64_t> starts_;  // of the blocks, in bytes
  int64_t lines_ = 0;
  std::string checksum_;
  std::optional<RandomFile> file_;
  uint64_t bytes_ = 0;
  int64_t written_ = 0;  // when the file was
};

}  // namespace heed
