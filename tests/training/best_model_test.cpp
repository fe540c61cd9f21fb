#include "training/best_model.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "config/options.h"
#include "model/safetensors.h"
#include "util/file_content.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

class BestModelTest : public ::testing::Test {
 protected:
  Tokenizers letters() const {
    TokenizerConfig options = default_config().tokenizer;
    options.type = "char";
    auto both =
        std::make_shared<Tokenizer>(train_tokenizer({temp_.write("text", "abcdef\n")}, options));
    return {both, both};
  }
  // A model of weights that tell the loss.
  void offer(const std::string& what, double loss) {
    best_.offer({{"a", torch::full({2}, loss)}}, what, {.loss = loss, .bleu = -1}, history_);
  }
  double weight() const {
    return read_safetensors(folder_.weights()).tensors.at("a")[0].item<double>();
  }

  TempFolder temp_;
  ModelFolder folder_{temp_.path()};
  Tokenizers tokenizers_ = letters();
  Yardstick yardstick_{"a dev set", "loss", "13a"};
  History history_{default_config().training};
  Metadata origin_ = origin_of(default_config().model, tokenizers_);
  BestModel best_{folder_, origin_, yardstick_};
};

TEST_F(BestModelTest, SaysWhatItIs) {
  EXPECT_FALSE(best_.kept().has_value());
  offer("step 5", 2.5);
  auto kept = best_.kept();
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->what, "step 5");
  EXPECT_EQ(kept->row.loss, 2.5);
  EXPECT_EQ(kept->row.bleu, -1);
}

TEST_F(BestModelTest, IsReplacedByABetterOneAlone) {
  offer("the average of steps 5, 10", 2);
  std::string average = read_file(folder_.weights());
  ::testing::internal::CaptureStderr();
  for (double loss : {2.5, 2.0, std::nan(""), static_cast<double>(INFINITY)}) {
    offer("step 15", loss);
    EXPECT_EQ(read_file(folder_.weights()), average);
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("stays: the average of steps 5, 10, loss 2.0000"));
  offer("step 20", 1.5);
  EXPECT_EQ(weight(), 1.5);
}

TEST_F(BestModelTest, ByAnotherYardstickAnythingIsBetter) {
  offer("step 5", 1);
  yardstick_.dev = "another dev set";
  offer("step 10", 7);
  EXPECT_EQ(weight(), 7);
}

TEST_F(BestModelTest, WhatSaysNothingOrIsDamagedIsReplaced) {
  save_weights(folder_.weights(), {{"a", torch::ones({2})}}, origin_);
  offer("step 5", 7);
  EXPECT_EQ(weight(), 7);
  std::string whole = read_file(folder_.weights());
  whole[whole.size() - 1] ^= 1;
  temp_.write("model.safetensors", whole);
  offer("step 10", 8);
  EXPECT_EQ(weight(), 8);
  for (const char* said : {"{", "[]", "{\"dev\": 1}"}) {
    Metadata metadata = origin_;
    metadata["validation"] = said;
    save_weights(folder_.weights(), {{"a", torch::ones({2})}}, metadata);
    offer("step 15", 9);
    EXPECT_EQ(weight(), 9) << said;
    std::filesystem::remove(folder_.weights());
  }
}

}  // namespace
}  // namespace heed
