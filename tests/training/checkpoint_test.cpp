#include "training/checkpoint.h"
#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "model/safetensors.h"
#include "model/small_model.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TrainingState state_at(int64_t step) {
  TrainingState state;
  state.step = step;
  state.position = {.epoch = 3, .batch = 7, .pool = 2};
  state.history.plateau = {0.25, 1};
  state.history.waited = 2;
  state.seconds = 12.5;
  state.target_tokens = 1234567890123;
  state.replicas = 3;
  state.batch_tokens = 777;
  state.reward_baseline = -2.5;
  state.corpus = "0123456789abcdef";
  state.plan = "0123456789abcdef 777 1";
  state.yardstick = {"fedcba", "bleu", "13a, beam 5"};
  state.validation_owed = true;
  state.finished = true;
  state.history.former = 1;
  Validation best{.step = 5, .epoch = 1, .loss = 2.5, .perplexity = std::exp(2.5), .bleu = 12.75};
  best.learning_rate = 0.001;
  best.seconds = 6;
  best.best = true;
  Validation extra{.step = step, .epoch = 2, .loss = std::nan(""), .perplexity = std::nan("")};
  extra.learning_rate = 0.0005;
  extra.seconds = 12;
  extra.extra = true;
  state.history.validations = {best, extra};
  return state;
}

void expect_same(const TrainingState& found, const TrainingState& expected) {
  EXPECT_EQ(found.step, expected.step);
  EXPECT_EQ(found.position.epoch, expected.position.epoch);
  EXPECT_EQ(found.position.batch, expected.position.batch);
  EXPECT_EQ(found.position.pool, expected.position.pool);
  EXPECT_EQ(found.history.plateau.factor, expected.history.plateau.factor);
  EXPECT_EQ(found.history.plateau.waited, expected.history.plateau.waited);
  EXPECT_EQ(found.history.waited, expected.history.waited);
  EXPECT_EQ(found.seconds, expected.seconds);
  EXPECT_EQ(found.target_tokens, expected.target_tokens);
  EXPECT_EQ(found.replicas, expected.replicas);
  EXPECT_EQ(found.batch_tokens, expected.batch_tokens);
  EXPECT_EQ(found.reward_baseline, expected.reward_baseline);
  EXPECT_EQ(found.corpus, expected.corpus);
  EXPECT_EQ(found.plan, expected.plan);
  EXPECT_EQ(found.yardstick, expected.yardstick);
  EXPECT_EQ(found.validation_owed, expected.validation_owed);
  EXPECT_EQ(found.history.former, expected.history.former);
  EXPECT_EQ(found.finished, expected.finished);
  ASSERT_EQ(found.history.validations.size(), expected.history.validations.size());
  const Validation &row = found.history.validations[0], &same = expected.history.validations[0];
  EXPECT_EQ(row.step, same.step);
  EXPECT_EQ(row.epoch, same.epoch);
  EXPECT_EQ(row.loss, same.loss);
  EXPECT_EQ(row.perplexity, same.perplexity);
  EXPECT_EQ(row.bleu, same.bleu);
  EXPECT_EQ(row.learning_rate, same.learning_rate);
  EXPECT_EQ(row.seconds, same.seconds);
  EXPECT_TRUE(row.best);
  EXPECT_TRUE(std::isnan(found.history.validations[1].loss));
  EXPECT_FALSE(found.history.validations[1].best);
  EXPECT_FALSE(row.extra);
  EXPECT_TRUE(found.history.validations[1].extra);
}

class CheckpointTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    TempFolder folder;
    TokenizerConfig config = default_config().tokenizer;
    config.type = "char";
    auto words =
        std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", "abcdef\n")}, config));
    tokenizers_ = new Tokenizers{words, words};
  }
  static void TearDownTestSuite() { delete tokenizers_; }

  // Saves a checkpoint of `step` whose weights tell the step.
  void save(int64_t step) {
    auto value = static_cast<float>(step);
    SmallTraining training(default_config().training, torch::kFloat32,
                           SmallModel({value, value, value, value}, {value, value}));
    Checkpoints(folder_, training.parameters, training.optimizer, origin()).save(state_at(step));
  }
  static Metadata origin() { return origin_of(default_config().model, *tokenizers_); }
  std::optional<TrainingState> load() { return checkpoints_.load_newest(); }
  std::string file(int64_t step, const char* name) const {
    return folder_.checkpoint(step) + "/" + name;
  }
  static void overwrite(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }

  static inline Tokenizers* tokenizers_ = nullptr;
  TempFolder temp_;
  ModelFolder folder_{temp_.path()};
  SmallTraining training_{default_config().training};
  Checkpoints checkpoints_{folder_, training_.parameters, training_.optimizer, origin()};
};

TEST_F(CheckpointTest, SavesAndLoadsTheNewest) {
  make_folders(folder_.checkpoints());
  EXPECT_FALSE(load().has_value());
  save(9);
  save(10);
  EXPECT_THAT(folder_.checkpoint_steps(), ElementsAre(9, 10));  // not as text, where 10 < 9
  auto state = load();
  ASSERT_TRUE(state.has_value());
  expect_same(*state, state_at(10));
  EXPECT_EQ(training_.values(), std::vector<double>(6, 10));
}

TEST_F(CheckpointTest, ReplacesACheckpointOfTheSameStep) {
  save(5);
  overwrite(file(5, "training.safetensors"), "old");
  save(5);
  ASSERT_TRUE(load().has_value());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.checkpoints()), {}), 1);
}

