// Every build runs the fuzzers' targets on their corpora: what was found once stays mended.
#include <gtest/gtest.h>

#include <filesystem>

#include "fuzz/targets.h"
#include "util/file_content.h"

namespace heed::fuzz {
namespace {

class CorpusTest : public testing::TestWithParam<Target> {};
INSTANTIATE_TEST_SUITE_P(Targets, CorpusTest, testing::ValuesIn(kTargets),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(CorpusTest, IsAnswered) {
  int files = 0;
  std::filesystem::path folder(HEED_SOURCE_DIR "/tests/fuzz/corpus");
  for (const auto& entry : std::filesystem::directory_iterator(folder / GetParam().name)) {
    std::string bytes = read_file(entry.path().string());
    SCOPED_TRACE(entry.path().string());
    EXPECT_NO_THROW(GetParam().run(bytes));
    for (size_t size : {bytes.size() / 2, bytes.size() - bytes.size() / 8}) {
      EXPECT_NO_THROW(GetParam().run(std::string_view(bytes).substr(0, size)));
    }
    ++files;
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace heed::fuzz
