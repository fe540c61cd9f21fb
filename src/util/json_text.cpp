#include "util/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::json;

constexpr int kMostDepth = 100;  // of lists and objects in each other
constexpr int kOverflow = 406;   // the library's number of an error: a number beyond a double's

// Takes in what the parser finds, and keeps nothing of it but the first fault.
class FaultFinder : public nlohmann::json_sax<Json> {
 public:
  explicit FaultFinder(std::string_view text) : text_(text) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  // `position` counts the bytes read, the one that was wrong (or the end) among them.
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    if (position > text_.size()) {
      fault = fmt::format("it ends too early, in {}", place(text_.size()));
    } else if (error.id == kOverflow) {
      fault = fmt::format("{}: the number before it is too large", place(position));
    } else {
      size_t at = std::max<size_t>(position, 1) - 1;
      auto bytes = static_cast<size_t>(text_.empty() ? 0 : decode_utf8(text_, at).bytes);
      fault = fmt::format("{}: \"{}\" cannot stand there", place(position),
                          printable(text_.substr(at, bytes)));
    }
    return false;
  }

  std::optional<std::string> fault;

 private:
  bool enter() {
    if (++depth_ <= kMostDepth) return true;
    fault = fmt::format("its lists and objects are nested more than {} deep", kMostDepth);
    return false;
  }
  bool leave() {
    --depth_;
    return true;
  }
  std::string place(size_t bytes) const {
    std::string_view before = text_.substr(0, std::max<size_t>(bytes, 1) - 1);
    size_t line_start = before.rfind('\n') + 1;  // 0 where there is none
    return fmt::format("line {}, column {}", std::ranges::count(before, '\n') + 1,
                       utf8_length(before.substr(line_start)) + 1);
  }

  std::string_view text_;
  int depth_ = 0;
};

// Behind the string that begins there.
size_t string_end(std::string_view text, size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// Where the comma or the brace is that ends the value that begins there.
size_t value_end(std::string_view text, size_t at) {
  for (int depth = 0; at < text.size();) {
    char c = text[at];
    if (depth == 0 && (c == ',' || c == '}')) break;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    at = c == '"' ? string_end(text, at) : at + 1;
  }
  return at;
}

}  // namespace

std::optional<std::string> json_fault(std::string_view text) {
  if (text.empty()) return "it is empty";
  FaultFinder finder(text);
  Json::sax_parse(text.begin(), text.end(), &finder);
  return finder.fault;
}

std::vector<JsonMember> json_members(std::string_view object) {
  std::vector<JsonMember> members;
  size_t at = object.find('{') + 1;
  for (at = object.find_first_of("\"}", at); object[at] == '"';
       at = object.find_first_of("\"}", at)) {
    size_t key_end = string_end(object, at);
    auto key = Json::parse(object.substr(at, key_end - at)).get<std::string>();
    size_t begin = object.find(':', key_end) + 1;
    at = value_end(object, begin);
    members.push_back({std::move(key), trim(object.substr(begin, at - begin))});
  }
  return members;
}

}  // namespace heed
