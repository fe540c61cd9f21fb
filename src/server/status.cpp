#include "server/status.h"

#include "server/openapi.h"
#include "util/version.h"

namespace heed {
namespace {

HttpAnswer metrics(Service& service, const HttpRequest& request, const HttpCounts& counts) {
  const ServerConfig& config = service.config();
  const std::string& key = config.metrics_key;
  if (!key.empty() && credentials(request.authorization, "Bearer") != key) {
    HttpAnswer answer = error_answer(401, "Unauthorized");
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
  }
  std::vector<Metrics::Number> now = {
      {"heed_waiting_sentences", "Sentences that wait for their translation.",
       static_cast<double>(service.waiting().count)},
      {"heed_sentences_total", "Sentences translated.",
       static_cast<double>(service.waiting().translated), "counter"},
      {"heed_connections", "Open connections.", static_cast<double>(counts.connections)},
      {"heed_idle_connections", "Open connections between two requests.",
       static_cast<double>(counts.idle_connections)},
      {"heed_connection_threads", "Threads that answer requests.",
       static_cast<double>(counts.threads)},
      {"heed_models", "Models that are served.",
       static_cast<double>(service.catalogue()->models().size())},
      {"process_resident_memory_bytes", "Resident memory in bytes.", resident_bytes()},
  };
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = service.metrics().render(now)};
}

}  // namespace

void add_status(Router& router, Service& service, std::function<HttpCounts()> counts) {
  router.add("GET", "/health",
             [](const HttpRequest&) { return HttpAnswer{.body = "{\"status\":\"ok\"}\n"}; });
  router.add("GET", "/metrics", [&service, counts](const HttpRequest& request) {
    return metrics(service, request, counts());
  });
  router.add("GET", "/spec",
             [](const HttpRequest&) { return HttpAnswer{.body = openapi(HEED_VERSION)}; });
  router.add("GET", "/docs", [](const HttpRequest&) {
    return HttpAnswer{.content_type = "text/html; charset=utf-8", .body = openapi_page()};
  });
}

}  // namespace heed
