#include "config/ini.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The value of the one key in `line`.
std::string value_in(const std::string& line) {
  Ini ini = parse_ini("[s]\n" + line, "x.ini");
  if (ini.entries.size() != 1) throw std::runtime_error("no single entry in " + line);
  EXPECT_EQ(ini.entries[0].key, "key");
  return ini.entries[0].value;
}

TEST(ParseIni, ReadsSectionsKeysAndLines) {
  Ini ini = parse_ini("# comment\n; comment\n\n[one]\na = 1\n  b=2\n\t[ two ] # more\nc  =  3 4",
                      "x.ini");
  ASSERT_EQ(ini.sections.size(), 2u);
  EXPECT_EQ(ini.sections[0].name, "one");
  EXPECT_EQ(ini.sections[0].line, 4);
  EXPECT_EQ(ini.sections[1].name, "two");
  EXPECT_EQ(ini.sections[1].line, 7);
  ASSERT_EQ(ini.entries.size(), 3u);
  EXPECT_EQ(ini.entries[0].section, "one");
  EXPECT_EQ(ini.entries[0].key, "a");
  EXPECT_EQ(ini.entries[0].value, "1");
  EXPECT_EQ(ini.entries[0].line, 5);
  EXPECT_EQ(ini.entries[1].key, "b");
  EXPECT_EQ(ini.entries[1].value, "2");
  EXPECT_EQ(ini.entries[2].section, "two");
  EXPECT_EQ(ini.entries[2].value, "3 4");
  EXPECT_EQ(ini.entries[2].line, 8);
}

TEST(ParseIni, AnEmptyTextHoldsNothing) {
  for (const char* text : {"", "\n\n", "\xEF\xBB\xBF", "# comment", "  \t \r\n"}) {
    Ini ini = parse_ini(text, "x.ini");
    EXPECT_TRUE(ini.sections.empty());
    EXPECT_TRUE(ini.entries.empty());
  }
}

TEST(ParseIni, AByteOrderMarkAndCarriageReturnsAreNoText) {
  Ini ini = parse_ini("\xEF\xBB\xBF[one]\r\na = 1\r\n\r\nb = \"2\"\r\n", "x.ini");
  ASSERT_EQ(ini.entries.size(), 2u);
  EXPECT_EQ(ini.sections[0].name, "one");
  EXPECT_EQ(ini.entries[0].value, "1");
  EXPECT_EQ(ini.entries[1].value, "2");
  EXPECT_EQ(ini.entries[1].line, 4);
}

TEST(ParseIni, ACommentBeginsAfterASpace) {
  EXPECT_EQ(value_in("key = a # b"), "a");
  EXPECT_EQ(value_in("key = a ; b"), "a");
  EXPECT_EQ(value_in("key = a\t# b"), "a");
  EXPECT_EQ(value_in("key = a#b;c"), "a#b;c");
  EXPECT_EQ(value_in("key = # b"), "");
  EXPECT_EQ(value_in("key =#b"), "#b");
}

TEST(ParseIni, QuotesKeepTheirText) {
  EXPECT_EQ(value_in("key = \"a # b ; c\" # d"), "a # b ; c");
  EXPECT_EQ(value_in("key = \"  a  \""), "  a  ");
  EXPECT_EQ(value_in("key = \"\""), "");
  EXPECT_EQ(value_in("key = \"say \"\"hi\"\"\""), "say \"hi\"");
  EXPECT_EQ(value_in("key = \"\"\"\""), "\"");
  EXPECT_EQ(value_in("key = 'a # b'"), "a # b");
  EXPECT_EQ(value_in("key = 'it''s \"so\"'"), "it's \"so\"");
  EXPECT_EQ(value_in("key = \"a = b\""), "a = b");
}

TEST(ParseIni, AQuoteInsideAValueIsText) {
  EXPECT_EQ(value_in("key = it's"), "it's");
  EXPECT_EQ(value_in("key = a\"b"), "a\"b");
}

TEST(ParseIni, NothingIsInterpolated) {
  EXPECT_EQ(value_in("key = %(a)s $HOME ${a} \\n"), "%(a)s $HOME ${a} \\n");
  EXPECT_EQ(value_in("key = a = b"), "a = b");
}

TEST(ParseIni, TheSameKeyMayStandInTwoSections) {
  Ini ini = parse_ini("[a]\nkey = 1\n[b]\nkey = 2\n", "x.ini");
  EXPECT_EQ(ini.entries.size(), 2u);
}

TEST(QuoteIniValue, AnyValueComesBack) {
  for (const char* value :
       {"",      "a", "a b", " a",   "a ",  "\ta",  "#",   ";",   "a # b", "a#b",   "\"",
        "\"a\"", "'", "'a'", "a\"b", "a'b", "\"\"", "= 1", "[a]", "a\\",   "ß € 😀", " # \" ' ; "}) {
    EXPECT_EQ(value_in("key = " + quote_ini_value(value)), value);
    EXPECT_EQ(value_in("key = " + quote_ini_value(value) + " # comment"), value);
  }
  EXPECT_EQ(quote_ini_value("data/a b.de"), "data/a b.de");
}

