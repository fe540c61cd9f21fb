#include "config/config.h"

#include <gtest/gtest.h>

#include "config/options.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

// What an INI file must set, and `settings` above it: "section.key" and the value.
Config config_with(const Settings& settings) {
  Config config = default_config();
  Settings all = {{"data.train_source", "a.de"},
                  {"data.train_target", "a.en"},
                  {"data.dev_source", "b.de"},
                  {"data.dev_target", "b.en"},
                  {"output.folder", "model"}};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const auto& [name, value] : all) {
    size_t dot = name.find('.');
    const Option* option = find_option(name.substr(0, dot), name.substr(dot + 1));
    if (option == nullptr) throw std::runtime_error("no option " + name);
    if (auto fault = option->set(config, value)) throw std::runtime_error(name + ": " + *fault);
  }
  return config;
}

std::string fault_of(const Settings& settings) {
  return message_of<UsageError>([&] { check_config(config_with(settings)); });
}

TEST(CheckConfig, FourDataFilesAndAFolderAreEnough) {
  EXPECT_NO_THROW(check_config(config_with({})));
  EXPECT_NO_THROW(check_config(config_with({{"model.architecture", "recurrent"}})));
}

TEST(CheckConfig, NamesWhatIsNotSet) {
  EXPECT_EQ(fault_of({{"data.train_source", ""}}),
            "[data] train_source is not set: name the training text");
  EXPECT_EQ(fault_of({{"data.train_target", ""}}),
            "[data] train_target is not set: name its translation");
  EXPECT_EQ(fault_of({{"data.dev_source", ""}}),
            "[data] dev_source is not set: name the validation text");
  EXPECT_EQ(fault_of({{"data.dev_target", ""}}),
            "[data] dev_target is not set: name its translation");
  EXPECT_EQ(fault_of({{"output.folder", ""}}),
            "[output] folder is not set: name the folder for the model");
}

TEST(CheckConfig, TrainingFilesGoInPairs) {
  EXPECT_EQ(fault_of({{"data.train_source", "a.de, b.de"}}),
            "[data] train_source names 2 files and train_target 1: they go in pairs");
  EXPECT_NO_THROW(check_config(
      config_with({{"data.train_source", "a.de, b.de"}, {"data.train_target", "a.en, b.en"}})));
}

TEST(CheckConfig, TokenizerModelsFitTogether) {
  EXPECT_EQ(fault_of({{"tokenizer.source_model", "s"}}),
            "[tokenizer] source_model and target_model go together: set both or none");
  EXPECT_EQ(fault_of({{"tokenizer.target_model", "t"}}),
            "[tokenizer] source_model and target_model go together: set both or none");
  EXPECT_EQ(fault_of({{"tokenizer.source_model", "s"},
                      {"tokenizer.target_model", "t"},
                      {"tokenizer.model", "m"}}),
            "[tokenizer] model is for both sides: set it, or source_model and target_model");
  EXPECT_EQ(fault_of({{"tokenizer.type", "char"}, {"tokenizer.sampling_alpha", "0.25"}}),
            "[tokenizer] sampling_alpha = 0.25: type = char has nothing to sample; set it to 0");
}

TEST(CheckConfig, PiecesThatAreNeverSplitArePieces) {
  EXPECT_EQ(fault_of({{"tokenizer.user_defined", "<a>, b c"}}),
            "[tokenizer] user_defined: b c: a piece that is never split has a space in it");
  Config config = default_config();
  for (const char* piece : {"", "\xFF", "a\x01"}) {
    config.tokenizer.user_defined = {piece};
    EXPECT_THROW(check_pieces(config.tokenizer), UsageError) << piece;
  }
  EXPECT_EQ(fault_of({{"tokenizer.user_defined", "</s>"}}),
            "[tokenizer] user_defined: </s>: a piece that is never split is one of the special "
            "pieces");
  EXPECT_EQ(fault_of({{"tokenizer.user_defined", "a, b, a"}}),
            "[tokenizer] user_defined: a comes twice");
  EXPECT_EQ(fault_of({{"tokenizer.vocab_size", "261"},
                      {"tokenizer.byte_fallback", "true"},
                      {"tokenizer.user_defined", "a"}}),
            "[tokenizer] vocab_size = 261: special pieces, user_defined and byte_fallback take 261 "
            "of them, and none is left for text; set it higher");
  EXPECT_EQ(fault_of({{"data.tags", "a, b"}}),
            "[data] tags names 2 tags and train_source 1 files: they go together");
  EXPECT_EQ(fault_of({{"data.dev_tag", "a b"}}),
            "[data] dev_tag: a b: a piece that is never split has a space in it");
}

