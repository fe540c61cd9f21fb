// Minimum risk training (Shen et al., 2016, arXiv 1512.02433): the expected loss of what the model
// translates, by translations drawn from it.
#pragma once

#include "training/objective.h"

namespace heed {

// Of each sentence: the mean of its candidates' `losses` [C], by their probabilities to the power
// of `sharpness`, made to add up to 1 (equations 11 and 12). `log_probabilities` [C], those of the
// first sentence's `counts[0]` candidates first. Returns the sum over the sentences, a scalar.
Tensor expected_losses(const Tensor& log_probabilities, const Tensor& losses,
                       const std::vector<int64_t>& counts, double sharpness);

// training.risk_samples translations are drawn of each source sentence, by the model without
// dropout; each different one, and the reference, is a candidate. It loses 1 - its sentence BLEU,
// or chrF, between 0 and 1. To stand beside cross-entropy, a sentence counts as many times as the
// batch's sentences have target pieces on average.
std::unique_ptr<Objective> make_minimum_risk(const TrainingConfig& config,
                                             const Tokenizers& tokenizers);

}  // namespace heed
