#include <sentencepiece_trainer.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "config/config.h"
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

// A character that SentencePiece keeps for itself: it gets no piece, and SentencePiece passes over
// a line that holds "\u2585". What is learned from has a space in its place.
struct Reserved {
  std::string_view text, name, advice;
  int64_t lines = 0;  // that hold it
};

std::vector<Reserved> reserved_characters(const TokenizerConfig& config) {
  std::vector<Reserved> reserved;
  reserved.push_back(
      {"\u2585", "\u2585 (U+2585)", "[tokenizer] user_defined = \u2585 makes it one"});
  // These rules make a space of a TAB, in a text that is encoded too.
  bool space = config.normalization.name().starts_with("nmt_");
  if (!space) reserved.push_back({"\t", "a TAB", "put spaces in the place of TABs"});
  return reserved;
}

// Every line; where there are more than `limit`, a sample of half as many or more: a line stays
// while the number drawn for it is below a bound, which is halved whenever there are too many. The
// text is read only once, for it may be a pipe.
class Sample {
 public:
  Sample(int64_t limit, uint64_t seed, std::vector<Reserved> reserved)
      : limit_(limit), seed_(seed), reserved_(std::move(reserved)) {}

  void add(std::string& line) {
    for (Reserved& character : reserved_) {
      if (line.find(character.text) == std::string::npos) continue;
      replace_all(line, character.text, " ");
      ++character.lines;
    }
    uint64_t drawn = SplitMix64::hash(seed_ ^ SplitMix64::hash(static_cast<uint64_t>(lines_++)));
    if (drawn > bound_ || is_blank(line) || line.size() > kLongestLine) return;
    while (std::ssize(kept_) == limit_) {
      bound_ /= 2;
      std::erase_if(kept_, [&](const Kept& kept) { return kept.drawn > bound_; });
    }
    if (drawn <= bound_) kept_.push_back({drawn, std::move(line)});
  }

  int64_t lines() const { return lines_; }
  const std::vector<Reserved>& reserved() const { return reserved_; }
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
  std::vector<Reserved> reserved_;
  std::vector<Kept> kept_;
};

// The number that a text begins with, as it stands there; empty where it begins with none.
std::string leading_number(std::string text) {
  text.resize(std::min(text.find_first_not_of("0123456789"), text.size()));
  return text;
}

[[noreturn]] void refuse_many_pieces(const TokenizerConfig& config, const std::string& names,
                                     int64_t most) {
  if (most < kLeastVocabulary) {
    fail(
        "[tokenizer] vocab_size = {}: the text of {} allows at most {} pieces, the special ones "
        "counted, and the least vocab_size is {}: it is too small; give more text",
        config.vocab_size, names, most, kLeastVocabulary);
  }
  std::string said = fmt::format(
      "[tokenizer] vocab_size = {}: the text of {} allows at most {} pieces; set vocab_size = {} "
      "or less",
      config.vocab_size, names, most, most);
  throw VocabularySizeError(said, 0, most);
}

[[noreturn]] void refuse_few_pieces(const TokenizerConfig& config, const std::string& names,
                                    int64_t least) {
  std::string said = fmt::format(
      "[tokenizer] vocab_size = {}: the characters of {} need {} pieces, the special ones "
      "counted; set vocab_size = {} or more, or character_coverage = {} to leave out the rarest",
      config.vocab_size, names, least, least, config.character_coverage > 0.9995 ? 0.9995 : 0.98);
  throw VocabularySizeError(said, least, 0);
}

