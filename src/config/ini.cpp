#include "config/ini.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "config/options.h"
#include "config/suggest.h"
#include "config/values.h"
#include "util/descriptors.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kShownBytes = 80;  // of a key or value in a message
constexpr int64_t kMaxFileBytes = 16 << 20;

bool is_blank_char(char c) { return c == ' ' || c == '\t'; }
bool is_comment_char(char c) { return c == '#' || c == ';'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

// Where a comment begins in `line`, at `from` or later; the line's size if there is none.
size_t comment_start(std::string_view line, size_t from) {
  for (size_t at = from; at < line.size(); ++at) {
    if (is_comment_char(line[at]) && (at == 0 || is_blank_char(line[at - 1]))) return at;
  }
  return line.size();
}

// "[training] seed = 1", as messages name an entry.
std::string describe_entry(const IniEntry& entry) {
  std::string key_value = fmt::format("{} = {}", printable(entry.key, kShownBytes),
                                      printable(entry.value, kShownBytes));
  if (entry.section.empty()) return key_value;
  return fmt::format("[{}] {}", printable(entry.section, kShownBytes), key_value);
}

// The lines of an INI text, one after the other.
class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Ini read(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
      fail_usage("{}: UTF-16 text; save the file as UTF-8", printable(name_));
    }
    while (!text.empty()) {
      size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (auto fault = find_text_fault(line)) {
        fail_line(line, *fault + "; is this a UTF-8 text file?");
      }
      read_line(trim(line));
    }
    return std::move(ini_);
  }

 private:
  [[noreturn]] void fail_here(std::string_view what) const {
    fail_usage("{}:{}: {}", printable(name_), line_, what);
  }

  [[noreturn]] void fail_line(std::string_view line, std::string_view what) const {
    bool in_section = !section_.empty() && !line.starts_with('[');
    std::string place = in_section ? "[" + printable(section_, kShownBytes) + "] " : "";
    fail_here(fmt::format("{}{}: {}", place, printable(line, kShownBytes), what));
  }

  void read_line(std::string_view line) {
    if (line.empty() || is_comment_char(line[0])) return;
    if (line[0] == '[') {
      read_section(line);
    } else {
      read_entry(line);
    }
  }

  void read_section(std::string_view line) {
    std::string_view text = trim(line.substr(0, comment_start(line, 1)));
    size_t end = text.find(']');
    if (end == std::string_view::npos) fail_line(line, "the ] after the section's name is missing");
    std::string_view rest = trim(text.substr(end + 1));
    if (!rest.empty()) fail_after(line, "]", rest);
    std::string name(trim(text.substr(1, end - 1)));
    if (name.empty()) fail_line(line, "the section's name is missing");
    auto [first, is_new] = section_lines_.emplace(name, line_);
    if (!is_new) {
      fail_here(fmt::format("[{}]: duplicate section; it began in line {}",
                            printable(name, kShownBytes), first->second));
    }
    ini_.sections.push_back({name, line_});
    section_ = name;
  }

  void read_entry(std::string_view line) {
    size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals > comment_start(line, 0)) {
      fail_line(line, "expected key = value, [section] or a comment; there is no =");
    }
    IniEntry entry{section_, std::string(trim(line.substr(0, equals))), {}, line_};
    if (entry.key.empty()) fail_line(line, "the key before = is missing");
    std::string_view rest = line.substr(equals + 1, comment_start(line, equals + 1) - equals - 1);
    std::string_view after = trim(line.substr(equals + 1));
    bool in_quotes = !after.empty() && is_quote(after[0]);
    entry.value = in_quotes ? read_quoted(line, after) : std::string(trim(rest));
    auto [first, is_new] = key_lines_.emplace(std::pair(section_, entry.key), line_);
    if (!is_new) {
      fail_here(fmt::format("{}: duplicate key; line {} sets it too", describe_entry(entry),
                            first->second));
    }
    ini_.entries.push_back(std::move(entry));
  }

  // `text` begins with the opening quote; after the closing one only a comment may follow.
  std::string read_quoted(std::string_view line, std::string_view text) const {
    char quote = text[0];
    std::string value;
    for (size_t at = 1; at < text.size(); ++at) {
      if (text[at] != quote) {
        value += text[at];
      } else if (at + 1 < text.size() && text[at + 1] == quote) {
        value += text[at++];
      } else {
        std::string_view rest = text.substr(at + 1);
        rest = trim(rest.substr(0, comment_start(text, at + 1) - at - 1));
        if (!rest.empty()) fail_after(line, "the closing quote", rest);
        return value;
      }
    }
    fail_line(line, fmt::format("the closing {} is missing (inside quotes, {}{} means {})", quote,
                                quote, quote, quote));
  }

  [[noreturn]] void fail_after(std::string_view line, std::string_view what,
                               std::string_view rest) const {
    bool comment = is_comment_char(rest[0]);
    fail_line(line, fmt::format("unexpected text after {}{}", what,
                                comment ? "; a comment needs a space before it" : ""));
  }

  const std::string& name_;
  int line_ = 0;
  std::string section_;
  std::map<std::string, int> section_lines_;
  std::map<std::pair<std::string, std::string>, int> key_lines_;
  Ini ini_;
};

