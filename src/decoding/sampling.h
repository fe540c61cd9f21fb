// Pieces drawn by their probability: what may be drawn, and draws that a seed repeats.
#pragma once

#include <cstdint>
#include <vector>

namespace heed {

// Each works on the log-probabilities of a row, [V]. The two that keep some set what may not be
// drawn to -inf; the rest stays as it is, not normalised anew.
//
// To P^(1 / temperature), but for a factor: the highest becomes 0, so that no temperature above 0
// makes a number that is not finite of every piece.
void apply_temperature(std::vector<float>& log_probabilities, double temperature);
// The k most probable pieces (Fan, Lewis and Dauphin, 2018); 0: all.
void keep_top_k(std::vector<float>& log_probabilities, int64_t k);
// The fewest most probable pieces that hold at least `p` of what the row has (Holtzman et al.,
// 2020, equation 2: the nucleus); 0: all.
void keep_top_p(std::vector<float>& log_probabilities, double p);

// What a draw depends on: nothing else does, neither batch nor thread.
struct DrawKey {
  uint64_t seed, sentence, sample, position;
};

// One id, drawn by its share of the row's exp(log-probabilities): the highest log-probability plus
// Gumbel noise (Gumbel, 1954; Maddison et al., 2014). Noise of its own for each id makes the choice
// blind to rounding, but for near ties. -1 where nothing is finite.
int64_t draw(const std::vector<float>& log_probabilities, const DrawKey& key);

}  // namespace heed
