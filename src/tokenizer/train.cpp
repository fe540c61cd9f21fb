#include <sentencepiece_trainer.h>

#include <optional>
#include <string>
#include <unordered_map>

#include "tokenizer/tokenizer.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/markup.h"
#include "util/progress.h"
#include "util/random.h"
#include "util/text.h"

namespace heed {
namespace {

// Longer lines teach nothing that shorter ones do not, and SentencePiece skips them anyway.
constexpr size_t kLongestLine = 4192;

// Every line; where there are more than `limit`, a sample of half as many or more: a line stays
// while the number drawn for it is below a bound, which is halved whenever there are too many. The
// text is read only once, for it may be a pipe.
class Sample {
 public:
  Sample(int64_t limit, uint64_t seed) : limit_(limit), seed_(seed) {}

  void add(std::string& line) {
    uint64_t drawn = SplitMix64::hash(seed_ ^ SplitMix64::hash(static_cast<uint64_t>(lines_++)));
    if (drawn > bound_ || is_blank(line) || line.size() > kLongestLine) return;
    while (std::ssize(kept_) == limit_) {
      bound_ /= 2;
      std::erase_if(kept_, [&](const Kept& kept) { return kept.drawn > bound_; });
    }
    if (drawn <= bound_) kept_.push_back({drawn, std::move(line)});
  }

  int64_t lines() const { return lines_; }
  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (Kept& kept : kept_) texts.push_back(std::move(kept.text));
    return texts;
  }

 private:
  struct Kept {
    uint64_t drawn;
    std::string text;
  };
  int64_t limit_, lines_ = 0;
  uint64_t seed_, bound_ = UINT64_MAX;
  std::vector<Kept> kept_;
};

// The number that a text begins with, as it stands there; empty where it begins with none.
std::string leading_number(std::string text) {
  text.resize(std::min(text.find_first_not_of("0123456789"), text.size()));
  return text;
}

// SentencePiece names the limits in its messages: "Please set it to a value <= 1234", and
// "Vocabulary size is smaller than required_chars. 400 vs 605" (in either order).
[[noreturn]] void report_training_failure(const std::string& message, const TokenizerConfig& config,
                                          const std::string& names) {
  auto number_behind = [&](std::string_view words) {
    size_t at = message.find(words);
    return leading_number(at == std::string::npos ? "" : message.substr(at + words.size()));
  };
  std::string most = number_behind("set it to a value <= ");
  if (!most.empty()) {
    std::string said = fmt::format(
        "[tokenizer] vocab_size = {}: the text of {} allows at most {} pieces; set vocab_size = {} "
        "or less",
        config.vocab_size, names, most, most);
    throw VocabularySizeError(said, 0, parse_int(most).value_or(0));
  }
  auto one = parse_int(number_behind("smaller than required_chars. "));
  auto other = parse_int(number_behind(" vs "));
  if (one && other) {
    int64_t least = std::max(*one, *other);
    std::string said = fmt::format(
        "[tokenizer] vocab_size = {}: the characters of {} need {} pieces, the special ones "
        "counted; set vocab_size = {} or more, or character_coverage = {} to leave out the rarest",
        config.vocab_size, names, least, least, config.character_coverage > 0.9995 ? 0.9995 : 0.98);
    throw VocabularySizeError(said, least, 0);
  }
  fail("[tokenizer] vocab_size = {}: SentencePiece could not learn a {} model from {}: {}",
       config.vocab_size, config.type, names, message);
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

Sample read_sample(const TrainingText& text, int64_t limit) {
  Progress progress({.what = "reading text for a vocabulary", .unit = "lines"});
  Sample sample(limit, text.seed);
  for (std::string line; text.next(line); progress.add()) sample.add(line);
  return sample;
}

}  // namespace

Tokenizer train_tokenizer(const TrainingText& text, const TokenizerConfig& config) {
  Sample sample = read_sample(text, config.max_training_lines);
  int64_t total = sample.lines();
  std::vector<std::string> lines = sample.take();
  if (lines.empty()) {
    fail("{}: no text to learn a vocabulary from ({} lines, all blank or over {} bytes)",
         text.names, total, kLongestLine);
  }
  int64_t vocab_size = config.vocab_size;
  if (config.type == "char") {
    // A character vocabulary is as large as the text's alphabet; vocab_size only bounds it.
    auto characters = static_cast<int64_t>(count_characters(lines));
    int64_t others = 5 + std::ssize(config.user_defined) + (config.byte_fallback ? 256 : 0);
    vocab_size = std::min(vocab_size, characters + others);
  }
  std::unordered_map<std::string, std::string> options = {
      {"model_type", std::string(config.type.name())},
      {"vocab_size", std::to_string(vocab_size)},
      {"character_coverage", fmt::format("{}", config.character_coverage)},
      {"normalization_rule_name", std::string(config.normalization.name())},
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
  auto used = static_cast<int64_t>(lines.size());
  std::string what = fmt::format("{} {} pieces from {} lines", with_commas(vocab_size), config.type,
                                 with_commas(used));
  std::string model;
  LineIterator iterator(lines);
  // SentencePiece does not say how far it is, so a reader sees how much there is and for how long.
  Progress progress({.what = "learning " + what});
  auto status = sentencepiece::SentencePieceTrainer::Train(options, &iterator, &model);
  if (!status.ok()) report_training_failure(status.ToString(), config, text.names);
  log_info("tokenizer: learned {}{}", what, used == total ? "" : " of " + with_commas(total));
  return Tokenizer(std::move(model), "the new tokenizer");
}

Tokenizer train_tokenizer(const std::vector<std::string>& files, const TokenizerConfig& config) {
  size_t file = 0;
  std::optional<LineReader> reader;
  auto next = [&](std::string& line) {
    for (;;) {
      if (reader && reader->next(line)) {
        if (reader->lines_read() == 1) refuse_markup({line}, reader->path());
        return true;
      }
      if (file == files.size()) return false;
      reader.emplace(files[file++]);
    }
  };
  return train_tokenizer({next, join(files, ", ")}, config);
}

}  // namespace heed
