// What hypotheses are compared by.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "config/decoding_config.h"
#include "util/error.h"

namespace heed {

using AttentionRows = std::vector<std::span<const float>>;  // one per target piece: [S] each

// A model's weights or sums are not finite.
class NotFinite : public Error {
 public:
  using Error::Error;
};
// Throws NotFinite where a model's log P is not a number.
void check_probability(float log_probability);

// log P / |y|^A, the end symbol counted in `length`.
double length_normalised(double log_probability, int64_t length, double penalty);

// The same plus coverage_penalty times Wu et al.'s coverage (2016, eq. 14) of an attention that has
// one row per piece. The source's end symbol (the last column) has no part in it.
double hypothesis_score(const DecodingConfig& options, double log_probability, int64_t length,
                        const AttentionRows& attention);

// The best score that any continuation of a live hypothesis of `length` pieces can reach with at
// most `max_length`: its probability can only fall and its length only grow, so it is
// log P / (max_length + 1)^A, or with A < 0 log P / (length + 1)^A. Coverage adds nothing above 0.
double score_bound(const DecodingConfig& options, double log_probability, int64_t length,
                   int64_t max_length);

}  // namespace heed
