#include "model/cell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/golden.h"
#include "util/error.h"

namespace heed {
namespace {

using golden::expect_close;

TEST(CellTest, StepsEqualPyTorchs) {
  for (const auto& test : golden::load("cell.json")) {
    SCOPED_TRACE(fmt::format("{} fed {}", test.at("kind").get<std::string>(),
                             test.at("feed_size").get<int>()));
    auto cell = make_cell(*RecurrentCell::find(test.at("kind").get<std::string>()),
                          {test.at("input_size"), test.at("feed_size"), test.at("hidden_size")});
    golden::set_parameters(*cell, test.at("parameters"));
    auto before = golden::tensors(test.at("before")), after = golden::tensors(test.at("after"));
    ASSERT_EQ(cell->has_memory(), after.size() == 2);
    CellState state{before[0], cell->has_memory() ? before[1] : Tensor()};
    CellState next = cell->step(cell->project(golden::tensor(test.at("input"))),
                                golden::tensor(test.at("feed")), state);
    expect_close(next.hidden, after[0]);
    if (cell->has_memory()) expect_close(next.memory, after[1]);
  }
}

TEST(CellTest, RunIsItsStepsFromZero) {
  for (const char* kind : {"gru", "lstm"}) {
    SCOPED_TRACE(kind);
    torch::manual_seed(3);
    auto cell = make_cell(*RecurrentCell::find(kind), {3, 0, 4});
    Tensor inputs = torch::randn({2, 5, 3});
    Tensor states = cell->run(inputs, torch::tensor({5, 5}), Direction::kForward);
    ASSERT_EQ(states.sizes(), (std::vector<int64_t>{2, 5, 4}));
    CellState state{torch::zeros({2, 4}), torch::zeros({2, 4})};
    for (int64_t t = 0; t < 5; ++t) {
      state = cell->step(cell->project(inputs.select(1, t)), {}, state);
      expect_close(states.select(1, t), state.hidden, 1e-6);
    }
  }
}

TEST(CellTest, RunsPassOverPadding) {
  for (const char* kind : {"gru", "lstm"}) {
    for (auto type : {torch::kFloat32, torch::kFloat64}) {  // the kernel, and plain LibTorch
      SCOPED_TRACE(fmt::format("{} {}", kind, toString(type)));
      torch::manual_seed(3);
      auto cell = make_cell(*RecurrentCell::find(kind), {3, 0, 4});
      cell->to(type);
      Tensor inputs = torch::randn({2, 5, 3}, type), lengths = torch::tensor({3, 5});
      Tensor alone = inputs.slice(0, 0, 1).slice(1, 0, 3), three = torch::tensor({3});
      Tensor forward = cell->run(inputs, lengths, Direction::kForward)[0];
      expect_close(forward.slice(0, 0, 3), cell->run(alone, three, Direction::kForward)[0], 1e-6);
      for (int64_t t : {3, 4}) expect_close(forward[t], forward[2], 0);
      Tensor backward = cell->run(inputs, lengths, Direction::kBackward)[0];
      expect_close(backward.slice(0, 0, 3), cell->run(alone, three, Direction::kBackward)[0], 1e-6);
      // Backwards is forwards over the sentence turned around.
      expect_close(backward.slice(0, 0, 3).flip(0),
                   cell->run(alone.flip(1), three, Direction::kForward)[0], 1e-6);
    }
  }
}

TEST(CellTest, RecurrentMatricesBeginOrthogonal) {
  auto cell = make_cell("gru", {3, 2, 4});
  Tensor weight = cell->named_parameters()["recurrent.weight"].detach();
  for (const Tensor& gate : weight.chunk(3, 0)) {
    expect_close(torch::mm(gate, gate.t()), torch::eye(4), 1e-5);
  }
}

}  // namespace
}  // namespace heed
