#include "server/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Http, FormsAreDecoded) {
  EXPECT_THAT(
      parse_form("q=a+b%20%C3%A4&x=&y&=z&&q=2"),
      ElementsAre(Pair("q", "a b ä"), Pair("x", ""), Pair("y", ""), Pair("", "z"), Pair("q", "2")));
  EXPECT_THAT(parse_form("q=100%&r=%zz%4"), ElementsAre(Pair("q", "100%"), Pair("r", "%zz%4")));
  EXPECT_THAT(parse_form(""), ElementsAre());
}

TEST(Http, PartsOfAddressesAreEncoded) {
  EXPECT_EQ(percent_encoded("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(percent_encoded("a b/%+?#ä\n"), "a%20b%2F%25%2B%3F%23%C3%A4%0A");
}

const std::string kForm =
    "--xy\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nen\r\n--xy\r\n"
    "Content-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".txt\"\r\n"
    "Content-Type: text/plain\r\n\r\nline\r\n--x\n\r\n--xy--\r\n";

TEST(Http, MultipartFormsComeApart) {
  auto parts = parse_multipart(kForm, "multipart/form-data; boundary=xy");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "source");
  EXPECT_EQ(parts[0].content, "en");
  EXPECT_EQ(parts[1].filename, "a \"b\".txt");
  EXPECT_EQ(parts[1].content, "line\r\n--x\n");
  EXPECT_EQ(parse_multipart(kForm, "multipart/form-data; charset=utf-8; boundary=\"xy\"").size(),
            2u);
}

TEST(Http, APartMayEndWithItsHead) {
  std::string head = "Content-Disposition: form-data; name=\"source\"\r\n";
  auto parts = parse_multipart("--xy\r\n" + head + "\r\n--xy\r\n" + head + "\r\nen\r\n--xy--\r\n",
                               "multipart/form-data; boundary=xy");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "source");
  EXPECT_EQ(parts[0].content, "");
  EXPECT_EQ(parts[1].content, "en");
}

TEST(Http, NamesAreTheSameInAnyCase) {
  std::string form =
      "--xy\r\ncontent-DISPOSITION: form-data; NAME=\"a\"; FileName=b\r\n\r\nc\r\n--xy--\r\n";
  auto parts = parse_multipart(form, "Multipart/Form-Data; Boundary=xy");
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].name, "a");
  EXPECT_EQ(parts[0].filename, "b");
  EXPECT_EQ(media_type(" Multipart/Form-Data ; Boundary=xY"), "multipart/form-data");
  EXPECT_EQ(media_type(""), "");
  EXPECT_TRUE(same_name("Content-Type", "content-TYPE"));
  EXPECT_FALSE(same_name("Content-Type", "Content-Typ"));
  for (const char* given : {"Bearer k", "bearer k", "BEARER   k "}) {
    EXPECT_EQ(credentials(given, "Bearer"), "k");
  }
  for (const char* other : {"", "Bearer", "Bearer ", "Bearerk", "Basic k", " k"}) {
    EXPECT_EQ(credentials(other, "Bearer"), "") << other;
  }
}

TEST(Http, DamagedMultipartFormsAreRefused) {
  EXPECT_THROW(parse_multipart(kForm, "multipart/form-data"), HttpError);
  for (size_t length = 0; length + 4 < kForm.size(); ++length) {
    EXPECT_THROW(parse_multipart(kForm.substr(0, length), "multipart/form-data; boundary=xy"),
                 HttpError)
        << length;
  }
}

TEST(Http, ErrorsAreJsonThatAnyPageMayRead) {
  HttpAnswer answer = error_answer(HttpError(429, "Slow \"down\"\xFF").retry_after(7));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, "{\"error\":\"Slow \\\"down\\\"\xEF\xBF\xBD\"}\n");
  EXPECT_THAT(answer.headers, ::testing::Contains(Pair("Retry-After", "7")));
  EXPECT_THAT(answer.headers, ::testing::Contains(Pair("Access-Control-Allow-Origin", "*")));
}

TEST(Http, NamesOfHeaders) {
  for (const char* name : {"Host", "x-1", "A!#$%&'*+-.^_`|~9"}) EXPECT_TRUE(is_header_name(name));
  for (const char* name : {"", "Host ", " Host", "A\tB", "a:b", "\xC3\xA9", "a\x7F", "(a)"}) {
    EXPECT_FALSE(is_header_name(name)) << name;
  }
}

TEST(Http, HeadersHoldNoLineFeed) { EXPECT_EQ(header_safe("a\r\nB: \"c\"ä"), "a__B: _c___"); }

}  // namespace
}  // namespace heed
