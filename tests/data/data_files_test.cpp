#include "data/data_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DataFilesTest : public ::testing::Test {
 protected:
  void touch(std::initializer_list<const char*> names) {
    for (const char* name : names) folder_.write(name, "");
  }
  std::string file(const std::string& name) const { return folder_.file(name); }

  TempFolder folder_;
  Config config_ = default_config();
  DataConfig& data_ = config_.data;
};

TEST_F(DataFilesTest, PatternsBecomeTheFilesThatMatch) {
  touch({"b.en", "a.en", "C.en", "a.de", "b.de", "C.de", "x.tsv", "y.tsv", "c.txt"});
  data_.train_source = {file("c.txt"), file("*.en")};
  data_.train_target = {file("c.txt"), file("?.de")};
  data_.train = {file("[xy].tsv")};
  expand_patterns(config_);
  EXPECT_THAT(data_.train_source,
              ElementsAre(file("c.txt"), file("C.en"), file("a.en"), file("b.en")));
  EXPECT_THAT(data_.train_target,
              ElementsAre(file("c.txt"), file("C.de"), file("a.de"), file("b.de")));
  EXPECT_THAT(data_.train, ElementsAre(file("x.tsv"), file("y.tsv")));
}

TEST_F(DataFilesTest, AFileOfThatNameIsNoPattern) {
  touch({"*.en", "a.en"});
  data_.train_source = {file("*.en")};
  expand_patterns(config_);
  EXPECT_THAT(data_.train_source, ElementsAre(file("*.en")));
}

TEST_F(DataFilesTest, PatternsThatDoNotGoInPairsAreRefused) {
  touch({"a.en", "b.en", "a.de", "c.de"});
  data_.train_source = {file("*.en")};
  data_.train_target = {file("*.de")};
  EXPECT_THAT(message_of<UsageError>([&] { expand_patterns(config_); }),
              AllOf(HasSubstr(file("b.en")), HasSubstr(file("c.de")), HasSubstr("b is not c")));
  data_.train_source = {file("*.fr")};
  EXPECT_THAT(message_of<UsageError>([&] { expand_patterns(config_); }),
              HasSubstr("[data] train_source = " + file("*.fr") + ": no file matches"));
}

TEST_F(DataFilesTest, SidesThatHoldTheSameAreTold) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += fmt::format("line {}\n", i);
  std::string a = folder_.write("a", many), same = folder_.write("same", many),
              other = folder_.write("other", many.substr(0, many.size() - 2) + "X\n");
  auto log_of = [&](const CorpusFiles& files, DataPart part) {
    set_log_file(folder_.file("log"));
    warn_of_equal_sides(ParallelText(files, folder_.path()), part);
    set_log_file("");
    std::string log = file_exists(folder_.file("log")) ? read_file(folder_.file("log")) : "";
    folder_.write("log", "");
    return log;
  };
  std::string keys = "[data] train_source and train_target: ";
  EXPECT_THAT(log_of({{a}, {a}}, DataPart::kTraining),
              AllOf(HasSubstr(keys + a + " and " + a + " hold the same 1,000 lines"),
                    HasSubstr("the model learns to copy")));
  EXPECT_THAT(log_of({{a, a}, {other, same}}, DataPart::kTraining),
              AllOf(HasSubstr(a + " and " + same), ::testing::Not(HasSubstr(other))));
  EXPECT_THAT(log_of({{a}, {same}}, DataPart::kDev), HasSubstr("[data] dev_source and dev_target"));
  EXPECT_EQ(log_of({{a}, {other}}, DataPart::kDev), "");
  CorpusFiles table{.source = {}, .target = {}, .pairs = {folder_.write("table", "x\tx\ny\ty\n")}};
  EXPECT_THAT(log_of(table, DataPart::kTraining), HasSubstr("[data] train: both columns of"));
}

TEST_F(DataFilesTest, WhatCanBeReadOnceIsNotForManyProcesses) {
  Config config = default_config();
  config.data.train_source = {folder_.write("a", "a")};
  EXPECT_NO_THROW(check_read_by_all(config));
  for (const char* once : {"-", "/dev/zero"}) {
    config.data.train_target = {once};
    EXPECT_THROW(check_read_by_all(config), UsageError) << once;
  }
}

TEST_F(DataFilesTest, WhatCanBeReadOnceIsNamedOnce) {
  data_.train_source = {"-"};
  data_.train_target = {file("a")};
  data_.dev = file("b");
  EXPECT_NO_THROW(check_read_once(config_));
  data_.dev = "-";
  EXPECT_THAT(message_of<UsageError>([&] { check_read_once(config_); }),
              HasSubstr("standard input (-) is named 2 times"));
  data_.dev = data_.train_source[0] = "/dev/null";
  EXPECT_THAT(message_of<UsageError>([&] { check_read_once(config_); }), HasSubstr("/dev/null"));
}

}  // namespace
}  // namespace heed
