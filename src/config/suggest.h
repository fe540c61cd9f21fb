// What a message about a wrong name or value adds so that the reader can mend it at once.
#pragma once

#include <string>
#include <string_view>

#include "config/options.h"

namespace heed {

// "unknown section; did you mean [training]?"
std::string describe_unknown_section(const std::string& section);

// "unknown key; did you mean learning_rate (real > 0, default 0.0005)?", or which section it is of.
std::string describe_unknown_key(const std::string& section, const std::string& key);

// For a key without a section: "seed belongs to [training]".
std::string describe_missing_section(const std::string& key);

// What was probably meant by a value that `option` refused, e.g. "; write 0.5", or nothing.
std::string suggest_value(const Option& option, std::string_view value);

}  // namespace heed
