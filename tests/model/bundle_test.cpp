#include "model/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "model/golden.h"
#include "model/safetensors.h"
#include "model/tiny_model.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const Placement kOnCpu{torch::kCPU, torch::kFloat32};

std::shared_ptr<Tokenizer> make_tokenizer(const std::string& text) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = 12;
  return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", text)}, config));
}

std::shared_ptr<Tokenizer> letters() { return make_tokenizer("ab cd ef gh\nabcdefgh\n"); }

// A model folder with everything that translation needs.
class BundleTest : public testing::Test {
 protected:
  BundleTest() {
    folder_.write("config.ini",
                  "[data]\nmax_length = 20\n[model]\nhidden_size = 8\nheads = 2\nlayers = 2\n"
                  "feed_forward_size = 12\n");
    auto both = letters();
    tokenizers_ = {both, both};
    save_tokenizers(folder_.path(), tokenizers_);
    model_ = tiny::random_model(tiny::transformer_config(), tokenizers_.sizes());
    save_weights(weights_, named_weights(*model_), tokenizers_);
  }

  Bundle load() { return load_bundle(folder_.path(), kOnCpu); }

  TempFolder folder_;
  std::string weights_ = folder_.file("model.safetensors");
  Tokenizers tokenizers_;
  std::shared_ptr<Seq2Seq> model_;
};

TEST_F(BundleTest, LoadsWhatWasSaved) {
  Bundle bundle = load();
  EXPECT_EQ(bundle.config.model.hidden_size, 8);
  EXPECT_TRUE(bundle.tokenizers.shared());
  EXPECT_FALSE(bundle.model->is_training());
  auto expected = named_weights(*model_), actual = named_weights(*bundle.model);
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected)
    EXPECT_TRUE(torch::equal(actual[name], tensor)) << name;
}

TEST_F(BundleTest, LoadsInBfloat16) {
  Bundle bundle = load_bundle(folder_.path(), {torch::kCPU, torch::kBFloat16});
  EXPECT_EQ(bundle.model->number_type(), torch::kBFloat16);
}

TEST_F(BundleTest, WeightsOfAnyTypeAreSavedAsFloat32) {
  model_->to(torch::kBFloat16);
  save_weights(weights_, named_weights(*model_), tokenizers_);
  for (const auto& [name, tensor] : read_safetensors(weights_).tensors) {
    EXPECT_EQ(tensor.scalar_type(), torch::kFloat32) << name;
  }
}

TEST_F(BundleTest, FolderMayMove) {
  std::string elsewhere = folder_.path() + "-moved";
  std::filesystem::rename(folder_.path(), elsewhere);
  EXPECT_NO_THROW(load_bundle(elsewhere, kOnCpu));
  std::filesystem::rename(elsewhere, folder_.path());
}

TEST_F(BundleTest, MissingFilesAreNamed) {
  for (const char* name : {"model.safetensors", "tokenizer.model", "config.ini"}) {
    std::string path = folder_.file(name), aside = folder_.file("aside");
    std::filesystem::rename(path, aside);
    EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr(path))) << name;
    std::filesystem::rename(aside, path);
  }
  EXPECT_THAT([&] { load_bundle(folder_.file("none"), kOnCpu); },
              ThrowsMessage<Error>(folder_.file("none") + ": no such model folder"));
  EXPECT_THAT([&] { load_bundle(weights_, kOnCpu); },
              ThrowsMessage<Error>(HasSubstr("is a file; name the model folder")));
}

TEST_F(BundleTest, AnotherTokenizerIsRefusedWithBothChecksums) {
  auto other = make_tokenizer("xy zw uv st\nxyzwuvst\n");
  save_tokenizers(folder_.path(), {other, other});
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr(weights_), HasSubstr("another vocabulary"),
                                         HasSubstr(tokenizers_.checksum()),
                                         HasSubstr(Tokenizers{other, other}.checksum()))));
}

TEST_F(BundleTest, AnotherShapeIsRefusedWithBothShapes) {
  auto weights = named_weights(*model_);
  weights["encoder_0.self_norm.bias"] = torch::zeros({9});
  save_weights(weights_, weights, tokenizers_);
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr(weights_), HasSubstr("encoder_0.self_norm.bias"),
                                         HasSubstr("has shape [9]"), HasSubstr("want [8]"))));
}

TEST_F(BundleTest, TensorsTooFewOrTooManyAreNamed) {
  auto weights = named_weights(*model_);
  weights.erase("encoder_1.self_norm.bias");
  save_weights(weights_, weights, tokenizers_);
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(HasSubstr("no tensor encoder_1.self_norm.bias")));
  weights = named_weights(*model_);
  weights["stranger"] = torch::zeros({1});
  save_weights(weights_, weights, tokenizers_);
  EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr("tensor stranger (and 0 more)")));
}

TEST_F(BundleTest, DamagedWeightsAreNamed) {
  std::string content = read_file(weights_);
  content[content.size() - 5] = static_cast<char>(content[content.size() - 5] ^ 1);
  folder_.write("model.safetensors", content);
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr(weights_), HasSubstr("checksum"))));
  folder_.write("tokenizer.model", "no such thing");
  EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr("tokenizer.model")));
}

TEST_F(BundleTest, TwoTokenizersStayTwo) {
  TempFolder folder;
  Tokenizers two{letters(), make_tokenizer("xy zw uv st\nxyzwuvst\n")};
  EXPECT_FALSE(has_tokenizers(folder.path()));
  save_tokenizers(folder.path(), two);
  EXPECT_TRUE(has_tokenizers(folder.path()));
  Tokenizers loaded = load_tokenizers(folder.path());
  EXPECT_FALSE(loaded.shared());
  EXPECT_EQ(loaded.checksum(), two.checksum());
  EXPECT_NE((Tokenizers{two.target, two.source}.checksum()), two.checksum());
  std::filesystem::remove(folder.file("target.model"));
  EXPECT_FALSE(has_tokenizers(folder.path()));
}

}  // namespace
}  // namespace heed
