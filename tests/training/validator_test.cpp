#include "training/validator.h"

#include <gmock/gmock.h>

#include <sstream>

#include "decoding/stream.h"
#include "evaluation/bleu.h"
#include "inference/load.h"
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

TEST(Validator, TranslatesAsTheSavedModelDoes) {
  for (const char* architecture : {"transformer", "recurrent"}) {
    std::vector<std::string> of_average, of_last;
    for (double decay : {0.0, 0.8}) {
      SmallRun run;
      run.config.model.architecture = architecture;
      run.config.training.average_decay = decay;
      run.config.decoding.min_length = 5;  // so that there is something to compare
      ::testing::internal::CaptureStderr();
      run.train();
      std::string log = ::testing::internal::GetCapturedStderr();
      std::vector<std::string> expected = translations(run);
      EXPECT_EQ(logged_translations(log), expected) << architecture << " " << decay;
      (decay > 0 ? of_average : of_last) = expected;
      BleuOptions options;
      options.tokenize = run.config.evaluation.tokenize;
      options.force = true;
      double bleu = Bleu(options).corpus(expected, {read_lines(run.config.data.dev_target)}).score;
      ASSERT_EQ(run.state.history.validations.size(), 1u);
      EXPECT_EQ(run.state.history.validations[0].bleu, bleu);
    }
    EXPECT_NE(of_average, of_last) << architecture;  // else the test could not tell them apart
  }
}

}  // namespace
}  // namespace heed
