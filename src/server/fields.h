// The values of a request, whichever way they came: a JSON object, a form, a query.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "server/http.h"

namespace heed {

class Fields {
 public:
  // Throws HttpError (400) for a body that says it is JSON and is no object, or one with a name
  // twice, and for a form that is not UTF-8.
  explicit Fields(const HttpRequest& request);

  bool is_json() const { return is_json_; }
  // The value; null where there is none. Throws HttpError (400) for a form's that came twice.
  const nlohmann::json& operator[](const std::string& name) const;
  // Empty where there is none. A NUL is replaced. Throws HttpError (400) for what is no
  // text or number.
  std::string text(const std::string& name) const;
  // Each value of a name that came once or several times; a list's entries. Throws HttpError (400)
  // for an entry that is no text.
  std::vector<std::string> texts(const std::string& name) const;
  // Throws HttpError (400) for what is none, or beyond the limits.
  struct IntegerRange {
    int64_t least, most;
  };
  std::optional<int64_t> integer(const std::string& name, const IntegerRange& range) const;
  // True for true, 1, on, yes. Throws HttpError (400) for what is neither that nor its opposite.
  bool flag(const std::string& name) const;
  // Throws HttpError (400) for the first name that is none of these, and tells the nearest.
  void refuse_others(const std::vector<std::string>& names) const;

  // The key of the caller: api_key, or the header Authorization's. Throws what text() throws.
  std::string api_key() const;

 private:
  void add(const std::string& name, const std::string& value);

  bool is_json_ = false;
  nlohmann::json object_ = nlohmann::json::object();
  std::string authorization_;
};

// Throws HttpError (400, "Invalid JSON format") for what is no JSON, or nested deeper than anything
// that is asked for here; and one that names it for a key that an object has twice.
nlohmann::json parse_json(const std::string& text);

// As a body: characters that are no UTF-8 replaced, a line feed at the end.
std::string to_body(const nlohmann::ordered_json& json);
// The same as one event of a stream.
std::string event(const nlohmann::ordered_json& json);

}  // namespace heed
