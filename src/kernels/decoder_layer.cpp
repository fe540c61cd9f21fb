#include "kernels/decoder_layer.h"

#include <algorithm>

#include "kernels/attention_rows.h"

namespace heed::kernels {
namespace {

class LayerStep {
 public:
  LayerStep(const DecoderLayer& layer, const DecoderLayerMemory& memory, float* x)
      : layer_(layer),
        memory_(memory),
        rows_(memory.source.batch * memory.source.beam),
        hidden_(layer.self_output->out()),
        x_(x) {
    int64_t inner = layer.inner->out();
    thread_local Floats scratch;  // keeps its memory from step to step
    size_t size = rows_ * (3 * hidden_ + std::max(3 * hidden_, inner) + inner);
    scratch.resize(std::max(scratch.size(), size));
    normed_ = scratch.data();
    change_ = normed_ + rows_ * hidden_;
    context_ = change_ + rows_ * hidden_;
    wide_ = context_ + rows_ * hidden_;
    active_ = wide_ + rows_ * std::max(3 * hidden_, inner);
  }

  void run() {
    add_sublayer(layer_.self_norm, [&](const float* z) { attend_to_self(z); });
    add_sublayer(layer_.cross_norm, [&](const float* z) { attend_to_sentence(z); });
    add_sublayer(layer_.feed_forward_norm, [&](const float* z) { feed_forward(z); });
  }

 private:
  // x + f(norm(x)), or, post-norm, norm(x + f(x)); f writes change_.
  template <typename Sublayer>
  void add_sublayer(const Norm& norm, Sublayer&& sublayer) {
    if (layer_.pre_norm) {
      normalise(x_, rows_, hidden_, norm, normed_);
      sublayer(normed_);
      add_rows(change_, x_, rows_ * hidden_);
    } else {
      sublayer(x_);
      add_rows(x_, change_, rows_ * hidden_);
      normalise(change_, rows_, hidden_, norm, x_);
    }
  }

  void attend_to_self(const float* z) {
    layer_.query_key_value->apply(z, rows_, wide_);
    if (memory_.sums.after) {
      int64_t heads = layer_.self_shape.heads;
      attend_to_sums(wide_, memory_.sums, {rows_, heads, hidden_ / heads}, context_);
    } else {
      attend_to_stored();
    }
    layer_.self_output->apply(context_, rows_, change_);
  }

  void attend_to_stored() {
    for (int64_t row = 0; row < rows_; ++row) {
      std::copy_n(wide_ + (3 * row + 1) * hidden_, 2 * hidden_,
                  memory_.stored + (memory_.written + row) * 2 * hidden_);
    }
    attend_to_own(
        {wide_, 3 * hidden_, memory_.stored, memory_.origins, rows_, hidden_, memory_.length},
        layer_.self_shape, context_);
  }

  void attend_to_sentence(const float* z) {
    layer_.query->apply(z, rows_, wide_);
    SourcePieces source = memory_.source;
    source.queries = wide_;
    attend_to_source(source, layer_.cross_shape, context_, memory_.weights);
    layer_.cross_output->apply(context_, rows_, change_);
  }

  void feed_forward(const float* z) {
    layer_.inner->apply(z, rows_, wide_);
    activate(wide_, rows_ * layer_.inner->out(), layer_.activation, active_);
    layer_.outer->apply(active_, rows_, change_);
  }

  const DecoderLayer& layer_;
  const DecoderLayerMemory& memory_;
  int64_t rows_, hidden_;
  float* x_;
  // [R, H] each, but wide_ [R, 3 H or the feed-forward width] and active_ [R, the latter]
  float *normed_, *change_, *context_, *wide_, *active_;
};

}  // namespace

void decoder_layer_step(const DecoderLayer& layer, const DecoderLayerMemory& memory, float* x) {
  LayerStep(layer, memory, x).run();
}

}  // namespace heed::kernels
