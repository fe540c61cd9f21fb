#include "decoding/stream.h"
#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "data/letters.h"
#include "decoding/table_model.h"
#include "util/line_reader.h"

namespace heed {
namespace {

using Lines = std::vector<std::string>;

// Says the source's own pieces: what comes out is what went in.
LoadedModel echo() {
  auto both = tiny::letters();
  auto rule = [](const tiny::Sentence& source) -> table::Rule {
    return [source](const tiny::Sentence& prefix) {
      table::Row row(12, 0.0);
      row[prefix.size() < source.size() ? source[prefix.size()] : SpecialIds{}.end] = 1;
      return row;
    };
  };
  return {default_config(), {both, both}, std::make_shared<table::TableModel>(rule)};
}

EngineOptions options_of(int64_t workers) {
  EngineOptions options;
  options.batch_size = 3;
  options.workers = workers;
  return options;
}

TEST(StreamTest, LinesComeInOrderWhateverTheirLength) {
  TempFolder folder;
  Lines lines;
  std::string text;
  for (size_t i = 0; i < 700; ++i) {
    // Once in a while nothing but blank lines, more than are in flight at once.
    lines.push_back(i > 300 && i < 450 ? "" : std::string(1 + i * i % 23, "abcdefg"[i % 7]));
    text += lines.back() + "\n";
  }
  for (int64_t workers : {1, 3}) {
    Engine engine(echo(), options_of(workers));
    LineReader input(folder.write("input", text));
    NoteLog notes("");
    Lines seen, texts;
    translate_stream(
        engine, input, {},
        [&](const std::string& line, const std::vector<Translation>& best) {
          seen.push_back(line);
          texts.push_back(best[0].text);
        },
        [] {}, notes);
    EXPECT_EQ(seen, lines);
    EXPECT_EQ(texts, lines);
    EXPECT_EQ(translate_lines(engine, lines, nullptr), lines);
  }
}

// A pipe whose other side waits for the answer before it writes on.
TEST(StreamTest, APauseOfTheInputBringsWhatIsThere) {
  int to_stream[2];
  ASSERT_EQ(::pipe(to_stream), 0);
  auto write = [&](const std::string& text) {
    ASSERT_EQ(::write(to_stream[1], text.data(), text.size()), std::ssize(text));
  };
  Engine engine(echo(), options_of(2));
  LineReader input("/dev/fd/" + std::to_string(to_stream[0]));
  NoteLog notes("");
  Lines texts;
  int pauses = 0;
  write("abc\n");
  translate_stream(
      engine, input, {},
      [&](const std::string&, const std::vector<Translation>& best) {
        texts.push_back(best[0].text);
      },
      [&] {
        if (++pauses == 1) write("de\nfg\n");
        if (pauses == 2) ::close(to_stream[1]);
      },
      notes);
  ::close(to_stream[0]);
  EXPECT_THAT(texts, testing::ElementsAre("abc", "de", "fg"));
}

}  // namespace
}  // namespace heed
