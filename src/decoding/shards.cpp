#include "decoding/shards.h"

#include <fstream>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

// The number of the input line that a line of output is of; -1 where it has none.
int64_t line_number(const std::string& line, OutputForm form) {
  const std::string json = "{\"line\":";
  size_t begin = form == OutputForm::kJson ? json.size() : 0;
  if (form == OutputForm::kJson && !line.starts_with(json)) return -1;
  size_t end = line.find_first_not_of("0123456789", begin);
  if (end == std::string::npos) return -1;
  return parse_int(line.substr(begin, end - begin)).value_or(-1);
}

bool is_numbered(OutputForm form) {
  return form != OutputForm::kText && form != OutputForm::kScore;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  size_t slash = text.find('/');
  int64_t number = parse_int(text.substr(0, slash)).value_or(0), count = 0;
  if (slash != std::string::npos) count = parse_int(text.substr(slash + 1)).value_or(0);
  constexpr int64_t kMost = 1000000;
  if (number < 1 || count < number || count > kMost) {
    fail_usage("--shard {}: expected K/N, shard K of N, K from 1 to N, N at most {}", text,
               with_commas(kMost));
  }
  return {number, count};
}

LineRange find_shard(const std::string& path, const Shard& shard) {
  if (path == "-" || descriptors::is_special(path)) {
    fail_usage("--shard {}/{} is a part of a file: give one by -i, {} can be read once only",
               shard.number, shard.count, path == "-" ? "standard input" : path);
  }
  LineReader whole(path), before(path);
  while (whole.skip()) {
  }
  int64_t bytes = whole.offset();
  // Without a product that could be too large.
  auto start_of = [&](int64_t number) {
    return bytes / shard.count * number + bytes % shard.count * number / shard.count;
  };
  LineRange range{0, shard.number == shard.count ? INT64_MAX : start_of(shard.number)};
  while (before.offset() < start_of(shard.number - 1) && before.skip()) {
  }
  range.skipped = before.lines_read();
  return range;
}

LeftOutput look_at_output(const std::string& path, const OutputRule& rule, int64_t most_lines) {
  LeftOutput whole;
  if (!file_exists(path)) return whole;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read {}: {}", path, system_reason());
  LeftOutput seen;  // up to and with the line that was read
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    LeftOutput before = seen;
    int64_t input = seen.inputs + 1;  // the line is of, counted from 1
    if (is_numbered(rule.form)) {
      int64_t number = line_number(line, rule.form);
      input = number - rule.first_line + 1;
      bool follows = input == seen.inputs || input == seen.inputs + 1;
      if (number < 0 || !follows || input < 1) {
        fail(
            "{}:{}: is no output of line {} of the input: --resume goes on with what the same "
            "command has left",
            path, seen.lines + 1, with_commas(rule.first_line + seen.inputs));
      }
    }
    seen = {input, seen.lines + 1, seen.bytes + std::ssize(line) + 1};
    if (rule.n_best > 1 && input > before.inputs && before.lines <= most_lines) whole = before;
    if (rule.n_best == 1 && seen.lines <= most_lines) whole = seen;
    if (seen.lines > most_lines) break;
  }
  return whole;
}

}  // namespace heed
