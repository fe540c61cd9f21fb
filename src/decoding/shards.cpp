#include "decoding/shards.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/log.h"
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

constexpr const char* kOwnOutput =
    "--resume goes on with what the same command has left: give its flags, or another -o";

// Lines of text cannot be told from each other, but all of them being of another form can.
class FormCheck {
 public:
  FormCheck(const std::string& path, const OutputRule& rule) : path_(path), rule_(rule) {}

  void look_at(const std::string& line, int64_t number) {
    if (!may_have_form(line, rule_.form, rule_.utility)) {
      fail("{}:{}: \"{}\" does not have the form of this output (--format, --scores, mbr): {}",
           path_, number, printable(line, 60), kOwnOutput);
    }
    if (rule_.form != OutputForm::kText) return;
    for (size_t i = 0; i < kForms.size(); ++i) {
      bool may =
          may_have_form(line, kForms[i].form, false) || may_have_form(line, kForms[i].form, true);
      all_[i] = all_[i] && may;
    }
    ++lines_;
  }

  void finish() const {
    if (rule_.form != OutputForm::kText || lines_ == 0) return;
    for (size_t i = 0; i < kForms.size(); ++i) {
      if (!all_[i]) continue;
      fail("{}: its {} lines have the form of {}, and plain text is to follow: {}", path_,
           with_commas(lines_), kForms[i].flag, kOwnOutput);
    }
  }

 private:
  struct Other {
    OutputForm form;
    const char* flag;
  };
  static constexpr std::array<Other, 4> kForms = {
      Other{OutputForm::kScore, "--scores"}, Other{OutputForm::kMoses, "--format moses"},
      Other{OutputForm::kTabs, "--format tabs"}, Other{OutputForm::kJson, "--format json"}};
  const std::string& path_;
  const OutputRule& rule_;
  int64_t lines_ = 0;
  std::array<bool, 4> all_ = {true, true, true, true};
};

// Whether so many translations of one line, and no more, are what was asked for. A line may have
// fewer than n_best; that all of them have is rare.
void check_list_sizes(const std::string& path, int64_t longest, const OutputRule& rule) {
  if (!is_numbered(rule.form) || longest == 0 || longest == rule.n_best) return;
  constexpr const char* kSizes =
      "{}: its lists hold {} translations a line at most, and --n-best is {}: {}";
  if (longest > rule.n_best) fail(kSizes, path, longest, rule.n_best, kOwnOutput);
  log_warning(kSizes, path, longest, rule.n_best, "right only where no line there had more");
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
  FormCheck forms(path, rule);
  int64_t list = 0, longest = 0;  // translations of the line at hand, and of any whole one
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    LeftOutput before = seen;
    int64_t input = seen.inputs + 1;  // the line is of, counted from 1
    if (is_numbered(rule.form)) {
      int64_t number = line_number(line, rule.form);
      input = number - rule.first_line + 1;
      bool follows = input == seen.inputs || input == seen.inputs + 1;
      if (number < 0 || !follows || input < 1) {
        fail("{}:{}: is no output of line {} of the input: {}", path, seen.lines + 1,
             with_commas(rule.first_line + seen.inputs), kOwnOutput);
      }
      list = input > seen.inputs ? 1 : list + 1;
      longest = std::max(longest, list);
    }
    forms.look_at(line, seen.lines + 1);
    seen = {input, seen.lines + 1, seen.bytes + std::ssize(line) + 1};
    if (rule.n_best > 1 && input > before.inputs && before.lines <= most_lines) whole = before;
    if (rule.n_best == 1 && seen.lines <= most_lines) whole = seen;
    if (seen.lines > most_lines) break;
  }
  if (file.bad()) fail("cannot read {}: {}", path, system_reason());
  forms.finish();
  if (whole.inputs > 0) check_list_sizes(path, longest, rule);
  return whole;
}

}  // namespace heed
