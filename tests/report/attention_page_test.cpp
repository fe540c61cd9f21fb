#include "report/attention_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/attention_svg.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

// ---- Attention that looks like a trained model's -----------------------------------------------

// A fixed sequence of numbers in [0, 1): the same on every machine, as std's distributions are not.
class Noise {
 public:
  explicit Noise(uint32_t seed) : state_(seed * 2654435761u + 1) {}
  float next() {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<float>(state_ >> 8) / 16777216.0f;
  }

 private:
  uint32_t state_;
};

// What trained heads are seen to do: align, look at a neighbour, rest on the end, or look about.
enum class Habit { kAlign, kPrevious, kNext, kEnd, kBroad };

struct Sample {
  std::string source, target;             // pieces, separated by spaces
  std::string source_text, target_text;   // as a reader sees them
  std::vector<std::vector<int>> aligned;  // for each target piece, its source pieces
};

std::vector<float> soft_rows(const Sample& sample, int rows, int columns, Habit habit,
                             float sharpness, Noise& noise) {
  std::vector<float> weights;
  for (int i = 0; i < rows; ++i) {
    std::vector<float> row(columns);
    for (float& score : row) score = 1.6f * noise.next();
    float lift = sharpness * (0.75f + 0.5f * noise.next());
    std::vector<int> centres = i < static_cast<int>(sample.aligned.size())
                                   ? sample.aligned[i]
                                   : std::vector<int>{std::min(i, columns - 1)};
    if (habit == Habit::kEnd) centres = {columns - 1};
    if (habit == Habit::kBroad) centres.clear();
    for (int centre : centres) {
      if (habit == Habit::kPrevious) --centre;
      if (habit == Habit::kNext) ++centre;
      row[std::clamp(centre, 0, columns - 1)] += lift;
    }
    float sum = 0;
    for (float& score : row) sum += score = std::exp(score);
    for (float score : row) weights.push_back(score / sum);
  }
  return weights;
}

std::vector<float> cut_to_causal(std::vector<float> weights, int size) {
  for (int i = 0; i < size; ++i) {
    float sum = 0;
    for (int j = 0; j < size; ++j) sum += weights[i * size + j] *= j <= i ? 1.0f : 0.0f;
    for (int j = 0; j < size; ++j) weights[i * size + j] /= sum;
  }
  return weights;
}

void add_maps(AttentionSentence& sentence, const Sample& sample, int layers, int heads) {
  int source = static_cast<int>(sentence.source_pieces.size());
  int target = static_cast<int>(sentence.target_pieces.size());
  Noise noise(static_cast<uint32_t>(source * 131 + target));
  Sample straight;
  for (int layer = 1; layer <= layers; ++layer) {
    for (int head = 1; head <= heads; ++head) {
      auto habit = static_cast<Habit>((layer * 3 + head) % 5);
      if (layer == layers && head < 3) habit = Habit::kAlign;
      float sharpness = 2.0f + static_cast<float>(layer);
      sentence.maps.push_back({AttentionKind::kCross, layer, head,
                               soft_rows(sample, target, source, habit, sharpness, noise)});
      sentence.maps.push_back({AttentionKind::kEncoderSelf, layer, head,
                               soft_rows(straight, source, source, habit, sharpness, noise)});
      auto own = soft_rows(straight, target, target, habit, sharpness, noise);
      sentence.maps.push_back(
          {AttentionKind::kDecoderSelf, layer, head, cut_to_causal(std::move(own), target)});
    }
  }
}

AttentionSentence make_sentence(const Sample& sample, int layers = 3, int heads = 4) {
  AttentionSentence sentence{sample.source_text,
                             sample.target_text,
                             split_words(sample.source),
                             split_words(sample.target),
                             {}};
  add_maps(sentence, sample, layers, heads);
  return sentence;
}

