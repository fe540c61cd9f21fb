#include <sentencepiece_trainer.h>

#include <string>
#include <unordered_map>

#include "tokenizer/tokenizer.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

// Longer lines teach nothing that shorter ones do not, and SentencePiece skips them anyway.
constexpr size_t kLongestLine = 4192;

// Every other one, beginning with the first.
void drop_half(std::vector<std::string>& lines) {
  size_t kept = (lines.size() + 1) / 2;
  for (size_t i = 1; i < kept; ++i) lines[i] = std::move(lines[2 * i]);
  lines.resize(kept);
}

// Every line; where there are more than `limit`, every second, fourth, eighth: the text is read
// only once, for it may be a pipe.
std::vector<std::string> sample_lines(const std::vector<std::string>& files, int64_t limit) {
  std::vector<std::string> lines;
  std::string line;
  int64_t total = 0, stride = 1;
  for (const std::string& file : files) {
    LineReader reader(file);
    while (reader.next(line)) {
      if (total++ % stride != 0 || is_blank(line) || line.size() > kLongestLine) continue;
      if (std::ssize(lines) == limit) {
        drop_half(lines);
        stride *= 2;
        if ((total - 1) % stride != 0 || std::ssize(lines) == limit) continue;
      }
      lines.push_back(line);
    }
  }
  if (lines.empty()) {
    fail("{}: no text to learn a vocabulary from ({} lines, all blank or over {} bytes)",
         join(files, ", "), total, kLongestLine);
  }
  return lines;
}

// The number that a text begins with, as it stands there; empty where it begins with none.
std::string leading_number(std::string text) {
  text.resize(std::min(text.find_first_not_of("0123456789"), text.size()));
  return text;
}

// SentencePiece names the limits in its messages: "Please set it to a value <= 1234", and
// "Vocabulary size is smaller than required_chars. 400 vs 605" (in either order).
[[noreturn]] void report_training_failure(const std::string& message, const TokenizerConfig& config,
                                          const std::vector<std::string>& files) {
  auto number_behind = [&](std::string_view words) {
    size_t at = message.find(words);
    return leading_number(at == std::string::npos ? "" : message.substr(at + words.size()));
  };
  std::string most = number_behind("set it to a value <= ");
  if (!most.empty()) {
    fail(
        "[tokenizer] vocab_size = {}: the text of {} allows at most {} pieces; set vocab_size = {} "
        "or less",
        config.vocab_size, join(files, ", "), most, most);
  }
  auto one = parse_int(number_behind("smaller than required_chars. "));
  auto other = parse_int(number_behind(" vs "));
  if (one && other) {
    fail(
        "[tokenizer] vocab_size = {}: the characters of {} need {} pieces, the special ones "
        "counted; set vocab_size = {} or more, or character_coverage = {} to leave out the rarest",
        config.vocab_size, join(files, ", "), std::max(*one, *other), std::max(*one, *other),
        config.character_coverage > 0.9995 ? 0.9995 : 0.98);
  }
  fail("[tokenizer] vocab_size = {}: SentencePiece could not learn a {} model from {}: {}",
       config.vocab_size, config.type, join(files, ", "), message);
}

// Lines in memory, the way SentencePiece asks for them.
class LineIterator : public sentencepiece::SentenceIterator {
 public:
  explicit LineIterator(const std::vector<std::string>& lines) : lines_(lines) {}
  bool done() const override { return at_ >= lines_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  size_t at_ = 0;
};

// As SentencePiece reads a list: commas separate, and quotes keep them.
std::string comma_separated(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    std::string inner;
    for (char c : text) inner += c == '"' ? "\"\"" : std::string(1, c);
    quoted.push_back('"' + inner + '"');
  }
  return join(quoted, ",");
}

size_t count_characters(const std::vector<std::string>& lines) {
  std::unordered_map<char32_t, int> seen;
  for (const std::string& line : lines) {
    for (char32_t c : to_utf32(line)) ++seen[c];
  }
  return seen.size();
}

}  // namespace

Tokenizer train_tokenizer(const std::vector<std::string>& files, const TokenizerConfig& config) {
  std::vector<std::string> lines = sample_lines(files, config.max_training_lines);
  int64_t vocab_size = config.vocab_size;
  if (config.type == "char") {
    // A character vocabulary is as large as the text's alphabet; vocab_size only bounds it.
    auto characters = static_cast<int64_t>(count_characters(lines));
    int64_t others = 5 + std::ssize(config.user_defined) + (config.byte_fallback ? 256 : 0);
    vocab_size = std::min(vocab_size, characters + others);
  }
  std::unordered_map<std::string, std::string> options = {
      {"model_type", config.type},
      {"vocab_size", std::to_string(vocab_size)},
      {"character_coverage", fmt::format("{}", config.character_coverage)},
      {"normalization_rule_name", config.normalization},
      {"pad_id", "0"},
      {"unk_id", "1"},
      {"bos_id", "2"},
      {"eos_id", "3"},
      {"minloglevel", "2"},
      {"num_threads", "2"},
      {"user_defined_symbols", comma_separated(config.user_defined)},
      {"byte_fallback", config.byte_fallback ? "true" : "false"},
      {"split_digits", config.split_digits ? "true" : "false"},
      {"hard_vocab_limit", config.type == "char" ? "false" : "true"}};
  std::string model;
  LineIterator iterator(lines);
  auto status = sentencepiece::SentencePieceTrainer::Train(options, &iterator, &model);
  if (!status.ok()) report_training_failure(status.ToString(), config, files);
  log_info("tokenizer: learned {} {} pieces from {} lines", vocab_size, config.type,
           with_commas(static_cast<int64_t>(lines.size())));
  return Tokenizer(std::move(model), "the new tokenizer");
}

}  // namespace heed
