#include "training/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "config/options.h"
#include "model/safetensors.h"
#include "training/small_model.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TrainingState state_at(int64_t step) {
  TrainingState state;
  state.step = step;
  state.position = {3, 7};
  state.plateau = {0.25, 1};
  state.waited = 2;
  state.seconds = 12.5;
  state.target_tokens = 1234567890123;
  state.replicas = 3;
  state.batch_tokens = 777;
  state.corpus = "0123456789abcdef";
  state.finished = true;
  state.validations = {{5, 1, 2.5, std::exp(2.5), 12.75, 0.001, 6, true},
                       {step, 2, std::nan(""), std::nan(""), -1, 0.0005, 12, false}};
  return state;
}

void expect_same(const TrainingState& found, const TrainingState& expected) {
  EXPECT_EQ(found.step, expected.step);
  EXPECT_EQ(found.position.epoch, expected.position.epoch);
  EXPECT_EQ(found.position.batch, expected.position.batch);
  EXPECT_EQ(found.plateau.factor, expected.plateau.factor);
  EXPECT_EQ(found.plateau.waited, expected.plateau.waited);
  EXPECT_EQ(found.waited, expected.waited);
  EXPECT_EQ(found.seconds, expected.seconds);
  EXPECT_EQ(found.target_tokens, expected.target_tokens);
  EXPECT_EQ(found.replicas, expected.replicas);
  EXPECT_EQ(found.batch_tokens, expected.batch_tokens);
  EXPECT_EQ(found.corpus, expected.corpus);
  EXPECT_EQ(found.finished, expected.finished);
  ASSERT_EQ(found.validations.size(), expected.validations.size());
  const Validation &row = found.validations[0], &same = expected.validations[0];
  EXPECT_EQ(row.step, same.step);
  EXPECT_EQ(row.epoch, same.epoch);
  EXPECT_EQ(row.loss, same.loss);
  EXPECT_EQ(row.perplexity, same.perplexity);
  EXPECT_EQ(row.bleu, same.bleu);
  EXPECT_EQ(row.learning_rate, same.learning_rate);
  EXPECT_EQ(row.seconds, same.seconds);
  EXPECT_TRUE(row.best);
  EXPECT_TRUE(std::isnan(found.validations[1].loss));
  EXPECT_FALSE(found.validations[1].best);
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
    SmallModel model({value, value, value, value}, {value, value});
    Optimizer optimizer({&model}, default_config().training, torch::kFloat32, one_worker());
    checkpoints_.save(state_at(step), optimizer, *tokenizers_);
  }
  std::optional<TrainingState> load() { return checkpoints_.load_newest(optimizer_, *tokenizers_); }
  std::string file(int64_t step, const char* name) const {
    return checkpoints_.path_of(step) + "/" + name;
  }
  static void overwrite(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }

  static inline Tokenizers* tokenizers_ = nullptr;
  TempFolder folder_;
  CheckpointFolder checkpoints_{folder_.path()};
  SmallModel model_;
  Optimizer optimizer_{{&model_}, default_config().training, torch::kFloat32, one_worker()};
};

TEST_F(CheckpointTest, SavesAndLoadsTheNewest) {
  EXPECT_FALSE(load().has_value());
  save(9);
  save(10);
  EXPECT_THAT(checkpoints_.steps(), ElementsAre(9, 10));  // not as text, where 10 < 9
  auto state = load();
  ASSERT_TRUE(state.has_value());
  expect_same(*state, state_at(10));
  EXPECT_EQ(model_.values(), std::vector<double>(6, 10));
}

TEST_F(CheckpointTest, ReplacesACheckpointOfTheSameStep) {
  save(5);
  overwrite(file(5, "training.safetensors"), "old");
  save(5);
  ASSERT_TRUE(load().has_value());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.file("checkpoints")), {}), 1);
}