TEST(CheckConfig, ACommandNeedsTranslations) {
  EXPECT_EQ(fault_of({{"training.stopping_metric", "command"}}),
            "[training] stopping_metric = command: name the program in validation_command");
  EXPECT_EQ(
      fault_of({{"training.validation_command", "m"}, {"evaluation.beam_size", "0"}}),
      "[training] validation_command needs translations: set [evaluation] beam_size to 1 or more");
}

TEST(CheckConfig, OneEmbeddingMatrixNeedsOneVocabulary) {
  const std::string message =
      "[model] tie_source_target = true needs one vocabulary for both sides: set it to false, or "
      "[tokenizer] shared = true";
  const Settings tied = {{"model.tie_source_target", "true"}, {"tokenizer.shared", "false"}};
  EXPECT_EQ(fault_of(tied), message);
  EXPECT_EQ(fault_of({{"model.tie_source_target", "true"},
                      {"tokenizer.source_model", "s"},
                      {"tokenizer.target_model", "t"}}),
            message);
  Settings untied = tied;
  untied[0].second = "false";
  EXPECT_NO_THROW(check_config(config_with(untied)));
}

TEST(CheckConfig, ATransformerHasItsWidths) {
  const std::pair<std::string, std::string> transformer = {"model.architecture", "transformer"};
  EXPECT_EQ(fault_of({transformer, {"model.hidden_size", "100"}, {"model.heads", "8"}}),
            "[model] heads = 8 does not divide hidden_size = 100");
  EXPECT_EQ(fault_of({transformer, {"model.hidden_size", "64"}, {"model.embedding_size", "32"}}),
            "[model] embedding_size = 32: a Transformer's is hidden_size = 64; set it to 0");
  EXPECT_EQ(fault_of({transformer, {"model.hidden_size", "63"}, {"model.heads", "1"}}),
            "[model] hidden_size = 63 is odd: sinusoidal positions come in pairs");
  EXPECT_EQ(fault_of({transformer,
                      {"model.hidden_size", "2"},
                      {"model.heads", "1"},
                      {"model.sinusoids", "tensor2tensor"}}),
            "[model] hidden_size = 2: sinusoids = tensor2tensor needs 4 or more");
}

TEST(CheckConfig, ARecurrentModelHasItsOwnRules) {
  EXPECT_EQ(fault_of({{"model.architecture", "recurrent"}, {"model.hidden_size", "65"}}),
            "[model] hidden_size = 65 is odd: each direction of the encoder has half of it");
  EXPECT_EQ(
      fault_of({{"model.architecture", "recurrent"}, {"model.decoder_start", "zero"}}),
      "[model] decoder_start = zero: a recurrent decoder starts from the begin symbol; set it "
      "to begin, or architecture = transformer");
  EXPECT_NO_THROW(check_config(config_with({{"model.architecture", "recurrent"},
                                            {"model.hidden_size", "66"},
                                            {"model.attention_score", "additive"}})));
}

