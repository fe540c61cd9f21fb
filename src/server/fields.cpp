#include "server/fields.h"

#include <algorithm>
#include <functional>
#include <set>

#include "util/text.h"

namespace heed {
namespace {

constexpr int kMaxDepth = 16;  // of lists and objects in each other

// What a value that should be text is, for messages.
std::string_view kind_of(const nlohmann::json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  return value.is_boolean() ? "true or false" : "no text";
}

bool is_json_type(std::string_view content_type) {
  std::string type = media_type(content_type);
  return type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

// The first byte that is not UTF-8. A NUL is.
std::optional<size_t> fault_of_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    if (!c.valid) return at;
    at += static_cast<size_t>(c.bytes);
  }
  return std::nullopt;
}

// A form may say what its bytes are.
void check_charset(std::string_view content_type) {
  std::string charset = header_parameter(content_type, "charset");
  for (std::string_view known : {"", "utf-8", "utf8", "us-ascii"}) {
    if (same_name(charset, known)) return;
  }
  refuse(400, "Invalid request: the form's charset is {}; send it in UTF-8",
         printable(charset, 80));
}

[[noreturn]] void refuse_twice(std::string_view name) {
  refuse(400, "Invalid request: {} comes twice; give it once", printable(name, 80));
}

// Refuses JSON that is too deep, or whose object has a key twice: the library would keep the last.
class JsonGuard {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth) refuse(400, "Invalid JSON format");
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) refuse_twice(key);
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> keys_;  // of the objects that are open, outermost first
};

}  // namespace

nlohmann::json parse_json(const std::string& text) {
  JsonGuard guard;
  try {
    return nlohmann::json::parse(text, std::ref(guard));
  } catch (const nlohmann::json::exception&) {
    if (auto at = fault_of_utf8(text)) {
      refuse(400, "Invalid JSON format: byte {} is not UTF-8; send the JSON in UTF-8", *at + 1);
    }
    refuse(400, "Invalid JSON format");
  }
}

std::string to_body(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string event(const nlohmann::ordered_json& json) { return "data: " + to_body(json) + "\n"; }

Fields::Fields(const HttpRequest& request)
    : is_json_(is_json_type(request.content_type)), authorization_(request.authorization) {
  if (is_json_) {
    object_ = parse_json(request.body);
    if (!object_.is_object()) refuse(400, "Invalid JSON format");
    return;
  }
  if (!request.body.empty() || !request.parts.empty()) check_charset(request.content_type);
  for (const auto& [name, value] : request.query) add(name, value);
  for (const FormPart& part : request.parts) {
    if (part.filename.empty()) add(part.name, part.content);
  }
  if (request.parts.empty()) {
    for (const auto& [name, value] : parse_form(request.body)) add(name, value);
  }
}

void Fields::add(const std::string& name, const std::string& value) {
  if (fault_of_utf8(name)) {
    refuse(400, "Invalid request: the name of the field \"{}\" is not UTF-8", printable(name, 80));
  }
  if (auto at = fault_of_utf8(value)) {
    refuse(400, "Invalid request: byte {} of {} is not UTF-8; send the text in UTF-8", *at + 1,
           printable(name, 80));
  }
  nlohmann::json& values = object_[repair_utf8(name)];
  if (values.is_null()) values = nlohmann::json::array();
  values.push_back(repair_utf8(value));
}

const nlohmann::json& Fields::operator[](const std::string& name) const {
  static const nlohmann::json kNone;
  auto found = object_.find(name);
  if (found == object_.end()) return kNone;
  if (is_json_) return *found;
  if (found->size() > 1) refuse_twice(name);
  return (*found)[0];
}

std::string Fields::text(const std::string& name) const {
  const nlohmann::json& value = (*this)[name];
  if (value.is_string()) return repair_utf8(value.get_ref<const std::string&>());
  if (value.is_number()) return value.dump();
  if (value.is_null()) return "";
  refuse(400, "Invalid request: {} must be text, and is {}", name, kind_of(value));
}

std::vector<std::string> Fields::texts(const std::string& name) const {
  auto found = object_.find(name);
  if (found == object_.end() || found->is_null()) return {};
  std::vector<std::string> all;
  auto take = [&](const nlohmann::json& value) {
    if (!value.is_string())
      refuse(400, "Invalid request: {} must be text or a list of texts", name);
    all.push_back(repair_utf8(value.get_ref<const std::string&>()));
  };
  if (found->is_array()) {
    for (const nlohmann::json& value : *found) take(value);
  } else {
    take(*found);
  }
  return all;
}

std::optional<int64_t> Fields::integer(const std::string& name, const IntegerRange& range) const {
  const nlohmann::json& value = (*this)[name];
  if (value.is_null()) return std::nullopt;
  std::optional<int64_t> number = parse_int(text(name));
  if (!number) refuse(400, "Invalid request: {} parameter is not a number", name);
  if (*number < range.least || *number > range.most) {
    refuse(400, "Invalid request: {} = {} is not from {} to {}", name, *number, range.least,
           range.most);
  }
  return number;
}

bool Fields::flag(const std::string& name) const {
  const nlohmann::json& value = (*this)[name];
  if (value.is_boolean()) return value.get<bool>();
  std::string given = lower_ascii(text(name));
  for (std::string_view yes : {"true", "1", "on", "yes"}) {
    if (given == yes) return true;
  }
  for (std::string_view no : {"", "false", "0", "off", "no"}) {
    if (given == no) return false;
  }
  refuse(400, "Invalid request: {} = {} is neither true nor false", name, printable(given, 80));
}

void Fields::refuse_others(const std::vector<std::string>& names) const {
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::count(names, name) > 0) continue;
    std::string near = nearest_name(lower_ascii(name), names);
    refuse(400, "Invalid request: there is no field \"{}\"; {}", printable(repair_utf8(name), 80),
           near.empty() ? "the fields are " + join(names, ", ")
                        : fmt::format("did you mean {}?", near));
  }
}

std::string Fields::api_key() const {
  std::string key = text("api_key");
  if (!key.empty()) return key;
  for (std::string_view scheme : {"Bearer", "DeepL-Auth-Key"}) {
    key = credentials(authorization_, scheme);
    if (!key.empty()) return key;
  }
  return "";
}

}  // namespace heed