std::vector<Sample> samples() {
  return {
      {"▁The ▁old ▁man ▁has ▁deposit ed ▁his ▁money ▁at ▁the ▁bank . </s>",
       "▁Der ▁alte ▁Mann ▁hat ▁sein ▁Geld ▁bei ▁der ▁Bank ▁ein gezahlt . </s>",
       "The old man has deposited his money at the bank.",
       "Der alte Mann hat sein Geld bei der Bank eingezahlt.",
       {{0}, {1}, {2}, {3}, {6}, {7}, {8}, {9}, {10}, {4, 5}, {4, 5}, {11}, {12}}},
      {"▁I ▁do ▁not ▁think ▁that ▁she ▁will ▁come ▁tomorrow . </s>",
       "▁Ich ▁glaube ▁nicht , ▁dass ▁sie ▁morgen ▁kommt . </s>",
       "I do not think that she will come tomorrow.",
       "Ich glaube nicht, dass sie morgen kommt.",
       {{0}, {3}, {1, 2}, {4}, {4}, {5}, {8}, {6, 7}, {9}, {10}}},
      {"▁if ▁(a ▁< ▁b ▁ && ▁c ▁ > ▁d) ▁ </script> ▁\" quoted \" \u2028 ▁<!-- ▁{{data}} </s>",
       "▁wenn ▁(a ▁< ▁b ▁ && ▁c ▁ > ▁d) ▁ </script> ▁\" zitiert \" \u2028 ▁<!-- ▁{{data}} </s>",
       "if (a < b && c > d) </script> \"quoted\" \u2028 <!-- {{data}}",
       "wenn (a < b && c > d) </script> \"zitiert\" \u2028 <!-- {{data}}",
       {}},
      {"▁الكتاب ▁القديم ▁على ▁ال طاولة ▁( في ▁المطبخ ). </s>",
       "▁The ▁old ▁book ▁is ▁on ▁the ▁table ▁( in ▁the ▁kitchen ). </s>",
       "الكتاب القديم على الطاولة (في المطبخ).",
       "The old book is on the table (in the kitchen).",
       {{0}, {1}, {0}, {2}, {2}, {3}, {3, 4}, {5}, {6}, {7}, {7}, {8}, {9}}},
      {"▁Thanks ▁ <0xF0> <0x9F> <0x99> <0x8F> ▁for ▁the ▁👩‍👩‍👧 ▁photo ! "
       "</s>",
       "▁Danke ▁ <0xF0> <0x9F> <0x99> <0x8F> ▁für ▁das ▁👩‍👩‍👧 - Foto ! "
       "</s>",
       "Thanks 🙏 for the 👩‍👩‍👧 photo!",
       "Danke 🙏 für das 👩‍👩‍👧-Foto!",
       {}},
      {"▁ 我 昨天 在 图书馆 看 了 一 本 书 。 </s>",
       "▁Yesterday ▁I ▁read ▁a ▁book ▁in ▁the ▁library . </s>",
       "我昨天在图书馆看了一本书。",
       "Yesterday I read a book in the library.",
       {{2}, {1}, {5, 6}, {7, 8}, {9}, {3}, {3}, {4}, {10}, {11}}},
  };
}

// A long sentence of `size` pieces a side, as a legal text has them.
Sample long_sample(int size) {
  static const char* const kSource[] = {"▁the",   "▁parties", "▁agree",   "▁that", "▁any",
                                        "▁dis",   "pute",     "▁under",   "▁this", "▁contract",
                                        "▁shall", "▁be",      "▁settled", "▁by",   "▁arbitration"};
  static const char* const kTarget[] = {"▁die",      "▁Parteien",  "▁vereinbaren", "▁dass",
                                        "▁jede",     "▁Streit",    "igkeit",       "▁aus",
                                        "▁diesem",   "▁Vertrag",   "▁durch",       "▁Schieds",
                                        "verfahren", "▁beigelegt", "▁wird"};
  Sample sample;
  for (int i = 0; i + 1 < size; ++i) {
    sample.source += std::string(kSource[i % 15]) + " ";
    sample.target += std::string(kTarget[i % 15]) + " ";
    sample.aligned.push_back({std::clamp(i + (i * 7) % 5 - 2, 0, size - 1)});
  }
  sample.source += "</s>";
  sample.target += "</s>";
  sample.source_text = join(join_pieces(split_words(sample.source)).texts, " ");
  sample.target_text = join(join_pieces(split_words(sample.target)).texts, " ");
  return sample;
}