TEST_F(CheckpointTest, FallsBackToTheNewestThatIsWhole) {
  for (const char* name : {"model.safetensors", "training.safetensors"}) {
    save(1);
    save(2);
    std::string whole = read_file(file(2, name));
    std::string flipped = whole;
    flipped[flipped.size() - 3] ^= 1;
    for (const std::string& content : {std::string(), whole.substr(0, whole.size() / 2), flipped}) {
      save(2);
      overwrite(file(2, name), content);
      ::testing::internal::CaptureStderr();
      auto state = load();
      EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                  AllOf(HasSubstr("warning: cannot resume from " + folder_.checkpoint(2)),
                        HasSubstr(name)));
      ASSERT_TRUE(state.has_value());
      EXPECT_EQ(state->step, 1);
      EXPECT_EQ(training_.values(), std::vector<double>(6, 1));
    }
  }
}

TEST_F(CheckpointTest, WhatCouldNotBeLoadedIsSetAsideAndCountsNoMore) {
  for (int step : {1, 2, 3}) save(step);
  overwrite(file(3, "model.safetensors"), "");
  overwrite(file(2, "training.safetensors"), "mine");
  ::testing::internal::CaptureStderr();
  ASSERT_TRUE(load().has_value());
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("damaged-step-3"));
  EXPECT_THAT(folder_.checkpoint_steps(), ElementsAre(1));
  EXPECT_EQ(read_file(folder_.checkpoints() + "/damaged-step-2/training.safetensors"), "mine");
  save(3);
  overwrite(file(3, "model.safetensors"), "again");
  ASSERT_TRUE(load().has_value());
  EXPECT_TRUE(file_exists(folder_.checkpoints() + "/damaged-step-3-2"));
}

TEST_F(CheckpointTest, AnotherModelsConfigurationIsRefusedAndSetsNothingAside) {
  make_folders(folder_.checkpoints());
  save(9);
  ModelConfig other = default_config().model;
  other.heads = 8;
  Checkpoints changed{folder_, training_.parameters, training_.optimizer,
                      origin_of(other, *tokenizers_)};
  EXPECT_THAT([&] { changed.load_newest(); },
              ::testing::ThrowsMessage<UsageError>(
                  HasSubstr("trained with model.heads = 4; the configuration says 8")));
  EXPECT_EQ(load()->step, 9);
}

TEST_F(CheckpointTest, AStateThatNoTrainingHasIsRefusedAndNamed) {
  struct {
    std::function<void(TrainingState&)> damage;
    const char* words;
  } const cases[] = {
      {[](TrainingState& state) { state.position.batch = -1; }, "batch = -1"},
      {[](TrainingState& state) { state.position.pool = -1; }, "pool = -1"},
      {[](TrainingState& state) { state.position.epoch = -7; }, "epoch = -7"},
      {[](TrainingState& state) { state.position.epoch = INT64_MAX; }, "epoch = "},
      {[](TrainingState& state) { state.replicas = 0; }, "replicas = 0"},
      {[](TrainingState& state) { state.batch_tokens = -4; }, "batch_tokens = -4"},
      {[](TrainingState& state) { state.history.former = 9; }, "former = 9"},
      {[](TrainingState& state) { state.history.plateau.factor = -1; }, "plateau_factor = -1"},
      {[](TrainingState& state) { state.history.validations[0].step = -9; }, "step = -9"}};
  for (const auto& [damage, words] : cases) {
    TrainingState state = state_at(5);
    damage(state);
    checkpoints_.save(state);
    EXPECT_THAT(message_of<Error>([&] { load(); }),
                AllOf(HasSubstr("step-5/training.safetensors"), HasSubstr(words)));
  }
  save(5);
  fs::rename(folder_.checkpoint(5), folder_.checkpoint(6));
  EXPECT_THAT(message_of<Error>([&] { load(); }), HasSubstr("step = 5: expected 6"));
}

TEST_F(CheckpointTest, AStateThatIsNoneIsNamedInOurOwnWords) {
  for (const char* text : {"{", "[]", "{\"batch\": \"many\"}", "{\"batch\": 1e300}",
                           "{\"step\": 4}", "{\"step\": 4, \"validations\": [{\"loss\": {}}]}"}) {
    save(4);
    auto content = read_safetensors(file(4, "training.safetensors"));
    content.metadata["state"] = text;
    write_safetensors(file(4, "training.safetensors"), content);
    std::string message = message_of<Error>([&] { load(); });
    EXPECT_THAT(message, HasSubstr("step-4/training.safetensors: its training state"));
    EXPECT_THAT(message, Not(HasSubstr("json.exception")));
  }
}

TEST_F(CheckpointTest, RefusesWhereNoneIsWhole) {
  save(1);
  save(2);
  for (int step : {1, 2}) fs::remove(file(step, "model.safetensors"));
  EXPECT_THAT(message_of<Error>([&] { load(); }),
              AllOf(HasSubstr("none of the 2 checkpoints"), HasSubstr("No such file"),
                    HasSubstr("--fresh")));
}

TEST_F(CheckpointTest, OtherNamesAreNoCheckpoints) {
  save(4);
  for (const char* name :
       {"step-x", "notes", "step-", "old-step-7", "step-07", "step-+7", "step--7", "step-7.bak"}) {
    fs::create_directories(folder_.checkpoints() + "/" + name);
    overwrite(folder_.checkpoints() + "/" + name + "/model.safetensors", "x");
  }
  fs::create_directories(folder_.checkpoint(8));  // holds nothing
  EXPECT_THAT(folder_.checkpoint_steps(), ElementsAre(4));
}

TEST_F(CheckpointTest, AFailedSaveNamesThePathAndLeavesNothing) {
  save(1);
  fs::remove_all(folder_.checkpoints());
  overwrite(folder_.checkpoints(), "a file");
  EXPECT_THAT(message_of<Error>([&] { save(2); }),
              AllOf(HasSubstr(folder_.checkpoints()), HasSubstr("Not a directory")));
}

}  // namespace
}  // namespace heed
