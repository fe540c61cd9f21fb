// The kernels against the cells' plain LibTorch, which float64 takes.
#include "kernels/recurrence.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "kernels/shared_gradient.h"
#include "model/cell.h"
#include "model/golden.h"
#include "util/error.h"

namespace heed {
namespace {

using golden::expect_close;
using kernels::Tensors;

struct Case {
  std::string kind;
  CellSizes sizes;
  int64_t batch, length;
};

// One of everything, and sizes around the vector widths 8 and 16.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* kind : {"gru", "lstm"}) {
    for (int64_t feed : {0, 1, 9}) {
      all.push_back({kind, {1, feed, 1}, 1, 1});
      all.push_back({kind, {3, feed, 7}, 2, 4});
      all.push_back({kind, {5, feed, 16}, 5, 3});
      all.push_back({kind, {4, feed, 33}, 3, 6});
    }
  }
  return all;
}

struct Problem {
  std::shared_ptr<Cell> cell;
  Tensor inputs, feeds, hidden, memory, lengths;

  Tensors with_gradient() const {
    Tensors all = cell->parameters();
    all.insert(all.end(), {inputs, hidden});
    if (feeds.defined()) all.push_back(feeds);
    if (cell->has_memory()) all.push_back(memory);
    return all;
  }
};

// The same numbers in every type, as bfloat16 rounds them.
Problem make_problem(const Case& c, torch::ScalarType type) {
  torch::manual_seed(17);
  Problem p;
  auto leaf = [&](at::IntArrayRef sizes) {
    return torch::randn(sizes).to(torch::kBFloat16).to(type).requires_grad_();
  };
  p.inputs = leaf({c.batch, c.length, c.sizes.input});
  p.hidden = leaf({c.batch, c.sizes.hidden});
  p.memory = leaf({c.batch, c.sizes.hidden});
  if (c.sizes.feed > 0) p.feeds = leaf({c.length, c.batch, c.sizes.feed});
  p.lengths = torch::randint(1, c.length + 1, {c.batch}, torch::kInt64);
  p.cell = make_cell(*RecurrentCell::find(c.kind), c.sizes);
  for (Tensor& parameter : p.cell->parameters()) {
    torch::NoGradGuard no_gradient;
    parameter.add_(torch::randn_like(parameter) * 0.3);
  }
  p.cell->to(torch::kBFloat16);
  p.cell->to(type);
  return p;
}

// States of all steps [B, T, H], and the last memory.
Tensor run_steps(const Problem& p) {
  kernels::SharedGradients shared;
  CellState state{p.hidden, p.cell->has_memory() ? p.memory : Tensor()};
  Tensors states;
  auto projected = p.cell->project(p.inputs).unbind(1);
  for (size_t t = 0; t < projected.size(); ++t) {
    Tensor feed = p.feeds.defined() ? p.feeds[static_cast<int64_t>(t)] : Tensor();
    state = p.cell->step(projected[t], feed, state);
    states.push_back(state.hidden);
  }
  if (p.cell->has_memory()) states.push_back(state.memory);
  return torch::stack(states, 1);
}

Tensor run_forward(const Problem& p) {
  return p.cell->run(p.inputs, p.lengths, Direction::kForward);
}
Tensor run_backward(const Problem& p) {
  return p.cell->run(p.inputs, p.lengths, Direction::kBackward);
}

struct Result {
  Tensor states;
  Tensors gradients;  // undefined where an input has no part
};

Result run(Tensor (*function)(const Problem&), const Problem& p) {
  Tensor states = function(p);
  Tensor loss = (states.to(torch::kFloat64) + 0.4).square().sum();
  return {states, torch::autograd::grad({loss}, p.with_gradient(), {}, {}, false, true)};
}

// `tolerance` of the largest element.
void expect_near(const Tensor& actual, const Tensor& expected, double tolerance) {
  ASSERT_EQ(actual.defined(), expected.defined());
  if (!expected.defined()) return;
  expect_close(actual, expected, tolerance * (1 + expected.abs().max().item<double>()));
}

void compare(Tensor (*function)(const Problem&), torch::ScalarType type, double tolerance) {
  for (const Case& c : cases()) {
    if (function != run_steps && c.sizes.feed > 0) continue;
    SCOPED_TRACE(fmt::format("{} {} fed {} hidden {}", c.kind, toString(type), c.sizes.feed,
                             c.sizes.hidden));
    Result actual = run(function, make_problem(c, type));
    Result expected = run(function, make_problem(c, torch::kFloat64));
    expect_near(actual.states, expected.states, tolerance);
    for (size_t i = 0; i < expected.gradients.size(); ++i) {
      expect_near(actual.gradients[i], expected.gradients[i], tolerance);
    }
  }
}

TEST(RecurrenceTest, StepsEqualPlainLibTorch) { compare(run_steps, torch::kFloat32, 2e-6); }
TEST(RecurrenceTest, ForwardRunsEqualPlainLibTorch) { compare(run_forward, torch::kFloat32, 2e-6); }
TEST(RecurrenceTest, BackwardRunsEqualPlainLibTorch) {
  compare(run_backward, torch::kFloat32, 2e-6);
}
TEST(RecurrenceTest, Bfloat16IsNearTheSame) {
  for (auto* function : {run_steps, run_forward, run_backward}) {
    compare(function, torch::kBFloat16, 0.03);
  }
}

TEST(RecurrenceTest, StepsWithoutSharingHaveTheSameGradients) {
  Case c{"gru", {3, 2, 7}, 2, 1};
  Problem p = make_problem(c, torch::kFloat32);
  auto unshared = [](const Problem& problem) {
    CellState state{problem.hidden, {}};
    return problem.cell
        ->step(problem.cell->project(problem.inputs.select(1, 0)), problem.feeds[0], state)
        .hidden.unsqueeze(1);
  };
  Result actual = run(unshared, p), expected = run(run_steps, p);
  for (size_t i = 0; i < expected.gradients.size(); ++i) {
    expect_close(actual.gradients[i], expected.gradients[i]);
  }
}

}  // namespace
}  // namespace heed
