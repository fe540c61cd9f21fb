#include "metric_flags.h"

#include <algorithm>

#include "command.h"
#include "tokenizer/tokenizer.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::string_view kSentencePiece = "spm:";
constexpr const char *kBleu = "BLEU", *kChrf = "chrF", *kTer = "TER";  // groups of flags

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = {"bleu", "chrf", "chrf++", "ter"};
  return names;
}

// --metrics, taken apart and checked.
std::vector<std::string> chosen_metrics(const std::string& given) {
  std::vector<std::string> chosen;
  for (const std::string& name : split(given, ',')) {
    if (std::ranges::count(metric_names(), name) == 0) {
      fail_usage("--metrics {}: unknown metric \"{}\"; expected some of {}", given, name,
                 join(metric_names(), ", "));
    }
    if (std::ranges::count(chosen, name) > 0) {
      fail_usage("--metrics {}: {} is named twice", given, name);
    }
    chosen.push_back(name);
  }
  return chosen;
}

// A SentencePiece model as BLEU's tokeniser; the signature tells it by the checksum of its file.
void use_sentencepiece(const std::string& path, BleuOptions& options) {
  auto tokenizer = std::make_shared<Tokenizer>(load_tokenizer(path));
  options.tokenize = fmt::format("spm[{}]", checksum(tokenizer->model_bytes()));
  options.encode = [tokenizer](std::string_view line) { return tokenizer->encode_pieces(line); };
}

std::string check_tokenizer(const std::string& name) {
  if (name.starts_with(kSentencePiece)) {
    return name == kSentencePiece ? "give a model after spm:, as in spm:tokenizer.model" : "";
  }
  if (std::ranges::count(tokenizer_names(), name) > 0) return "";
  return fmt::format("{}: unknown tokeniser; choose one of {}, spm:FILE", name,
                     join(tokenizer_names(), ", "));
}

std::string target_of(const std::string& pair) { return pair.substr(pair.find('-') + 1); }

std::string check_language_pair(const std::string& pair) {
  std::vector<std::string> sides = split(pair, '-');
  auto is_code = [](const std::string& side) {
    return side.size() >= 2 &&
           std::ranges::all_of(side, [](char c) { return c >= 'a' && c <= 'z'; });
  };
  if (sides.size() == 2 && std::ranges::all_of(sides, is_code)) return "";
  return fmt::format("{}: expected two language codes, as in en-zh", printable(pair, 40));
}

void add_bleu_flags(CLI::App& command, MetricFlags& flags) {
  const char* group = kBleu;
  command
      .add_option("--tokenize", flags.tokenize,
                  fmt::format("BLEU's tokeniser: {}, or spm:FILE for a SentencePiece model",
                              join(tokenizer_names(), ", ")))
      ->check(check_tokenizer)
      ->default_str("13a, or that of --language-pair")
      ->group(group);
  command
      .add_option("-l,--language-pair", flags.language_pair,
                  "Source and target, as in en-zh: BLEU's tokeniser is the target's, 13a but for "
                  "Chinese, unless --tokenize is given")
      ->check(check_language_pair)
      ->group(group);
  command.add_flag("--lowercase", flags.lowercase, "BLEU and chrF without regard to case")
      ->group(group);
  command
      .add_option("--smooth-method", flags.bleu.smooth_method,
                  "For orders without a match: exp, floor, add-k or none")
      ->check(CLI::IsMember({"exp", "floor", "add-k", "none"}))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--smooth-value", flags.bleu.smooth_value,
                  "Of floor (0.1 by default) or add-k (1 by default)")
      ->group(group);
  command
      .add_flag("--effective-order", flags.bleu.effective_order,
                "Leave out the orders that a hypothesis is too short for; always so for sentences")
      ->group(group);
  command
      .add_flag("--force", flags.bleu.force,
                "No warnings about text that looks tokenised, or has no spaces")
      ->group(group);
}

void add_chrf_flags(CLI::App& command, MetricFlags& flags) {
  const char* group = kChrf;
  command.add_option("--chrf-char-order", flags.chrf.char_order, "Longest character n-grams")
      ->check(whole_number(0, 16))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--chrf-word-order", flags.chrf_word_order,
                  "Longest word n-grams of chrf; 0 unless given, and 2 in chrf++")
      ->check(whole_number(0, 16))
      ->group(group);
  command.add_option("--chrf-beta", flags.chrf.beta, "Recall weighs so many times as much")
      ->check(whole_number(1, 1000))
      ->capture_default_str()
      ->group(group);
  command.add_flag("--chrf-whitespace", flags.chrf.whitespace, "White space counts as characters")
      ->group(group);
  command.add_flag("--chrf-lowercase", flags.chrf.lowercase, "Without regard to case")
      ->group(group);
  command
      .add_flag("--chrf-eps-smoothing", flags.chrf.eps_smoothing,
                "As chrF++.py, NLTK and Moses smooth, in place of the effective order")
      ->group(group);
}

