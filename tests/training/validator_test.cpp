#include "training/validator.h"

#include <gmock/gmock.h>

#include <atomic>
#include <sstream>

#include "decoding/stream.h"
#include "evaluation/bleu.h"
#include "inference/load.h"
#include "model/tiny_model.h"
#include "training/small_run.h"
#include "util/line_reader.h"

namespace heed {
namespace {

// What `heed translate` makes of the lines, with the beam of validations.
std::vector<std::string> translations(const SmallRun& run) {
  LoadedModel model = load_models({run.folder().path}, {"cpu", "float32", 1});
  EngineOptions options;
  options.search = SearchOptions(model.config.decoding);
  options.search.beam_size = run.config.evaluation.beam_size;
  Engine engine(model, options);
  return translate_lines(engine, run.dev_lines(), nullptr);
}

std::vector<std::string> logged_translations(const std::string& log) {
  const std::string label = "  translation ";
  std::istringstream lines(log);
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(label)) found.push_back(line.substr(label.size()));
  }
  return found;
}

TEST(Validator, IsCutShortWhereAskedTo) {
  SmallRun run;
  run.train();
  Config config = checked(run.config);
  Tokenizers tokenizers = run.folder().load_tokenizers();
  Validator validator(config, tokenizers, dev_text(config), 1);
  OneProcess alone;
  auto model = make_model(shape_of(config, tokenizers));
  for (int after : {0, 1}) {  // in the loss, in the translations
    std::atomic<int> asked = 0;
    auto stop = [&] { return asked++ >= after; };
    EXPECT_THROW(validator.run(*model, tiny::named_weights(*model), alone, stop), Interrupted);
    EXPECT_TRUE(model->is_training());
  }
  EXPECT_GT(validator.run(*model, tiny::named_weights(*model), alone).loss, 0);
}

TEST(Validator, TheChecksumIsOfAllLines) {
  SmallRun run;
  run.train();
  Config config = checked(run.config);
  Tokenizers tokenizers = run.folder().load_tokenizers();
  std::string one = Validator(config, tokenizers, dev_text(config), 1).checksum();
  EXPECT_EQ(Validator(config, tokenizers, dev_text(config), 1).checksum(), one);
  std::swap(config.data.dev_source, config.data.dev_target);
  EXPECT_NE(Validator(config, tokenizers, dev_text(config), 1).checksum(), one);
}

TEST(Validator, TranslatesAsTheSavedModelDoes) {
  for (const char* architecture : {"transformer", "recurrent"}) {
    std::vector<std::string> of_average, of_last;
    for (double decay : {0.0, 0.8}) {
      SmallRun run;
      run.config.model.architecture = *run.config.model.architecture.find(architecture);
      run.config.training.average_decay = decay;
      run.config.decoding.min_length = 5;  // so that there is something to compare
      ::testing::internal::CaptureStderr();
      run.train();
      std::string log = ::testing::internal::GetCapturedStderr();
      std::vector<std::string> expected = translations(run);
      EXPECT_EQ(logged_translations(log), expected) << architecture << " " << decay;
      (decay > 0 ? of_average : of_last) = expected;
      BleuOptions options;
      options.force = true;
      double bleu = Bleu(options).corpus(expected, {read_lines(run.config.data.dev_target)}).score;
      ASSERT_EQ(run.state.history.validations.size(), 1u);
      EXPECT_EQ(run.state.history.validations[0].bleu, bleu);
    }
    EXPECT_NE(of_average, of_last) << architecture;  // else the test could not tell them apart
  }
}

// What a training says of its validations' BLEU, with Chinese dev targets.
std::string log_with_chinese(const std::string& tokenize) {
  SmallRun run;
  TempFolder folder;
  run.config.data.dev_target =
      folder.write("dev.zh", "我们去公园。\n他买了书。\n你好\n再见\n今天下雨。\n她在家。\n");
  run.config.evaluation.tokenize = *run.config.evaluation.tokenize.find(tokenize);
  run.config.training.max_steps = run.config.training.validate_every = 1;
  ::testing::internal::CaptureStderr();
  run.train();
  return ::testing::internal::GetCapturedStderr();
}

TEST(Validator, ChoosesTheTokenizerByTheScriptOfTheTargets) {
  EXPECT_THAT(log_with_chinese("auto"),
              ::testing::HasSubstr("evaluation.tokenize = auto: zh, for"));
  EXPECT_THAT(
      log_with_chinese("13a"),
      ::testing::ContainsRegex("warning: evaluation.tokenize = 13a: .* set it to auto or zh"));
  EXPECT_THAT(log_with_chinese("char"),
              ::testing::Not(::testing::HasSubstr("evaluation.tokenize")));
}

}  // namespace
}  // namespace heed
