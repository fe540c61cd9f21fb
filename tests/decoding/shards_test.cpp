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

// As print_translations has it.
std::string moses(int64_t line, const std::string& text) {
  return fmt::format("{} ||| {} ||| logprob=-1.2000 length=3 ||| -0.4000\n", line, text);
}

std::string json(int64_t line) {
  return fmt::format(R"({{"line":{},"rank":0,"text":"a","score":-1.0}})", line) + "\n";
}

TEST_F(LookAtOutput, AListIsWholeWhenAnotherFollows) {
  OutputRule rule{OutputForm::kMoses, 2, 7};
  std::string first = moses(7, "a") + moses(7, "b"), second = moses(8, "c");
  expect(look(moses(7, "a"), rule), 0, "");
  expect(look(first, rule), 0, "");
  expect(look(first + second, rule), 1, first);
  expect(look(first + second + second + "9 ||", rule), 1, first);
  expect(look(first + second + moses(9, "d"), rule), 2, first + second);
  std::string three = first + second + moses(9, "d");
  for (int64_t most : {0, 1}) expect(look(three, rule, most), 0, "");
  expect(look(three, rule, 2), 1, first);
  for (int64_t most : {3, 4}) expect(look(three, rule, most), 2, first + second);
  expect(look(json(0) + json(1) + "{\"li", {OutputForm::kJson}), 2, json(0) + json(1));
  std::string table = "5\t0\t-0.4000\t-1.2000\t3\ta\n6\t0\t-0.4000\t-1.2000\t3\tb\n";
  expect(look(table, {OutputForm::kTabs, 1, 5}), 2, table);
}

TEST_F(LookAtOutput, RefusesAnOutputOfSomethingElse) {
  std::string gap = moses(0, "a") + moses(2, "b");
  for (const std::string& other : {std::string("text\n"), gap, moses(1, "a"), std::string("{\n")}) {
    EXPECT_THAT(message_of<Error>([&] { look(other, {OutputForm::kMoses}); }),
                AllOf(HasSubstr(folder_.file("out")), HasSubstr("is no output of line"),
                      HasSubstr("--resume")))
        << other;
  }
}

TEST_F(LookAtOutput, RefusesAnotherForm) {
  auto refusal = [&](const std::string& content, const OutputRule& rule) {
    return message_of<Error>([&] { look(content, rule); });
  };
  std::string scores = "-0.4000\ta\n-inf\t\n", table = "0\t0\t-0.4000\t-1.2000\t3\ta\n";
  std::string of_text = "and plain text is to follow";
  for (const auto& [content, flag] :
       {std::pair(scores, "--scores"), std::pair(moses(0, "a"), "--format moses"),
        std::pair(table, "--format tabs"), std::pair(json(0), "--format json")}) {
    EXPECT_THAT(refusal(content, {OutputForm::kText}), AllOf(HasSubstr(flag), HasSubstr(of_text)));
    expect(look(content + "a\n", {OutputForm::kText}),
           std::count(content.begin(), content.end(), '\n') + 1,
           content + "a\n");  // a text may look like anything
  }
  EXPECT_THAT(refusal("a\n", {OutputForm::kScore}),
              HasSubstr("out:1: \"a\" does not have the form"));
  expect(look(scores, {OutputForm::kScore}), 2, scores);
  EXPECT_THAT(refusal("0\t0\t-0.4000\ta\n", {OutputForm::kTabs}),
              HasSubstr("does not have the form"));
  OutputRule with_utility{OutputForm::kMoses, 1, 0, true};
  EXPECT_THAT(refusal(moses(0, "a"), with_utility), HasSubstr("does not have the form"));
}

TEST_F(LookAtOutput, RefusesListsOfAnotherSize) {
  std::string lists = moses(0, "a") + moses(0, "b") + moses(1, "c");
  std::string words = "hold 2 translations a line at most, and --n-best is ";
  OutputRule one{OutputForm::kMoses, 1};
  EXPECT_THAT(message_of<Error>([&] { look(lists, one); }), HasSubstr(words + "1"));
  // No line of it needs to have had three.
  ::testing::internal::CaptureStderr();
  expect(look(lists, {OutputForm::kMoses, 3}), 1, moses(0, "a") + moses(0, "b"));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(words + "3: right only where"));
}

}  // namespace
}  // namespace heed