void add_ter_flags(CLI::App& command, MetricFlags& flags) {
  const char* group = kTer;
  command.add_flag("--ter-normalized", flags.ter.normalized, "Take punctuation apart first")
      ->group(group);
  command.add_flag("--ter-no-punct", flags.ter.no_punct, "Drop punctuation")->group(group);
  command
      .add_flag("--ter-asian-support", flags.ter.asian_support,
                "With the two above: Asian characters and punctuation as well")
      ->group(group);
  command.add_flag("--ter-case-sensitive", flags.ter.case_sensitive, "With regard to case")
      ->group(group);
}

}  // namespace

void MetricFlags::add_to(CLI::App& command) {
  command.add_option("--metrics", names, "Some of bleu,chrf,chrf++,ter")->capture_default_str();
  command_ = &command;
  add_bleu_flags(command, *this);
  add_chrf_flags(command, *this);
  add_ter_flags(command, *this);
}

void MetricFlags::warn_of_idle(const std::vector<std::string>& chosen) const {
  std::vector<std::string> idle;
  for (const CLI::Option* option : command_->get_options()) {
    auto takes = [&](const std::string& name) {
      std::string_view group = name == "bleu" ? kBleu : name == "ter" ? kTer : kChrf;
      return option->get_group() == group ||
             (group == kChrf && option->get_name() == "--lowercase");
    };
    if (option->count() == 0 || std::ranges::none_of(metric_names(), takes)) continue;
    if (std::ranges::none_of(chosen, takes)) idle.push_back(option->get_name());
  }
  if (idle.empty()) return;
  log_warning("{}: {} nothing to --metrics {}", join(idle, ", "), idle.size() == 1 ? "says" : "say",
              join(chosen, ","));
}

// As sacreBLEU chooses it. Its tokenisers of Japanese and Korean need a dictionary that heed has
// not.
std::string MetricFlags::bleu_tokenizer() const {
  if (!tokenize.empty()) return tokenize;
  std::string target = target_of(language_pair);
  if (target == "ja" || target == "ko") {
    fail_usage(
        "--language-pair {}: sacreBLEU scores {} with the tokeniser {}-mecab, which heed does not "
        "have; give --tokenize char, or spm:FILE",
        language_pair, target, target);
  }
  return target == "zh" ? "zh" : "13a";
}

std::unique_ptr<Metric> MetricFlags::make_bleu(bool sentence_level) const {
  BleuOptions options = bleu;
  options.tokenize = bleu_tokenizer();
  options.lowercase = lowercase;
  options.effective_order = bleu.effective_order || sentence_level;
  if (bleu.smooth_value && bleu.smooth_method != "floor" && bleu.smooth_method != "add-k") {
    fail_usage("--smooth-value {}: --smooth-method {} takes no value; floor and add-k do",
               *bleu.smooth_value, bleu.smooth_method);
  }
  if (tokenize.starts_with(kSentencePiece)) {
    use_sentencepiece(tokenize.substr(kSentencePiece.size()), options);
  }
  return std::make_unique<Bleu>(std::move(options));
}

std::unique_ptr<Metric> MetricFlags::make_one(const std::string& name, bool sentence_level) const {
  if (name == "bleu") return make_bleu(sentence_level);
  if (name == "ter") return std::make_unique<Ter>(ter);
  ChrfOptions options = chrf;
  options.word_order = name == "chrf++" ? 2 : chrf_word_order.value_or(0);
  options.lowercase = chrf.lowercase || lowercase;
  return std::make_unique<Chrf>(options);
}

std::vector<std::unique_ptr<Metric>> MetricFlags::make(bool sentence_level) const {
  std::vector<std::string> chosen = chosen_metrics(names);
  warn_of_idle(chosen);
  auto has = [&](const char* name) { return std::ranges::count(chosen, name) > 0; };
  if (chrf_word_order && has("chrf++") && (!has("chrf") || *chrf_word_order == 2)) {
    fail_usage("--chrf-word-order {}: chrf++ always has word order 2; use --metrics chrf instead",
               *chrf_word_order);
  }
  std::vector<std::unique_ptr<Metric>> metrics;
  for (const std::string& name : chosen) metrics.push_back(make_one(name, sentence_level));
  return metrics;
}

}  // namespace heed
