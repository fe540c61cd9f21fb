// A model as translation sees it: compiled, immutable, shared by any number of threads. The models
// themselves stand in src/inference. All numbers are plain memory here, so that searching needs no
// tensor library.
//
// Letters as in model/seq2seq.h: B batch, S source length, T target length, V vocabulary, N target
// pieces of a batch, R rows of a decoding.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/batch.h"
#include "report/attention_page.h"

namespace heed {

// Numbers [rows, columns], row-major.
struct FloatMatrix {
  int64_t rows = 0, columns = 0;
  std::vector<float> values;

  const float* operator[](int64_t row) const { return values.data() + row * columns; }
  float* operator[](int64_t row) { return values.data() + row * columns; }
};

// What a decoding is to give beside the pieces.
struct DecodingWants {
  bool attention = false;
  // Pieces to choose among, ascending: probabilities are of these alone. Empty: all pieces.
  std::vector<int32_t> pieces = {};
};

struct BestQuery {
  int64_t count;                // k
  std::vector<int64_t> barred;  // pieces that are never among the best, but count in the sums
  int32_t asked;                // a piece whose log P is wanted whatever its rank
};

// The best next pieces of each row, best first, of equal ones the lower id; natural logarithms.
struct BestPieces {
  int64_t count;                         // k
  std::vector<int32_t> ids;              // [R, k]; -1: none left
  std::vector<float> log_probabilities;  // [R, k]
  std::vector<float> asked;              // [R]
};

// One decoding of a batch of sentences. It has one row per hypothesis; a sentence's rows stand
// together, equally many per sentence: at first one.
class Decoding {
 public:
  virtual ~Decoding() = default;

  // Takes the last piece of each row, [R]; what follows is said of the piece after it.
  virtual void take(const std::vector<int64_t>& last) = 0;
  virtual BestPieces best(const BestQuery& query) const = 0;
  // log P of every next piece, [R, V].
  virtual FloatMatrix log_probabilities() const = 0;
  // Attention of the next piece over the source, averaged over layers and heads, [R, S]. Only where
  // it was wanted.
  virtual FloatMatrix attention() const = 0;
  // Goes on with these rows in this order; `sentences` are those that they belong to, and null
  // where all sentences stay.
  virtual void keep(const std::vector<int64_t>& rows, const std::vector<int64_t>* sentences) = 0;
};

// What teacher forcing says of given targets.
struct ForcedTargets {
  std::vector<float> log_probabilities;  // [N]: of each target piece, end symbols included
  std::vector<FloatMatrix> attention;    // per sentence [T, S], as Decoding's; where wanted
};

class Inference {
 public:
  virtual ~Inference() = default;

  virtual std::unique_ptr<Decoding> begin(const IdMatrix& source,
                                          const DecodingWants& wants) const = 0;
  virtual ForcedTargets force(const Batch& batch, bool attention) const = 0;
  // The attention of every layer and head to a batch of one pair, by teacher forcing. Throws Error
  // for an ensemble.
  virtual std::vector<AttentionMap> heads(const Batch& pair) const = 0;

  // Rows of a decoding that are fastest together; 0: as many as there are.
  virtual int64_t preferred_rows() const = 0;
  // Batches that may be decoded at the same time; 0: as many as there are threads.
  virtual int64_t parallel_batches() const = 0;
  // To be called by a thread before it decodes batches while others do the same.
  virtual void enter_worker() const = 0;
};

}  // namespace heed
