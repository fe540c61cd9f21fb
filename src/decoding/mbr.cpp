#include "decoding/mbr.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "evaluation/sentence_metric.h"

namespace heed {

std::vector<double> mbr_weights(const std::vector<Translation>& translations, bool sampled) {
  if (sampled) {
    auto count = static_cast<double>(translations.size());
    return std::vector<double>(translations.size(), 1 / count);
  }
  double highest =
      std::ranges::max(translations, {}, &Translation::log_probability).log_probability;
  std::vector<double> weights;
  for (const Translation& one : translations) {
    weights.push_back(std::exp(one.log_probability - highest));
  }
  double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

void choose_by_utility(std::vector<Translation>& translations, const std::vector<double>& weights,
                       std::string_view utility) {
  auto metric = make_sentence_metric(utility);
  for (Translation& one : translations) {
    one.utility = 0;
    for (size_t j = 0; j < translations.size(); ++j) {
      one.utility += weights[j] * metric->sentence(one.text, {translations[j].text}).score;
    }
  }
  std::ranges::stable_sort(translations, std::greater<>(), &Translation::utility);
}

}  // namespace heed