AttentionDocument make_document() {
  AttentionDocument document;
  document.title = "Attention of <quickstart> & friends";
  document.facts = {{"model", "transformer, 3 layers, 4 heads"}, {"step", "12,000"}};
  document.source_language = "en";
  document.target_language = "de";
  for (const Sample& sample : samples()) document.sentences.push_back(make_sentence(sample));
  return document;
}

// ---- Small matrices, by hand -------------------------------------------------------------------

AttentionSentence two_by_three() {
  return {"a bc",
          "x y",
          {"▁a", "▁b", "c"},
          {"▁x", "y"},
          {{AttentionKind::kCross, 1, 1, {0.5f, 0.25f, 0.25f, 0.1f, 0.2f, 0.7f}}}};
}

AttentionDocument one(AttentionSentence sentence) {
  AttentionDocument document;
  document.sentences.push_back(std::move(sentence));
  return document;
}

std::string message_of(const AttentionDocument& document) {
  try {
    check_attention(document);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// The JSON block of a page, as a browser's parser finds it.
Json block_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"attention\">";
  size_t from = page.find(open) + open.size();
  return Json::parse(page.substr(from, page.find("</script", from) - from));
}

TEST(AttentionAxes, DecoderSelfAttentionReadsTheShiftedTarget) {
  AttentionAxes axes = attention_axes(two_by_three(), AttentionKind::kDecoderSelf);
  EXPECT_THAT(axes.rows, ElementsAre("▁x", "y"));
  EXPECT_THAT(axes.columns, ElementsAre("<s>", "▁x"));
}

TEST(CheckAttention, NamesTheMapAndBothSizes) {
  AttentionSentence sentence = two_by_three();
  sentence.maps[0].weights.pop_back();
  sentence.maps[0].head = 4;
  EXPECT_EQ(message_of(one(sentence)),
            "sentence 1, cross-attention, layer 1, head 4: expected 2 x 3 = 6 weights, got 5");
  sentence.maps = {{AttentionKind::kEncoderSelf, 2, 1, std::vector<float>(6)}};
  EXPECT_EQ(
      message_of(one(sentence)),
      "sentence 1, encoder self-attention, layer 2, head 1: expected 3 x 3 = 9 weights, got 6");
}

TEST(CheckAttention, RefusesWhatIsNoWeight) {
  for (float bad : {NAN, INFINITY, -0.5f, 1.5f}) {
    AttentionSentence sentence = two_by_three();
    sentence.maps[0].weights[4] = bad;
    EXPECT_THAT(message_of(one(sentence)), HasSubstr("the weight at row 2, column 2 is"));
    EXPECT_THROW(render_attention_html(one(sentence)), Error);
    EXPECT_THROW(render_attention_json(one(sentence)), Error);
  }
  AttentionSentence rounded = two_by_three();
  rounded.maps[0].weights[0] = 1.0004f;  // as bfloat16 may leave it
  EXPECT_EQ(message_of(one(rounded)), "no error");
}

TEST(PackWeights, ThousandthsInOneOrTwoCharacters) {
  EXPECT_EQ(pack_weights({0.0f, 0.001f, 0.047f}), "ABv");
  EXPECT_EQ(pack_weights({0.048f, 0.111f, 0.112f, 1.0f}), "wAw_xA-4");
}

TEST(AttentionJson, HoldsRowsOfNumbers) {
  Json json = Json::parse(render_attention_json(one(two_by_three())));
  const Json& sentence = json["sentences"][0];
  EXPECT_EQ(sentence["source"]["words"], (Json{"a", "bc"}));
  EXPECT_EQ(sentence["maps"][0]["kind"], "cross");
  EXPECT_EQ(sentence["maps"][0]["weights"], Json::parse("[[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]"));
}

TEST(AttentionJson, EscapesQuotesAndControlCharacters) {
  AttentionSentence sentence = two_by_three();
  sentence.source_text = "quote \" backslash \\ tab \t bell \x07 newline \n";
  sentence.target_text = "bad \xff byte";
  std::string text = render_attention_json(one(sentence));
  EXPECT_THAT(text, HasSubstr("quote \\\" backslash \\\\ tab \\t bell \\u0007 newline \\n"));
  Json json = Json::parse(text);
  EXPECT_EQ(json["sentences"][0]["source"]["text"], sentence.source_text);
  EXPECT_EQ(json["sentences"][0]["target"]["text"], "bad \uFFFD byte");
}

TEST(AttentionHtml, DataCannotCloseItsBlock) {
  AttentionSentence sentence = two_by_three();
  sentence.source_text = "</script><script>alert(1)</script> <!-- & \u2028 \u2029 {{title}}";
  std::string page = render_attention_html(one(sentence));
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, HasSubstr("\\u003c/script\\u003e"));
  EXPECT_THAT(page, HasSubstr("\\u2028 \\u2029"));
  EXPECT_EQ(block_of(page)["sentences"][0]["source"]["text"], sentence.source_text);
}

