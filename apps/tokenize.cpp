// heed tokenize train|encode|decode: SentencePiece on its own.
#include "command.h"
#include "config/options.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/output_file.h"
#include "util/paths.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

struct TokenizeFlags {
  std::vector<std::string> inputs;
  std::string model, input = "-", output = "-", type = "bpe";
  int64_t vocab_size = 8000;
  std::vector<std::string> user_defined;
  bool byte_fallback = false, split_digits = false;
  std::string coverage = "1";
  std::string normalization{default_config().tokenizer.normalization.name()};
  bool ids = false;
};

int train_model(const TokenizeFlags& flags) {
  Config whole = default_config();
  if (auto fault = find_option("tokenizer", "character_coverage")->set(whole, flags.coverage)) {
    fail_usage("--character-coverage: {}", *fault);
  }
  TokenizerConfig config = whole.tokenizer;
  config.type = *TokenizerType::find(flags.type);
  config.vocab_size = flags.vocab_size;
  config.normalization = *Normalization::find(flags.normalization);
  config.user_defined = flags.user_defined;
  config.byte_fallback = flags.byte_fallback;
  config.split_digits = flags.split_digits;
  check_pieces(config);
  check_paths(flags.inputs, {flags.model});
  Tokenizer tokenizer = train_tokenizer(flags.inputs, config);
  write_file_atomically(behind_links(flags.model), tokenizer.model_bytes());
  log_info("wrote {}: {} pieces", flags.model, tokenizer.vocab_size());
  return 0;
}

std::vector<std::string> to_words(const std::vector<int32_t>& ids) {
  std::vector<std::string> words;
  for (int32_t id : ids) words.push_back(std::to_string(id));
  return words;
}

// Null where it would stand among what is typed or written.
std::unique_ptr<Progress> progress_of(const LineReader& input, const OutputFile& output) {
  if (input.is_terminal() || output.is_terminal()) return nullptr;
  return std::make_unique<Progress>(
      Work{.what = "reading " + short_name(input.path()), .total = input.file_bytes()});
}

int encode(const TokenizeFlags& flags) {
  check_paths({flags.input, flags.model}, {flags.output});
  Tokenizer tokenizer = load_tokenizer(flags.model);
  LineReader input(flags.input);
  OutputFile output(flags.output);
  auto progress = progress_of(input, output);
  for (std::string line; input.next(line);) {
    if (progress) progress->reach(input.file_offset());
    if (line.size() > Tokenizer::kMaxBytes) {
      log_warning("{}:{}: the line has {} bytes; those after {} are left out", input.path(),
                  input.lines_read(), with_commas(static_cast<int64_t>(line.size())),
                  with_commas(Tokenizer::kMaxBytes));
    }
    auto words = flags.ids ? to_words(tokenizer.encode(line)) : tokenizer.encode_pieces(line);
    output.write(join(words, " ") + "\n");
    if (!input.ready()) output.flush();
  }
  input.warn_of_repairs();
  output.close();
  return 0;
}

int decode(const TokenizeFlags& flags) {
  check_paths({flags.input, flags.model}, {flags.output});
  Tokenizer tokenizer = load_tokenizer(flags.model);
  LineReader input(flags.input);
  OutputFile output(flags.output);
  auto progress = progress_of(input, output);
  for (std::string line; input.next(line);) {
    if (progress) progress->reach(input.file_offset());
    if (flags.ids) {
      std::vector<int32_t> ids;
      for (const std::string& word : split_words(line)) {
        int64_t id = parse_int(word).value_or(-1);
        if (id < 0 || id >= tokenizer.vocab_size()) {
          fail("{}:{}: {}: not an id from 0 to {}", input.path(), input.lines_read(), word,
               tokenizer.vocab_size() - 1);
        }
        ids.push_back(static_cast<int32_t>(id));
      }
      output.write(tokenizer.decode(ids) + "\n");
    } else {
      output.write(tokenizer.decode_pieces(split(line, ' ')) + "\n");
    }
    if (!input.ready()) output.flush();
  }
  input.warn_of_repairs();
  output.close();
  return 0;
}

}  // namespace

void add_tokenize(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("tokenize", "Learn and use a SentencePiece vocabulary");
  command->require_subcommand(1);
  auto flags = std::make_shared<TokenizeFlags>();
  auto* learn = command->add_subcommand("train", "Learn a model from text");
  learn->add_option("input", flags->inputs, "Text files, plain or compressed")->required();
  learn->add_option("-m,--model", flags->model, "Where the model goes")->required();
  learn->add_option("--type", flags->type, "unigram, bpe or char")
      ->check(CLI::IsMember(find_option("tokenizer", "type")->choices))
      ->capture_default_str();
  learn->add_option("--vocab-size", flags->vocab_size, "Pieces, the four special ones counted")
      ->check(whole_number(kLeastVocabulary, int64_t{1000000}))
      ->capture_default_str();
  learn->add_option("--character-coverage", flags->coverage, "Share of characters with a piece")
      ->capture_default_str();
  learn->add_option("--normalization", flags->normalization, "As tokenizer.normalization")
      ->check(CLI::IsMember(find_option("tokenizer", "normalization")->choices))
      ->capture_default_str();
  learn->add_option("--user-defined", flags->user_defined, "A piece that is never split")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  learn->add_flag("--byte-fallback", flags->byte_fallback, "Bytes are pieces: none is unknown");
  learn->add_flag("--split-digits", flags->split_digits, "Every digit is a piece of its own");
  learn->callback([flags, &run] {
    run = {.work = [flags] { return train_model(*flags); }, .needs_libtorch = false};
  });
  for (bool encoding : {true, false}) {
    auto* sub = command->add_subcommand(encoding ? "encode" : "decode",
                                        encoding ? "Text to pieces" : "Pieces to text");
    sub->add_option("-m,--model", flags->model, "SentencePiece model")->required();
    sub->add_option("-i,--input", flags->input, "- is standard input");
    sub->add_option("-o,--output", flags->output, "- is standard output");
    sub->add_flag("--ids", flags->ids, "Ids in place of pieces");
    sub->callback([flags, encoding, &run] {
      run = {.work = [flags, encoding] { return encoding ? encode(*flags) : decode(*flags); },
             .needs_libtorch = false};
    });
  }
}

}  // namespace heed
