#include "server/http.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "util/text.h"

namespace heed {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// "%zz" stays as it is.
std::string decode_form(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (text[i] == '%' && high && low) {
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

constexpr size_t kMaxParts = 100;

FormPart part_of(std::string_view head, std::string_view content) {
  FormPart part{.name = {}, .filename = {}, .content = std::string(content)};
  for (const std::string& line : split(head, '\n')) {
    std::string_view disposition = trim(line);
    if (!same_name(disposition.substr(0, disposition.find(':')), "Content-Disposition")) continue;
    part.name = header_parameter(disposition, "name");
    part.filename = header_parameter(disposition, "filename");
  }
  return part;
}

}  // namespace

HttpAnswer error_answer(int status, std::string_view message) {
  nlohmann::json error = {{"error", repair_utf8(message)}};
  HttpAnswer answer{.status = status, .body = error.dump() + "\n"};
  allow_all_origins(answer);
  return answer;
}

HttpAnswer error_answer(const HttpError& error) {
  HttpAnswer answer = error_answer(error.status(), error.what());
  if (error.retry_after() > 0) {
    answer.headers.emplace_back("Retry-After", std::to_string(error.retry_after()));
  }
  return answer;
}

void allow_all_origins(HttpAnswer& answer) {
  for (const auto& [name, value] : answer.headers) {
    if (name == "Access-Control-Allow-Origin") return;
  }
  answer.headers.insert(answer.headers.end(),
                        {{"Access-Control-Allow-Origin", "*"},
                         {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
                         {"Access-Control-Allow-Methods", "GET, POST, OPTIONS"},
                         {"Access-Control-Max-Age", "1728000"}});
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> values;
  while (!text.empty()) {
    std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) continue;
    std::string_view name = pair.substr(0, pair.find('='));
    std::string_view value = pair.substr(std::min(name.size() + 1, pair.size()));
    values.emplace_back(decode_form(name), decode_form(value));
  }
  return values;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kUnreserved = "-._~";  // RFC 3986, 2.3
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || kUnreserved.find(c) != kUnreserved.npos);
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

std::vector<FormPart> parse_multipart(std::string_view body, std::string_view content_type) {
  std::string boundary = header_parameter(content_type, "boundary");
  if (boundary.empty()) refuse(400, "Invalid request: the multipart form names no boundary");
  std::string line = "\r\n--" + boundary;
  std::vector<FormPart> parts;
  if (!body.starts_with(line.substr(2))) refuse(400, "Invalid request: no multipart form");
  body.remove_prefix(line.size() - 2);
  while (!body.starts_with("--")) {
    size_t head = body.find("\r\n\r\n"), end = body.find(line);
    if (!body.starts_with("\r\n") || head == std::string_view::npos ||
        end == std::string_view::npos || end < head) {
      refuse(400, "Invalid request: the multipart form is damaged or ends early");
    }
    if (parts.size() == kMaxParts) {
      refuse(400, "Invalid request: the form has more than {} parts", kMaxParts);
    }
    size_t content = std::min(head + 4, end);  // a part may end with its head
    parts.push_back(part_of(body.substr(0, head), body.substr(content, end - content)));
    body.remove_prefix(end + line.size());
  }
  return parts;
}

std::string header_parameter(std::string_view header, std::string_view name) {
  for (size_t at = header.find(';'); at < header.size(); at = header.find(';', at + 1)) {
    std::string_view rest = trim(header.substr(at + 1));
    if (!same_name(rest.substr(0, rest.find('=')), name) || rest.size() == name.size()) continue;
    rest.remove_prefix(name.size() + 1);
    if (!rest.starts_with('"')) return std::string(trim(rest.substr(0, rest.find(';'))));
    std::string value;
    for (size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      value += rest[i];
    }
    return value;
  }
  return "";
}

bool same_name(std::string_view a, std::string_view b) { return lower_ascii(a) == lower_ascii(b); }

std::string media_type(std::string_view content_type) {
  return lower_ascii(trim(content_type.substr(0, content_type.find(';'))));
}

std::string credentials(std::string_view authorization, std::string_view scheme) {
  std::string_view given = authorization.substr(0, authorization.find(' '));
  return same_name(given, scheme) ? std::string(trim(authorization.substr(given.size()))) : "";
}

bool is_header_name(std::string_view name) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != kOthers.npos);
  });
}

std::string header_safe(std::string_view text) {
  std::string safe;
  for (char c : text) safe += c >= ' ' && c < '\x7f' && c != '"' && c != '\\' ? c : '_';
  return safe;
}

}  // namespace heed
