// Pages that stand alone: an HTML file of the project's, with what belongs in its holes.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace heed {

// `html` with each {{name}} replaced by part(name), which must be fit for its place.
using PagePart = std::function<std::string(std::string_view name)>;
std::string fill_page(std::string_view html, const PagePart& part);

// Text as it stands between tags and in quoted attributes. Invalid UTF-8 becomes U+FFFD.
std::string escape_html(std::string_view text);

// JSON that may stand anywhere in HTML and in JavaScript: `<`, `>`, `&` and the line separators of
// JavaScript are escaped. Invalid UTF-8 becomes U+FFFD.
std::string embeddable(const nlohmann::ordered_json& json);

}  // namespace heed
