// The strict INI reader. `key = value` lines below `[section]` lines; a comment begins with # or ;
// at the start of a line or after a space. A value may stand in double or single quotes, where #
// and ; are text and the quote itself is written twice: "say ""hi""". Nothing is interpolated.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/options.h"

namespace heed {

struct IniSection {
  std::string name;
  int line;  // from 1
};

struct IniEntry {
  std::string section, key, value;  // section is empty for a key above the first section
  int line;
};

struct Ini {
  std::vector<IniSection> sections;
  std::vector<IniEntry> entries;
};

// The form alone: which names and values are allowed, parse_config knows. Throws UsageError
// `name:line: ...` for what is no INI and for a section or key that comes twice.
Ini parse_ini(std::string_view text, const std::string& name);

// The defaults, then the entries; relative paths are relative to `folder`. Throws UsageError with
// name:line, key and the nearest valid one.
Config parse_config(std::string_view text, const std::string& name, const std::string& folder);

// The defaults, then the file's entries (none where `path` is empty), then the overrides
// "--section.key=value" (or "section.key=value"), of which the last one counts. Relative paths of
// the file are relative to its folder, those of overrides to the current one. Throws Error for a
// file that cannot be read, else UsageError as parse_config does; does not run check_config.
Config load_config(const std::string& path, const std::vector<std::string>& overrides);

// The same, and what was given: "section.key" of the file and the overrides, "[section]" of each
// section that the file has.
struct GivenConfig {
  Config config;
  std::set<std::string> given;
};
GivenConfig load_given(const std::string& path, const std::vector<std::string>& overrides);

// `value` as parse_ini reads it back: in quotes where it must be.
std::string quote_ini_value(const std::string& value);

}  // namespace heed
