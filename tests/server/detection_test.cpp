#include "server/detection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "server/served.h"
#include "util/file_content.h"
#include "util/text.h"

namespace heed {
namespace {

// Of many directions, all into English: their vocabularies are alike and say nothing.
const Catalogue& many() {
  static const Catalogue all = served::catalogue(
      {"de-en", "en-de", "fr-en", "es-en", "it-en", "pt-en", "nl-en", "sv-en", "da-en", "pl-en",
       "cs-en", "tr-en", "fi-en", "hu-en", "ro-en", "ru-en", "uk-en", "bg-en", "el-en", "ar-en",
       "fa-en", "hi-en", "zh-en", "ja-en", "ko-en", "he-en", "th-en", "vi-en", "id-en"});
  return all;
}

std::string best(const std::string& text) { return detect(many(), {text}, "")[0].language; }

TEST(DetectionTest, SentencesOfManyLanguages) {
  const std::pair<const char*, const char*> kSentences[] = {
      {"en", "The children are playing in the garden with a big brown dog."},
      {"de", "Die Kinder spielen mit einem großen braunen Hund im Garten."},
      {"fr", "Les enfants jouent dans le jardin avec un grand chien brun."},
      {"es", "Los niños juegan en el jardín con un gran perro marrón."},
      {"it", "I bambini giocano in giardino con un grande cane marrone."},
      {"pt", "As crianças brincam no jardim com um grande cão castanho."},
      {"nl", "De kinderen spelen in de tuin met een grote bruine hond."},
      {"sv", "Barnen leker i trädgården med en stor brun hund."},
      {"da", "Børnene leger i haven med en stor brun hund."},
      {"pl", "Dzieci bawią się w ogrodzie z dużym brązowym psem."},
      {"cs", "Děti si hrají na zahradě s velkým hnědým psem."},
      {"tr", "Çocuklar bahçede büyük kahverengi bir köpekle oynuyorlar."},
      {"fi", "Lapset leikkivät puutarhassa ison ruskean koiran kanssa."},
      {"hu", "A gyerekek a kertben játszanak egy nagy barna kutyával."},
      {"ro", "Copiii se joacă în grădină cu un câine mare și maro."},
      {"ru", "Дети играют в саду с большой коричневой собакой."},
      {"uk", "Діти граються в саду з великим коричневим собакою."},
      {"bg", "Децата играят в градината с голямо кафяво куче."},
      {"el", "Τα παιδιά παίζουν στον κήπο με έναν μεγάλο καφέ σκύλο."},
      {"ar", "يلعب الأطفال في الحديقة مع كلب بني كبير."},
      {"fa",
       "بچه‌ها در باغ با یک سگ بزرگ قهوه‌ای بازی "
       "می‌کنند."},
      {"hi", "बच्चे बगीचे में एक बड़े भूरे कुत्ते के साथ खेल रहे हैं।"},
      {"zh", "孩子们在花园里和一只棕色的大狗玩耍。"},
      {"ja", "子供たちは庭で大きな茶色の犬と遊んでいます。"},
      {"ko", "아이들이 정원에서 큰 갈색 개와 놀고 있습니다."},
      {"he", "הילדים משחקים בגינה עם כלב חום גדול."},
      {"th", "เด็กๆ กำลังเล่นอยู่ในสวนกับสุนัขสีน้ำตาลตัวใหญ่"},
      {"vi", "Bọn trẻ đang chơi trong vườn với một con chó nâu lớn."},
      {"id", "Anak-anak bermain di taman dengan seekor anjing cokelat besar."},
  };
  for (const auto& [language, sentence] : kSentences)
    EXPECT_EQ(best(sentence), language) << sentence;
}

// The share of a file's lines that are found to be in a language.
double share(const Catalogue& catalogue, const std::string& file, const std::string& language) {
  auto lines = split(read_file(HEED_SOURCE_DIR "/data/" + file), '\n');
  lines.resize(std::min<size_t>(lines.size(), 300));
  double right = 0;
  for (const std::string& line : lines) {
    right += !line.empty() && detect(catalogue, {line}, "")[0].language == language;
  }
  return right / static_cast<double>(lines.size());
}

TEST(DetectionTest, LinesOfACorpus) {
  Catalogue two = served::catalogue({"de-en", "en-de"});
  EXPECT_GT(share(two, "test.de", "de"), 0.98);
  EXPECT_GT(share(two, "test.en", "en"), 0.98);
  EXPECT_GT(share(many(), "test.de", "de"), 0.95);
  EXPECT_GT(share(many(), "test.en", "en"), 0.95);
}

TEST(DetectionTest, ConfidencesSumToAHundred) {
  for (const char* text : {"", "the dog", "1234 !", "Hund", "😀"}) {
    double sum = 0;
    for (const Detection& one : detect(many(), {text}, "")) sum += one.confidence;
    EXPECT_NEAR(sum, 100, 2) << text;
  }
  EXPECT_GT(detect(many(), {"The dog is in the garden."}, "")[0].confidence, 90);
  EXPECT_LT(detect(many(), {"1234"}, "")[0].confidence, 5);
}

TEST(DetectionTest, OnlyWhatIsTranslatedToTheTarget) {
  Catalogue catalogue = served::catalogue({"de-en", "fr-en", "en-de"});
  EXPECT_EQ(detect(catalogue, {"The dog is in the garden."}, "de")[0].language, "en");
  EXPECT_EQ(detect(catalogue, {"The dog is in the garden."}, "de").size(), 1u);
  EXPECT_NE(detect(catalogue, {"The dog is in the garden."}, "en")[0].language, "en");
}

TEST(DetectionTest, VocabulariesTellWhatNoTableKnows) {
  // Two made-up languages, of different characters.
  auto load = [](const std::string& folder) {
    LoadedModel model = served::copier(served::characters(folder == "xa-en" ? "þþþþ" : "øøøø"));
    model.config.data.source_language = folder.substr(0, 2);
    model.config.data.target_language = "en";
    return std::pair(std::move(model), EngineOptions{});
  };
  Catalogue catalogue({{"xa-en"}, {"xb-en"}}, load);
  EXPECT_EQ(detect(catalogue, {"þaþ"}, "")[0].language, "xa");
  EXPECT_EQ(detect(catalogue, {"øaø"}, "")[0].language, "xb");
}

}  // namespace
}  // namespace heed
