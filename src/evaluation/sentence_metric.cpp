#include "evaluation/sentence_metric.h"

#include "evaluation/bleu.h"
#include "evaluation/chrf.h"

namespace heed {

std::unique_ptr<Metric> make_sentence_metric(std::string_view name) {
  if (name == "chrf") return std::make_unique<Chrf>();
  BleuOptions options;
  options.effective_order = options.force = true;
  return std::make_unique<Bleu>(options);
}

}  // namespace heed
