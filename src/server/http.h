// Requests and answers as the server's parts see them: without a socket, without a library.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/error.h"

namespace heed {

// A part of a multipart form; `filename` is empty for a plain value.
struct FormPart {
  std::string name, filename, content;
};

struct HttpRequest {
  std::string method;
  std::string path;  // decoded
  std::string body;
  std::multimap<std::string, std::string> query;  // decoded
  std::vector<FormPart> parts = {};               // of a multipart form; the body is empty then
  std::string content_type, authorization;        // headers
  std::string origin;                             // where the client found us: http://HOST:PORT
  std::string address;                            // the client's
  // Whether the client still waits for the answer.
  std::function<bool()> client_waits = [] { return true; };
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Where set, it writes the body piece by piece; a write says whether the client still reads.
  using Write = std::function<bool(std::string_view)>;
  std::function<void(const Write&)> stream = nullptr;
};

// A request that is refused: the answer's status, and {"error": what()} as its body.
class HttpError : public Error {
 public:
  HttpError(int status, const std::string& what) : Error(what), status_(status) {}
  int status() const { return status_; }
  // Seconds after which another try may succeed; 0: not said.
  int retry_after() const { return retry_after_; }
  HttpError& retry_after(int seconds) {
    retry_after_ = seconds;
    return *this;
  }

 private:
  int status_, retry_after_ = 0;
};

template <typename... Args>
[[noreturn]] void refuse(int status, fmt::format_string<Args...> format, Args&&... args) {
  throw HttpError(status, fmt::format(format, std::forward<Args>(args)...));
}

// Whether all its characters may stand in a header's name (RFC 9110, 5.6.2).
bool is_header_name(std::string_view name);

// Whether two names that HTTP takes in any case are the same: of headers, types, codings.
bool same_name(std::string_view a, std::string_view b);
// "Text/HTML; charset=utf-8" -> "text/html".
std::string media_type(std::string_view content_type);
// name="value" or name=value behind a semicolon of a header; empty where it is not there.
std::string header_parameter(std::string_view header, std::string_view name);
// What an Authorization of this scheme, such as "Bearer", has behind it; empty for any other.
std::string credentials(std::string_view authorization, std::string_view scheme);

// Nobody waits for the answer any more.
class ClientLeft : public Error {
 public:
  ClientLeft() : Error("the client has left") {}
};

// {"error": message}, with Retry-After where the error says so. Any page may read it.
HttpAnswer error_answer(int status, std::string_view message);
HttpAnswer error_answer(const HttpError& error);

// The values of `a=1&b=x+y%21`, decoded, in order.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

// Fit for one part of an address's path: "a b" -> "a%20b".
std::string percent_encoded(std::string_view text);

// The parts of a multipart form, at most 100. Throws HttpError (400) where the body is none.
std::vector<FormPart> parse_multipart(std::string_view body, std::string_view content_type);

// Lets pages from anywhere read an answer (CORS).
void allow_all_origins(HttpAnswer& answer);

// Fit for a header's value: quotes, control characters and what is beyond ASCII become "_".
std::string header_safe(std::string_view text);

}  // namespace heed
