#include "config/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "config/ini.h"
#include "config/options.h"
#include "config/values.h"
#include "util/atomic_file.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Whether a model's configuration holds it: that of a server is none of a model's.
bool is_of_model(const Option& option) { return option.section != "server"; }

// The first line in which two texts differ, of both.
std::string first_difference(const std::string& expected, const std::string& got) {
  std::vector<std::string> a = split(expected, '\n'), b = split(got, '\n');
  size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  return "line " + std::to_string(at + 1) + "\n  table: " + (at < a.size() ? a[at] : "(end)") +
         "\n  file:  " + (at < b.size() ? b[at] : "(end)");
}

// Compares `rendered` with the committed file, or rewrites that where HEED_UPDATE_GOLDEN is 1.
void expect_golden(const std::string& file, const std::string& rendered) {
  std::string path = std::string(HEED_SOURCE_DIR "/") + file;
  const char* update = std::getenv("HEED_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") write_file_atomically(path, rendered);
  std::string committed = file_exists(path) ? read_file(path) : "";
  if (committed == rendered) return;
  ADD_FAILURE() << file
                << " is not what the option table gives: " << first_difference(rendered, committed)
                << "\nTo rewrite it, run in the build folder\n"
                   "  HEED_UPDATE_GOLDEN=1 ctest -R config.Render";
}

// A text of `length` characters of the kinds that quoting must keep apart.
std::string awkward_text(std::mt19937& random, size_t length) {
  const std::vector<std::string> pieces = {"a", "b", " ", "#", ";", "\"", "'",  ",", "\\",
                                           "/", "=", "[", "]", "ß", "€",  "\t", "."};
  std::string text;
  for (size_t i = 0; i < length; ++i) text += pieces[random() % pieces.size()];
  return text;
}

std::string random_number(const Option& option, std::mt19937& random) {
  double low = option.range.minimum, high = std::min(option.range.maximum, low + 1e6);
  if (option.type == OptionType::kInteger) {
    auto span = static_cast<uint64_t>(high - low) + 1;
    return std::to_string(static_cast<int64_t>(low) + static_cast<int64_t>(random() % span));
  }
  double share = (random() + 1.0) / (std::mt19937::max() + 1.0);
  return print_value(std::min(high, low + (high - low) * std::pow(share, 8)));
}

std::string random_value(const Option& option, std::mt19937& random) {
  switch (option.type) {
    case OptionType::kInteger:
    case OptionType::kReal:
      return random_number(option, random);
    case OptionType::kBoolean:
      return random() % 2 == 0 ? "true" : "false";
    case OptionType::kChoice:
      return option.choices[random() % option.choices.size()];
    case OptionType::kText:
    case OptionType::kPath:
      return awkward_text(random, random() % 12);
    case OptionType::kReals:
      return random_number(option, random) + ", " + random_number(option, random);
    case OptionType::kTexts:
    case OptionType::kPaths:
      break;
  }
  std::vector<std::string> items(random() % 4);
  for (std::string& item : items) {
    item = option.choices.empty() ? awkward_text(random, 1 + random() % 12)
                                  : option.choices[random() % option.choices.size()];
  }
  return join_paths(items);
}

void expect_equal(const Config& a, const Config& b) {
  for (const Option& option : option_table()) {
    EXPECT_EQ(option.get(a), option.get(b)) << option.name();
  }
  EXPECT_EQ(a.data.train_source, b.data.train_source);
}

TEST(Render, ARandomConfigComesBack) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    Config config = default_config();
    for (const Option& option : option_table()) {
      if (!is_of_model(option)) continue;
      std::string value = random_value(option, random);
      ASSERT_EQ(option.set(config, value), std::nullopt) << option.name() << " = " << value;
    }
    std::string text = render_config(config);
    Config back = parse_config(text, "config.ini", "");
    expect_equal(config, back);
    EXPECT_EQ(render_config(back), text);
  }
}

TEST(Render, AModelHasNoServer) {
  EXPECT_THAT(render_config(default_config()), Not(HasSubstr("[server]")));
  EXPECT_THAT(render_reference_ini(), HasSubstr("\n[server]\n"));
}

TEST(Render, PathsComeBack) {
  for (const char* path : {"a b", " a", "a ", "a#b", "a # b", "a;b", "\"a\"", "it's", "'", "a,b",
                           "/abs/a.de", "../a.de", "a\\", "ß"}) {
    Config config = default_config();
    config.data.train_source = {path, "second", path};
    config.output.folder = path;
    Config back = parse_config(render_config(config), "config.ini", "");
    EXPECT_EQ(back.data.train_source, config.data.train_source);
    EXPECT_EQ(back.output.folder, path);
  }
}

TEST(Render, AResolvedConfigIsNotResolvedTwice) {
  Config config = parse_config("[data]\ndev_source = a.de\n", "x.ini", "configs");
  EXPECT_THAT(render_config(config), HasSubstr("\ndev_source = configs/a.de\n"));
  Config back = parse_config(render_config(config), "config.ini", "");
  EXPECT_EQ(back.data.dev_source, "configs/a.de");
}

TEST(Render, EveryKeyIsInEveryText) {
  std::string config = render_config(default_config());
  for (const Option& option : option_table()) {
    if (is_of_model(option)) {
      EXPECT_THAT(config, HasSubstr("\n" + option.key + " ="));
    }
    EXPECT_THAT(render_reference_ini(), HasSubstr(option.key + " ="));
    EXPECT_THAT(render_options_markdown(), HasSubstr("| `" + option.key + "` |"));
    EXPECT_THAT(render_options_text(), HasSubstr("  " + option.key + " ="));
  }
}

TEST(Render, TheReferenceParsesToTheDefaults) {
  expect_equal(parse_config(render_reference_ini(), "reference.ini", ""), default_config());
}

TEST(Render, TheReferenceCommentsOutWhatHasNoDefault) {
  std::string reference = render_reference_ini();
  EXPECT_THAT(reference, HasSubstr("\n# train_source =\n"));
  EXPECT_THAT(reference, HasSubstr("\nlearning_rate = " +
                                   find_option("training", "learning_rate")->default_value + "\n"));
}

TEST(Render, LinesFitATerminal) {
  for (const std::string& text : {render_reference_ini(), render_options_text()}) {
    for (const std::string& line : split(text, '\n')) {
      EXPECT_LE(utf8_length(line), 100u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST(Render, EachMarkdownRowHasFiveCells) {
  for (const std::string& line : split(render_options_markdown(), '\n')) {
    if (!line.starts_with("|")) continue;
    int bars = 0;
    for (size_t i = 0; i < line.size(); ++i)
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(bars, 6) << line;
  }
}

TEST(Render, ReferenceIniIsUpToDate) {
  expect_golden("configs/reference.ini", render_reference_ini());
}

TEST(Render, OptionsPageIsUpToDate) { expect_golden("docs/options.md", render_options_markdown()); }

}  // namespace
}  // namespace heed
