// From a request's method and path to what answers it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/http.h"

namespace heed {

class Router {
 public:
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  // A path that ends in "/*" takes every path that begins so.
  void add(std::string method, std::string path, Handler handler);

  // Never throws: what a handler throws becomes the answer that says so. HEAD is GET, OPTIONS says
  // what there is, another method is refused (405) as is an unknown path (404). Every answer may be
  // read by pages from anywhere. A client that has left gets 499, which nobody sees.
  HttpAnswer operator()(const HttpRequest& request) const;

  // The route that a request takes, as it was added; "other" where there is none.
  std::string route_of(const std::string& path) const;

 private:
  struct Route {
    std::string method, path;
    Handler handler;
  };
  HttpAnswer route(const HttpRequest& request) const;

  std::vector<Route> routes_;
};

}  // namespace heed
