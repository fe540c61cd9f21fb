#include "server/exchange.h"

#include "server/http.h"
#include "util/text.h"

namespace heed {

void ChannelStream::watch(std::string_view bytes) {
  for (char c : bytes) {
    line_ += c;
    if (line_.size() > CPPHTTPLIB_HEADER_MAX_LENGTH) exchange_.long_line = true;
    if (c != '\n') continue;
    if (!line_.ends_with("\r\n")) exchange_.open_line = true;
    std::string_view text = trim(line_);
    if (same_name(text, "Content-Length:") || same_name(text, "Transfer-Encoding:")) {
      exchange_.empty_framing = true;
    }
    line_.clear();
  }
}

std::vector<std::string> header_values(const httplib::Request& request, const char* name) {
  std::vector<std::string> values;
  for (size_t i = 0; i < request.get_header_value_count(name); ++i) {
    values.push_back(request.get_header_value(name, i));
  }
  return values;
}

void take_host(const httplib::Request& request, Exchange& exchange) {
  exchange.host = header_safe(request.get_header_value("Host"));
  // "http://x/languages" is "/languages" of the host x, whatever the header says.
  std::string_view path = exchange.path;
  size_t scheme = path.find("://");
  if (path.starts_with('/') || scheme == path.npos) return;
  path.remove_prefix(scheme + 3);
  std::string_view host = path.substr(0, path.find('/'));
  exchange.host = header_safe(host);
  path.remove_prefix(host.size());
  exchange.path = path.empty() ? "/" : std::string(path);
}

}  // namespace heed
