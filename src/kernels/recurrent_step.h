// One step of a recurrent decoder as one call, in float32 on the CPU: what RecurrentDecoder::step
// does by tensors, without making one. With few rows, making tensors costs several times what
// computing their numbers does. R = B * K rows.
#pragma once

#include <vector>

#include "kernels/attention_step.h"
#include "kernels/packed_linear.h"
#include "kernels/recurrence.h"

namespace heed::kernels {

struct StepCell {
  const PackedLinear *input, *recurrent;
  const PackedLinear* feed;  // null: the cell has none
};

// Soft-max attention to all of the source. Each layer may be null: what it takes is passed on then.
struct StepAttention {
  const PackedLinear* projection;   // of the decoder's state, to all heads
  const PackedLinear* score_query;  // of a head's query
  float scale;                      // of what comes out of it
  const float* energy;         // [D]: the score is energy . tanh(query + key); null: query . key
  int64_t heads;               // A; 1 where there is an energy
  const PackedLinear* output;  // of the context
};

struct RecurrentLayers {
  CellKind kind;
  std::vector<StepCell> cells;  // a layer each
  StepAttention attention;
  bool attends_first;  // with the top state of the step before: its context is the first cell's
                       // feed (Bahdanau)
  const PackedLinear *readout_top, *readout_context;
  const PackedLinear* readout_embedding;  // may be null
};

// What a step looks at and what it changes.
struct RecurrentMemory {
  const float* embedding;      // [R, E]
  const float* feed;           // [R, readout]: the step before's; null: there is none
  std::vector<float*> hidden;  // [R, H] of each layer, changed in place
  std::vector<float*> memory;  // the same of an LSTM's memories; empty for a GRU
  SourcePieces source;  // but for the queries; with an energy, keys [B, S, D] and values [B, S, Dv]
  float* weights;       // [B, A, K, S], written
};

// sum [R, readout], written: its tanh is the readout (Luong et al., 2015, equation 5).
void recurrent_step(const RecurrentLayers& layers, const RecurrentMemory& memory, float* sum);

}  // namespace heed::kernels
