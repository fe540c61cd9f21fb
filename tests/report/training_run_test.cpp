#include "report/training_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TrainingRunTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& content) {
    write_file_atomically(folder_ + name, content);
  }
  TrainingRun read() {
    return read_training("run", {.config = folder_ + "config.ini",
                                 .metrics = folder_ + "metrics.jsonl",
                                 .validations = folder_ + "validations.tsv"});
  }
  TempFolder temporary_;
  std::string folder_ = temporary_.path() + "/";
};

constexpr const char* kTable =
    "step\tepoch\tloss\tperplexity\tbleu\tlearning_rate\tseconds\tbest\n";

TEST_F(TrainingRunTest, ReadsReportsAndValidations) {
  write("config.ini", "[training]\nmax_steps = 7\n");
  write("metrics.jsonl",
        R"({"kind":"train","step":5,"epoch":0.5,"loss":3.5,"learning_rate":0.1,"gradient_norm":2,)"
        R"("tokens_per_second":900,"waiting":0.25,"seconds":1.5,"peak_memory":1024})"
        "\n"
        R"({"kind":"valid","step":5,"epoch":0,"loss":3,"perplexity":20.1,"bleu":-1,"seconds":2,)"
        R"("best":true,"samples":[{"source":"a","reference":"b","translation":"c"}]})"
        "\n");
  write("validations.tsv", std::string(kTable) + "5\t0\t3.000000\t20.0855\t-\t0.1\t2.0\t*\n");
  TrainingRun run = read();
  EXPECT_THAT(run.warnings, IsEmpty());
  EXPECT_EQ(run.options.at("training.max_steps"), "7");
  EXPECT_EQ(run.options.at("model.architecture"), "transformer");  // a default
  ASSERT_THAT(run.training, SizeIs(1));
  const TrainingPoint& point = run.training.at(5);
  EXPECT_EQ(point.loss, 3.5);
  EXPECT_EQ(point.gradient_norm, 2);
  EXPECT_EQ(point.waiting, 0.25);
  EXPECT_EQ(point.peak_memory, 1024);
  const ValidationPoint& valid = run.validations.at(5);
  EXPECT_EQ(valid.perplexity, 20.1);  // with the digits of metrics.jsonl
  EXPECT_TRUE(std::isnan(valid.bleu));
  EXPECT_EQ(valid.learning_rate, 0.1);  // which validations.tsv alone has
  EXPECT_TRUE(valid.best);
  ASSERT_THAT(valid.samples, SizeIs(1));
  EXPECT_EQ(valid.samples[0].translation, "c");
}

TEST_F(TrainingRunTest, DamagedLinesAreLeftOutAndCounted) {
  write("config.ini", "");
  write("metrics.jsonl",
        "{\"kind\":\"train\",\"step\":1,\"loss\":1}\n"
        "{\"kind\":\"train\",\"st\n"
        "[1]\n"
        "{\"kind\":\"train\",\"step\":-3}\n"
        "{\"kind\":\"train\",\"step\":18446744073709551615}\n"
        "{\"kind\":\"train\",\"step\":\"4\"}\n"
        "{\"kind\":\"train\"}\n"
        "\xff\xfe\n"
        "\n"
        "{\"kind\":\"something new\",\"step\":3}\n"
        "{\"kind\":\"train\",\"step\":2,\"loss\":\"low\",\"seconds\":null}\n");
  write("validations.tsv", std::string(kTable) + "3\t0\t1\n");
  TrainingRun run = read();
  ASSERT_THAT(run.training, SizeIs(2));
  EXPECT_EQ(run.training.at(1).loss, 1);
  EXPECT_TRUE(std::isnan(run.training.at(2).loss));
  EXPECT_THAT(run.warnings,
              ElementsAre(HasSubstr("metrics.jsonl:2: expected a JSON object; 8 such lines"),
                          HasSubstr("validations.tsv:2: expected 8 columns, found 3")));
}

TEST_F(TrainingRunTest, ALaterLineReplacesAnEarlierOneOfItsStep) {
  write("config.ini", "");
  write("metrics.jsonl",
        "{\"kind\":\"valid\",\"step\":1,\"loss\":4,\"best\":true}\n"
        "{\"kind\":\"valid\",\"step\":2,\"loss\":3,\"best\":true}\n"
        "{\"kind\":\"valid\",\"step\":3,\"loss\":5,\"best\":false}\n"
        "{\"kind\":\"valid\",\"step\":1,\"loss\":6,\"best\":false}\n");
  TrainingRun run = read();
  EXPECT_EQ(run.validations.at(1).loss, 6);
  EXPECT_FALSE(run.validations.at(1).best);
  EXPECT_TRUE(run.validations.at(2).best);
  EXPECT_FALSE(run.validations.at(3).best);
}

// validations.tsv is written at checkpoints: its star may be of the best but one.
TEST_F(TrainingRunTest, TheStarCountsWhereMetricsKnowOfNoBest) {
  write("config.ini", "");
  write("validations.tsv",
        std::string(kTable) + "1\t0\t3\t20\t1.50\t0.1\t2\t*\n2\t0\tinf\tinf\t-\t0.1\t3\t\n");
  TrainingRun run = read();
  EXPECT_TRUE(run.validations.at(1).best);
  EXPECT_EQ(run.validations.at(1).bleu, 1.5);
  EXPECT_TRUE(std::isnan(run.validations.at(2).loss));
  write("metrics.jsonl", "{\"kind\":\"valid\",\"step\":3,\"loss\":2,\"best\":true}\n");
  run = read();
  EXPECT_FALSE(run.validations.at(1).best);
  EXPECT_TRUE(run.validations.at(3).best);
}

TEST_F(TrainingRunTest, OptionsOfAnotherVersionAreShownAsTheyAre) {
  write("config.ini", "[training]\nmomentum = 3\n[new]\nkey = value\n");
  TrainingRun run = read();
  EXPECT_EQ(run.options.at("training.momentum"), "3");
  EXPECT_EQ(run.options.at("new.key"), "value");
  write("config.ini", "[training\n");
  run = read();
  EXPECT_THAT(run.options, IsEmpty());
  EXPECT_THAT(run.warnings, ElementsAre(HasSubstr("config.ini:1")));
  std::filesystem::remove(folder_ + "config.ini");
  EXPECT_THAT(read().warnings, ElementsAre(HasSubstr("config.ini: missing")));
}

TEST_F(TrainingRunTest, AFolderInAFilesPlaceIsAnError) {
  std::filesystem::create_directory(folder_ + "metrics.jsonl");
  EXPECT_THROW(read(), Error);
}

}  // namespace
}  // namespace heed
