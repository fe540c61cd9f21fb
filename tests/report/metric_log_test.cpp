#include "report/metric_log.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/file_content.h"
#include "util/file_faults.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(MetricLogTest, ALineEach) {
  TempFolder temp;
  MetricLog log(temp.file("m"), {});
  log.append({{"kind", "train"}, {"step", 1}});
  log.append({{"kind", "valid"}, {"step", 2}});
  EXPECT_EQ(read_file(temp.file("m")),
            "{\"kind\":\"train\",\"step\":1}\n{\"kind\":\"valid\",\"step\":2}\n");
}

TEST(MetricLogTest, ForgetsWhatATrainingSaysAgain) {
  TempFolder temp;
  std::string kept = "{\"kind\":\"train\",\"step\":10}\n{\"kind\":\"valid\",\"step\":8}\n";
  std::string path = temp.write(
      "m", kept + "{\"kind\":\"valid\",\"step\":10}\n{\"kind\":\"train\",\"step\":11}\n");
  MetricLog(path, {10, 8});
  EXPECT_EQ(read_file(path), kept);
}

TEST(MetricLogTest, WhatIsNoSuchLineIsDropped) {
  TempFolder temp;
  std::string path = temp.write("m",
                                "{\"step\": \"ten\"}\n{\"step\": 1.5}\n[1]\nnull\n{\"step\": "
                                "{}}\n{}\n\xff\n{\"step\": 3, \"k");
  MetricLog(path, {10, 10});
  EXPECT_EQ(read_file(path), "");
}

TEST(MetricLogTest, AFullDiskIsAWarningAndNothingIsLost) {
  TempFolder temp;
  std::string path = temp.file("m");
  MetricLog log(path, {});
  log.append({{"step", 1}, {"text", std::string(3000, 'x')}});
  std::string first = read_file(path);
  ::testing::internal::CaptureStderr();
  {
    FileSizeLimit limit(first.size() + 5);  // of all files, and stderr is one now
    log.append({{"step", 2}});
    log.append({{"step", 3}});
  }
  std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, AllOf(HasSubstr("cannot write " + path), HasSubstr("File too large")));
  EXPECT_EQ(said.find("cannot write"), said.rfind("cannot write")) << "once is enough";
  EXPECT_EQ(read_file(path), first);
  log.append({{"step", 4}});
  EXPECT_EQ(read_file(path), first + "{\"step\":2}\n{\"step\":3}\n{\"step\":4}\n");
}

TEST(MetricLogTest, EventsWaitForAFullDiskToo) {
  TempFolder folder;
  MetricLog log(folder.file("log"), {});
  EventFile events(folder.path(), 0);
  log.add_events(events);
  log.append({{"kind", "valid"}, {"step", 1}, {"first", 0.5}});
  ::testing::internal::CaptureStderr();
  {
    FileSizeLimit limit(static_cast<rlim_t>(read_file(folder.file("log")).size()));
    log.append({{"kind", "valid"}, {"step", 2}, {"second", 0.5}});
  }
  ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(read_file(events.path()).find("valid/second"), std::string::npos);
  log.append({{"kind", "valid"}, {"step", 3}, {"third", 0.5}});
  std::string content = read_file(events.path());
  size_t second = content.find("valid/second");
  EXPECT_NE(second, std::string::npos);
  EXPECT_EQ(content.find("valid/second", second + 1), std::string::npos);
  EXPECT_LT(second, content.find("valid/third"));
}

TEST(MetricLogTest, AFolderInItsPlaceIsNamed) {
  TempFolder temp;
  make_folders(temp.file("m"));
  EXPECT_THAT(message_of<Error>([&] { MetricLog(temp.file("m"), {}); }), HasSubstr(temp.file("m")));
}

TEST(MetricLogTest, EventsHaveTheNumbersThatWereMeasured) {
  TempFolder folder;
  MetricLog log(folder.file("log"), {});
  EventFile events(folder.path(), 0);
  log.add_events(events);
  log.append({{"kind", "valid"}, {"step", 7}, {"loss", 0.5}, {"bleu", -1.0}, {"best", true}});
  log.append({{"kind", "valid"}, {"step", 8}, {"bleu", 0.0}});
  std::string content = read_file(events.path());
  EXPECT_NE(content.find("valid/loss"), std::string::npos);
  EXPECT_EQ(content.find("valid/best"), std::string::npos);
  EXPECT_EQ(content.find("valid/step"), std::string::npos);
  size_t bleu = content.find("valid/bleu");
  EXPECT_NE(bleu, std::string::npos);
  EXPECT_EQ(content.find("valid/bleu", bleu + 1), std::string::npos);  // that of step 8 alone
}

}  // namespace
}  // namespace heed
