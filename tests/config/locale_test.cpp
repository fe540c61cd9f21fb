// Numbers and names mean the same whatever the locale of the user.
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <locale>

#include "config/ini.h"
#include "config/render.h"
#include "util/error.h"
#include "util/temp_folder.h"
#include "util/text.h"

namespace heed {
namespace {

// German number marks, there even where the system has no German locale.
class GermanMarks : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

void expect_the_same_as_ever() {
  Config config =
      parse_config("[training]\nlearning_rate = 1234.5\nmax_steps = 1000000\n", "x.ini", "");
  EXPECT_EQ(config.training.learning_rate, 1234.5);
  std::string rendered = render_config(config);
  EXPECT_NE(rendered.find("\nlearning_rate = 1234.5\n"), std::string::npos);
  EXPECT_NE(rendered.find("\nmax_steps = 1000000\n"), std::string::npos);
  EXPECT_EQ(message_of<UsageError>(
                [] { parse_config("[training]\nlearning_rate = 0,5\n", "x.ini", ""); }),
            "x.ini:2: [training] learning_rate = 0,5: expected real > 0, got \"0,5\"; did you mean "
            "0.5?");
  // Turkish lower case of I is not i.
  EXPECT_EQ(message_of<UsageError>([] { parse_config("[TRAINING]\n", "x.ini", ""); }),
            "x.ini:1: [TRAINING]: unknown section; did you mean [training]?");
  EXPECT_EQ(parse_real("1234.5"), 1234.5);
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(format_duration(1.5), "1.5s");
}

// Makes the locales that it needs in a folder of its own, so that it runs where none is installed.
class LocaleTest : public ::testing::TestWithParam<const char*> {
 protected:
  ~LocaleTest() override {
    std::setlocale(LC_ALL, "C");
    ::unsetenv("LOCPATH");
  }

  // False where the system lacks the sources of locales (Debian's package `locales`).
  bool set(const std::string& name) {
    if (name == "C") return std::setlocale(LC_ALL, "C") != nullptr;
    std::string command = "localedef -i " + name + " -f UTF-8 " + folder_.file(name) + ".UTF-8";
    if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) return false;
    ::setenv("LOCPATH", folder_.path().c_str(), 1);
    return std::setlocale(LC_ALL, (name + ".UTF-8").c_str()) != nullptr;
  }

  TempFolder folder_;
};

TEST_P(LocaleTest, ChangesNothing) {
  if (!set(GetParam())) GTEST_SKIP() << "localedef cannot make the locale " << GetParam();
  expect_the_same_as_ever();
}

INSTANTIATE_TEST_SUITE_P(Names, LocaleTest, ::testing::Values("C", "de_DE", "tr_TR", "ja_JP"),
                         [](const auto& info) { return std::string(info.param); });

TEST(GlobalLocale, ChangesNothing) {
  std::locale before = std::locale::global(std::locale(std::locale(), new GermanMarks));
  expect_the_same_as_ever();
  std::locale::global(before);
}

}  // namespace
}  // namespace heed
