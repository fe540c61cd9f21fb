#include "inference/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/letters.h"
#include "inference/compiled.h"
#include "model/weights.h"
#include "util/error.h"
#include "util/file_content.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const ComputeChoice kOnCpu{"cpu", "float32", 1};

LoadedModel load_from(const std::string& path) { return load_models({path}, kOnCpu); }

// A model folder with everything that translation needs.
class LoadTest : public testing::Test {
 protected:
  LoadTest() {
    folder_.write("config.ini",
                  "[data]\nmax_length = 20\n[model]\nhidden_size = 8\nheads = 2\nlayers = 2\n"
                  "feed_forward_size = 12\n");
    auto both = tiny::letters();
    tokenizers_ = {both, both};
    ModelFolder{folder_.path()}.save_tokenizers(tokenizers_);
    model_ = tiny::random_model(tiny::transformer_config(), sizes_of(tokenizers_));
    save_weights(weights_, tiny::named_weights(*model_), origin());
  }

  Metadata origin() const { return origin_of(tiny::transformer_config(), tokenizers_); }
  LoadedModel load() const { return load_from(folder_.path()); }

  TempFolder folder_;
  std::string weights_ = folder_.file("model.safetensors");
  Tokenizers tokenizers_;
  std::shared_ptr<Seq2Seq> model_;
};

// Log P of every piece after the begin symbol.
std::vector<float> first_step(const Inference& model) {
  auto decoding = model.begin(tiny::sources({{4, 5, 6}}), {});
  decoding->take({SpecialIds{}.begin});
  return decoding->log_probabilities().values;
}

TEST_F(LoadTest, LoadsWhatWasSaved) {
  LoadedModel loaded = load();
  EXPECT_EQ(loaded.config.model.hidden_size, 8);
  EXPECT_TRUE(loaded.tokenizers.shared());
  EXPECT_EQ(first_step(*loaded.inference), first_step(*tiny::compiled(*model_)));
}

TEST_F(LoadTest, LoadsInEveryPrecision) {
  std::vector<float> expected = first_step(*load().inference);
  for (const char* precision : {"bfloat16", "int8"}) {
    ComputeChoice choice{"cpu", precision, 1};
    std::vector<float> rounded = first_step(*load_models({folder_.path()}, choice).inference);
    EXPECT_THAT(rounded, testing::Pointwise(testing::FloatNear(0.1F), expected)) << precision;
    EXPECT_NE(rounded, expected) << precision;
  }
}

TEST_F(LoadTest, WeightsOfAnyTypeAreSavedAsFloat32) {
  model_->to(torch::kBFloat16);
  save_weights(weights_, tiny::named_weights(*model_), origin());
  for (const auto& [name, tensor] : read_safetensors(weights_).tensors) {
    EXPECT_EQ(tensor.scalar_type(), torch::kFloat32) << name;
  }
}

TEST_F(LoadTest, FolderMayMove) {
  std::string elsewhere = folder_.path() + "-moved";
  std::filesystem::rename(folder_.path(), elsewhere);
  EXPECT_NO_THROW(load_from(elsewhere));
  std::filesystem::rename(elsewhere, folder_.path());
}

TEST_F(LoadTest, MissingFilesAreNamed) {
  for (const char* name : {"model.safetensors", "tokenizer.model", "config.ini"}) {
    std::string path = folder_.file(name), aside = folder_.file("aside");
    std::filesystem::rename(path, aside);
    EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr(path))) << name;
    std::filesystem::rename(aside, path);
  }
  EXPECT_THAT([&] { load_from(folder_.file("none")); },
              ThrowsMessage<Error>(folder_.file("none") + ": no such model folder"));
  EXPECT_THAT([&] { load_from(weights_); },
              ThrowsMessage<Error>(HasSubstr("is a file; name the model folder")));
}

TEST_F(LoadTest, AnotherTokenizerIsRefusedWithBothChecksums) {
  auto other = tiny::other_letters();
  ModelFolder{folder_.path()}.save_tokenizers({other, other});
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr(weights_), HasSubstr("another vocabulary"),
                                         HasSubstr(tokenizers_.checksum()),
                                         HasSubstr(Tokenizers{other, other}.checksum()))));
}

TEST_F(LoadTest, AnotherShapeIsRefusedWithBothShapes) {
  auto weights = tiny::named_weights(*model_);
  weights["encoder_0.self_norm.bias"] = torch::zeros({9});
  save_weights(weights_, weights, origin());
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr(weights_), HasSubstr("encoder_0.self_norm.bias"),
                                         HasSubstr("has shape [9]"), HasSubstr("want [8]"))));
}

TEST_F(LoadTest, TensorsTooFewOrTooManyAreNamed) {
  auto weights = tiny::named_weights(*model_);
  weights.erase("encoder_1.self_norm.bias");
  save_weights(weights_, weights, origin());
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(HasSubstr("no tensor encoder_1.self_norm.bias")));
  weights = tiny::named_weights(*model_);
  weights["stranger"] = torch::zeros({1});
  save_weights(weights_, weights, origin());
  EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr("tensor stranger (and 0 more)")));
}

TEST_F(LoadTest, DamagedWeightsAreNamed) {
  std::string content = read_file(weights_);
  content[content.size() - 5] = static_cast<char>(content[content.size() - 5] ^ 1);
  folder_.write("model.safetensors", content);
  EXPECT_THAT([&] { load(); },
              ThrowsMessage<Error>(AllOf(HasSubstr(weights_), HasSubstr("checksum"))));
  folder_.write("tokenizer.model", "no such thing");
  EXPECT_THAT([&] { load(); }, ThrowsMessage<Error>(HasSubstr("tokenizer.model")));
}

TEST_F(LoadTest, AnEnsembleNeedsOneTargetVocabulary) {
  TempFolder second;
  second.write("config.ini", read_file(folder_.file("config.ini")));
  auto other = tiny::other_letters();
  ModelFolder{second.path()}.save_tokenizers({other, other});
  save_weights(second.file("model.safetensors"), tiny::named_weights(*model_),
               origin_of(tiny::transformer_config(), {other, other}));
  EXPECT_THAT(
      [&] {
        load_models({folder_.path(), second.path()}, kOnCpu);
      },
      ThrowsMessage<Error>(HasSubstr("have different target vocabularies (12 and 12 ")));
  EXPECT_NO_THROW(load_models({folder_.path(), folder_.path()}, kOnCpu));
}

}  // namespace
}  // namespace heed