TEST(AttentionHtml, TitleIsText) {
  std::string page = render_attention_html(make_document());
  EXPECT_THAT(page, HasSubstr("<title>Attention of &lt;quickstart&gt; &amp; friends</title>"));
  EXPECT_THAT(page, ::testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, ::testing::EndsWith("</html>\n"));
}

TEST(AttentionHtml, NeedsNoOtherFile) {
  std::string page = render_attention_html(one(two_by_three()));
  for (const char* reference : {" src=", "@import", "url(", "https://"}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
}

TEST(AttentionHtml, AHundredSentencesStaySmall) {
  AttentionDocument document;
  AttentionSentence sentence = make_sentence(long_sample(30), 3, 8);
  std::erase_if(sentence.maps, [](const auto& map) { return map.kind != AttentionKind::kCross; });
  document.sentences.assign(100, sentence);
  EXPECT_LT(render_attention_html(document).size(), 3'000'000u);
}

TEST(AttentionHtml, EmptyDocumentAndSentence) {
  EXPECT_EQ(block_of(render_attention_html({}))["sentences"].size(), 0u);
  AttentionSentence nothing{"", "", {}, {}, {{AttentionKind::kCross, 1, 1, {}}}};
  EXPECT_NO_THROW(render_attention_html(one(nothing)));
}

// ---- SVG ---------------------------------------------------------------------------------------

// Whether tags nest and close and text holds no bare "<" or "&": what an XML parser insists on.
std::string xml_fault(const std::string& text) {
  std::vector<std::string> open;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '&') {
      size_t end = text.find(';', at);
      std::string name = text.substr(at + 1, end - at - 1);
      if (name != "lt" && name != "gt" && name != "amp" && name != "quot") return "entity " + name;
    }
    if (static_cast<unsigned char>(text[at]) < 0x20 && text[at] != '\n') return "control character";
    if (text[at] != '<') continue;
    size_t end = text.find('>', at);
    std::string tag = text.substr(at + 1, end - at - 1);
    std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag[0] == '/') {
      if (open.empty() || "/" + open.back() != tag) return "closes " + tag;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end;
  }
  return open.empty() ? "" : "open " + open.back();
}

