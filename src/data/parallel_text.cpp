#include "data/parallel_text.h"

#include <filesystem>
#include <future>

#include "util/error.h"
#include "util/file_content.h"
#include "util/line_counts.h"
#include "util/markup.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

using Form = IndexedText::Form;

// The two columns of a line; blank ones have no TAB.
void split_columns(std::string& line, std::string& second) {
  size_t tab = line.find('\t');
  if (tab == std::string::npos) return;
  second = line.substr(tab + 1);
  line.resize(tab);
}

void check_lengths(const IndexedText& one, const IndexedText& other) {
  check_line_counts({one.path(), one.lines()}, {other.path(), other.lines()});
}

// Of all these files; 0 where one is no plain file: nobody knows before its end.
int64_t bytes_of(const std::vector<const std::vector<std::string>*>& sides) {
  int64_t bytes = 0;
  for (const auto* side : sides) {
    for (const std::string& path : *side) {
      std::error_code error;
      if (!std::filesystem::is_regular_file(path, error)) return 0;
      bytes += static_cast<int64_t>(std::filesystem::file_size(path, error));
    }
  }
  return bytes;
}

void refuse_markup_in(const IndexedText& text) {
  Repairs ignored;
  if (text.blocks() == 0) return;
  refuse_markup(text.read(0, IndexedText::Wanted().set(), ignored), text.path());
}

}  // namespace

std::string CorpusFiles::names() const {
  return pairs.empty() ? join(source, ", ") + " and " + join(target, ", ") : join(pairs, ", ");
}

ParallelText::File ParallelText::open(const CorpusFiles& files, size_t number,
                                      const std::string& folder, Progress& progress) {
  auto index = [&](const std::string& path, Form form) {
    return std::async(std::launch::async, [&folder, &progress, path, form] {
      return std::make_unique<IndexedText>(path, folder, form, &progress);
    });
  };
  bool columns = !files.pairs.empty();
  std::future<std::unique_ptr<IndexedText>> target, alignment;
  auto source = index(columns ? files.pairs[number] : files.source[number],
                      columns ? Form::kTwoColumns : Form::kLines);
  if (!columns) target = index(files.target[number], Form::kLines);
  if (!files.alignment.empty()) alignment = index(files.alignment[number], Form::kLines);
  File file;
  file.source = source.get();
  if (target.valid()) file.target = target.get();
  if (alignment.valid()) file.alignment = alignment.get();
  if (!files.tags.empty()) file.tag = files.tags[number];
  refuse_markup_in(*file.source);
  if (file.target) refuse_markup_in(*file.target);
  return file;
}

ParallelText::ParallelText(const CorpusFiles& files, const std::string& folder)
    : aligned_(!files.alignment.empty()),
      names_(files.names()),
      alignment_names_(join(files.alignment, ", ")) {
  Progress progress(
      {.what = "reading " + short_name(files.source_name()),
       .total = bytes_of({&files.source, &files.target, &files.alignment, &files.pairs})});
  size_t count = files.pairs.empty() ? files.source.size() : files.pairs.size();
  for (size_t i = 0; i < count; ++i) {
    File& file = files_.emplace_back(open(files, i, folder, progress));
    if (file.alignment) check_lengths(*file.alignment, *file.source);
    if (file.target) check_lengths(*file.source, *file.target);
    for (int64_t block = 0; block < file.source->blocks(); ++block) {
      int64_t lines = file.source->lines_of(block);
      blocks_.push_back({static_cast<int64_t>(i), block, lines_, lines});
      lines_ += lines;
    }
  }
}

std::string ParallelText::names(int64_t file) const {
  const File& texts = files_[file];
  return texts.source->path() + (texts.target ? " and " + texts.target->path() : "");
}

std::string ParallelText::checksum() const {
  std::string all;
  for (const File& file : files_) {
    for (const auto* text : {&file.source, &file.target, &file.alignment}) {
      if (*text) all += (*text)->checksum() + " ";
    }
  }
  return heed::checksum(all);
}

ParallelText::Lines ParallelText::read(int64_t block, const Wanted& wanted) const {
  const File& file = files_[blocks_[block].file];
  int64_t in_file = blocks_[block].in_file;
  Lines lines;
  lines.source = file.source->read(in_file, wanted, lines.source_repairs);
  if (file.target) {
    lines.target = file.target->read(in_file, wanted, lines.target_repairs);
  } else {
    lines.target.resize(lines.source.size());
    for (size_t i = 0; i < lines.source.size(); ++i) {
      split_columns(lines.source[i], lines.target[i]);
    }
  }
  Repairs ignored;
  if (file.alignment) lines.alignment = file.alignment->read(in_file, wanted, ignored);
  return lines;
}

std::vector<std::string> ParallelText::read_side(int64_t block, Side side) const {
  const File& file = files_[blocks_[block].file];
  int64_t in_file = blocks_[block].in_file;
  Wanted all = Wanted().set();
  Repairs ignored;
  if (!file.target) {
    Lines lines = read(block, all);
    return std::move(side == Side::kSource ? lines.source : lines.target);
  }
  return (side == Side::kSource ? file.source : file.target)->read(in_file, all, ignored);
}

bool ParallelText::has_equal_sides(int64_t file) const {
  bool any = false;
  for (int64_t i = 0; i < blocks(); ++i) {
    if (blocks_[i].file != file) continue;
    Lines lines = read(i, Wanted().set());
    if (lines.source != lines.target) return false;
    any = true;
  }
  return any;
}

std::string ParallelText::alignment_place(int64_t block, int64_t line) const {
  return fmt::format("{}:{}", files_[blocks_[block].file].alignment->path(),
                     line_in_file(block, line));
}

const std::string& ParallelText::target_path(int64_t file) const {
  return (files_[file].target ? files_[file].target : files_[file].source)->path();
}

int64_t ParallelText::line_in_file(int64_t block, int64_t line) const {
  return blocks_[block].in_file * IndexedText::kBlockLines + line + 1;
}

void ParallelText::warn_of_repairs(int64_t file, const Repairs& source,
                                   const Repairs& target) const {
  source.warn(files_[file].source->path());
  if (files_[file].target) target.warn(files_[file].target->path());
}

bool SideReader::next(std::string& line) {
  while (at_ == lines_.size()) {
    if (block_ == text_.blocks()) return false;
    lines_ = text_.read_side(block_++, side_);
    at_ = 0;
  }
  line = std::move(lines_[at_++]);
  return true;
}

}  // namespace heed
