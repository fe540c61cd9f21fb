// JSON that others wrote, looked at before it is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace heed {

// What is wrong with the text, with its line and column; nothing if it is JSON whose lists and
// objects are not nested so deep that writing them again could exhaust the stack.
std::optional<std::string> json_fault(std::string_view text);

}  // namespace heed