// SentencePiece names the limits in its messages: "Please set it to a value <= 1234", and
// "Vocabulary size is smaller than required_chars. 400 vs 605" (in either order).
[[noreturn]] void report_training_failure(const std::string& message, const TokenizerConfig& config,
                                          const std::string& names) {
  auto number_behind = [&](std::string_view words) {
    size_t at = message.find(words);
    return leading_number(at == std::string::npos ? "" : message.substr(at + words.size()));
  };
  if (auto most = parse_int(number_behind("set it to a value <= "))) {
    refuse_many_pieces(config, names, *most);
  }
  auto one = parse_int(number_behind("smaller than required_chars. "));
  auto other = parse_int(number_behind(" vs "));
  if (one && other) refuse_few_pieces(config, names, std::max(*one, *other));
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

Sample read_sample(const TrainingText& text, const TokenizerConfig& config) {
  Progress progress({.what = "reading text for a vocabulary", .unit = "lines"});
  Sample sample(config.max_training_lines, text.seed, reserved_characters(config));
  for (std::string line; text.next(line); progress.add()) sample.add(line);
  return sample;
}

void warn_of_reserved(const Sample& sample, const TokenizerConfig& config,
                      const std::string& names) {
  for (const Reserved& character : sample.reserved()) {
    // It is a piece all the same.
    bool named = std::ranges::count(config.user_defined, character.text) > 0;
    if (character.lines == 0 || named) continue;
    log_warning(
        "{}: {} of {} lines hold {}, which SentencePiece keeps for itself: the vocabulary is "
        "learned as if it was a space, and has no piece of it; {}",
        names, with_commas(character.lines), with_commas(sample.lines()), character.name,
        character.advice);
  }
}

// A vocabulary of characters has as many as the text: this is more than there are.
constexpr int64_t kAnySize = 1 << 21;

// The bytes of a model.
std::string learn(const std::vector<std::string>& lines, const TokenizerConfig& config,
                  const std::string& names) {
  bool characters = config.type == "char";
  std::unordered_map<std::string, std::string> options = {
      {"model_type", std::string(config.type.name())},
      {"vocab_size", std::to_string(characters ? kAnySize : config.vocab_size)},
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
      {"hard_vocab_limit", characters ? "false" : "true"}};
  std::string model;
  LineIterator iterator(lines);
  auto status = sentencepiece::SentencePieceTrainer::Train(options, &iterator, &model);
  if (!status.ok()) report_training_failure(status.ToString(), config, names);
  return model;
}

// A vocabulary of all characters that normalisation leaves of the text. Throws Error where it
// leaves none.
Tokenizer learn_characters(const std::vector<std::string>& lines, TokenizerConfig config,
                           const std::string& names) {
  config.type = "char";
  Tokenizer tokenizer(learn(lines, config, names), "the new tokenizer");
  if (tokenizer.vocab_size() > pieces_beside_text(config)) return tokenizer;
  fail("{}: no text to learn a vocabulary from: normalization = {} leaves nothing of its {} lines",
       names, config.normalization, with_commas(std::ssize(lines)));
}

Tokenizer learn_tokenizer(const std::vector<std::string>& lines, const TokenizerConfig& config,
                          const std::string& names) {
  if (config.type == "char") {
    Tokenizer tokenizer = learn_characters(lines, config, names);
    if (tokenizer.vocab_size() > config.vocab_size) {
      refuse_few_pieces(config, names, tokenizer.vocab_size());
    }
    return tokenizer;
  }
  // Without a character SentencePiece's unigram models end the process.
  if (config.normalization != "identity") learn_characters(lines, config, names);
  return {learn(lines, config, names), "the new tokenizer"};
}

}  // namespace

Tokenizer train_tokenizer(const TrainingText& text, const TokenizerConfig& config) {
  Sample sample = read_sample(text, config);
  warn_of_reserved(sample, config, text.names);
  int64_t total = sample.lines();
  std::vector<std::string> lines = sample.take();
  if (lines.empty()) {
    fail("{}: no text to learn a vocabulary from ({} lines, all blank or over {} bytes)",
         text.names, total, kLongestLine);
  }
  std::string kind =
      fmt::format("{} pieces from {} lines", config.type, with_commas(std::ssize(lines)));
  // A vocabulary of characters shows its size when it is learned.
  std::string size = config.type == "char" ? "" : with_commas(config.vocab_size) + " ";
  // SentencePiece does not say how far it is, so a reader sees how much there is and for how long.
  Progress progress({.what = "learning " + size + kind});
  Tokenizer tokenizer = learn_tokenizer(lines, config, text.names);
  log_info("tokenizer: learned {} {}{}", with_commas(tokenizer.vocab_size()), kind,
           std::ssize(lines) == total ? "" : " of " + with_commas(total));
  return tokenizer;
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
      if (reader) reader->warn_of_repairs();
      reader.reset();
      if (file == files.size()) return false;
      reader.emplace(files[file++]);
    }
  };
  return train_tokenizer({next, join(files, ", ")}, config);
}

}  // namespace heed
