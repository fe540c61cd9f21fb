#include "server/detection.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "server/language_signs.h"
#include "server/languages.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kBytes = 4000;  // of the texts that are looked at

// What a sign of a language is worth, in nats; those that several candidates share are worth less.
constexpr double kWord = 2, kLetter = 2, kForeignLetter = 2.5, kSequence = 0.4;
constexpr double kScript = 12;                // all letters in a language's script against none
constexpr double kPieces = 8, kUnknown = 12;  // more pieces, and unknown ones, per character

struct Seen {
  std::vector<std::string> words;         // lower case
  std::map<std::string, double> scripts;  // shares of the letters
  std::vector<std::string> letters;       // beyond ASCII, lower case, as often as they come
  size_t characters = 0;
  std::string text;
};

Seen look_at(const std::vector<std::string>& texts) {
  Seen seen;
  seen.text = std::string(truncate_utf8(join(texts, "\n"), kBytes));
  std::string word;
  double all = 0;
  for (char32_t c : to_utf32(seen.text + " ")) {
    auto lower = u_tolower(static_cast<UChar32>(c));
    bool letter = u_isalpha(lower) ||
                  (u_getIntPropertyValue(lower, UCHAR_GENERAL_CATEGORY_MASK) & U_GC_M_MASK) != 0;
    if (!letter) {
      if (!word.empty()) seen.words.push_back(std::exchange(word, ""));
      continue;
    }
    append_utf8(word, static_cast<char32_t>(lower));
    UErrorCode fault = U_ZERO_ERROR;
    seen.scripts[uscript_getShortName(uscript_getScript(lower, &fault))] += 1;
    ++all;
    if (lower < 0x80) continue;
    append_utf8(seen.letters.emplace_back(), static_cast<char32_t>(lower));
  }
  for (auto& [script, count] : seen.scripts) count /= all;
  seen.characters = static_cast<size_t>(all);
  return seen;
}

const LanguageSigns& signs_of(const std::string& language) {
  static constexpr LanguageSigns kUnknownSigns{"", "Latn", "", "", ""};
  std::string main = language.substr(0, language.find('-'));
  auto found = std::ranges::find(language_signs(), main, &LanguageSigns::code);
  return found == language_signs().end() ? kUnknownSigns : *found;
}

struct Candidate {
  std::string language;
  const LanguageSigns* signs;
  std::set<std::string> words;
  double evidence = 0;  // in nats
};

// Adds to every candidate that has the sign its share of the worth; true where one has it.
template <typename Has>
bool share_out(std::vector<Candidate>& candidates, double worth, Has has) {
  auto count = std::ranges::count_if(candidates, has);
  if (count == std::ssize(candidates)) return true;
  for (Candidate& one : candidates) {
    if (has(one)) one.evidence += worth / static_cast<double>(count);
  }
  return count > 0;
}

void weigh_script(const Seen& seen, std::vector<Candidate>& candidates) {
  for (Candidate& one : candidates) {
    for (const std::string& script : split_words(one.signs->scripts)) {
      auto share = seen.scripts.find(script);
      if (share != seen.scripts.end()) one.evidence += kScript * share->second;
    }
    // Chinese characters alone are Chinese; with kana beside them they are not.
    auto han = seen.scripts.find("Hani");
    if (han != seen.scripts.end() && one.signs->code == "zh") {
      one.evidence += kScript * (han->second > 0.99 ? 0.5 : -0.5);
    }
  }
}

void weigh_signs(const Seen& seen, std::vector<Candidate>& candidates) {
  for (const std::string& word : seen.words) {
    share_out(candidates, kWord, [&](const Candidate& one) { return one.words.contains(word); });
  }
  for (const std::string& letter : seen.letters) {
    auto has = [&](const Candidate& one) {
      return one.signs->letters.find(letter) != std::string_view::npos;
    };
    if (!share_out(candidates, kLetter, has)) continue;
    for (Candidate& one : candidates) {
      bool plain = one.signs->letters.empty() && one.signs->scripts != "Latn";
      if (!has(one) && !plain) one.evidence -= kForeignLetter / 2;
    }
  }
  for (const Candidate& from : std::vector<Candidate>(candidates)) {
    for (const std::string& sequence : split_words(from.signs->sequences)) {
      double times = 0;
      for (const std::string& word : seen.words) times += word.find(sequence) != std::string::npos;
      if (times == 0) continue;
      for (Candidate& one : candidates) {
        if (one.language == from.language) one.evidence += kSequence * times;
      }
    }
  }
}

// How well the vocabulary of each model fits that translates from the language: it cuts a text of
// its own language into fewer pieces, and knows all of them.
void weigh_vocabularies(const Catalogue& catalogue, const Seen& seen,
                        std::vector<Candidate>& candidates) {
  std::vector<std::optional<double>> costs;
  for (const Candidate& one : candidates) {
    std::optional<double>& cost = costs.emplace_back();
    for (const ModelPtr& model : catalogue.models()) {
      if (normal_code(model->direction.source) != one.language) continue;
      const Tokenizer& tokenizer = *model->model.tokenizers.source;
      std::vector<int32_t> pieces = tokenizer.encode(seen.text);
      auto unknown = std::ranges::count(pieces, tokenizer.special().unknown);
      double now =
          (kPieces * static_cast<double>(pieces.size()) + kUnknown * static_cast<double>(unknown)) /
          static_cast<double>(seen.characters);
      cost = std::min(cost.value_or(now), now);
    }
  }
  double most = 0;
  for (const auto& cost : costs) most = std::max(most, cost.value_or(0));
  for (size_t i = 0; i < costs.size(); ++i) {
    if (costs[i]) candidates[i].evidence += most - *costs[i];
  }
}

std::vector<Candidate> candidates_of(const Catalogue& catalogue, const std::string& target) {
  std::vector<Candidate> all, translated;
  for (const Language& language : catalogue.languages()) {
    const LanguageSigns& signs = signs_of(language.code);
    std::vector<std::string> words = split_words(signs.words);
    Candidate one{
        .language = language.code, .signs = &signs, .words = {words.begin(), words.end()}};
    if (catalogue.find(language.code, target)) translated.push_back(one);
    all.push_back(std::move(one));
  }
  return translated.empty() ? all : translated;
}

}  // namespace

std::vector<Detection> detect(const Catalogue& catalogue, const std::vector<std::string>& texts,
                              const std::string& target) {
  std::vector<Candidate> candidates = candidates_of(catalogue, target);
  Seen seen = look_at(texts);
  if (seen.characters > 0) {
    weigh_script(seen, candidates);
    weigh_signs(seen, candidates);
    weigh_vocabularies(catalogue, seen, candidates);
  }
  std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::evidence);
  double sum = 0;
  for (const Candidate& one : candidates) sum += std::exp(one.evidence - candidates[0].evidence);
  std::vector<Detection> found;
  for (const Candidate& one : candidates) {
    double share = std::exp(one.evidence - candidates[0].evidence) / sum;
    found.push_back({std::round(share * 1000) / 10, one.language});
  }
  return found;
}

}  // namespace heed
