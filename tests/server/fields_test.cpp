#include "server/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/served.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

int status_of(const std::string& body) {
  try {
    Fields fields(served::post("/", body));
  } catch (const HttpError& error) {
    return error.status();
  }
  return 200;
}

TEST(FieldsTest, JsonAndFormsAreReadAlike) {
  HttpRequest query = served::form("/", "");
  query.query = {{"q", "a"}, {"n", "3"}, {"on", "true"}};
  for (const HttpRequest& request :
       {served::post("/", R"({"q": "a", "n": 3, "on": true})", "application/json; charset=utf-8"),
        served::form("/", "q=a&n=3&on=true"), query}) {
    Fields fields(request);
    EXPECT_EQ(fields.text("q"), "a");
    EXPECT_EQ(fields.integer("n", {0, 5}), 3);
    EXPECT_TRUE(fields.flag("on"));
    EXPECT_EQ(fields.text("none"), "");
    EXPECT_EQ(fields.integer("none", {0, 5}), std::nullopt);
    EXPECT_THROW(fields.integer("n", {4, 5}), HttpError);
    EXPECT_THROW(fields.integer("q", {4, 5}), HttpError);
  }
}

TEST(FieldsTest, SeveralValues) {
  EXPECT_THAT(Fields(served::form("/", "t=a&t=b")).texts("t"), ElementsAre("a", "b"));
  EXPECT_THAT(Fields(served::post("/", R"({"t": ["a", "b"]})")).texts("t"), ElementsAre("a", "b"));
  EXPECT_THAT(Fields(served::post("/", R"({"t": "a"})")).texts("t"), ElementsAre("a"));
  EXPECT_THROW(Fields(served::post("/", R"({"t": ["a", 1]})")).texts("t"), HttpError);
}

std::string refusal_of(const std::function<void()>& reading) {
  try {
    reading();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 400);
    return error.what();
  }
  return "";
}

TEST(FieldsTest, ValuesThatComeTwiceAreRefused) {
  const std::string twice = "Invalid request: q comes twice; give it once";
  for (const char* body : {R"({"q": "A", "q": "B"})", R"({"q": "A", "b": {"a": 1}, "q": "A"})",
                           R"({"q": 1, "\u0071": 2})", R"({"a": [{"q": 1, "q": 2}]})"}) {
    EXPECT_EQ(refusal_of([&] { Fields(served::post("/", body)); }), twice) << body;
  }
  Fields apart(served::post("/", R"({"q": {"a": 1, "q": 2}, "b": [{"a": 1}, {"a": 1}], "a": 1})"));
  EXPECT_EQ(apart.text("a"), "1");
  HttpRequest both = served::form("/", "q=a");
  both.query = {{"q", "b"}};
  for (const HttpRequest& request : {served::form("/", "q=A&q=B"), both}) {
    Fields fields(request);
    EXPECT_EQ(refusal_of([&] { fields.text("q"); }), twice);
    EXPECT_EQ(refusal_of([&] { fields.integer("q", {0, 5}); }), twice);
    EXPECT_EQ(refusal_of([&] { fields.flag("q"); }), twice);
  }
}

TEST(FieldsTest, ValuesOfTheWrongKindAreRefused) {
  Fields fields(served::post(
      "/", R"({"list": ["a"], "object": {"a": 1}, "yes": true, "null": null, "number": 1.5})"));
  EXPECT_EQ(fields.text("null"), "");
  EXPECT_EQ(fields.text("number"), "1.5");
  EXPECT_TRUE(fields.flag("yes"));
  EXPECT_FALSE(fields.flag("null"));
  EXPECT_EQ(refusal_of([&] { fields.text("list"); }),
            "Invalid request: list must be text, and is a list");
  EXPECT_EQ(refusal_of([&] { fields.text("object"); }),
            "Invalid request: object must be text, and is an object");
  EXPECT_EQ(refusal_of([&] { fields.text("yes"); }),
            "Invalid request: yes must be text, and is true or false");
  EXPECT_NE(refusal_of([&] { fields.integer("list", {0, 5}); }), "");
  EXPECT_NE(refusal_of([&] { fields.integer("number", {0, 5}); }), "");
  EXPECT_NE(refusal_of([&] { fields.flag("list"); }), "");
  EXPECT_EQ(refusal_of([&] { fields.flag("number"); }),
            "Invalid request: number = 1.5 is neither true nor false");
  EXPECT_NE(refusal_of([] { Fields(served::post("/", R"({"api_key": ["k"]})")).api_key(); }), "");
}

