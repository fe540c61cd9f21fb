#include "training/training_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TrainingStateTest, IsItselfAgain) {
  TrainingState state;
  state.step = 12;
  state.position = {.epoch = 3, .batch = 7, .pool = 2};
  state.reward_baseline = 0.1;
  state.history.validations = {{.step = 5, .loss = 1.0 / 3}, {.step = 10, .loss = std::nan("")}};
  state.history.former = 1;
  TrainingState again = state_from(to_text(state));
  EXPECT_EQ(to_text(again), to_text(state));
  EXPECT_EQ(again.history.validations[0].loss, 1.0 / 3);
  EXPECT_EQ(again.position.batch, 7);
}

TEST(TrainingStateTest, WhatNoTrainingHasIsNamed) {
  struct {
    std::string text, words;
  } const cases[] = {
      {R"({"batch": -1, "validations": []})", "batch = -1"},
      {R"({"batch": 1.5, "validations": []})", "batch: expected a whole number, found 1.5"},
      {R"({"target_tokens": 9223372036854775807, "validations": []})", "target_tokens = 9223372"},
      {R"({"validations": [{"step": -9}]})", "step = -9"},
      {R"({"validations": [{"epoch": -2}]})", "epoch = -2"},
      {R"({"validations": [7]})", "is not one that heed has written"},
      {R"({"finished": 1, "validations": []})", "is not one that heed has written"},
      {R"({})", "is not one that heed has written"},
      {"{", "is not one that heed has written"}};
  for (const auto& [text, words] : cases) {
    EXPECT_THAT(message_of<Error>([&] { state_from(text); }),
                AllOf(HasSubstr(words), Not(HasSubstr("json.exception"))))
        << text;
  }
}

// Lists in lists in lists take the stack where they are printed.
TEST(TrainingStateTest, DepthIsNoDanger) {
  std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  EXPECT_THAT(message_of<Error>([&] { state_from(R"({"step": )" + deep + "}"); }),
              HasSubstr("step: expected a whole number, found array"));
}

}  // namespace
}  // namespace heed
