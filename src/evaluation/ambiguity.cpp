#include "evaluation/ambiguity.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "util/error.h"
#include "util/line_reader.h"
#include "util/text.h"

namespace heed {
namespace {

using Forms = std::vector<std::string>;

bool holds(const Forms& forms, const std::string& form) {
  return std::find(forms.begin(), forms.end(), form) != forms.end();
}

constexpr std::array<const char*, 6> kColumns{"line",  "word",  "token",
                                              "sense", "forms", "wrong_forms"};

// Where each of kColumns stands in the header.
std::array<size_t, kColumns.size()> find_columns(const std::string& header,
                                                 const std::string& path) {
  std::vector<std::string> names = split(header, '\t');
  std::array<size_t, kColumns.size()> places{};
  for (size_t i = 0; i < kColumns.size(); ++i) {
    auto found = std::find(names.begin(), names.end(), kColumns[i]);
    if (found == names.end()) {
      fail(
          "{}:1: no column '{}'; the header names, with TABs between, line, word, token, sense, "
          "forms and wrong_forms",
          path, kColumns[i]);
    }
    places[i] = static_cast<size_t>(found - names.begin());
  }
  return places;
}

int64_t whole_number(const std::string& text, int64_t least, const char* column,
                     const std::string& where) {
  auto value = parse_int(text);
  if (!value || *value < least) {
    fail("{}: {} is '{}'; expected a whole number of at least {}", where, column,
         printable(text, 40), least);
  }
  return *value;
}

// What every other sense of the word calls wrong, and this sense does not.
Forms inferred_forms(const AmbiguousWord& word, const std::vector<AmbiguousWord>& all) {
  std::map<std::string, std::set<std::string>> wrong_by_sense;
  for (const AmbiguousWord& other : all) {
    if (other.word == word.word && other.sense != word.sense) {
      wrong_by_sense[other.sense].insert(other.wrong_forms.begin(), other.wrong_forms.end());
    }
  }
  Forms forms;
  if (wrong_by_sense.empty()) return forms;
  for (const std::string& form : wrong_by_sense.begin()->second) {
    bool everywhere = std::all_of(wrong_by_sense.begin(), wrong_by_sense.end(),
                                  [&](const auto& sense) { return sense.second.contains(form); });
    if (everywhere && !holds(word.wrong_forms, form)) forms.push_back(form);
  }
  return forms;
}

// The forms of all rows of the same sense.
Forms listed_forms(const AmbiguousWord& word, const std::vector<AmbiguousWord>& all) {
  Forms forms;
  for (const AmbiguousWord& other : all) {
    if (other.word != word.word || other.sense != word.sense) continue;
    for (const std::string& form : other.right_forms) {
      if (!holds(forms, form) && !holds(word.wrong_forms, form)) forms.push_back(form);
    }
  }
  return forms;
}

struct Token {
  std::string text;  // without punctuation at its ends
  bool opens;        // a sentence
};

std::vector<Token> tokens_of(const std::string& line) {
  std::vector<Token> tokens;
  bool opens = true;
  for (const std::string& word : split_words(line)) {
    std::u32string text = to_utf32(word);
    auto is_letter = [](char32_t c) { return u_isalnum(static_cast<UChar32>(c)) != 0; };
    auto first = std::find_if(text.begin(), text.end(), is_letter);
    auto last = std::find_if(text.rbegin(), text.rend(), is_letter).base();
    tokens.push_back({first < last ? to_utf8(std::u32string(first, last)) : "", opens});
    opens = text.find_last_of(U".?!:") != std::u32string::npos &&
            text.find_last_of(U".?!:") + 1 >= static_cast<size_t>(last - text.begin());
  }
  return tokens;
}

bool is_form(const Token& token, const std::string& form) {
  if (token.text == form) return true;
  if (!token.opens || form.empty()) return false;
  std::u32string text = to_utf32(form);
  text[0] = static_cast<char32_t>(u_toupper(static_cast<UChar32>(text[0])));
  return token.text == to_utf8(text);
}

bool is_any_form(const Token& token, const Forms& forms) {
  return std::any_of(forms.begin(), forms.end(),
                     [&](const std::string& form) { return is_form(token, form); });
}

double mean(double sum, int64_t count) {
  return count == 0 ? std::nan("") : sum / static_cast<double>(count);
}

}  // namespace

std::vector<AmbiguousWord> read_ambiguous_words(const std::string& path) {
  std::vector<std::string> lines = read_lines(path);
  if (lines.size() < 2) fail("{}: no ambiguous word; expected a header row and a row a word", path);
  auto columns = find_columns(lines[0], path);
  size_t width = split(lines[0], '\t').size();
  std::vector<AmbiguousWord> words;
  for (size_t i = 1; i < lines.size(); ++i) {
    std::string where = fmt::format("{}:{}", path, i + 1);
    Forms fields = split(lines[i], '\t');
    if (fields.size() != width) {
      fail("{}: {} fields; the header has {}", where, fields.size(), width);
    }
    auto field = [&](size_t column) -> const std::string& { return fields[columns[column]]; };
    if (field(4).empty() || field(5).empty()) {
      fail("{}: forms and wrong_forms may not be empty", where);
    }
    words.push_back({whole_number(field(0), 1, "line", where) - 1,
                     whole_number(field(2), 0, "token", where), field(1), field(3),
                     split(field(4), '|'), split(field(5), '|')});
  }
  std::vector<AmbiguousWord> complete = words;
  for (AmbiguousWord& word : complete) {
    word.right_forms = listed_forms(word, words);
    for (const std::string& form : inferred_forms(word, words)) {
      if (!holds(word.right_forms, form)) word.right_forms.push_back(form);
    }
  }
  return complete;
}

void check_ambiguous_words(const std::vector<AmbiguousWord>& words, const std::string& path,
                           const std::vector<std::string>& source) {
  for (const AmbiguousWord& word : words) {
    if (word.line >= std::ssize(source)) {
      fail("{}: '{}' is in line {}, but the text has {} lines; is it the list of this text?", path,
           printable(word.word, 40), word.line + 1, source.size());
    }
    auto tokens = std::ssize(split_words(source[static_cast<size_t>(word.line)]));
    if (word.token >= tokens) {
      fail(
          "{}: '{}' is token {} (from 0) of line {}, which has {} words; is it the list of this "
          "text?",
          path, printable(word.word, 40), word.token, word.line + 1, tokens);
    }
  }
}

std::vector<SenseJudgement> judge_senses(const std::vector<AmbiguousWord>& words,
                                         const std::string& translation) {
  std::vector<Token> tokens = tokens_of(translation);
  std::vector<SenseJudgement> judgements;
  for (const AmbiguousWord& word : words) {
    auto due_elsewhere = [&](const Token& token) {
      return std::any_of(words.begin(), words.end(), [&](const AmbiguousWord& other) {
        return other.word == word.word && other.sense != word.sense &&
               is_any_form(token, other.right_forms);
      });
    };
    SenseJudgement right{SenseVerdict::kRight, {}}, wrong{SenseVerdict::kWrong, {}};
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (is_any_form(tokens[i], word.right_forms)) {
        right.tokens.push_back(i);
      } else if (is_any_form(tokens[i], word.wrong_forms) && !due_elsewhere(tokens[i])) {
        wrong.tokens.push_back(i);
      }
    }
    bool is_wrong = !wrong.tokens.empty(), is_right = !right.tokens.empty();
    judgements.push_back(is_wrong ? wrong : is_right ? right : SenseJudgement{});
  }
  return judgements;
}

