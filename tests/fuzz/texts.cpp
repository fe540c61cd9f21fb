// Targets: text in any encoding, and what is made of it line by line.
#include <algorithm>
#include <array>

#include "decoding/output_form.h"
#include "decoding/splitting.h"
#include "evaluation/bleu.h"
#include "evaluation/chrf.h"
#include "evaluation/script.h"
#include "evaluation/ter.h"
#include "fuzz/memory_file.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/text.h"

namespace heed::fuzz {
namespace {

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) {
    ++count;
  }
  return count;
}

}  // namespace

void utf8(std::string_view bytes) {
  std::string repaired = repair_utf8(bytes);
  require(!needs_repair(repaired));
  require(needs_repair(bytes) || repaired == bytes);
  require(utf8_length(repaired) == utf8_length(bytes));
  require(to_utf8(to_utf32(repaired)) == repaired);
  require(!find_text_fault(printable(bytes)));
  for (size_t size : {size_t{0}, size_t{1}, bytes.size() / 2}) {
    require(truncate_utf8(bytes, size).size() <= size);
    require(!needs_repair(truncate_utf8(repaired, size)));
  }
  nearest_name(bytes.substr(0, 64), {"train", "translate", std::string(bytes.substr(0, 8))});
  parse_int(bytes);
  parse_real(bytes);
}

// The first byte says how many bytes a line may have at most.
void gzip_lines(std::string_view bytes) {
  if (bytes.empty()) return;
  size_t most = static_cast<unsigned char>(bytes.front());
  MemoryFile file(bytes.substr(1));
  try {
    LineReader reader(file.path());
    reader.set_max_line_bytes(most);
    for (std::string line; reader.next(line);) {
      require(!needs_repair(line));
      // What is repaired grows: U+FFFD takes three bytes.
      require(line.size() <= 3 * most);
      require(line.find('\n') == std::string::npos);
    }
    require(reader.repairs().lines <= reader.lines_read());
  } catch (const Error&) {
  }
}

void sentences(std::string_view bytes) {
  std::string text = repair_utf8(bytes);
  std::string joined;
  for (const LinePart& part : split_sentences(text)) {
    require(!is_blank(part.text));
    joined += part.gap + part.text;
  }
  require(text.starts_with(joined));
  require(is_blank(text.substr(joined.size())));
  is_unspaced(text);
  tokenizer_for({text});
}

// A hypothesis and a reference, one behind the other's line feed.
void scores(std::string_view bytes) {
  std::string text = repair_utf8(bytes.substr(0, 400));
  size_t half = text.find('\n');
  std::string hypothesis = text.substr(0, half);
  std::string reference = half == std::string::npos ? "" : text.substr(half + 1);
  for (const std::string& name : tokenizer_names()) {
    double score = Bleu({.tokenize = name}).sentence(hypothesis, {reference}).score;
    require(score >= 0 && score <= 100.0001);
  }
  for (int words : {0, 2}) {
    double score = Chrf({.word_order = words}).sentence(hypothesis, {reference}).score;
    require(score >= 0 && score <= 100.0001);
  }
  for (bool asian : {false, true}) {
    TerOptions options;
    options.normalized = options.no_punct = options.asian_support = asian;
    require(Ter(options).sentence(hypothesis, {reference}).score >= 0);
  }
}

// No text breaks a field or a line.
void n_best(std::string_view bytes) {
  std::string text = repair_utf8(bytes);
  std::ranges::replace(text, '\n', ' ');  // as tokenizers decode
  Translation translation;
  set_text(translation, {text, {}});
  auto print = [&](OutputForm form) {
    return print_translations(3, {translation}, {form, AlignmentUnit::kWord, false});
  };
  for (OutputForm form : {OutputForm::kText, OutputForm::kScore, OutputForm::kMoses,
                          OutputForm::kTabs, OutputForm::kJson}) {
    require(count_of(print(form), "\n") == 1);
  }
  require(count_of(print(OutputForm::kMoses), "|||") == 3);
  require(count_of(print(OutputForm::kTabs), "\t") == 5);
}

}  // namespace heed::fuzz
