// The strict INI reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace heed {

struct IniEntry {
  std::string section, key, value;
  int line;  // from 1
};

// `key = value` lines of an INI text. Throws UsageError `name:line: ...` for what is no INI.
std::vector<IniEntry> parse_ini(std::string_view text, const std::string& name);

// Defaults, then the file's entries, then the overrides "--section.key=value" (or
// "section.key=value"). Relative paths of the file are relative to its folder, those of overrides
// to the current one. Throws UsageError with file:line, key and the nearest valid one; does not run
// check_config.
Config load_config(const std::string& path, const std::vector<std::string>& overrides);
Config parse_config(std::string_view text, const std::string& name, const std::string& folder);

}  // namespace heed