TEST(FieldsTest, NamesThatAreNoneAreRefusedWhereThatIsWanted) {
  Fields fields(served::post("/", R"({"q": "a", "nbest": 1})"));
  EXPECT_EQ(refusal_of([&] { fields.refuse_others({"q", "nbest"}); }), "");
  EXPECT_EQ(refusal_of([&] {
              fields.refuse_others({"q", "n_best"});
            }),
            "Invalid request: there is no field \"nbest\"; did you mean n_best?");
  EXPECT_EQ(refusal_of([&] {
              fields.refuse_others({"q", "prefix"});
            }),
            "Invalid request: there is no field \"nbest\"; the fields are q, prefix");
}

TEST(FieldsTest, WhatIsNoObjectIsRefused) {
  EXPECT_EQ(status_of(R"({"q": 1})"), 200);
  for (const char* bad : {"", "{", "[1]", "\"a\"", "{\"q\": \"\xFF\"}", "{\"a\":1}x", "{'a':1}"}) {
    EXPECT_EQ(status_of(bad), 400) << bad;
  }
  EXPECT_EQ(status_of("{\"q\": " + std::string(100000, '[') + "}"), 400);
}

TEST(FieldsTest, TextIsUtf8) {
  EXPECT_EQ(Fields(served::form("/", "q=a%C3%A9b%00")).text("q"), "aéb\uFFFD");
  HttpRequest query = served::form("/", ""), part = served::post("/", "", "multipart/form-data");
  query.query = {{"q", "caf\xE9"}};
  part.parts = {{"q", "", "caf\xE9"}};
  for (const HttpRequest& request : {served::form("/", "q=caf%E9"), query, part}) {
    EXPECT_EQ(refusal_of([&] { Fields fields(request); }),
              "Invalid request: byte 4 of q is not UTF-8; send the text in UTF-8");
  }
  EXPECT_EQ(refusal_of([] { Fields fields(served::form("/", "caf%E9=a")); }),
            "Invalid request: the name of the field \"caf\\xE9\" is not UTF-8");
  EXPECT_EQ(refusal_of([] { Fields fields(served::post("/", "{\"q\": \"\xFF\"}")); }),
            "Invalid JSON format: byte 8 is not UTF-8; send the JSON in UTF-8");
}

TEST(FieldsTest, FormsOfAnotherCharsetAreRefused) {
  const std::string form = "application/x-www-form-urlencoded; charset=";
  for (const char* known : {"utf-8", "UTF-8", "\"utf-8\"", "utf8", "us-ascii"}) {
    EXPECT_EQ(Fields(served::post("/", "q=a", form + known)).text("q"), "a") << known;
  }
  EXPECT_EQ(refusal_of([&] { Fields fields(served::post("/", "q=a", form + "ISO-8859-1")); }),
            "Invalid request: the form's charset is ISO-8859-1; send it in UTF-8");
}

TEST(FieldsTest, KeysComeInManyWays) {
  EXPECT_EQ(Fields(served::form("/", "api_key=k")).api_key(), "k");
  HttpRequest request = served::form("/", "");
  for (const char* header : {"Bearer k", "DeepL-Auth-Key k", "bearer k", "deepl-auth-key k"}) {
    request.authorization = header;
    EXPECT_EQ(Fields(request).api_key(), "k");
  }
}

}  // namespace
}  // namespace heed
