#include "report/event_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "util/error.h"
#include "util/file_content.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

constexpr double kTime = 1700000000.25;

// The events of scripts/make_event_golden.py, whose records TensorBoard's own writer made.
TEST(EventRecord, HasTheBytesOfTensorBoardsWriter) {
  std::string records;
  records += event_record({.wall_time = kTime, .note = EventNote::kFileVersion});
  records += event_record({.wall_time = kTime, .step = 101, .note = EventNote::kStart});
  records += event_record({.wall_time = kTime + 200,
                           .step = 200,
                           .scalars = {{"train/loss", 5.125f}, {"train/learning_rate", 5e-4f}}});
  records += event_record(
      {.wall_time = kTime + 123456789012,
       .step = 123456789012,
       .scalars = {{"valid/bleu", 0}, {"valid/loss", std::numeric_limits<float>::infinity()}}});
  records += event_record({.wall_time = kTime, .scalars = {{std::string(300, 'x'), -1.5f}}});
  EXPECT_EQ(records, read_file(HEED_SOURCE_DIR "/tests/report/golden/events.bin"));
}

TEST(Crc32c, IsThatOfTheStandard) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
}

class EventFileTest : public testing::Test {
 protected:
  TempFolder temporary_;
  std::string folder_ = temporary_.path();
};

TEST_F(EventFileTest, EachTrainingAppendsToAFileOfItsOwn) {
  EventFile first(folder_, 0);
  first.append(10, {{"train/loss", 2.0f}});
  EventFile second(folder_, 10);
  EXPECT_LT(first.path(), second.path());  // the order in which TensorBoard reads them
  EXPECT_TRUE(
      std::filesystem::path(first.path()).filename().string().starts_with(kEventFilePrefix));
  EXPECT_TRUE(first.path().ends_with(kEventFileSuffix));
  std::string before = read_file(first.path());
  second.append(20, {{"train/loss", 1.0f}});
  EXPECT_EQ(read_file(first.path()), before);
  first.append(20, {{"train/loss", 1.0f}});
  EXPECT_TRUE(read_file(first.path()).starts_with(before));
}

TEST_F(EventFileTest, AFileThatCannotBeWrittenIsNamed) {
  EXPECT_THROW(EventFile(folder_ + "/missing", 0), Error);
  EventFile file(folder_, 0);
  std::filesystem::remove(file.path());
  std::filesystem::create_directory(file.path());
  std::string message = message_of<Error>([&] { file.append(1, {}); });
  EXPECT_NE(message.find(file.path()), std::string::npos) << message;
}

}  // namespace
}  // namespace heed
