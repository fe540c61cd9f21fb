#include "server/markup_tokens.h"

#include <gtest/gtest.h>

#include <random>

namespace heed {
namespace {

std::string kinds_of(const std::string& html) {
  std::string kinds;
  for (const MarkupToken& token : markup_tokens(html))
    kinds += "tocOB"[static_cast<int>(token.kind)];
  return kinds;
}

TEST(MarkupTokens, Kinds) {
  EXPECT_EQ(kinds_of("a<b>c</b>"), "totc");
  EXPECT_EQ(kinds_of("<p>a<br>b</p>"), "BtBtB");
  EXPECT_EQ(kinds_of("a<!-- <b> -->b<img src='a>b'>c"), "tOtOt");
  EXPECT_EQ(kinds_of("<script>if (a<b) '</p>'</script>x"), "Bt");
  EXPECT_EQ(kinds_of("a <code>b <i>c</i></code> d"), "tOt");
  EXPECT_EQ(kinds_of("<span translate=\"no\">a<span>b</span>c</span>d"), "Ot");
  EXPECT_EQ(kinds_of("1 < 2 & 3 > 2"), "t");
  EXPECT_EQ(kinds_of("a<x-y>b</x-y>"), "totc");
  EXPECT_EQ(kinds_of("<!doctype html><p>"), "OB");
}

TEST(MarkupTokens, BrokenMarkupIsTextOrGoesToTheEnd) {
  for (const char* broken : {"<b", "<a href=\"http://x/y", "</", "</b", "<!", "<!-- b <c d",
                             "<?php", "<!-- b > c", "<!-- b --", "<a <b <c"}) {
    EXPECT_EQ(kinds_of(std::string("a ") + broken), "tO") << broken;
    EXPECT_EQ(kinds_of(std::string("<p>a</p>") + broken), "BtBO") << broken;
  }
  for (const char* text : {"<", "a < b", "a <3 b", "a </3 b", "a <- b", "a <<"}) {
    EXPECT_EQ(kinds_of(text), "t") << text;
    EXPECT_EQ(kinds_of("<p>" + std::string(text)), "Bt") << text;
  }
  EXPECT_EQ(kinds_of("a <b title=\"x>y"), "tot");
  EXPECT_EQ(kinds_of("<script>a"), "B");
  EXPECT_EQ(kinds_of("<code>a<b>"), "O");
  EXPECT_EQ(visible_text("a <!-- b"), "a ");
}

TEST(MarkupTokens, NothingIsLost) {
  const std::string parts[] = {"<",       ">",     "b",    "/",        "\"",        "=",
                               " ",       "<b>",   "</b>", "<!--",     "-->",       "<code>",
                               "</code>", "&amp;", "<p>",  "<script>", "</script>", "'"};
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string html, together;
    for (int i = 0; i < 20; ++i) html += parts[random() % std::size(parts)];
    for (const MarkupToken& token : markup_tokens(html)) together += token.raw;
    EXPECT_EQ(together, html);
  }
}

TEST(MarkupTokens, HostileTextTakesNoTime) {
  for (const char* part : {"<a ", "<", "<!", "<!--", "<a b=\"", "<a b='\"", "<code>", "</code",
                           "<script></script", "<b>", "&", "&#x", "<a b=\"<a b='", "<a b=\">\" "}) {
    std::string html;
    while (html.size() < 1 << 20) html += part;
    for (const char* end : {"", ">", "\">", "x"}) {
      EXPECT_GT(markup_tokens(html + end).size(), 0u);
      EXPECT_EQ(decode_entities(html).size(), html.size());
    }
  }
}

TEST(MarkupTokens, VisibleText) {
  EXPECT_EQ(visible_text("<p class='x'>a <b>b</b>&amp;</p><script>c</script><code>d</code>"),
            "\na b&\n\n");
}

TEST(Entities, AreCharactersAndBack) {
  EXPECT_EQ(decode_entities("&lt;&amp;&gt;&quot;&auml;&#228;&#xE4;&#XE4;&nbsp;&euro;"),
            "<&>\"ääää\u00A0€");
  for (const char* same :
       {"&", "& b", "&;", "&nosuch;", "&#;", "&#x;", "&#xD800;", "&#0;", "&#99999999;", "&amp"}) {
    EXPECT_EQ(decode_entities(same), same);
  }
  EXPECT_EQ(encode_entities("a<b>&c\u00A0\"ä"), "a&lt;b&gt;&amp;c&nbsp;\"ä");
  EXPECT_EQ(encode_entities("&nosuch; &copy; &"), "&nosuch; &amp;copy; &amp;");
}

}  // namespace
}  // namespace heed
