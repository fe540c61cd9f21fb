// One request and its answer, as far as the library takes no care of them.
#pragma once

#include <httplib.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "server/channel.h"
#include "server/http.h"

namespace heed {

// A request as far as the library does not show it to its handlers.
struct Exchange {
  Channel& channel;
  Channel::Clock::time_point start = Channel::Clock::now();
  std::string method = {}, path = {}, content_type = {};
  std::string host = {};                     // that the client says it asks
  std::string unknown_coding = {};           // of its body, that the library cannot read
  bool chunked = false, compressed = false;  // its body
  std::string first_line = {};               // without its end
  bool head_read = false;
  bool long_line = false, open_line = false;  // in its head: beyond the library's bound, without CR
  int hosts = 0;                              // headers Host, those without a value too
  bool empty_framing = false;   // a Content-Length or Transfer-Encoding without a value
  std::string_view fault = {};  // of its headers: what a proxy in front may read otherwise
  bool close = false;           // after the answer: what follows in the stream may be no request
};

// The library's view of a channel.
class ChannelStream : public httplib::Stream {
 public:
  explicit ChannelStream(Exchange& exchange) : exchange_(exchange), channel_(exchange.channel) {}

  // Without `override`: which of these are virtual depends on the library's version.
  bool is_readable() const { return true; }
  bool is_writable() const { return channel_.peer_waits(); }
  ssize_t read(char* into, size_t size) {
    ssize_t got = channel_.read(into, size);
    for (ssize_t i = 0; i < got && !exchange_.head_read; ++i) into[i] = watch(into[i]);
    return got;
  }
  ssize_t write(const char* bytes, size_t size) {
    return channel_.write({bytes, size}) ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string& address, int& port) const {
    address = channel_.address();
    port = channel_.port();
  }
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return channel_.socket(); }

 private:
  // Of a head the library says only that something is wrong, and it leaves out lines without CR
  // and headers without a value. Returns what the library sees of this byte.
  char watch(char c);

  Exchange& exchange_;
  Channel& channel_;
  std::string line_;  // so far
  bool first_ = true;
};

// Every value of a header, in order.
std::vector<std::string> header_values(const httplib::Request& request, const char* name);

// The host that is asked, of the header Host; and the path, of an address in full (RFC
// 9112, 3.2.2). Several Hosts are a fault, and so is none in HTTP/1.1 (RFC 9112, 3.2).
void take_host(const httplib::Request& request, Exchange& exchange);

// What the body is compressed by, as the library knows it: gzip, deflate, br, or no header.
void take_coding(httplib::Request& request, Exchange& exchange);

// The answer where the library has refused a request with this status.
HttpAnswer answer_to_fault(const Exchange& exchange, int status, const ServerConfig& config);

}  // namespace heed
