// What each fused kernel of src/kernels costs beside its plain LibTorch reference, forward
// and backward, and what a Transformer's whole training step costs: forward, loss and backward. One
// thread; read the CPU column, as ratios, from runs with
// --benchmark_enable_random_interleaving=true --benchmark_repetitions=5.
#include <benchmark/benchmark.h>

#include "kernels/torch.h"

#include <array>
#include <functional>
#include <random>

#include "config/options.h"
#include "data/batch.h"
#include "kernels/activation.h"
#include "kernels/add_norm.h"
#include "kernels/embedding.h"
#include "kernels/row_products.h"
#include "kernels/short_attention.h"
#include "model/device.h"
#include "model/loss.h"

namespace heed {
namespace {

constexpr int64_t kSentences = 270, kLength = 15, kVocabulary = 8000;
constexpr int64_t kHidden = 256, kInner = 1024;

at::ScalarType type_of(const benchmark::State& state) {
  return state.range(0) == 0 ? at::kFloat : at::kBFloat16;
}

// Times forward and backward of what `work` makes of its inputs.
void measure(benchmark::State& state, std::vector<at::Tensor> inputs,
             const std::function<at::Tensor(const std::vector<at::Tensor>&)>& work) {
  for (at::Tensor& x : inputs) x = x.to(type_of(state)).requires_grad_();
  at::Tensor change = at::randn_like(work(inputs).detach());
  for (auto _ : state) {
    benchmark::DoNotOptimize(torch::autograd::grad({work(inputs)}, inputs, {change}));
  }
}

bool fused(const benchmark::State& state) { return state.range(1) != 0; }

void both_ways(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"bfloat16", "fused"})->ArgsProduct({{0, 1}, {0, 1}});
  benchmark->Unit(benchmark::kMillisecond);
}

void relu_dropout(benchmark::State& state) {
  auto* kernel = fused(state) ? kernels::activation_dropout : kernels::activation_dropout_reference;
  measure(state, {at::randn({kSentences * kLength, kInner})},
          [&](const auto& x) { return kernel(x[0], kernels::Activation::kRelu, 0.1); });
}
BENCHMARK(relu_dropout)->Apply(both_ways);

void gelu_dropout(benchmark::State& state) {
  auto* kernel = fused(state) ? kernels::activation_dropout : kernels::activation_dropout_reference;
  measure(state, {at::randn({kSentences * kLength, kInner})},
          [&](const auto& x) { return kernel(x[0], kernels::Activation::kGelu, 0.1); });
}
BENCHMARK(gelu_dropout)->Apply(both_ways);

// The sum and the norm both have a gradient, as in pre-norm layers.
void add_norm(benchmark::State& state) {
  auto* kernel = fused(state) ? kernels::add_norm : kernels::add_norm_reference;
  int64_t rows = kSentences * kLength;
  measure(state,
          {at::randn({rows, kHidden}), at::randn({rows, kHidden}), at::randn({kHidden}),
           at::randn({kHidden})},
          [&](const auto& x) {
            auto out = kernel(x[0], x[1], 0.1, {x[2], x[3]});
            return at::cat({out.sum, out.normalised});
          });
}
BENCHMARK(add_norm)->Apply(both_ways);

void embedding(benchmark::State& state) {
  auto* kernel = fused(state) ? kernels::embed : kernels::embed_reference;
  at::Tensor ids = at::randint(kVocabulary, {kSentences, kLength}, at::kLong);
  at::Tensor positions = at::randn({kLength, kHidden}).to(type_of(state));
  measure(state, {at::randn({kVocabulary, kHidden})}, [&](const auto& x) {
    return kernel(x[0], ids, positions, {16, 0.1});
  });
}
BENCHMARK(embedding)->Apply(both_ways);

// As many pieces whatever the length.
void self_attention(benchmark::State& state) {
  auto* kernel = fused(state) ? kernels::attention : kernels::attention_reference;
  int64_t length = state.range(2), batch = kSentences * kLength / length;
  measure(state, {at::randn({batch, length, 3 * kHidden})}, [&](const auto& x) {
    return kernel({{}, x[0]}, {}, {4, 0.125, 0.1});
  });
}
BENCHMARK(self_attention)
    ->ArgNames({"bfloat16", "fused", "length"})
    ->ArgsProduct({{0, 1}, {0, 1}, {15, 32, 64, 128, 256}})
    ->Unit(benchmark::kMillisecond);

Batch random_batch() {
  std::mt19937 random(1);
  std::vector<std::vector<int32_t>> sentences(2 * kSentences);
  for (auto& sentence : sentences) {
    sentence.resize(kLength - 2 + random() % 3);
    for (int32_t& id : sentence) id = static_cast<int32_t>(4 + random() % (kVocabulary - 4));
  }
  std::vector<SentenceView> views(sentences.begin(), sentences.end());
  return make_batch({views.begin(), views.begin() + kSentences},
                    {views.begin() + kSentences, views.end()}, SpecialIds{}, SpecialIds{});
}

void transformer_step(benchmark::State& state) {
  ModelConfig config = default_config().model;
  config.hidden_size = kHidden;
  config.feed_forward_size = kInner;
  config.layers = 3;
  config.heads = 4;
  config.dropout = 0.1;
  if (state.range(1) != 0) config.attention_dropout = config.feed_forward_dropout = 0.1;
  config.architecture = "transformer";
  auto model = make_model({config, {kVocabulary, kVocabulary}, 100});
  model->to(type_of(state));
  BatchTensors batch = to_tensors(random_batch(), model->options());
  auto step = [&] {
    compute_loss(*model, batch, {0.1, 0, 0, 0, 0}).objective.backward();
    for (Tensor& parameter : model->parameters()) parameter.mutable_grad().reset();
  };
  step();  // the first one warms up
  for (auto _ : state) step();
}
BENCHMARK(transformer_step)
    ->ArgNames({"bfloat16", "dropout_everywhere"})
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

// The products of that step and nothing else, which bound its speed: each of them forward and for
// both gradients. Items are target tokens.
void transformer_products(benchmark::State& state) {
  struct Layers {
    int64_t in, out, count;
  };
  const Layers layers[] = {{kHidden, 3 * kHidden, 6}, {kHidden, kHidden, 12},
                           {kHidden, 2 * kHidden, 3}, {kHidden, kInner, 6},
                           {kInner, kHidden, 6},      {kHidden, kVocabulary, 1}};
  constexpr int64_t kRows = kSentences * kLength, kChunk = 270;  // the loss works on so many rows
  auto random = [&](int64_t rows, int64_t columns) {
    return at::randn({rows, columns}).to(type_of(state));
  };
  std::vector<std::array<at::Tensor, 3>> all;
  for (const Layers& layer : layers) {
    int64_t rows = layer.out == kVocabulary ? kChunk : kRows;
    all.push_back({random(rows, layer.in), random(layer.out, layer.in), random(rows, layer.out)});
  }
  for (auto _ : state) {
    for (size_t i = 0; i < all.size(); ++i) {
      const auto& [x, weight, gradient] = all[i];
      for (int64_t n = layers[i].count * kRows / x.size(0); n > 0; --n) {
        benchmark::DoNotOptimize(kernels::row_product(x, weight));
        benchmark::DoNotOptimize(kernels::row_product(gradient, weight.t()));
        benchmark::DoNotOptimize(at::mm(gradient.t(), x));
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(transformer_products)->ArgName("bfloat16")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace heed

int main(int count, char** arguments) {
  heed::set_up_compute(1);
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
