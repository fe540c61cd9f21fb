// Objectives that let the model say the same twice: two passes over each pair, and beside their
// cross-entropy how far apart the distributions of each target piece are. A batch takes twice the
// time.
#pragma once

#include "training/objective.h"

namespace heed {

// R-Drop (Liang et al., 2021, arXiv 2106.14448, equation 4), halved, so that the learning rate and
// the clipping of plain cross-entropy suit: with weight c, the mean of both passes' cross-entropies
// and c / 4 times KL(P1 || P2) + KL(P2 || P1). The passes differ in dropout.
std::unique_ptr<Objective> make_r_drop(const TrainingConfig& config);

// SimCut (Gao et al., 2022, arXiv 2206.02368, equation 5): the cross-entropy of the pair as it is,
// and c times KL(P || P'), where P' sees a share training.cutoff of the source and target pieces
// not at all. Both sides of the divergence have gradients, as there.
std::unique_ptr<Objective> make_simcut(const TrainingConfig& config);

}  // namespace heed
