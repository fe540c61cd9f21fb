#include "server/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "server/served.h"

namespace heed {
namespace {

using ::testing::Contains;
using ::testing::Pair;

Router some_routes() {
  Router router;
  router.add("GET", "/a", [](const HttpRequest&) { return HttpAnswer{.body = "get"}; });
  router.add("POST", "/a",
             [](const HttpRequest& request) { return HttpAnswer{.body = request.body}; });
  router.add("GET", "/f/*",
             [](const HttpRequest& request) { return HttpAnswer{.body = request.path}; });
  router.add("GET", "/refuses", [](const HttpRequest&) -> HttpAnswer { refuse(418, "tea {}", 1); });
  router.add("GET", "/throws",
             [](const HttpRequest&) -> HttpAnswer { throw std::runtime_error("x"); });
  router.add("GET", "/left", [](const HttpRequest&) -> HttpAnswer { throw ClientLeft(); });
  return router;
}

HttpAnswer ask(const std::string& method, const std::string& path) {
  HttpRequest request = served::post(path, "body");
  request.method = method;
  return some_routes()(request);
}

TEST(RouterTest, MethodAndPathChoose) {
  EXPECT_EQ(ask("GET", "/a").body, "get");
  EXPECT_EQ(ask("HEAD", "/a").body, "get");
  EXPECT_EQ(ask("POST", "/a").body, "body");
  EXPECT_EQ(ask("GET", "/f/x/y").body, "/f/x/y");
  EXPECT_EQ(ask("GET", "/f/").status, 404);
  EXPECT_EQ(ask("GET", "/none").status, 404);
  EXPECT_EQ(ask("GET", "/a/").status, 404);
}

TEST(RouterTest, OtherMethodsAreRefused) {
  for (const char* method : {"PUT", "DELETE", "PATCH", "TRACE"}) {
    HttpAnswer answer = ask(method, "/a");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_THAT(answer.headers, Contains(Pair("Allow", "GET, POST, OPTIONS")));
  }
  EXPECT_EQ(ask("OPTIONS", "/a").status, 200);
}

TEST(RouterTest, WhatHandlersThrowIsAnswered) {
  EXPECT_EQ(ask("GET", "/refuses").status, 418);
  EXPECT_EQ(ask("GET", "/refuses").body, "{\"error\":\"tea 1\"}\n");
  EXPECT_EQ(ask("GET", "/throws").status, 500);
  EXPECT_EQ(ask("GET", "/left").status, 499);
}

TEST(RouterTest, EveryAnswerMayBeReadByAnyPage) {
  for (const char* path : {"/a", "/none", "/refuses", "/throws"}) {
    auto headers = ask("GET", path).headers;
    EXPECT_EQ(std::ranges::count(headers, "Access-Control-Allow-Origin",
                                 &std::pair<std::string, std::string>::first),
              1)
        << path;
  }
}

TEST(RouterTest, RoutesHaveNames) {
  EXPECT_EQ(some_routes().route_of("/f/x"), "/f/*");
  EXPECT_EQ(some_routes().route_of("/g"), "other");
}

}  // namespace
}  // namespace heed
