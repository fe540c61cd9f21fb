#include "server/request_body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace heed {
namespace {

// "BODY|what follows" of a chunked body, "damaged" where it is; read so many bytes at once at most.
std::string body_of(std::string_view stream, size_t at_once = 1000) {
  std::string body;
  auto source = [&](char* into, size_t size) {
    size_t count = std::min({size, at_once, stream.size()});
    std::memcpy(into, stream.data(), count);
    stream.remove_prefix(count);
    return static_cast<ptrdiff_t>(count);
  };
  auto sink = [&](const char* bytes, size_t count) {
    body.append(bytes, count);
    return true;
  };
  return read_chunks(source, sink) ? body + "|" + std::string(stream) : "damaged";
}

TEST(ChunksTest, AreReadToTheEndAndNoFurther) {
  for (size_t at_once : {1, 2, 1000}) {
    EXPECT_EQ(body_of("3\r\nabc\r\nB\r\n0123456789\n\r\n0\r\n\r\nGET", at_once),
              "abc0123456789\n|GET");
    EXPECT_EQ(body_of("0\r\n\r\n", at_once), "|");
  }
  EXPECT_EQ(body_of("1;a=b\r\nx\r\n001 ; c\r\ny\r\n000\r\n\r\n"), "xy|");
  std::string large(100000, 'x');
  EXPECT_EQ(body_of("186a0\r\n" + large + "\r\n0\r\n\r\n"), large + "|");
}

TEST(ChunksTest, TrailersAreLeftOut) {
  EXPECT_EQ(body_of("1\r\nx\r\n0\r\nDigest: abc\r\nX-Other:\r\n\r\nGET"), "x|GET");
  EXPECT_EQ(body_of("1\r\nx\r\n0\r\nno trailer\r\n\r\n"), "damaged");
  EXPECT_EQ(body_of("1\r\nx\r\n0\r\nA : b\r\n\r\n"), "damaged");
  EXPECT_EQ(body_of("1\r\nx\r\n0\r\nA: b\n\r\n"), "damaged");
  std::string endless = "0\r\n";
  for (int i = 0; i < 100000; ++i) endless += "A: b\r\n";
  EXPECT_EQ(body_of(endless), "damaged");
}

TEST(ChunksTest, DamageIsSeen) {
  const std::string whole = "3\r\nabc\r\n0\r\n\r\n";
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(body_of(whole.substr(0, length)), "damaged") << length;
  }
  for (const char* size : {"", "-1", "+1", "0x1", " 1", "x", "1x", "1 1", "1\n", "1\r", ";a",
                           "10000000000000001", "ffffffffffffffff"}) {
    EXPECT_EQ(body_of(std::string(size) + "\r\nx\r\n0\r\n\r\n"), "damaged") << size;
  }
  EXPECT_EQ(body_of("1\r\nxy\r\n0\r\n\r\n"), "damaged");
  EXPECT_EQ(body_of("1;" + std::string(10000, 'a') + "\r\nx\r\n0\r\n\r\n"), "damaged");
}

TEST(ChunksTest, ASinkMayHaveEnough) {
  std::string_view stream = "3\r\nabc\r\n0\r\n\r\n";
  auto source = [&](char* into, size_t) {
    *into = stream.front();
    stream.remove_prefix(1);
    return ptrdiff_t{1};
  };
  EXPECT_FALSE(read_chunks(source, [](const char*, size_t) { return false; }));
}

TEST(FramingTest, ALengthOrChunksOrNeither) {
  EXPECT_FALSE(framing_of({}).has_body());
  EXPECT_FALSE(framing_of({.lengths = {"0"}, .codings = {}}).has_body());
  EXPECT_EQ(framing_of({.lengths = {"12"}, .codings = {}}).length, 12);
  EXPECT_TRUE(framing_of({.lengths = {}, .codings = {"Chunked"}}).chunked);
  EXPECT_EQ(framing_of({.lengths = {"99999999999999999999"}, .codings = {}}).length,
            std::numeric_limits<int64_t>::max());
  for (const char* good : {"0", "12", "99999999999999999999"}) {
    EXPECT_EQ(framing_of({.lengths = {good}, .codings = {}}).fault, "");
  }
}

TEST(FramingTest, WhatAProxyMayReadOtherwiseIsAFault) {
  for (const char* bad : {"", "-1", "+5", "0x5", "1e9", "5,5", "5 5", "x"}) {
    EXPECT_NE(framing_of({.lengths = {bad}, .codings = {}}).fault, "") << bad;
  }
  EXPECT_NE(framing_of({.lengths = {"5", "5"}, .codings = {}}).fault, "");
  EXPECT_NE(framing_of({.lengths = {"5"}, .codings = {"chunked"}}).fault, "");
  EXPECT_NE(framing_of({.lengths = {}, .codings = {"chunked", "chunked"}}).fault, "");
  for (const char* bad : {"", "gzip", "gzip, chunked", "xchunked"}) {
    EXPECT_NE(framing_of({.lengths = {}, .codings = {bad}}).fault, "") << bad;
  }
}

TEST(BodyShareTest, BytesAreCountedWhileTheyAreHeld) {
  std::atomic<int64_t> all = 5;
  {
    BodyShare share(all);
    EXPECT_EQ(share.add(3), 8);
    EXPECT_EQ(share.add(2), 10);
    EXPECT_EQ(share.bytes(), 5);
  }
  EXPECT_EQ(all, 5);
}

}  // namespace
}  // namespace heed
