#include "server/markup.h"

#include <gtest/gtest.h>

#include <random>

#include "server/served.h"
#include "util/text.h"

namespace heed {
namespace {

// A translation word by word: target word i is source word order[i].
TranslatedText word_by_word(const std::string& source, const std::string& target,
                            const std::vector<size_t>& order) {
  Translation translation;
  translation.text = target;
  size_t columns = split_words(source).size() + 1;
  for (size_t k = 0; k + 1 < columns; ++k) translation.source_words.push_back(static_cast<int>(k));
  translation.source_words.push_back(kNoWord);
  for (size_t i = 0; i < order.size(); ++i) {
    translation.target_words.push_back(static_cast<int>(i));
    translation.attention.emplace_back(columns, 0.0f)[order[i]] = 1;
  }
  translation.target_words.push_back(kNoWord);
  translation.attention.emplace_back(columns, 0.0f)[columns - 1] = 1;
  TranslatedText text;
  text.target = "en";
  text.source.sentences = {{source, ""}};
  text.sentences = {{.translations = {translation}}};
  return text;
}

std::string moved(const std::string& html, const std::string& target,
                  const std::vector<size_t>& order) {
  MarkupLine line(markup_tokens(html));
  return line.translated(word_by_word(line.text(), target, order));
}

TEST(MarkupTest, TextIsWithoutMarkup) {
  EXPECT_EQ(MarkupLine(markup_tokens(" a\n <b>b&amp;</b>c  <i> d </i> ")).text(), "a b&c d");
  EXPECT_FALSE(MarkupLine(markup_tokens(" <b>12</b> &amp; ")).is_translatable());
}

TEST(MarkupTest, TagsMoveWithTheirWords) {
  EXPECT_EQ(moved("the <b>red</b> house", "casa rossa la", {2, 1, 0}), "casa <b>rossa</b> la");
  EXPECT_EQ(moved("<a href=\"x\">one two</a> three", "C A B", {2, 0, 1}),
            "C <a href=\"x\">A B</a>");
  EXPECT_EQ(moved("<i><b>a</b> b</i> c", "C B A", {2, 1, 0}), "C <i>B <b>A</b></i>");
  EXPECT_EQ(moved("a <b>b c</b>", "B A C", {1, 0, 2}), "<b>B</b> A <b>C</b>");
}

TEST(MarkupTest, MarksStayOutsideWhereTheyWere) {
  EXPECT_EQ(moved("<b>Hello</b>, world", "Hallo, Welt", {0, 1}), "<b>Hallo</b>, Welt");
  EXPECT_EQ(moved("<b>Hello,</b> world", "Hallo, Welt", {0, 1}), "<b>Hallo,</b> Welt");
  EXPECT_EQ(moved("(<b>a</b>) b", "(A) B", {0, 1}), "(<b>A</b>) B");
}

TEST(MarkupTest, PartsOfWordsTakeTheWord) {
  EXPECT_EQ(moved("un<b>believ</b>able story", "storia incredibile", {1, 0}),
            "storia <b>incredibile</b>");
}

TEST(MarkupTest, ObjectsStandBeforeTheirWords) {
  EXPECT_EQ(moved("a <img src=x> b", "B A", {1, 0}), "<img src=x> B A");
  EXPECT_EQ(moved("a <img> b c", "A B C", {0, 1, 2}), "A <img> B C");
  EXPECT_EQ(moved("a<img> b", "A B", {0, 1}), "A<img> B");
  EXPECT_EQ(moved("a <img>b", "A B", {0, 1}), "A <img>B");
  EXPECT_EQ(moved("a b<img>", "A B", {0, 1}), "A B<img>");
  EXPECT_EQ(moved("<b></b>a <i><img></i>b", "A B", {0, 1}), "<b></b>A <i><img></i>B");
  EXPECT_EQ(moved("a<!-- x --> b", "A B", {0, 1}), "A<!-- x --> B");
}

TEST(MarkupTest, CodeIsKeptAsItIs) {
  EXPECT_EQ(moved("use <code>ls -l</code> here", "hier L nutze", {3, 1, 0}),
            "hier <code>ls -l</code> nutze");
  EXPECT_EQ(moved("use <code>ls</code>.", "nutze X.", {0, 1}), "nutze <code>ls</code>.");
  // The model has left it out.
  EXPECT_EQ(moved("use <code>ls</code> here", "nutze hier", {0, 2}), "nutze <code>ls</code> hier");
  EXPECT_EQ(moved("a <i translate=no>b c</i>", "A B C", {0, 1, 2}), "A <i translate=no>b c</i>");
}

TEST(MarkupTest, BrokenMarkupStaysAsBrokenAsItWas) {
  EXPECT_EQ(moved("a <b>b", "A B", {0, 1}), "A <b>B");
  EXPECT_EQ(moved("a</b> b", "A B", {0, 1}), "A</b> B");
  EXPECT_EQ(moved("<b><i>a</b> b</i>", "A B", {0, 1}), "<b><i>A</b> B</i>");
  EXPECT_EQ(moved("a b <a href=\"http://x/y", "B A", {1, 0}), "B A <a href=\"http://x/y");
  EXPECT_EQ(moved("a b<!-- c d", "B A", {1, 0}), "B A<!-- c d");
}

// As word_by_word, of texts without spaces: piece by piece. Each begins with a word mark of its
// own.
TranslatedText piece_by_piece(const std::vector<std::string>& source,
                              const std::vector<std::string>& target,
                              const std::vector<size_t>& order) {
  Translation translation;
  translation.text = join(target, "");
  auto add_side = [](const std::vector<std::string>& from, std::vector<std::string>& pieces,
                     PieceWords& words) {
    pieces = {std::string(kWordMark)};
    pieces.insert(pieces.end(), from.begin(), from.end());
    words.assign(pieces.size(), 0);
    pieces.emplace_back("</s>");
    words.push_back(kNoWord);
  };
  add_side(source, translation.source_pieces, translation.source_words);
  add_side(target, translation.target_pieces, translation.target_words);
  for (size_t row = 0; row < translation.target_words.size(); ++row) {
    // The mark with the first piece; the end symbol with its like.
    size_t piece = row <= order.size() ? order[row == 0 ? 0 : row - 1] : source.size();
    translation.attention.emplace_back(translation.source_words.size(), 0.0f)[piece + 1] = 1;
  }
  TranslatedText text;
  text.target = "zh";
  text.source.sentences = {{join(source, ""), ""}};
  text.sentences = {{.translations = {translation}}};
  return text;
}

TEST(MarkupTest, TagsMoveWithinAWordOfAScriptWithoutSpaces) {
  auto moved_pieces = [](const std::string& html, const std::vector<std::string>& source,
                         const std::vector<std::string>& target, const std::vector<size_t>& order) {
    MarkupLine line(markup_tokens(html));
    EXPECT_EQ(line.text(), join(source, ""));
    return line.translated(piece_by_piece(source, target, order));
  };
  const std::vector<std::string> source = {"我", "喜欢", "红色", "的", "房子", "。"};
  EXPECT_EQ(moved_pieces("我喜欢<b>红色</b>的<i>房子</i>。", source,
                         {"赤い", "家", "が", "好き", "です", "。"}, {2, 4, 3, 1, 1, 5}),
            "<b>赤い</b><i>家</i>が好きです。");
  EXPECT_EQ(moved_pieces("<a href=1>我<img>喜</a>欢红色的房子。", source,
                         {"我", "愛", "紅", "的", "屋", "。"}, {0, 1, 2, 3, 4, 5}),
            "<a href=1>我<img>愛</a>紅的屋。");
  // Pieces that are not the text: the word is one.
  EXPECT_EQ(moved_pieces("<b>①</b>个", {"①", "个"}, {"一", "個"}, {0, 1}), "<b>一</b>個");
  MarkupLine line(markup_tokens("<b>１</b>个人"));
  TranslatedText normalised = piece_by_piece({"1", "个人"}, {"一", "個人"}, {0, 1});
  normalised.source.sentences[0].text = line.text();
  EXPECT_EQ(line.translated(normalised), "<b>一</b>個人");
}

TEST(MarkupTest, ElementsWhoseWordsHaveGoneStay) {
  EXPECT_EQ(moved("<b>the</b> dog", "Hund", {1}), "<b>Hund</b>");
  EXPECT_EQ(moved("<a>the</a> <b>dog</b>", "Hund", {1}), "<a></a><b>Hund</b>");
}

TEST(MarkupTest, WhiteSpaceAroundALineStays) {
  EXPECT_EQ(moved("\n  a <b>b</b>\t\n", "A B", {0, 1}), "\n  A <b>B</b>\t\n");
}

// Every tag of the source, as often as it was there or more (an element may be in two places).
TEST(MarkupTest, NoTagIsLost) {
  const std::string parts[] = {"<b>",        "</b>", "<i>",   "</i>",           "a",
                               " ",          "bc ",  "<img>", "<code>x</code>", ".",
                               "<a href=1>", "</a>", " , ",   "<!--c-->"};
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    std::string html = "w";
    for (int i = 0; i < 15; ++i) html += parts[random() % std::size(parts)];
    MarkupLine line(markup_tokens(html));
    size_t words = split_words(line.text()).size();
    std::vector<size_t> order;
    std::vector<std::string> target;
    for (size_t i = 0; i < 1 + random() % 6; ++i) {
      order.push_back(random() % words);
      target.push_back("T" + std::to_string(i));
    }
    std::string out = line.translated(word_by_word(line.text(), join(target, " "), order));
    auto count = [](const std::string& text, const std::string& what) {
      size_t times = 0;
      for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++times;
      return times;
    };
    for (const char* tag : {"<b>", "</b>", "<i>", "</i>", "<a href=1>", "</a>"}) {
      EXPECT_GE(count(out, tag), count(html, tag)) << html << "\n" << out;
    }
    for (const char* tag : {"<img>", "<code>x</code>", "<!--c-->"}) {
      EXPECT_EQ(count(out, tag), count(html, tag)) << html << "\n" << out;
    }
  }
}

TEST(MarkupTest, DocumentsThroughAModel) {
  Catalogue catalogue = served::catalogue({"de-en"});
  WaitingSentences waiting(1000);
  auto translated = [&](const std::string& html) {
    Call call(waiting, {std::chrono::seconds(60), [] { return true; }});
    return translate_html({html}, catalogue.models()[0], call)[0][0];
  };
  // The models of these tests copy.
  for (const char* html :
       {"<!doctype html>\n<html><head><title>A fox</title><style>b{}</style></head>\n<body>\n"
        "<h1>The dog</h1>\n<p>One.<br/>Two, <em>three</em>!</p>\n<ul><li>a<li>b</ul>\n"
        "<pre>  x\n y</pre><script>a < b</script></body></html>\n",
        "", "   ", "<p></p>", "plain text", "a &lt; b &amp; c", "<p translate=\"no\">a</p>"}) {
    EXPECT_EQ(translated(html), html);
  }
}

}  // namespace
}  // namespace heed
