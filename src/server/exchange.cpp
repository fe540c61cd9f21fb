#include "server/exchange.h"

#include <algorithm>

#include "util/text.h"

namespace heed {

namespace {

constexpr std::string_view kKnownMethods[] = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                              "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"};

// What is wrong with a head that the library could not read.
HttpAnswer answer_to_head(const std::string& first_line) {
  std::vector<std::string> words = split(first_line, ' ');
  bool http = words.size() == 3 && is_header_name(words[0]) && !words[1].empty() &&
              (words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0");
  if (!http) {
    return error_answer(400,
                        "Invalid request: not HTTP/1.1; the first line is METHOD ADDRESS HTTP/1.1");
  }
  if (std::ranges::count(kKnownMethods, words[0]) == 0) {
    return error_answer(
        501, fmt::format("There is no method {} here; use GET or POST", printable(words[0], 80)));
  }
  return error_answer(400, "Invalid request: the address or the head is damaged, or ends early");
}

}  // namespace

char ChannelStream::watch(char c) {
  // The library refuses a range that it cannot read, where it is to be ignored (RFC 9110, 14.2).
  // Nothing here is sent in ranges, so it sees none.
  bool range = same_name(std::string_view(line_).substr(0, 6), "Range:");
  line_ += c;
  if (line_.size() > CPPHTTPLIB_HEADER_MAX_LENGTH) exchange_.long_line = true;
  if (c != '\n') return range && c != '\r' ? ' ' : c;
  if (!line_.ends_with("\r\n")) exchange_.open_line = true;
  std::string_view text = trim(line_);
  if (first_) exchange_.first_line = text;
  first_ = false;
  if (same_name(text.substr(0, 5), "Host:")) ++exchange_.hosts;
  if (same_name(text, "Content-Length:") || same_name(text, "Transfer-Encoding:")) {
    exchange_.empty_framing = true;
  }
  line_.clear();
  return c;
}

std::vector<std::string> header_values(const httplib::Request& request, const char* name) {
  std::vector<std::string> values;
  for (size_t i = 0; i < request.get_header_value_count(name); ++i) {
    values.push_back(request.get_header_value(name, i));
  }
  return values;
}

void take_host(const httplib::Request& request, Exchange& exchange) {
  bool needs_host = request.version == "HTTP/1.1" && exchange.hosts == 0;
  if (needs_host) exchange.fault = "HTTP/1.1 has the header Host, and it is missing";
  if (exchange.hosts > 1) exchange.fault = "the header Host comes once, and here more than once";
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

void take_coding(httplib::Request& request, Exchange& exchange) {
  std::vector<std::string> given = header_values(request, "Content-Encoding");
  request.headers.erase("Content-Encoding");
  std::string coding = lower_ascii(trim(join(given, ", ")));
  if (coding.empty() || coding == "identity") return;
  if (coding == "x-gzip") coding = "gzip";
  exchange.compressed = true;
  if (coding != "gzip" && coding != "deflate" && coding != "br") exchange.unknown_coding = coding;
  request.set_header("Content-Encoding", coding);
}

HttpAnswer answer_to_fault(const Exchange& exchange, int status, const ServerConfig& config) {
  if (exchange.channel.timed_out()) {
    return error_answer(408, "The request did not arrive in time (server.read_timeout)");
  }
  if (exchange.channel.overrun()) return error_answer(431, "The request's head is too large");
  if (status == 413) {
    return error_answer(413, fmt::format("Request body exceeds limit ({} bytes, server.max_body)",
                                         config.max_body));
  }
  if (status == 414) return error_answer(414, "The request's path is too long");
  if (!exchange.fault.empty()) {
    return error_answer(400, fmt::format("Invalid request: {}", exchange.fault));
  }
  if (exchange.long_line) {
    return error_answer(431, fmt::format("A line of the request's head has over {} bytes",
                                         CPPHTTPLIB_HEADER_MAX_LENGTH));
  }
  return answer_to_head(exchange.first_line);
}

}  // namespace heed
