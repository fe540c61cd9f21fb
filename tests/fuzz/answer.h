// heed's answer to bad bytes.
#pragma once

#include <string_view>

#include "fuzz/targets.h"
#include "util/error.h"

namespace heed::fuzz {

// Runs an action whose answer to bad bytes is one of heed's own errors, with a message of one line.
template <typename Action>
void answer(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    std::string_view message = error.what();
    require(!message.empty() && message.find('\n') == std::string_view::npos);
  }
}

}  // namespace heed::fuzz
