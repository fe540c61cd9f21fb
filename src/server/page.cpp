#include "server/page.h"

#include "server/page_html.h"
#include "server/page_scripts.h"
#include "server/page_style.h"

namespace heed {
namespace {

// Nothing but what this server has: no script, style or font from elsewhere.
constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'self'";

void add_file(Router& router, const std::string& path, const char* type, std::string_view text) {
  router.add("GET", path, [type, text](const HttpRequest&) {
    return HttpAnswer{.content_type = type,
                      .body = std::string(text),
                      .headers = {{"Content-Security-Policy", kPolicy},
                                  {"Cache-Control", "no-cache"},
                                  {"X-Content-Type-Options", "nosniff"}}};
  });
}

}  // namespace

void add_page(Router& router) {
  add_file(router, "/", "text/html; charset=utf-8", kServerPageHtml);
  add_file(router, "/style.css", "text/css; charset=utf-8", kServerPageStyle);
  for (const auto& [name, text] : kServerPageScripts) {
    add_file(router, "/" + std::string(name), "text/javascript; charset=utf-8", text);
  }
}

}  // namespace heed