// A value for a key, and how messages about it begin.
struct Setting {
  std::string section, key, value;
  std::string folder;  // of relative paths; empty: the current one
  std::string place;
};

bool is_section(std::string_view name) {
  return std::any_of(section_table().begin(), section_table().end(),
                     [&](const Section& section) { return section.name == name; });
}

std::string resolve_paths(const Option& option, const Setting& setting) {
  if (option.type == OptionType::kPath) return resolve_path(setting.folder, setting.value);
  if (option.type != OptionType::kPaths) return setting.value;
  std::vector<std::string> paths = split_paths(setting.value);
  for (std::string& path : paths) path = resolve_path(setting.folder, path);
  return join_paths(paths);
}

void apply(Config& config, const Setting& setting) {
  const Option* option = find_option(setting.section, setting.key);
  if (option == nullptr) {
    fail_usage("{}: {}", setting.place, describe_unknown_key(setting.section, setting.key));
  }
  if (auto fault = option->set(config, setting.value)) {
    fail_usage("{}: {}{}", setting.place, *fault, suggest_value(*option, setting.value));
  }
  std::string resolved = resolve_paths(*option, setting);
  // The folder may hold what the text could not: render_config must be able to write the path.
  if (auto fault = find_text_fault(resolved)) fail_usage("{}: the path: {}", setting.place, *fault);
  option->set(config, resolved);
}

// Returns the key's name.
std::string apply_override(Config& config, const std::string& argument) {
  std::string place = "command line: " + printable(argument, 2 * kShownBytes);
  if (auto fault = find_text_fault(argument)) fail_usage("{}: {}", place, *fault);
  size_t begin = argument.starts_with("--") ? 2 : 0;
  size_t equals = std::min(argument.find('=', begin), argument.size());
  std::string name = argument.substr(begin, equals - begin);
  size_t dot = name.find('.');
  if (dot == std::string::npos) {
    fail_usage("{}: expected --section.key=value; {}", place, describe_missing_section(name));
  }
  std::string section = name.substr(0, dot), key = name.substr(dot + 1);
  if (!is_section(section)) fail_usage("{}: {}", place, describe_unknown_section(section));
  if (find_option(section, key) == nullptr) {
    fail_usage("{}: {}", place, describe_unknown_key(section, key));
  }
  if (equals == argument.size()) {
    fail_usage("{}: the value is missing; write --{}=VALUE", place, name);
  }
  apply(config, {section, key, argument.substr(equals + 1), "", std::move(place)});
  return name;
}

// A model or a corpus given by mistake is refused before it fills the memory.
void check_size(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return;
  auto bytes = fs::file_size(path, ignored);
  if (!ignored && bytes > kMaxFileBytes) {
    fail_usage("{}: {} bytes are too many for an INI file (limit {})", printable(path),
               with_commas(static_cast<int64_t>(bytes)), with_commas(kMaxFileBytes));
  }
}

// Adds what is given to `given`.
Config apply_ini(const Ini& ini, const std::string& name, const std::string& folder,
                 std::set<std::string>& given) {
  for (const IniSection& section : ini.sections) {
    given.insert("[" + section.name + "]");
    if (is_section(section.name)) continue;
    fail_usage("{}:{}: [{}]: {}", printable(name), section.line,
               printable(section.name, kShownBytes), describe_unknown_section(section.name));
  }
  Config config = default_config();
  for (const IniEntry& entry : ini.entries) {
    std::string place =
        fmt::format("{}:{}: {}", printable(name), entry.line, describe_entry(entry));
    if (entry.section.empty()) {
      fail_usage("{}: no section stands above; {}", place, describe_missing_section(entry.key));
    }
    apply(config, {entry.section, entry.key, entry.value, folder, std::move(place)});
    given.insert(entry.section + "." + entry.key);
  }
  return config;
}

}  // namespace

Ini parse_ini(std::string_view text, const std::string& name) { return Reader(name).read(text); }

Config parse_config(std::string_view text, const std::string& name, const std::string& folder) {
  std::set<std::string> given;
  return apply_ini(parse_ini(text, name), name, folder, given);
}

GivenConfig load_given(const std::string& path, const std::vector<std::string>& overrides) {
  GivenConfig read{default_config(), {}};
  if (!path.empty()) {
    check_size(path);
    // A pipe stands in no folder of anybody's: /dev/fd/63, say.
    std::string folder = descriptors::is_special(path) ? "" : fs::path(path).parent_path().string();
    read.config = apply_ini(parse_ini(read_file(path), path), path, folder, read.given);
  }
  for (const std::string& argument : overrides) {
    read.given.insert(apply_override(read.config, argument));
  }
  return read;
}

Config load_config(const std::string& path, const std::vector<std::string>& overrides) {
  return load_given(path, overrides).config;
}

std::string quote_ini_value(const std::string& value) {
  bool outer_space =
      !value.empty() && (is_blank_char(value.front()) || is_blank_char(value.back()));
  if (!outer_space && value.find_first_of("#;\"'") == std::string::npos) return value;
  std::string quoted = "\"";
  for (char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace heed