void SenseCounts::add(SenseVerdict verdict) {
  right += verdict == SenseVerdict::kRight;
  wrong += verdict == SenseVerdict::kWrong;
  neither += verdict == SenseVerdict::kNeither;
}

double SenseCounts::accuracy() const { return mean(static_cast<double>(right), total()); }

void SenseAttention::add(const WeightRows& matrix, size_t token,
                         const std::vector<size_t>& targets) {
  bool inside = !targets.empty() && token < matrix.columns &&
                std::all_of(targets.begin(), targets.end(),
                            [&](size_t target) { return target < matrix.rows(); });
  if (!inside) {
    fail(
        "attention to an ambiguous word: source word {} and {} target words, up to {}, do not fit "
        "{} x {} weights",
        token, targets.size(),
        targets.empty() ? 0 : *std::max_element(targets.begin(), targets.end()), matrix.rows(),
        matrix.columns);
  }
  std::vector<double> received(matrix.columns);
  for (size_t target : targets) {
    std::span<const float> row = matrix.row(target);
    for (size_t j = 0; j < row.size(); ++j) {
      received[j] += row[j] / static_cast<double>(targets.size());
    }
  }
  double own = received[token];
  received[token] = 0;
  ++words;
  own_sum += own;
  for (double mass : received) rest_sum += mass;
  strongest += own > *std::max_element(received.begin(), received.end());
}

double SenseAttention::own() const { return mean(own_sum, words); }
double SenseAttention::rest() const { return mean(rest_sum, words); }
double SenseAttention::strongest_share() const {
  return mean(static_cast<double>(strongest), words);
}

}  // namespace heed