TEST(CheckConfig, KnowsTheDevices) {
  for (const char* device : {"auto", "cpu", "cuda", "cuda:0", "cuda:17"}) {
    EXPECT_NO_THROW(check_config(config_with({{"training.device", device}}))) << device;
  }
  for (const char* device : {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:1x", "cuda0"}) {
    EXPECT_EQ(
        fault_of({{"training.device", device}}),
        std::string("[training] device = ") + device + ": expected auto, cpu, cuda or cuda:N");
  }
}

TEST(CheckConfig, ValidationHasWhatItNeeds) {
  EXPECT_EQ(fault_of({{"training.validate_every", "0"}, {"training.validate_every_epochs", "0"}}),
            "[training] validate_every and validate_every_epochs are both 0: set one");
  for (const char* name : {"training.validate_every", "training.validate_every_epochs"}) {
    EXPECT_NO_THROW(check_config(config_with(
        {{"training.validate_every", "0"}, {"training.validate_every_epochs", "0"}, {name, "1"}})));
  }
  EXPECT_EQ(fault_of({{"training.stopping_metric", "bleu"}, {"evaluation.beam_size", "0"}}),
            "[training] stopping_metric = bleu needs translations: set [evaluation] beam_size to 1 "
            "or more");
  EXPECT_EQ(fault_of({{"training.average_checkpoints", "3"}, {"output.keep_best", "2"}}),
            "[training] average_checkpoints = 3 needs as many checkpoints kept: set [output] "
            "keep_best (now 2) to that or more");
}

TEST(CheckConfig, LowerLimitsAreNotAboveUpperOnes) {
  EXPECT_EQ(fault_of({{"training.learning_rate", "0.25"}, {"training.min_learning_rate", "0.5"}}),
            "[training] min_learning_rate = 0.5 is above learning_rate = 0.25");
  EXPECT_EQ(fault_of({{"decoding.min_length", "5"}, {"decoding.max_length", "4"}}),
            "[decoding] min_length = 5 is above max_length = 4");
  // 0 is no limit, so nothing is above it.
  EXPECT_NO_THROW(
      check_config(config_with({{"decoding.min_length", "5"}, {"decoding.max_length", "0"}})));
}

TEST(CheckConfig, AttentionAxesThatMeanNothingTogetherAreRefused) {
  EXPECT_EQ(fault_of({{"model.attention_scope", "monotonic"}, {"model.attention_weights", "hard"}}),
            "[model] attention_weights = hard with attention_scope = monotonic: this scope takes "
            "each position with a probability of its own in place of weights over all; set "
            "attention_weights to softmax");
  EXPECT_EQ(fault_of({{"model.attention_chunk", "4"}}),
            "[model] attention_chunk = 4 is for attention_scope = monotonic, not global");
  EXPECT_EQ(fault_of({{"model.coverage", "true"}}),
            "[model] coverage = true: what has had attention so far is known only step by step, in "
            "a recurrent decoder; set it to false, or architecture = recurrent");
  EXPECT_EQ(fault_of({{"model.attention_heads", "2"}}),
            "[model] attention_heads = 2 is for recurrent models: a Transformer's are heads");
  EXPECT_EQ(fault_of({{"model.architecture", "recurrent"}, {"model.attention_heads", "7"}}),
            "[model] attention_heads = 7 does not divide hidden_size = 256");
  EXPECT_EQ(fault_of({{"model.architecture", "recurrent"}, {"model.self_attention", "linear"}}),
            "[model] self_attention = linear, self_attention_weights = softmax: a recurrent model "
            "has no self-attention; set them to full and softmax, or architecture = transformer");
  EXPECT_EQ(
      fault_of({{"model.self_attention", "linear"}, {"model.self_attention_weights", "entmax15"}}),
      "[model] self_attention_weights = entmax15: linear self-attention has no scores to make "
      "weights of; set it to softmax, or self_attention to full or local");
  EXPECT_EQ(fault_of({{"model.self_attention", "linear"}, {"model.positions", "rotary"}}),
            "[model] positions = rotary: linear self-attention never forms the product of one "
            "query and one key that these belong to; set positions to sinusoidal or learned");
  EXPECT_EQ(
      fault_of({{"model.positions", "rotary"}, {"model.hidden_size", "12"}, {"model.heads", "4"}}),
      "[model] hidden_size = 12 with heads = 4: rotary positions turn pairs of numbers, so a "
      "head's width (now 3) must be even");
}

TEST(CheckConfig, InitialPartsAreOfAModel) {
  EXPECT_EQ(fault_of({{"training.initial_parts", "encoder, output"}}),
            "[training] initial_parts = encoder, output: name the model that has them in "
            "initial_model");
}

TEST(CheckConfig, CoverageLossNeedsCoverage) {
  const std::string message =
      "[training] coverage_loss = 0.5 is of [model] coverage = true, which is false: there is no "
      "coverage whose loss it could weigh; set coverage = true (of a recurrent model), or "
      "coverage_loss = 0";
  for (const char* architecture : {"recurrent", "transformer"}) {
    EXPECT_EQ(fault_of({{"model.architecture", architecture}, {"training.coverage_loss", "0.5"}}),
              message);
  }
  EXPECT_NO_THROW(check_config(config_with({{"model.architecture", "recurrent"},
                                            {"model.coverage", "true"},
                                            {"training.coverage_loss", "0.5"}})));
}

TEST(CheckConfig, TheRiskAloneHasNoUseForWhatIsOfCrossEntropy) {
  for (const auto& [key, value] :
       {std::pair("word_dropout", "0.1"), std::pair("coverage_loss", "1")}) {
    Settings keys = {{"model.architecture", "recurrent"},
                     {"model.coverage", "true"},
                     {"training.objective", "minimum_risk"},
                     {fmt::format("training.{}", key), value}};
    EXPECT_EQ(fault_of(keys),
              fmt::format("[training] {} is of cross-entropy, which has no share in objective = "
                          "minimum_risk with risk_share = 1: set risk_share below 1, or leave {} "
                          "out",
                          key, key));
    keys.emplace_back("training.risk_share", "0.9");
    EXPECT_NO_THROW(check_config(config_with(keys)));
  }
}

TEST(CheckConfig, AttentionAxesGoTogetherFreely) {
  for (const char* architecture : {"recurrent", "transformer"}) {
    for (const char* score : {"additive", "dot", "general", "concat", "tri", "trilinear"}) {
      for (const char* scope : {"global", "local_m", "local_p"}) {
        for (const char* weights : {"softmax", "sparsemax", "entmax15", "hard"}) {
          EXPECT_NO_THROW(check_config(config_with({{"model.architecture", architecture},
                                                    {"model.attention_score", score},
                                                    {"model.attention_scope", scope},
                                                    {"model.attention_weights", weights}})));
        }
      }
    }
  }
}

TEST(CheckConfig, GuidedAlignmentNeedsAFileForEachAndWeightsToGuide) {
  EXPECT_EQ(fault_of({{"training.guided_alignment", "a, b"}}),
            "[training] guided_alignment names 2 files and [data] train_source 1: they go "
            "together");
  EXPECT_EQ(fault_of({{"training.guided_alignment", "a"}, {"model.attention_weights", "hard"}}),
            "[training] guided_alignment with [model] attention_weights = hard: one position has "
            "all the weight, and nothing shows by how much another falls short; set "
            "attention_weights to softmax, sparsemax or entmax15");
}

TEST(CheckConfig, WaysToDecodeThatExcludeEachOther) {
  EXPECT_EQ(fault_of({{"decoding.beam_groups", "3"}, {"decoding.beam_size", "5"}}),
            "[decoding] beam_groups = 3 does not divide beam_size = 5");
  EXPECT_EQ(fault_of({{"decoding.beam_groups", "5"}, {"decoding.sampling_top_k", "10"}}),
            "[decoding] beam_groups = 5 are of a search, and sampling_top_k = 10, sampling_top_p = "
            "0, temperature = 1 ask for samples: set one or the other");
  EXPECT_EQ(
      fault_of({{"decoding.mbr", "chrf"}, {"decoding.beam_size", "1"}}),
      "[decoding] mbr = chrf chooses among beam_size hypotheses, and beam_size = 1: set it to "
      "2 or more");
}

TEST(CheckConfig, AnyOfThreeKeysAsksForSamples) {
  EXPECT_FALSE(config_with({}).decoding.sampling());
  EXPECT_TRUE(config_with({{"decoding.sampling_top_k", "1"}}).decoding.sampling());
  EXPECT_TRUE(config_with({{"decoding.sampling_top_p", "1"}}).decoding.sampling());
  EXPECT_TRUE(config_with({{"decoding.temperature", "0.5"}}).decoding.sampling());
}

}  // namespace
}  // namespace heed
