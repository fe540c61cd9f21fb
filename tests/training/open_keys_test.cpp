#include "training/open_keys.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "config/presets.h"
#include "config/render.h"
#include "config/values.h"
#include "training/small_run.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"
#include "util/text.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Everything is open that the number of pairs decides, but what keeps a training short.
void leave_open(SmallRun& run, std::vector<std::string> but) {
  run.config.open = preset_options();
  for (const std::string& name : but) std::erase(run.config.open, name);
}
const std::vector<std::string> kShort = {"model.hidden_size",    "model.heads",
                                         "model.layers",         "model.feed_forward_size",
                                         "training.max_steps",   "training.warmup_steps",
                                         "training.batch_tokens"};

TEST(OpenKeys, AreChosenByThePairsAndStayWhenATrainingGoesOn) {
  SmallRun run;
  leave_open(run, kShort);
  ::testing::internal::CaptureStderr();
  run.train();
  std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("size: 60 training pairs and no key of [model] given: preset small"));
  EXPECT_THAT(
      said, HasSubstr("learning_rate = " + preset_value(preset_for(60), "training.learning_rate")));
  EXPECT_THAT(said, HasSubstr("size: as given: hidden_size = 16, "));
  Config written = run.folder().read_config();
  EXPECT_EQ(print_value(written.training.learning_rate),
            preset_value(preset_for(60), "training.learning_rate"));

  // What it began with counts more than what the table would say now.
  Config edited = written;
  edited.training.learning_rate = 0.007;
  write_file_atomically(run.folder().config(), render_config(edited));
  run.config.training.max_steps = 10;
  ::testing::internal::CaptureStderr();
  run.train();
  said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("size: as this training began: "));
  EXPECT_THAT(said, HasSubstr("learning_rate = 0.007"));
  EXPECT_EQ(run.state.step, 10);
}

TEST(OpenKeys, NothingIsChosenWhereNothingIsOpen) {
  SmallRun run;
  Config before = checked(run.config), after = before;
  ::testing::internal::CaptureStderr();
  choose_open_keys(after, 60);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(render_config(after), render_config(before));
}

// A training on 12 pairs, whose text has fewer than 1,000 pieces.
struct ShortText {
  ShortText() {
    run.config.tokenizer.type = "bpe";
    for (auto* side : {&run.config.data.train_source, &run.config.data.train_target}) {
      std::vector<std::string> lines = read_lines(side->at(0));
      lines.resize(12);
      *side = {folder.write(side == &run.config.data.train_source ? "a" : "b", join(lines, "\n"))};
    }
  }
  SmallRun run;
  TempFolder folder;
};

TEST(OpenKeys, AVocabularyIsAsLargeAsItsTextAllows) {
  ShortText text;
  SmallRun& run = text.run;
  leave_open(run, kShort);
  ::testing::internal::CaptureStderr();
  run.train();
  std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("too large for the characters of this text"));
  int64_t size = run.folder().read_config().tokenizer.vocab_size;
  EXPECT_LT(size, 1000);
  EXPECT_EQ(run.folder().load_tokenizers().source->vocab_size(), size);
}

TEST(OpenKeys, ASizeThatWasAskedForIsNotChanged) {
  ShortText text;
  SmallRun& run = text.run;
  run.config.tokenizer.vocab_size = 1000;
  std::vector<std::string> given = kShort;
  given.emplace_back("tokenizer.vocab_size");
  leave_open(run, given);
  EXPECT_THROW(run.train(), VocabularySizeError);
}

TEST(OpenKeys, WhatCannotBeIsRefusedWithTheValuesChosen) {
  SmallRun run;
  run.config.model.heads = 3;
  leave_open(run, {"model.heads"});
  EXPECT_THROW(choose_open_keys(run.config, 60), UsageError);
}

}  // namespace
}  // namespace heed