TEST(ParseConfig, AnEmptyTextGivesTheDefaults) {
  Config config = parse_config("", "x.ini", "");
  EXPECT_TRUE(config.data.train_source.empty());
  EXPECT_GT(config.model.hidden_size, 0);
}

TEST(ParseConfig, SetsFieldsOfEachType) {
  Config config = parse_config(
      "[data]\ntrain_source = a.de, b.de\n[model]\nhidden_size = 66\ncell = lstm\n"
      "tie_softmax = false\n[training]\nlearning_rate = 5e-4\ndevice = cuda:1\n"
      "[output]\nfolder = \"my model\"\n",
      "x.ini", "");
  EXPECT_THAT(config.data.train_source, ElementsAre("a.de", "b.de"));
  EXPECT_EQ(config.model.hidden_size, 66);
  EXPECT_EQ(config.model.cell.name(), "lstm");
  EXPECT_FALSE(config.model.tie_softmax);
  EXPECT_EQ(config.training.learning_rate, 5e-4);
  EXPECT_EQ(config.training.device, "cuda:1");
  EXPECT_EQ(config.output.folder, "my model");
}

TEST(ParseConfig, PathsAreRelativeToTheFolder) {
  Config config = parse_config(
      "[data]\ntrain_source = a.de, ../b.de, /c.de\ndev_source = d e.de\n[training]\n"
      "device = cpu\n[output]\nfolder = ./models/x\n",
      "x.ini", "configs");
  EXPECT_THAT(config.data.train_source, ElementsAre("configs/a.de", "b.de", "/c.de"));
  EXPECT_EQ(config.data.dev_source, "configs/d e.de");
  EXPECT_EQ(config.data.dev_target, "");
  EXPECT_EQ(config.output.folder, "configs/models/x");
  EXPECT_EQ(config.training.device, "cpu");  // text, no path
}

TEST(ParseConfig, AFolderMayHoldWhatAListMustEscape) {
  Config config = parse_config("[data]\ntrain_source = a.de, b.de\n", "x.ini", "/one, two\\three");
  EXPECT_THAT(config.data.train_source,
              ElementsAre("/one, two\\three/a.de", "/one, two\\three/b.de"));
}

TEST(ParseConfig, RefusesAFolderThatNoIniFileCouldName) {
  std::string message = message_of<UsageError>(
      [] { parse_config("[output]\nfolder = model\n", "x.ini", "/one\ntwo"); });
  EXPECT_EQ(message,
            "x.ini:2: [output] folder = model: the path: byte 5 (\\x0A) is a control character");
}

TEST(ParseConfig, EscapesTheFilesName) {
  EXPECT_EQ(message_of<UsageError>([] { parse_config("[", "\x1B[31m.ini", ""); }),
            "\\x1B[31m.ini:1: [: the ] after the section's name is missing");
}

TEST(LoadConfig, PathsAreRelativeToTheFile) {
  TempFolder folder;
  std::string path =
      folder.write("x.ini", "[data]\ndev_source = a.de\n[output]\nfolder = ../model\n");
  Config config = load_config(path, {});
  EXPECT_EQ(config.data.dev_source, folder.file("a.de"));
  EXPECT_EQ(config.output.folder,
            (std::filesystem::path(folder.path()).parent_path() / "model").string());
}

TEST(LoadConfig, OverridesCountMoreAndAreRelativeToTheCurrentFolder) {
  TempFolder folder;
  std::string path = folder.write("x.ini", "[data]\ndev_source = a.de\n[training]\nseed = 3\n");
  Config config = load_config(path, {"--data.dev_source=b.de", "--training.seed=4",
                                     "training.seed=5", "--output.folder= a # \"b\""});
  EXPECT_EQ(config.data.dev_source, "b.de");
  EXPECT_EQ(config.training.seed, 5);
  EXPECT_EQ(config.output.folder, " a # \"b\"");
}

TEST(LoadConfig, AnOverrideMayHoldEqualsSignsAndLists) {
  TempFolder folder;
  std::string path = folder.write("x.ini", "");
  Config config = load_config(path, {"--data.train_source=a=b, c", "--output.folder="});
  EXPECT_THAT(config.data.train_source, ElementsAre("a=b", "c"));
  EXPECT_EQ(config.output.folder, "");
}

TEST(LoadConfig, AMissingFileOrAFolderIsNoWrongUsage) {
  TempFolder folder;
  try {
    load_config(folder.file("none.ini"), {});
    FAIL();
  } catch (const UsageError&) {
    FAIL() << "reading failed, which is no wrong usage";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(),
              "cannot read " + folder.file("none.ini") + ": No such file or directory");
  }
  EXPECT_THAT(message_of<Error>([&] { load_config(folder.path(), {}); }),
              HasSubstr(folder.path() + ": Is a directory"));
}

TEST(LoadConfig, RefusesAFileThatIsTooLargeToBeAConfiguration) {
  TempFolder folder;
  std::string path = folder.write("weights", "");
  std::filesystem::resize_file(path, uint64_t{1} << 40);  // sparse: takes no room
  EXPECT_EQ(message_of<UsageError>([&] { load_config(path, {}); }),
            path + ": 1,099,511,627,776 bytes are too many for an INI file (limit 16,777,216)");
}

}  // namespace
}  // namespace heed
