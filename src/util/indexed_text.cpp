#include "util/indexed_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "util/byte_reader.h"
#include "util/descriptors.h"
#include "util/error.h"
#include "util/progress.h"
#include "util/temporary_file.h"
#include "util/text.h"

namespace heed {
using namespace descriptors;
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kMaxLineBytes = 1 << 20;

bool is_regular(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// Closes what it holds, until that is handed on.
struct Descriptor {
  ~Descriptor() {
    if (number >= 0) close_reading(number);
  }
  int number = -1;
};

}  // namespace

// Where the reading is.
struct IndexedText::Scan {
  uint64_t line_start = 0;
  // Of the line so far.
  int64_t tabs = 0;
  bool has_text = false;
};

IndexedText::IndexedText(const std::string& path, const std::string& folder, Form form,
                         Progress* progress)
    : path_(path), form_(form) {
  ByteReader bytes(path);
  path_ = bytes.path();
  // Taken before it is read: by the end another file may have its name.
  RandomFile opened(::fcntl(bytes.descriptor(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1), path_);
  written_ = opened.written();
  std::string chunk(kChunkBytes, '\0');
  Scan scan;
  Descriptor copy;
  int64_t taken = 0;  // of the file
  auto hash = std::unique_ptr<XXH64_state_t, decltype(&XXH64_freeState)>(XXH64_createState(),
                                                                         XXH64_freeState);
  XXH64_reset(hash.get(), 0);
  while (size_t got = bytes.read(chunk.data(), chunk.size())) {
    bool as_it_lies = !bytes.compressed() && path != "-" && is_regular(bytes.descriptor());
    if (!as_it_lies && copy.number < 0) copy.number = open_temporary(folder);
    std::string_view text(chunk.data(), got);
    if (copy.number >= 0) write_all(copy.number, text, "the copy of " + path_ + " in " + folder);
    XXH64_update(hash.get(), text.data(), text.size());
    index(text, scan);
    if (progress) progress->add(bytes.bytes_taken() - std::exchange(taken, bytes.bytes_taken()));
  }
  end_line(scan);
  checksum_ = fmt::format("{:016x}", XXH64_digest(hash.get()));
  if (copy.number >= 0) {
    file_.emplace(std::exchange(copy.number, -1), path_);
    written_ = file_->written();
  } else if (lines_ > 0) {
    file_.emplace(std::move(opened));
  }
}

void IndexedText::index(std::string_view text, Scan& scan) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view part = text.substr(0, end);
    if (form_ == Form::kTwoColumns) {
      scan.tabs += std::ranges::count(part, '\t');
      scan.has_text = scan.has_text || part.find_first_not_of("\r\t ") != std::string_view::npos;
    }
    bytes_ += part.size();
    if (end == std::string_view::npos) return;
    ++bytes_;
    end_line(scan);
    text.remove_prefix(end + 1);
  }
}

// Of the bytes since the last line's end; none after a last '\n'.
void IndexedText::end_line(Scan& scan) {
  if (bytes_ == scan.line_start) return;
  if (lines_ % kBlockLines == 0) starts_.push_back(scan.line_start);
  ++lines_;
  if (form_ == Form::kTwoColumns && scan.has_text && scan.tabs != 1) {
    fail(
        "{}:{}: has {} TABs: a line of pairs is the source sentence, one TAB and its translation; "
        "cut -f1,2 takes two columns of more",
        path_, lines_, scan.tabs);
  }
  scan = {.line_start = bytes_};
}

int64_t IndexedText::lines_of(int64_t block) const {
  return std::min(kBlockLines, lines_ - block * kBlockLines);
}

std::vector<std::string> IndexedText::read(int64_t block, const Wanted& wanted,
                                           Repairs& repairs) const {
  auto changed = [&] {
    fail("{}: has been written to while it is read: give the training files that stay", path_);
  };
  if (file_->written() != written_) changed();
  std::vector<std::string> lines(lines_of(block));
  uint64_t at = starts_[block], end = block + 1 < blocks() ? starts_[block + 1] : bytes_;
  std::string chunk;
  size_t line = 0;
  bool cut = false;
  auto finish = [&] {
    int64_t number = block * kBlockLines + static_cast<int64_t>(line) + 1;
    if (wanted[line]) clean_line(lines[line], cut, {number, kMaxLineBytes}, repairs);
    cut = false;
    ++line;
  };
  while (at < end) {
    chunk.resize(std::min<uint64_t>(kChunkBytes, end - at));
    file_->read(at, chunk);
    at += chunk.size();
    for (std::string_view left = chunk; !left.empty();) {
      if (line == lines.size()) changed();
      size_t length = std::min(left.find('\n'), left.size());
      std::string& text = lines[line];
      // A few bytes beyond the limit show whether more than a CR or a BOM is over it.
      size_t room = wanted[line] ? kMaxLineBytes + 4 - text.size() : 0;
      cut = cut || length > room;
      text.append(left.substr(0, std::min(length, room)));
      bool ends = length < left.size();
      left.remove_prefix(length + (ends ? 1 : 0));
      if (ends) finish();
    }
  }
  if (line < lines.size()) finish();
  return lines;
}

}  // namespace heed
