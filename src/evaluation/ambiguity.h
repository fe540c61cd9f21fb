// Word senses: did ambiguous source words come out in the right sense, and where did attention go
// as they were translated? After Tang, Sennrich and Nivre (2018), "An Analysis of Attention
// Mechanisms: The Case of Word Sense Disambiguation in Neural Machine Translation", arXiv
// 1810.07595.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alignment/attention_statistics.h"

namespace heed {

// One occurrence in a source text.
struct AmbiguousWord {
  int64_t line = 0;         // of the text, from 0
  int64_t token = 0;        // among the line's words between spaces, from 0
  std::string word, sense;  // "bank", "river"
  // Translations of the sense, and of the word's other senses, in all the forms that are known.
  std::vector<std::string> right_forms, wrong_forms;
};

// A table with a header row, as data/README.md describes test.ambiguous.tsv; columns it does not
// need are passed over. `forms` are those of one reference, but a translation in another case or
// tense is right as well: what every other sense of the word calls wrong, and this one does not,
// are forms of this sense. Throws Error naming file:line for a row that does not fit.
std::vector<AmbiguousWord> read_ambiguous_words(const std::string& path);

// Throws Error naming the table and the word where `source` has no such line or token.
void check_ambiguous_words(const std::vector<AmbiguousWord>& words, const std::string& path,
                           const std::vector<std::string>& source);

enum class SenseVerdict { kRight, kWrong, kNeither };

struct SenseJudgement {
  SenseVerdict verdict = SenseVerdict::kNeither;
  std::vector<size_t> tokens;  // the translation's words, from 0, that decided it
};

// The verdict on each of the words of one line. Wrong: the translation holds a form of another
// sense (unless that is the right form of another of `words`); else right where it holds a form of
// the right one; else neither, such as a word left out or paraphrased. Words are compared without
// the punctuation around them, and with case, which tells "Spiele" from "spiele"; a word that opens
// a sentence may be either.
std::vector<SenseJudgement> judge_senses(const std::vector<AmbiguousWord>& words,
                                         const std::string& translation);

struct SenseCounts {
  int64_t right = 0, wrong = 0, neither = 0;

  void add(SenseVerdict verdict);
  int64_t total() const { return right + wrong + neither; }
  double accuracy() const;  // right / total; NaN of none
};

// Where attention went as ambiguous words were translated, in sums over them. A word translated by
// several target words counts once, by their mean.
struct SenseAttention {
  int64_t words = 0;
  double own_sum = 0, rest_sum = 0;
  int64_t strongest = 0;  // words that had more attention than any other

  // Weights of target words over source words, which may sum to less than 1: the rest went to the
  // end symbol. Throws Error where `token` or one of `targets` (at least one) lies outside.
  void add(const WeightRows& matrix, size_t token, const std::vector<size_t>& targets);

  double own() const;              // mean mass on the ambiguous word itself; NaN of none
  double rest() const;             // on all other words
  double strongest_share() const;  // share of words that had more attention than any other
};

}  // namespace heed
