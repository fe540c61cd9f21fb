#include "server/router.h"

#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

bool matches(const std::string& pattern, const std::string& path) {
  if (!pattern.ends_with("/*")) return pattern == path;
  return path.size() >= pattern.size() && path.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

void Router::add(std::string method, std::string path, Handler handler) {
  routes_.push_back({std::move(method), std::move(path), std::move(handler)});
}

std::string Router::route_of(const std::string& path) const {
  for (const Route& route : routes_) {
    if (matches(route.path, path)) return route.path;
  }
  return "other";
}

HttpAnswer Router::route(const HttpRequest& request) const {
  std::string allowed;
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  for (const Route& route : routes_) {
    if (!matches(route.path, request.path)) continue;
    if (route.method == method) return route.handler(request);
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) return error_answer(404, "There is nothing at this address");
  HttpAnswer answer = request.method == "OPTIONS"
                          ? HttpAnswer{.content_type = "text/plain"}
                          : error_answer(405, "The method is not allowed for the requested URL");
  answer.headers.emplace_back("Allow", allowed + ", OPTIONS");
  return answer;
}

HttpAnswer Router::operator()(const HttpRequest& request) const {
  HttpAnswer answer;
  try {
    answer = route(request);
  } catch (const HttpError& error) {
    answer = error_answer(error);
  } catch (const ClientLeft& left) {
    answer = error_answer(499, left.what());
  } catch (const std::bad_alloc&) {
    log_warning("{}: out of memory", printable(request.path, 80));
    answer = error_answer(500, "The server is out of memory");
  } catch (const std::exception& error) {
    log_warning("{}: {}", printable(request.path, 80), error.what());
    answer = error_answer(500, error.what());
  }
  allow_all_origins(answer);
  return answer;
}

}  // namespace heed
