#include "training/initial_model.h"

#include <gmock/gmock.h>

#include "model/parts.h"
#include "training/small_run.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A finished training, and a second one that begins with it and makes no update.
class InitialModelTest : public ::testing::Test {
 protected:
  InitialModelTest() {
    first_.train();
    second_.config.training.initial_model = first_.config.output.folder;
    second_.config.training.learning_rate = 1e-30;
    second_.config.training.max_steps = second_.config.training.validate_every = 1;
    second_.config.training.seed = 7;
  }
  // How many weights of a part are the first training's best.
  bool taken(std::string_view part) {
    WeightMap best = read_safetensors(first_.folder().weights()).tensors;
    bool all = true;
    for (const auto& [name, weight] : second_.weights) {
      if (part_of(name) == part) all = all && torch::equal(weight, best.at(name));
    }
    return all;
  }
  std::string refusal() {
    return message_of<UsageError>([&] { second_.train(); });
  }
  SmallRun first_, second_;
};

TEST_F(InitialModelTest, GivesWeightsAndVocabularyAndBeginsAnewWithAllElse) {
  std::string before = first_.folder().load_tokenizers().checksum();
  second_.config.data.train_source =
      second_.config.data.train_target;  // another text to learn from
  ::testing::internal::CaptureStderr();
  second_.train();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("initial model: " + first_.folder().weights() + ": encoder "),
                    HasSubstr("; drawn anew: nothing")));
  for (std::string_view part : kParts) EXPECT_TRUE(taken(part)) << part;
  EXPECT_EQ(second_.folder().load_tokenizers().checksum(), before);
  EXPECT_EQ(second_.state.step, 1);
  EXPECT_EQ(second_.state.history.validations.size(), 1u);
}

TEST_F(InitialModelTest, GivesThePartsAskedFor) {
  second_.config.training.initial_parts = {"encoder", "embeddings"};
  ::testing::internal::CaptureStderr();
  second_.train();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("; drawn anew: decoder "));
  for (std::string_view part : kParts) {
    bool wanted = part == "encoder" || part == "embeddings";
    EXPECT_EQ(taken(part), wanted) << part;
  }
}

TEST_F(InitialModelTest, OfAnotherSizeIsRefusedWithBothValues) {
  second_.config.model.hidden_size = 32;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("training] initial_model = "),
                               HasSubstr("model.hidden_size = 16, not 32")));
  second_.config.training.initial_parts = {"encoder"};
  EXPECT_THAT(refusal(), AllOf(HasSubstr("encoder: tensor encoder_0."), HasSubstr("[16, 32]"),
                               HasSubstr("[16, 16]"), HasSubstr("model.hidden_size = 16, not 32")));
  second_.config.model.hidden_size = 16;
  second_.config.model.layers = 2;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("tensor encoder_1."), HasSubstr("is missing in it")));
  EXPECT_FALSE(file_exists(second_.folder().config())) << "nothing is written before";
  second_.config.training.initial_parts = {"embeddings"};
  second_.train();
  EXPECT_TRUE(taken("embeddings"));
}

TEST_F(InitialModelTest, WithALayerTooManyIsRefused) {
  first_.config.output.folder += "-deep";
  first_.config.model.layers = 2;
  first_.train();
  second_.config.training.initial_model = first_.config.output.folder;
  second_.config.training.initial_parts = {"decoder"};
  EXPECT_THAT(refusal(), AllOf(HasSubstr("tensor decoder_1."), HasSubstr("missing in this")));
}

TEST_F(InitialModelTest, WithAnotherVocabularyIsRefusedWithBoth) {
  second_.config.tokenizer.vocab_size = 321;
  EXPECT_THAT(refusal(), HasSubstr("tokenizer.vocab_size = 8000, not 321"));
  second_.config.tokenizer.vocab_size = 8000;
  Tokenizer other = train_tokenizer({second_.config.data.dev_source}, second_.config.tokenizer);
  std::string path = first_.folder().path + "/other.model";
  write_file_atomically(path, other.model_bytes());
  second_.config.tokenizer.model = path;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("checksum " +
                                         Tokenizers(first_.folder().load_tokenizers()).checksum()),
                               HasSubstr(checksum(other.model_bytes()))));
  second_.config.tokenizer.model = first_.folder().tokenizer();
  second_.train();
  EXPECT_TRUE(taken("embeddings"));
}

TEST_F(InitialModelTest, IsNotWrittenOver) {
  second_.config.output.folder = first_.config.output.folder;
  EXPECT_THAT(message_of<UsageError>([&] {
                RunFolder folder(second_.config.output.folder, StartMode::kFresh);
                OneProcess alone;
                heed::Setup setup(checked(second_.config), &folder, alone);
              }),
              HasSubstr("would write over it"));
}

TEST_F(InitialModelTest, MayBeACheckpointAndMayGoAwayLater) {
  second_.config.training.initial_model = first_.folder().checkpoint(8);
  second_.train();
  EXPECT_TRUE(taken("decoder"));
  std::filesystem::remove_all(first_.folder().path);
  second_.config.training.max_steps = 2;
  second_.train();
  EXPECT_EQ(second_.state.step, 2);
}

TEST_F(InitialModelTest, LeavesFrozenPartsAsTheyAre) {
  second_.config.training.learning_rate = 0.05;
  second_.config.training.average_decay = 0.5;
  second_.config.training.max_steps = 4;
  second_.config.training.frozen = {"encoder", "embeddings"};
  ::testing::internal::CaptureStderr();
  second_.train();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("frozen: encoder, embeddings: "));
  for (std::string_view part : kParts) {
    bool frozen = part == "encoder" || part == "embeddings";
    EXPECT_EQ(taken(part), frozen) << part;
  }
  second_.config.training.frozen = {kParts.begin(), kParts.end()};
  second_.config.output.folder += "-none";
  EXPECT_THAT(refusal(), HasSubstr("nothing is left to train"));
}

}  // namespace
}  // namespace heed
