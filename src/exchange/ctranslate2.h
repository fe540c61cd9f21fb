// CTranslate2's model folder.
#pragma once

#include "exchange/model_files.h"

namespace heed {

// Fills the folder with the model in float32: CTranslate2 makes int8 of it when it loads it
// (compute_type="int8"). The SentencePiece models are copied beside it; CTranslate2 is fed their
// pieces and adds the end symbol by itself. Throws Error naming the option that it has not got.
//
// Where the two engines' searches differ, with the same weights (CTranslate2 4.8.5, read and
// measured): both divide log P by the number of pieces, the end symbol counted, to the power of
// length_penalty. With a length penalty CTranslate2's beam stops as soon as beam_size hypotheses
// have ended; heed's goes on while a live one scores better than the worst of the best beam_size,
// so that where they differ heed's scores higher. With a length penalty of 0, and in greedy search,
// they agree. CTranslate2 cuts at max_decoding_length (256 pieces), heed at
// decoding.max_length_ratio; CTranslate2 bars the unknown piece only where told to (disable_unk).
void export_ctranslate2(const WholeModel& model, NewFolder& folder);

}  // namespace heed
