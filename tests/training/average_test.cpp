#include "training/average.h"

#include <gmock/gmock.h>

#include "model/safetensors.h"
#include "training/small_run.h"
#include "training/train.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/folder_lock.h"
#include "util/paths.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(AverageTest, IsTheMeanInFloat32) {
  TempFolder temp;
  std::vector<std::string> paths;
  for (float value : {1.0F, 2.0F, 6.0F}) {
    paths.push_back(temp.file(std::to_string(value)));
    write_safetensors(paths.back(), {{{"matrix", torch::full({2, 2}, value)}}, {}});
  }
  auto mean = average_weights(paths);
  EXPECT_TRUE(torch::equal(mean.at("matrix"), torch::full({2, 2}, 3.0F)));
  EXPECT_EQ(mean.at("matrix").scalar_type(), torch::kFloat32);
}

TEST(AverageTest, TheOfOneWithItselfIsItself) {
  TempFolder temp;
  std::string path = temp.file("w.safetensors");
  Tensor weights = torch::tensor({0.1F, -3e-30F, 1e30F, 1.0F / 3});
  write_safetensors(path, {{{"a", weights}}, {}});
  EXPECT_TRUE(torch::equal(average_weights({path, path, path}).at("a"), weights));
}

TEST(AverageTest, NeedsTheSameTensors) {
  TempFolder temp;
  std::string one = temp.file("1"), shape = temp.file("2"), more = temp.file("3"),
              name = temp.file("4");
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

TEST(AverageTest, NeedsTheSameModelWhereTheFilesNameTheirs) {
  TempFolder temp;
  std::string four = temp.file("4"), eight = temp.file("8"), silent = temp.file("0");
  WeightMap weights{{"a", torch::ones({2})}};
  write_safetensors(four, {weights, {{"model.heads", "4"}, {"note", "x"}}});
  write_safetensors(eight, {weights, {{"model.heads", "8"}, {"note", "y"}}});
  write_safetensors(silent, {weights, {{"note", "z"}}});
  std::string mean = temp.file("mean.safetensors");
  EXPECT_THAT(message_of<Error>([&] {
                average_checkpoints({four, four, eight}, mean);
              }),
              HasSubstr("hold different models: model.heads = 4 and 8"));
  EXPECT_FALSE(file_exists(mean));
  average_checkpoints({four, silent}, mean);
  EXPECT_EQ(TensorReader(mean).metadata().at("model.heads"), "4");
}

// Two trainings of the same shapes.
class AverageOfModels : public ::testing::Test {
 protected:
  AverageOfModels() {
    for (SmallRun* run : {&one_, &other_}) {
      run->config.training.max_steps = run->config.training.validate_every = 2;
      run->config.evaluation.beam_size = 0;
    }
    one_.train();
  }
  std::string first() const { return one_.folder().checkpoint(2); }

  SmallRun one_, other_;
  TempFolder temp_;
};

TEST_F(AverageOfModels, ConfigurationsMustAgree) {
  other_.config.model.heads = 4;
  other_.config.model.activation = "gelu";
  other_.train();
  std::string second = other_.folder().checkpoint(2);
  for (const std::string& output : {temp_.file("mean"), temp_.file("mean.safetensors")}) {
    EXPECT_THAT(message_of<Error>([&] {
                  average_checkpoints({first(), second + "/model.safetensors"}, output);
                }),
                AllOf(HasSubstr(one_.folder().config()), HasSubstr("model.heads = 2 and 4"),
                      HasSubstr("model.activation = relu and gelu")));
    EXPECT_FALSE(file_exists(output));
  }
}

TEST_F(AverageOfModels, AFolderBecomesAModel) {
  ModelFolder mean{temp_.file("mean")};
  average_checkpoints({first(), one_.folder().path}, mean.path);
  EXPECT_TRUE(torch::equal(read_safetensors(mean.weights()).tensors.begin()->second,
                           one_.weights.begin()->second));
  EXPECT_EQ(mean.load_tokenizers().checksum(), one_.folder().load_tokenizers().checksum());
  EXPECT_EQ(mean.read_config().model.heads, 2);
  std::string config = read_file(mean.config());
  average_checkpoints({first(), first()}, mean.path);  // again, over its own model
  EXPECT_EQ(read_file(mean.config()), config);
}

TEST_F(AverageOfModels, TheStateOfATrainingIsNoWeights) {
  std::string state = ModelFolder{first()}.training_state(), mean = temp_.file("mean.safetensors");
  for (const auto& given : {std::vector{state}, std::vector{first(), state}}) {
    EXPECT_THAT(message_of<UsageError>([&] { average_checkpoints(given, mean); }),
                AllOf(HasSubstr(state + ": holds the state of a training"),
                      HasSubstr("model.safetensors")));
    EXPECT_FALSE(file_exists(mean));
  }
}

TEST_F(AverageOfModels, NothingOfAnotherModelIsWrittenOver) {
  other_.config.model.heads = 4;
  other_.train();
  ModelFolder there = other_.folder();
  std::string before = read_file(there.weights());
  EXPECT_THAT(message_of<Error>([&] { average_checkpoints({first()}, there.path); }),
              HasSubstr("different models"));
  EXPECT_EQ(read_file(there.weights()), before);
  ModelFolder foreign{temp_.path()};
  temp_.write("source.model", "somebody's");
  EXPECT_THAT(message_of<Error>([&] { average_checkpoints({first()}, foreign.path); }),
              HasSubstr(foreign.source_tokenizer()));
  EXPECT_FALSE(file_exists(foreign.config()));
}

TEST_F(AverageOfModels, WaitsForWhoeverIsAtWorkInTheFolder) {
  ModelFolder folder = one_.folder();
  FolderLock lock(folder.path);
  for (const std::string& output : {folder.path, folder.weights()}) {
    EXPECT_THAT(message_of<Error>([&] { average_checkpoints({first()}, output); }),
                HasSubstr("is at work in this folder"));
  }
  average_checkpoints({first()}, temp_.file("mean.safetensors"));
  EXPECT_FALSE(file_exists(temp_.file(".lock"))) << "no model folder";
}

TEST_F(AverageOfModels, ALinkIsWhatItLeadsTo) {
  namespace fs = std::filesystem;
  ModelFolder folder = one_.folder(), checkpoint{first()};
  std::string link = temp_.file("link.safetensors"), more = temp_.file("more.safetensors");
  fs::create_symlink(link, more);
  std::string before = read_file(checkpoint.weights());
  for (const std::string& there : {checkpoint.weights(), first() + "/none.safetensors"}) {
    fs::remove(link);
    fs::create_symlink(there, link);
    for (const std::string& output : {link, more}) {
      EXPECT_THAT(message_of<UsageError>([&] { average_checkpoints({first()}, output); }),
                  AllOf(HasSubstr(output), HasSubstr("a checkpoint of a training")));
    }
  }
  EXPECT_EQ(read_file(checkpoint.weights()), before);
  fs::remove(link);
  fs::create_symlink(folder.weights(), link);
  {
    FolderLock lock(folder.path);
    EXPECT_THAT(message_of<Error>([&] { average_checkpoints({first()}, more); }),
                HasSubstr("is at work in this folder"));
  }
  average_checkpoints({first()}, more);
  EXPECT_TRUE(fs::is_symlink(link));
}

// Where a model's own weights lie elsewhere, its folder is still the one to wait for.
TEST_F(AverageOfModels, AModelOfLinksIsAtWorkToo) {
  namespace fs = std::filesystem;
  ModelFolder folder = one_.folder();
  std::string store = temp_.file("store");
  fs::rename(folder.weights(), store);
  fs::create_symlink(store, folder.weights());
  std::string before = read_file(store);
  FolderLock lock(folder.path);
  EXPECT_THAT(message_of<Error>([&] { average_checkpoints({first()}, folder.weights()); }),
              HasSubstr("is at work in this folder"));
  EXPECT_EQ(read_file(store), before);
}

TEST_F(AverageOfModels, AFolderNeedsAConfiguration) {
  std::string bare = temp_.file("bare.safetensors");
  average_checkpoints({first()}, bare);
  EXPECT_THAT(message_of<Error>([&] { average_checkpoints({bare}, temp_.file("mean")); }),
              HasSubstr(".safetensors"));
  EXPECT_THAT(names_in_folder(temp_.file("mean")), IsEmpty());
  std::string file = temp_.write("file", "mine");
  EXPECT_THAT(message_of<Error>([&] { average_checkpoints({first()}, file); }),
              HasSubstr("is a file"));
  EXPECT_EQ(read_file(file), "mine");
}

}  // namespace
}  // namespace heed
