// The files of a corpus as one text of pairs, whose lines can be had in any order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "util/indexed_text.h"

namespace heed {

// Line i of source[k] is translated by line i of target[k]; or each line of pairs[k] holds both,
// with a TAB between them, and the others are empty.
struct CorpusFiles {
  std::vector<std::string> source, target;
  std::vector<std::string> alignment = {};  // Pharaoh lines, a file for each pair of files; or none
  std::vector<std::string> pairs = {};
  std::vector<std::string> tags = {};  // before the sources of each pair of files; or none

  std::string names() const;  // "a.de, b.de and a.en, b.en"
  // Where the first lines of a side stand.
  const std::string& source_name() const { return pairs.empty() ? source.at(0) : pairs[0]; }
  const std::string& target_name() const { return pairs.empty() ? target.at(0) : pairs[0]; }
};

class ParallelText {
 public:
  // Reads every file once, the sides of a pair at the same time. Throws Error naming both files and
  // counts where a pair differs in length, for XML and its kin, and as IndexedText does. `folder`
  // is for copies of what can be read only once.
  ParallelText(const CorpusFiles& files, const std::string& folder);

  int64_t files() const { return static_cast<int64_t>(files_.size()); }  // pairs of files
  int64_t lines(int64_t file) const { return files_[file].source->lines(); }
  std::string names(int64_t file) const;        // "a.de and a.en"
  std::string names() const { return names_; }  // of all
  const std::string& tag(int64_t file) const { return files_[file].tag; }
  // Whether both sides hold the same lines. Reads up to the first line that differs.
  bool has_equal_sides(int64_t file) const;
  std::string alignment_names() const { return alignment_names_; }
  int64_t lines() const { return lines_; }
  bool aligned() const { return aligned_; }
  std::string checksum() const;  // of all bytes

  // Blocks of lines, numbered over all files.
  struct Block {
    int64_t file;
    int64_t in_file;     // its number there
    int64_t first_line;  // over all files, from 0
    int64_t lines;
  };
  int64_t blocks() const { return static_cast<int64_t>(blocks_.size()); }
  const Block& block(int64_t number) const { return blocks_[number]; }

  // Those of a block; where not wanted, they are empty.
  struct Lines {
    std::vector<std::string> source, target, alignment;
    Repairs source_repairs, target_repairs;
  };
  using Wanted = IndexedText::Wanted;
  Lines read(int64_t block, const Wanted& wanted) const;
  // One side of a block.
  enum class Side { kSource, kTarget };
  std::vector<std::string> read_side(int64_t block, Side side) const;

  // Where a line of the block stands, from 0: "links.txt:17" of the links, and of the target the
  // file and the line there.
  std::string alignment_place(int64_t block, int64_t line) const;
  const std::string& target_path(int64_t file) const;
  int64_t line_in_file(int64_t block, int64_t line) const;  // from 1
  void warn_of_repairs(int64_t file, const Repairs& source, const Repairs& target) const;

 private:
  struct File {
    std::unique_ptr<IndexedText> source, target, alignment;  // no target: source has both sides
    std::string tag;
  };
  static File open(const CorpusFiles& files, size_t number, const std::string& folder,
                   Progress& progress);

  std::vector<File> files_;
  std::vector<Block> blocks_;
  int64_t lines_ = 0;
  bool aligned_ = false;
  std::string names_, alignment_names_;
};

// The lines of one side, file after file, one at each call; false after the last.
class SideReader {
 public:
  SideReader(const ParallelText& text, ParallelText::Side side) : text_(text), side_(side) {}
  bool next(std::string& line);

 private:
  const ParallelText& text_;
  ParallelText::Side side_;
  int64_t block_ = 0;
  size_t at_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace heed
