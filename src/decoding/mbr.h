// Minimum Bayes risk: of several translations, the one that is on average nearest to what the model
// would say.
#pragma once

#include <string_view>
#include <vector>

#include "decoding/search.h"
#include "decoding/translation.h"

namespace heed {

// How much each translation counts as a reference; they sum to 1. Samples count alike (Eikema and
// Aziz 2020, eq. 5); the results of a search by their probability, normalised among them (Kumar and
// Byrne 2004, 3).
std::vector<double> mbr_weights(const std::vector<Translation>& translations, bool sampled);

// Sets each translation's utility, the weighted mean of its sentence score against every one
// (itself included), and puts the highest first; those of equal utility keep their order. BLEU is
// that of sentences: effective order, exponential smoothing.
void choose_by_utility(std::vector<Translation>& translations, const std::vector<double>& weights,
                       std::string_view utility);

}  // namespace heed
