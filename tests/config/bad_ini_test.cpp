// Each tests/config/bad_ini/NAME.ini must be refused with the message in NAME.expected. There
// <section.key> stands for that option's default, so that the message outlives another default.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "config/ini.h"
#include "config/options.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"
#include "util/text.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = HEED_SOURCE_DIR "/tests/config/bad_ini/";

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".ini") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string expected_message(const std::string& name) {
  std::vector<std::string> lines = read_lines(kFolder + name + ".expected");
  if (lines.size() != 1) throw std::runtime_error(name + ".expected: one line was expected");
  for (const Option& option : option_table()) {
    replace_all(lines[0], "<" + option.name() + ">", option.default_value);
  }
  return kFolder + lines[0];
}

class BadIni : public ::testing::TestWithParam<std::string> {};

TEST_P(BadIni, IsRefusedWithItsMessage) {
  std::string path = kFolder + GetParam() + ".ini";
  std::string message = message_of<UsageError>([&] { load_config(path, {}); });
  EXPECT_EQ(message, expected_message(GetParam()));
  EXPECT_LE(message.size(), path.size() + 400) << "long input must not flood the terminal";
  bool plain = std::all_of(message.begin(), message.end(),
                           [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  EXPECT_TRUE(plain) << "a control character is in the message";
}

INSTANTIATE_TEST_SUITE_P(Files, BadIni, ::testing::ValuesIn(case_names()),
                         [](const auto& info) { return info.param; });

TEST(BadIniFiles, EachHasItsMessageAndNoMessageIsLeftOver) {
  std::vector<std::string> names = case_names();
  EXPECT_GE(names.size(), 40u);
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".expected") continue;
    EXPECT_TRUE(std::count(names.begin(), names.end(), entry.path().stem().string()))
        << entry.path() << " belongs to no .ini file";
  }
}

struct BadOverride {
  std::string name, argument, message;
};

// Keeps bytes and addresses out of the test's name.
void PrintTo(const BadOverride& bad, std::ostream* out) { *out << bad.name; }

class BadArgument : public ::testing::TestWithParam<BadOverride> {};

TEST_P(BadArgument, IsRefusedWithItsMessage) {
  std::string expected = "command line: " + GetParam().message;
  for (const Option& option : option_table()) {
    replace_all(expected, "<" + option.name() + ">", option.default_value);
  }
  TempFolder folder;
  std::string path = folder.write("x.ini", "");
  EXPECT_EQ(message_of<UsageError>([&] { load_config(path, {GetParam().argument}); }), expected);
}

const BadOverride kBadOverrides[] = {
    {"UnknownKey", "--training.learning_rte=1",
     "--training.learning_rte=1: unknown key; did you mean learning_rate (real > 0, default "
     "<training.learning_rate>)?"},
    {"DecimalComma", "training.learning_rate=0,5",
     "training.learning_rate=0,5: expected real > 0, got \"0,5\"; did you mean 0.5?"},
    {"UnknownSection", "--trainin.seed=1",
     "--trainin.seed=1: unknown section; did you mean [training]?"},
    {"KeyOfAnotherSection", "--model.learning_rate=1",
     "--model.learning_rate=1: unknown key; learning_rate belongs to [training]"},
    {"NoSection", "--learning_rate=1",
     "--learning_rate=1: expected --section.key=value; learning_rate belongs to [training]"},
    {"UnknownKeyWithoutSection", "--learning-rte=1",
     "--learning-rte=1: expected --section.key=value; learning_rate belongs to [training]"},
    {"NoValue", "--training.seed",
     "--training.seed: the value is missing; write --training.seed=VALUE"},
    {"UnknownKeyWithoutValue", "--training.sead",
     "--training.sead: unknown key; did you mean seed (integer >= 0, default <training.seed>)?"},
    {"EmptyValue",
     "--training.seed=", "--training.seed=: expected integer >= 0, got an empty value"},
    {"SpaceBeforeValue", "--training.seed= 1",
     "--training.seed= 1: expected integer >= 0, got \" 1\""},
    {"EmptyKey", "--training.=1", "--training.=1: unknown key; \"heed options\" lists them all"},
    {"NewlineInValue", "--output.folder=a\nb",
     "--output.folder=a\\x0Ab: byte 18 (\\x0A) is a control character"},
    {"Latin1", "--output.folder=M\xFCller",
     "--output.folder=M\\xFCller: byte 18 (\\xFC) is not UTF-8"},
    {"InvisibleCharacter", "--model.cell=\u202Egru",
     "--model.cell=\\xE2\\x80\\xAEgru: expected one of gru, lstm, got \"\\xE2\\x80\\xAEgru\"; did "
     "you mean gru?"},
    {"Empty", "",
     ": expected --section.key=value; there are [data], [tokenizer], [model], [training], "
     "[decoding], [evaluation], [output], [server]"},
};

INSTANTIATE_TEST_SUITE_P(Overrides, BadArgument, ::testing::ValuesIn(kBadOverrides),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heed