TEST_F(CheckpointTest, FallsBackToTheNewestThatIsWhole) {
  for (const char* name : {"model.safetensors", "training.safetensors"}) {
    save(1);
    save(2);
    std::string whole = read_file(file(2, name));
    std::string flipped = whole;
    flipped[flipped.size() - 3] ^= 1;
    for (const std::string& content : {std::string(), whole.substr(0, whole.size() / 2), flipped}) {
      overwrite(file(2, name), content);
      ::testing::internal::CaptureStderr();
      auto state = load();
      EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                  AllOf(HasSubstr("warning: cannot resume from " + checkpoints_.path_of(2)),
                        HasSubstr(name)));
      ASSERT_TRUE(state.has_value());
      EXPECT_EQ(state->step, 1);
      EXPECT_EQ(model_.values(), std::vector<double>(6, 1));
    }
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

TEST_F(CheckpointTest, RemovesWhatAKilledTrainingLeft) {
  save(4);
  fs::create_directories(folder_.file("checkpoints/step-5.tmp"));
  CheckpointFolder again(folder_.path());
  EXPECT_FALSE(file_exists(folder_.file("checkpoints/step-5.tmp")));
  EXPECT_THAT(again.steps(), ElementsAre(4));
}

TEST_F(CheckpointTest, OtherNamesAreNoCheckpoints) {
  save(4);
  for (const char* name : {"step-x", "notes", "step-", "old-step-7"}) {
    fs::create_directories(folder_.file("checkpoints/") + name);
  }
  EXPECT_THAT(checkpoints_.steps(), ElementsAre(4));
}

TEST_F(CheckpointTest, PrunesAllButTheNewestAndTheKept) {
  for (int step : {2, 4, 6, 8, 10}) save(step);
  checkpoints_.prune(2, {4});
  EXPECT_THAT(checkpoints_.steps(), ElementsAre(4, 8, 10));
  checkpoints_.prune(9, {});
  EXPECT_THAT(checkpoints_.steps(), ElementsAre(4, 8, 10));
  checkpoints_.remove_all();
  EXPECT_THAT(checkpoints_.steps(), IsEmpty());
}

TEST_F(CheckpointTest, AFailedSaveNamesThePathAndLeavesNothing) {
  save(1);
  fs::remove_all(folder_.file("checkpoints"));
  overwrite(folder_.file("checkpoints"), "a file");
  EXPECT_THAT(message_of<Error>([&] { save(2); }),
              AllOf(HasSubstr(folder_.file("checkpoints")), HasSubstr("Not a directory")));
}

TEST_F(CheckpointTest, AveragesWeights) {
  save(1);
  save(2);
  save(6);
  auto mean = average_weights(
      {file(1, "model.safetensors"), file(2, "model.safetensors"), file(6, "model.safetensors")});
  EXPECT_TRUE(torch::equal(mean.at("matrix"), torch::full({2, 2}, 3.0F)));
  EXPECT_TRUE(torch::equal(mean.at("vector"), torch::full({2}, 3.0F)));
  EXPECT_EQ(mean.at("vector").scalar_type(), torch::kFloat32);
}

TEST_F(CheckpointTest, TheAverageOfOneWithItselfIsItself) {
  std::string path = folder_.file("w.safetensors");
  Tensor weights = torch::tensor({0.1F, -3e-30F, 1e30F, 1.0F / 3});
  write_safetensors(path, {{{"a", weights}}, {}});
  EXPECT_TRUE(torch::equal(average_weights({path, path, path}).at("a"), weights));
}

TEST_F(CheckpointTest, AveragesOnlyWhatFits) {
  std::string one = folder_.file("1"), shape = folder_.file("2"), more = folder_.file("3"),
              name = folder_.file("4");
  Tensor pair = torch::ones({2});
  write_safetensors(one, {{{"a", pair}}, {}});
  write_safetensors(shape, {{{"a", torch::ones({3})}}, {}});
  write_safetensors(more, {{{"a", pair}, {"b", pair}}, {}});
  write_safetensors(name, {{{"b", pair}}, {}});
  for (const std::string& other : {shape, more, name}) {
    EXPECT_THAT(message_of<Error>([&] {
                  average_weights({one, other});
                }),
                AllOf(HasSubstr(one), HasSubstr(other), HasSubstr("different models"),
                      HasSubstr("tensor a")));
  }
}

}  // namespace
}  // namespace heed
