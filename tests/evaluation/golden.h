// What the golden files of scripts/make_scoring_golden.py hold, as heed's types.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluation/bleu.h"
#include "evaluation/chrf.h"
#include "evaluation/ter.h"
#include "util/file_content.h"

namespace heed::golden {

using Json = nlohmann::ordered_json;

inline Json load(const std::string& name) {
  return Json::parse(read_file(std::string(HEED_SOURCE_DIR) + "/tests/evaluation/golden/" + name));
}

// Every option of a case must be known: one that is overlooked would make the case test less.
template <typename Value>
bool take(Json& options, const char* key, Value& value) {
  if (!options.contains(key)) return false;
  value = options.at(key).get<std::remove_cvref_t<decltype(value)>>();
  options.erase(key);
  return true;
}

inline std::unique_ptr<Metric> make_bleu(Json& options) {
  BleuOptions bleu;
  double value = 0;
  take(options, "tokenize", bleu.tokenize);
  take(options, "lowercase", bleu.lowercase);
  take(options, "smooth_method", bleu.smooth_method);
  if (take(options, "smooth_value", value)) bleu.smooth_value = value;
  take(options, "effective_order", bleu.effective_order);
  take(options, "max_ngram_order", bleu.max_order);
  return std::make_unique<Bleu>(bleu);
}

inline std::unique_ptr<Metric> make_chrf(Json& options) {
  ChrfOptions chrf;
  take(options, "char_order", chrf.char_order);
  take(options, "word_order", chrf.word_order);
  take(options, "beta", chrf.beta);
  take(options, "lowercase", chrf.lowercase);
  take(options, "whitespace", chrf.whitespace);
  take(options, "eps_smoothing", chrf.eps_smoothing);
  return std::make_unique<Chrf>(chrf);
}

inline std::unique_ptr<Metric> make_ter(Json& options) {
  TerOptions ter;
  take(options, "normalized", ter.normalized);
  take(options, "no_punct", ter.no_punct);
  take(options, "asian_support", ter.asian_support);
  take(options, "case_sensitive", ter.case_sensitive);
  return std::make_unique<Ter>(ter);
}

inline std::unique_ptr<Metric> make_metric(const Json& golden_case) {
  Json options = golden_case.at("options");
  std::string name = golden_case.at("metric");
  auto metric = name == "bleu"   ? make_bleu(options)
                : name == "chrf" ? make_chrf(options)
                                 : make_ter(options);
  EXPECT_TRUE(options.empty()) << "options that the test does not know: " << options.dump();
  return metric;
}

// The text without the value of the signature's last field, which names heed as well.
inline std::string without_version(std::string text) {
  for (const std::string& field : {std::string("|version:"), std::string("|v:")}) {
    for (size_t at = 0; (at = text.find(field, at)) != std::string::npos;) {
      at += field.size();
      text.erase(at, text.find_first_of(" \"\n", at) - at);
    }
  }
  return text;
}

inline std::string without_version(Json json) {
  json["signature"] = without_version(json["signature"].get<std::string>());
  json.erase("version");
  return json.dump(1);
}

// Scores the corpus as a whole and by sentence, and expects what the case says. Returns how many
// numbers were compared.
inline int expect_case(const Json& corpus, const Json& golden_case) {
  SCOPED_TRACE(golden_case.at("metric").dump() + golden_case.at("options").dump());
  auto metric = make_metric(golden_case);
  auto hypotheses = corpus.at("hypotheses").get<Lines>();
  auto references = corpus.at("references").get<std::vector<Lines>>();
  SignatureContext context{.references = static_cast<int>(references.size())};
  Score score = metric->corpus(hypotheses, references);
  EXPECT_NEAR(score.score, golden_case.at("score").get<double>(), 1e-10);
  EXPECT_EQ(without_version(score_line(score, metric->signature(context))),
            without_version(golden_case.at("line").get<std::string>()));
  if (golden_case.contains("json")) {
    Json expected = Json::parse(golden_case.at("json").get<std::string>());
    EXPECT_EQ(without_version(score_json(score, metric->signature(context), {.width = 3})),
              without_version(expected));
    context.short_names = true;
    EXPECT_EQ(without_version(metric->signature(context)),
              without_version(golden_case.at("short").get<std::string>()));
  }
  const Json& sentences = golden_case.at("sentences");
  EXPECT_EQ(sentences.size(), hypotheses.size());
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::string> own;
    for (const Lines& set : references) own.push_back(set[i]);
    EXPECT_NEAR(metric->sentence(hypotheses[i], own).score, sentences[i].get<double>(), 2e-10)
        << "line " << i << ": '" << hypotheses[i] << "' against '" << own[0] << "'";
  }
  return 1 + static_cast<int>(sentences.size());
}

}  // namespace heed::golden
