#include "decoding/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void read_all(const std::string& input, const RequestFiles& files) {
  LineReader lines(input);
  RequestReader reader(lines, files);
  for (Request request; reader.next(request);) {
  }
}

TEST(RequestsTest, WhatStandsBesideALineGoesWithIt) {
  TempFolder folder;
  LineReader lines(folder.write("input", "one\ntwo\n"));
  RequestReader reader(
      lines, {folder.write("prefix", "\nthe\n"), folder.write("phrases", "a b\t\tc\n \n")});
  Request request;
  ASSERT_TRUE(reader.next(request));
  EXPECT_EQ(request.text, "one");
  EXPECT_EQ(request.prefix, "");
  EXPECT_THAT(request.phrases, ElementsAre("a b", "c"));
  ASSERT_TRUE(reader.next(request));
  EXPECT_EQ(request.prefix, "the");
  EXPECT_THAT(request.phrases, IsEmpty());
  EXPECT_FALSE(reader.next(request));
}

TEST(RequestsTest, RepairsAreToldOfEachFile) {
  TempFolder folder;
  std::string input = folder.write("input", "one\ntwo\xFF\n"),
              prefix = folder.write("prefix", "\xFF\n\n"),
              phrases = folder.write("phrases", "a\n\xFF\n");
  testing::internal::CaptureStderr();
  read_all(input, {prefix, phrases});
  const std::string said = ": replaced invalid UTF-8 or NUL bytes in 1 lines, the first is line ";
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: " + input + said +
                                                        "2\nwarning: " + prefix + said +
                                                        "1\nwarning: " + phrases + said + "2\n");
}

TEST(RequestsTest, FilesOfAnotherLengthAreRefused) {
  TempFolder folder;
  std::string two = folder.write("two", "a\nb\n"), three = folder.write("three", "a\nb\nc\n");
  const std::string rule = ": line i of one belongs to line i of the other";
  EXPECT_THAT(
      [&] {
        read_all(three, {two, ""});
      },
      testing::ThrowsMessage<Error>(two + " has 2 lines and " + three + " has more" + rule));
  EXPECT_THAT(
      [&] {
        read_all(two, {"", three});
      },
      testing::ThrowsMessage<Error>(two + " has 2 lines and " + three + " has more" + rule));
}

}  // namespace
}  // namespace heed
