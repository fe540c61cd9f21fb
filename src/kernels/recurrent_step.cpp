#include "kernels/recurrent_step.h"

#include <algorithm>

#include "kernels/attention_rows.h"
#include "kernels/cell_rows.h"
#include "kernels/simd.h"

namespace heed::kernels {
namespace {

class Step {
 public:
  Step(const RecurrentLayers& layers, const RecurrentMemory& memory, float* sum)
      : layers_(layers),
        memory_(memory),
        rows_(memory.source.batch * memory.source.beam),
        hidden_(layers.cells[0].recurrent->in()),
        readout_(layers.readout_top->out()),
        sum_(sum) {
    const StepAttention& attention = layers.attention;
    int64_t query = attention.heads * memory.source.key_width;
    int64_t context = attention.heads * memory.source.value_width;
    int64_t gates = layers.cells[0].recurrent->out();
    thread_local Floats scratch;  // keeps its memory from step to step
    const int64_t widths[] = {hidden_, query, context, hidden_, gates, std::max(gates, readout_)};
    int64_t width = 4 * hidden_;
    for (int64_t one : widths) width += rows_ * one;
    scratch.resize(std::max(scratch.size(), static_cast<size_t>(width)));
    float* next = scratch.data();
    float** parts[] = {&projected_, &query_, &attended_, &context_, &gates_, &change_};
    for (size_t i = 0; i < std::size(widths); ++i) {
      *parts[i] = next;
      next += rows_ * widths[i];
    }
    activations_ = next;
  }

  void run() {
    if (layers_.attends_first) {
      const float* context = attend(memory_.hidden.back());
      run_cells(context);
      read_out(context);
    } else {
      run_cells(memory_.feed);
      read_out(attend(memory_.hidden.back()));
    }
  }

 private:
  void add(const PackedLinear* layer, const float* x, float* to) {
    layer->apply(x, rows_, change_);
    add_rows(change_, to, rows_ * layer->out());
  }

  void run_cells(const float* feed) {
    const float* input = memory_.embedding;
    for (size_t i = 0; i < layers_.cells.size(); ++i) {
      const StepCell& cell = layers_.cells[i];
      float* hidden = memory_.hidden[i];
      cell.input->apply(input, rows_, gates_);
      if (cell.feed != nullptr) add(cell.feed, feed, gates_);
      cell.recurrent->apply(hidden, rows_, change_);
      int64_t width = cell.recurrent->out();
      for (int64_t row = 0; row < rows_; ++row) {
        float* state = hidden + row * hidden_;
        float* kept = memory_.memory.empty() ? nullptr : memory_.memory[i] + row * hidden_;
        cell_row(
            layers_.kind,
            {gates_ + row * width, change_ + row * width, state, kept, state, kept, activations_},
            hidden_);
      }
      input = hidden;
    }
  }

  // The score's part of the queries of all heads.
  const float* query_of(const float* state) {
    const StepAttention& attention = layers_.attention;
    const float* query = state;
    if (attention.projection != nullptr) {
      attention.projection->apply(query, rows_, projected_);
      query = projected_;
    }
    if (attention.score_query != nullptr) {
      attention.score_query->apply(query, rows_ * attention.heads, query_);
      query = query_;
    }
    if (attention.scale == 1) return query;
    int64_t size = rows_ * attention.heads * memory_.source.key_width;
    if (query != query_) std::copy_n(query, size, query_);
    vectorised<scale_by>(attention.scale, query_, size);
    return query_;
  }

  // -> the context [R, H] of the decoder's state.
  const float* attend(const float* state) {
    const StepAttention& attention = layers_.attention;
    SourcePieces source = memory_.source;
    source.queries = query_of(state);
    if (attention.energy != nullptr) {
      attend_by_energy(source);
    } else {
      attend_to_source(source, {attention.heads, /*scale=*/1.0}, attended_, memory_.weights);
    }
    if (attention.output == nullptr) return attended_;
    attention.output->apply(attended_, rows_, context_);
    return context_;
  }

  // As soft_attention does it (soft_attention.h).
  void attend_by_energy(const SourcePieces& source) {
    int64_t length = source.length, width = source.key_width, value_width = source.value_width;
    thread_local Floats scores;  // [S] in whole vectors
    scores.resize(in_lanes(length));
    for (int64_t row = 0; row < rows_; ++row) {
      int64_t sentence = row / source.beam;
      const float* keys = source.keys + sentence * length * width;
      const float* values = source.values + sentence * length * value_width;
      const float* padding =
          source.padding == nullptr ? nullptr : source.padding + sentence * length;
      auto is_real = [&](int64_t s) { return padding == nullptr || padding[s] == 0; };
      const float* query = source.queries + row * width;
      auto score = [&](int64_t s) {
        return hidden_score(query, keys + s * width, layers_.attention.energy, width);
      };
      float* context = attended_ + row * value_width;
      std::fill_n(context, value_width, 0.0F);
      attend_row(
          length, value_width, is_real, score, [&](int64_t s) { return values + s * value_width; },
          scores.data(), context);
      std::copy_n(scores.begin(), length, memory_.weights + row * length);
    }
  }

  void read_out(const float* context) {
    layers_.readout_top->apply(memory_.hidden.back(), rows_, sum_);
    add(layers_.readout_context, context, sum_);
    if (layers_.readout_embedding != nullptr) {
      add(layers_.readout_embedding, memory_.embedding, sum_);
    }
  }

  const RecurrentLayers& layers_;
  const RecurrentMemory& memory_;
  int64_t rows_, hidden_, readout_;
  float* sum_;
  // [R, H], [R, A D], [R, A Dv], [R, H], [R, gates * H], [R, the widest change], [4 H]
  float *projected_, *query_, *attended_, *context_, *gates_, *change_, *activations_;
};

}  // namespace

void recurrent_step(const RecurrentLayers& layers, const RecurrentMemory& memory, float* sum) {
  Step(layers, memory, sum).run();
}

}  // namespace heed::kernels
