#include "report/page_template.h"

#include <fmt/format.h>

#include "util/text.h"

namespace heed {

std::string fill_page(std::string_view html, const PagePart& part) {
  std::string page;
  while (true) {
    size_t open = html.find("{{");
    page += html.substr(0, open);
    if (open == std::string_view::npos) return page;
    size_t close = html.find("}}", open);
    page += part(html.substr(open + 2, close - open - 2));
    html.remove_prefix(close + 2);
  }
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : repair_utf8(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// None of the replaced characters has a meaning in JSON, so they occur only inside its strings.
std::string embeddable(const nlohmann::ordered_json& json) {
  std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string_view rest = std::string_view(text).substr(at, 3);
    if (rest == "\u2028" || rest == "\u2029") {
      out += rest == "\u2028" ? "\\u2028" : "\\u2029";
      at += 2;
    } else if (text[at] == '<' || text[at] == '>' || text[at] == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(text[at]));
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace heed
