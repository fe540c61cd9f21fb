#include "decoding/shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "util/compress.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Strings = std::vector<std::string>;

TEST(ParseShard, TakesKOfN) {
  EXPECT_EQ(parse_shard("3/16").number, 3);
  EXPECT_EQ(parse_shard("3/16").count, 16);
  for (const char* bad : {"", "3", "/", "0/2", "3/2", "-1/2", "a/2", "1/b", "1/2/3", "1/2000000"}) {
    EXPECT_THAT(message_of<UsageError>([&] { parse_shard(bad); }), HasSubstr("K/N")) << bad;
  }
}

Strings lines_of(const std::string& path, const LineRange& range) {
  LineReader input(path);
  RequestReader reader(input, {}, range);
  Strings lines;
  for (Request request; reader.next(request);) {
    EXPECT_EQ(request.number, range.skipped + lines.size() + 1);
    lines.push_back(request.text);
  }
  return lines;
}

TEST(FindShard, ShardsOneAfterAnotherAreTheWhole) {
  TempFolder folder;
  std::string long_lines(300000, 'x');
  long_lines.back() = '\n';
  long_lines = many_lines(2000) + long_lines + many_lines(50);
  for (const std::string& text : {std::string(), std::string("a"), std::string("a\nb\n"),
                                  std::string("\n\n\n\n"), many_lines(1000), long_lines + "end"}) {
    for (bool packed : {false, true}) {
      std::string path = folder.write("text", packed ? gzip(text) : text);
      Strings whole = lines_of(path, {});
      for (int64_t count : {1, 2, 3, 7, 100}) {
        Strings joined;
        for (int64_t number = 1; number <= count; ++number) {
          for (auto& line : lines_of(path, find_shard(path, {number, count}))) {
            joined.push_back(std::move(line));
          }
        }
        EXPECT_TRUE(joined == whole) << count << " of " << text.substr(0, 20);
      }
    }
  }
}

TEST(FindShard, PartsAreAboutAsLarge) {
  TempFolder folder;
  std::string path = folder.write("text", many_lines(10000));
  for (int64_t number = 1; number <= 4; ++number) {
    EXPECT_NEAR(lines_of(path, find_shard(path, {number, 4})).size(), 2500, 50);
  }
}

TEST(FindShard, WantsAFile) {
  for (const char* path : {"-", "/dev/null"}) {
    EXPECT_THAT(message_of<UsageError>([&] {
                  find_shard(path, {1, 2});
                }),
                AllOf(HasSubstr("--shard 1/2"), HasSubstr("-i")));
  }
}

class LookAtOutput : public ::testing::Test {
 protected:
  LeftOutput look(const std::string& content, const OutputRule& rule,
                  int64_t most_lines = INT64_MAX) {
    return look_at_output(folder_.write("out", content), rule, most_lines);
  }
  void expect(const LeftOutput& left, int64_t inputs, const std::string& kept) {
    EXPECT_EQ(left.inputs, inputs);
    EXPECT_EQ(left.lines, std::count(kept.begin(), kept.end(), '\n'));
    EXPECT_EQ(left.bytes, std::ssize(kept));
  }
  TempFolder folder_;
};

TEST_F(LookAtOutput, CountsWholeLines) {
  OutputRule text{OutputForm::kText};
  expect(look("", text), 0, "");
  expect(look("torn", text), 0, "");
  expect(look("a\n\nc\ntorn", text), 3, "a\n\nc\n");
  expect(look("a\nb\nc\n", text, 2), 2, "a\nb\n");
  expect(look_at_output(folder_.file("none"), text), 0, "");
}

TEST_F(LookAtOutput, AListIsWholeWhenAnotherFollows) {
  OutputRule moses{OutputForm::kMoses, 2, 7};
  std::string first = "7 ||| a ||| ||| 1\n7 ||| b ||| ||| 1\n", second = "8 ||| c ||| ||| 1\n";
  expect(look("7 ||| a ||| ||| 1\n", moses), 0, "");
  expect(look(first, moses), 0, "");
  expect(look(first + second, moses), 1, first);
  expect(look(first + second + second + "9 ||", moses), 1, first);
  expect(look(first + second + "9 ||| d ||| ||| 1\n", moses), 2, first + second);
  std::string three = first + second + "9 ||| d ||| ||| 1\n";
  for (int64_t most : {0, 1}) expect(look(three, moses, most), 0, "");
  expect(look(three, moses, 2), 1, first);
  for (int64_t most : {3, 4}) expect(look(three, moses, most), 2, first + second);
  expect(look("{\"line\":0,\"rank\":0}\n{\"line\":1,\"rank\":0}\n{\"li", {OutputForm::kJson}), 2,
         "{\"line\":0,\"rank\":0}\n{\"line\":1,\"rank\":0}\n");
  expect(look("5\t0\ta\n6\t0\tb\n", {OutputForm::kTabs, 1, 5}), 2, "5\t0\ta\n6\t0\tb\n");
}

TEST_F(LookAtOutput, RefusesAnOutputOfSomethingElse) {
  for (const char* other : {"text\n", "0 ||| a\n2 ||| b\n", "1 ||| a\n", "{\n"}) {
    EXPECT_THAT(message_of<Error>([&] { look(other, {OutputForm::kMoses}); }),
                AllOf(HasSubstr(folder_.file("out")), HasSubstr("is no output of line"),
                      HasSubstr("--resume")))
        << other;
  }
}

}  // namespace
}  // namespace heed
