// JSON that others wrote, looked at before it is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// What is wrong with the text, with its line and column; nothing if it is JSON whose lists and
// objects are not nested so deep that writing them again could exhaust the stack.
std::optional<std::string> json_fault(std::string_view text);

// A member of an object, its value as it is written.
struct JsonMember {
  std::string key;
  std::string_view value;
};
// The members in their order, of an object that json_fault finds no fault with.
std::vector<JsonMember> json_members(std::string_view object);

}  // namespace heed