TEST(AttentionSvg, IsWellFormedForEverySentence) {
  for (const Sample& sample : samples()) {
    AttentionSentence sentence = make_sentence(sample);
    sentence.source_text += " \x01 bell";
    EXPECT_EQ(xml_fault(render_attention_svg(sentence)), "") << sample.source_text;
  }
}

TEST(AttentionSvg, AveragesTheChosenMaps) {
  AttentionSentence sentence{"a b", "x", {"▁a", "▁b"}, {"▁x"}, {}};
  sentence.maps = {{AttentionKind::kCross, 1, 1, {1.0f, 0.0f}},
                   {AttentionKind::kCross, 1, 2, {0.5f, 0.5f}},
                   {AttentionKind::kCross, 2, 1, {0.0f, 1.0f}}};
  AttentionMatrix all = attention_matrix(sentence, {});
  EXPECT_EQ(all.maps, 3);
  EXPECT_FLOAT_EQ(all.weights[0], 0.5f);
  AttentionSvgOptions options;
  options.layer = 1;
  EXPECT_THAT(attention_matrix(sentence, options).weights, ElementsAre(0.75f, 0.25f));
  options.head = 2;
  EXPECT_THAT(attention_matrix(sentence, options).weights, ElementsAre(0.5f, 0.5f));
  options.layer = 7;
  try {
    attention_matrix(sentence, options);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the sentence holds no map of cross-attention, layer 7, head 2; it holds 3 maps");
  }
}

TEST(AttentionSvg, ColoursDarkenSteadily) {
  EXPECT_EQ(attention_colour(0), "#f0f4f7");
  EXPECT_EQ(attention_colour(1), "#1a2347");
  double before = 1e9;
  for (int i = 0; i <= 100; ++i) {
    std::string c = attention_colour(static_cast<float>(i) / 100);
    double light = 0.2126 * std::stoi(c.substr(1, 2), nullptr, 16) +
                   0.7152 * std::stoi(c.substr(3, 2), nullptr, 16) +
                   0.0722 * std::stoi(c.substr(5, 2), nullptr, 16);
    EXPECT_LT(light, before);
    before = light;
  }
}

TEST(AttentionSvg, HasThePagesColours) {
  std::string page = render_attention_html({});
  EXPECT_THAT(page, HasSubstr("light: \"f0f4f7 a2d4fa 64aff1 3b88da 2a61b4 233f81 1a2347\""));
  EXPECT_THAT(page, HasSubstr("GAMMA = 0.7"));
}

// ---- Pages for attention_page_browser_test.py --------------------------------------------------

void write_pages(const std::string& folder, const std::string& name,
                 const AttentionDocument& document) {
  write_file_atomically(folder + "/" + name + ".html", render_attention_html(document));
  write_file_atomically(folder + "/" + name + ".json", render_attention_json(document));
}

TEST(AttentionPage, WritesPagesForTheBrowser) {
  const char* given = std::getenv("HEED_PAGES");
  std::string folder = given ? given : ::testing::TempDir() + "heed_attention_pages";
  make_folders(folder);
  AttentionDocument document = make_document();
  write_pages(folder, "sample", document);
  write_file_atomically(folder + "/sample.svg", render_attention_svg(document.sentences[0]));
  AttentionDocument large;
  large.title = "Long sentences";
  large.sentences.push_back(make_sentence(long_sample(200), 3, 8));
  large.sentences.push_back(make_sentence(long_sample(60), 3, 8));
  write_pages(folder, "long", large);
  AttentionSentence recurrent = make_sentence(samples()[1], 1, 1);
  recurrent.maps.resize(1);
  write_pages(folder, "single", one(recurrent));
  AttentionDocument empty = one({"", "", {}, {"</s>"}, {{AttentionKind::kCross, 1, 1, {}}}});
  write_pages(folder, "empty", empty);
  EXPECT_TRUE(file_exists(folder + "/sample.html"));
}

}  // namespace
}  // namespace heed
