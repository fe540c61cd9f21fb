// The flags that say which metrics score, and how: sacreBLEU's names, but for --metrics.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/bleu.h"
#include "evaluation/chrf.h"
#include "evaluation/ter.h"

namespace heed {

struct MetricFlags {
  std::string names = "bleu", tokenize,
              language_pair;  // tokenize: 13a or the language's, unless given
  bool lowercase = false;
  BleuOptions bleu;
  ChrfOptions chrf;
  std::optional<int> chrf_word_order;
  TerOptions ter;

  // `command` outlives this.
  void add_to(CLI::App& command);
  // The metrics in the order of --metrics. Sentences are scored with BLEU's effective order, as
  // sacreBLEU's command line does. Throws UsageError for an unknown metric or tokeniser and for
  // options that contradict each other, Error where spm:FILE cannot be read. Warns of flags whose
  // metric is not among them.
  std::vector<std::unique_ptr<Metric>> make(bool sentence_level) const;

 private:
  void warn_of_idle(const std::vector<std::string>& chosen) const;
  std::unique_ptr<Metric> make_one(const std::string& name, bool sentence_level) const;
  std::unique_ptr<Metric> make_bleu(bool sentence_level) const;
  std::string bleu_tokenizer() const;

  const CLI::App* command_ = nullptr;
};

}  // namespace heed
