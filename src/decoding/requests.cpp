#include "decoding/requests.h"

#include "util/error.h"
#include "util/line_counts.h"
#include "util/log.h"
#include "util/markup.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kMaxLineBytes = 1 << 20;

std::optional<LineReader> open_beside(const std::string& path) {
  if (path.empty()) return std::nullopt;
  LineReader reader(path);
  reader.set_max_line_bytes(kMaxLineBytes);
  return reader;
}

}  // namespace

RequestReader::RequestReader(LineReader& input, const RequestFiles& files, const LineRange& range)
    : input_(input),
      prefixes_(open_beside(files.prefix)),
      constraints_(open_beside(files.constraints)),
      end_byte_(range.end_byte) {
  input_.set_max_line_bytes(kMaxLineBytes);
  for (int64_t i = 0; i < range.skipped; ++i) {
    if (input_.offset() >= end_byte_ || !input_.skip()) {
      fail(
          "{}: {} lines are to be passed over, and there are {}: is the output that of this input?",
          input_.path(), with_commas(range.skipped), with_commas(i));
    }
    for (auto* file : {&prefixes_, &constraints_}) {
      if (*file) (*file)->skip();
    }
  }
}

bool RequestReader::next(Request& request) {
  if (input_.offset() >= end_byte_) {
    warn_of_repairs();
    return false;
  }
  if (!input_.next(request.text)) {
    warn_of_repairs();
    check_end(prefixes_);
    check_end(constraints_);
    return false;
  }
  if (input_.cut()) {
    log_warning("{}:{}: the line has over {} bytes; the rest is dropped", input_.path(),
                input_.lines_read(), kMaxLineBytes);
  }
  request.number = static_cast<uint64_t>(input_.lines_read());
  if (request.number == 1 && begins_markup(request.text)) {
    log_warning("{}:1: \"{}\" begins SGM or XML: its tags are translated as if they were words",
                input_.path(), printable(request.text, 60));
  }
  request.prefix = line_beside(prefixes_);
  request.phrases.clear();
  for (const std::string& phrase : split(line_beside(constraints_), '\t')) {
    if (!is_blank(phrase)) request.phrases.push_back(phrase);
  }
  return true;
}

void RequestReader::warn_of_repairs() const {
  input_.warn_of_repairs();
  for (const auto* file : {&prefixes_, &constraints_}) {
    if (*file) (*file)->warn_of_repairs();
  }
}

std::string RequestReader::line_beside(std::optional<LineReader>& file) {
  std::string line;
  if (file && !file->next(line)) {
    check_line_counts({file->path(), file->lines_read()}, {input_.path(), std::nullopt});
  }
  if (file && file->cut()) {
    fail("{}:{}: the line has over {} bytes, more than any translation holds: demand less",
         file->path(), file->lines_read(), with_commas(kMaxLineBytes));
  }
  return line;
}

void RequestReader::check_end(std::optional<LineReader>& file) {
  std::string line;
  if (file && file->next(line)) {
    check_line_counts({input_.path(), input_.lines_read()}, {file->path(), std::nullopt});
  }
}

}  // namespace heed
