#include "config/render.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "config/ini.h"
#include "config/options.h"
#include "config/presets.h"
#include "config/values.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kColumns = 100;

// `text` in lines of at most 100 characters, each after `indent`; a longer word stays whole.
std::string wrap(std::string_view text, const std::string& indent) {
  std::string out, line;
  for (const std::string& word : split_words(text)) {
    size_t columns = utf8_length(indent) + utf8_length(line) + 1 + utf8_length(word);
    if (!line.empty() && columns > kColumns) {
      out += indent + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return line.empty() ? out : out + indent + line + "\n";
}

// "train_source = a.de", and no space after = where there is no value.
std::string key_line(const Option& option, const std::string& value) {
  return option.key + " =" + (value.empty() ? "" : " " + quote_ini_value(value)) + "\n";
}

std::string_view describe_resume(const Option& option) {
  return option.on_resume == OnResume::kMayChange ? "may change on resume" : "fixed on resume";
}

// In a Markdown table, | ends a cell; elsewhere * < ` and [ would begin something.
std::string markdown_cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("|*<`[").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_row(const Option& option) {
  std::string value =
      option.default_value.empty() ? "" : "`" + markdown_cell(option.default_value) + "`";
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", option.key,
                     markdown_cell(describe_values(option)), value,
                     option.on_resume == OnResume::kMayChange ? "may change" : "fixed",
                     markdown_cell(option.help));
}

// Calls `head` at the start of each section and `row` for each of its options.
template <typename Head, typename Row>
void for_each_row(Head head, Row row) {
  for (const Section& section : section_table()) {
    head(section);
    for (const Option& option : option_table()) {
      if (option.section == section.name) row(option);
    }
  }
}

}  // namespace

std::string render_config(const Config& config) {
  std::string out;
  bool of_model = true;
  for_each_row(
      [&](const Section& section) {
        of_model = section.of_model;
        if (of_model) out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section.name);
      },
      [&](const Option& option) {
        if (of_model) out += key_line(option, option.get(config));
      });
  return out;
}

std::string render_reference_ini() {
  std::string out = wrap(
      "Every option of heed at its default. A configuration needs only the keys that differ: the "
      "data files and the output folder are enough. A comment begins with # or ; at the start of a "
      "line or after a space. A value that holds one goes in quotes; inside quotes, a doubled "
      "quote "
      "means one. Relative paths start from the folder of this file. A comma inside a path of a "
      "list has a backslash before it.",
      "# ");
  for_each_row(
      [&](const Section& section) {
        out += fmt::format("\n\n# {}.\n[{}]\n", section.help, section.name);
      },
      [&](const Option& option) {
        out += "\n" + wrap(option.help + ".", "# ");
        out +=
            wrap(fmt::format("({}; {})", describe_values(option), describe_resume(option)), "# ");
        out += (option.default_value.empty() ? "# " : "") + key_line(option, option.default_value);
      });
  return out;
}

std::string render_options_markdown() {
  std::string out =
      "# Options\n\n"
      "Each key goes in its section of the INI file, or on the command line as\n"
      "`--section.key=value`, which counts more; only the data files and the output folder must "
      "be\n"
      "set. What is fixed on resume must stay as it was when a training goes on from a\n"
      "checkpoint.\n";
  for_each_row(
      [&](const Section& section) {
        out += fmt::format("\n## [{}]\n\n{}.\n\n", section.name, markdown_cell(section.help));
        out += "| Key | Values | Default | On resume | Meaning |\n|---|---|---|---|---|\n";
      },
      [&](const Option& option) { out += markdown_row(option); });
  return out + render_presets_markdown();
}

std::string render_options_text() {
  std::string out;
  for_each_row(
      [&](const Section& section) {
        out += fmt::format("{}[{}] {}\n", out.empty() ? "" : "\n", section.name, section.help);
      },
      [&](const Option& option) {
        out += "  " + key_line(option, option.default_value);
        out += wrap(option.help, "      ");
        out += wrap(fmt::format("({}; {})", describe_values(option), describe_resume(option)),
                    "      ");
      });
  return out + render_presets_text();
}

}  // namespace heed
