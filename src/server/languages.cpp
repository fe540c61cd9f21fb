#include "server/languages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "util/decoder.h"
#include "util/text.h"

namespace heed {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

// ISO 639: those of two letters, and of three letters what larger parallel corpora hold.
constexpr auto kNames = std::to_array<Entry>({
    {"af", "Afrikaans"},
    {"am", "Amharic"},
    {"ar", "Arabic"},
    {"as", "Assamese"},
    {"ast", "Asturian"},
    {"az", "Azerbaijani"},
    {"ba", "Bashkir"},
    {"be", "Belarusian"},
    {"bg", "Bulgarian"},
    {"bn", "Bengali"},
    {"bo", "Tibetan"},
    {"br", "Breton"},
    {"bs", "Bosnian"},
    {"ca", "Catalan"},
    {"ceb", "Cebuano"},
    {"ckb", "Central Kurdish"},
    {"cs", "Czech"},
    {"cv", "Chuvash"},
    {"cy", "Welsh"},
    {"da", "Danish"},
    {"de", "German"},
    {"dsb", "Lower Sorbian"},
    {"dz", "Dzongkha"},
    {"el", "Greek"},
    {"en", "English"},
    {"eo", "Esperanto"},
    {"es", "Spanish"},
    {"et", "Estonian"},
    {"eu", "Basque"},
    {"fa", "Persian"},
    {"fi", "Finnish"},
    {"fo", "Faroese"},
    {"fr", "French"},
    {"fy", "West Frisian"},
    {"ga", "Irish"},
    {"gd", "Scottish Gaelic"},
    {"gl", "Galician"},
    {"gu", "Gujarati"},
    {"ha", "Hausa"},
    {"he", "Hebrew"},
    {"hi", "Hindi"},
    {"hr", "Croatian"},
    {"hsb", "Upper Sorbian"},
    {"ht", "Haitian"},
    {"hu", "Hungarian"},
    {"hy", "Armenian"},
    {"id", "Indonesian"},
    {"ig", "Igbo"},
    {"is", "Icelandic"},
    {"it", "Italian"},
    {"ja", "Japanese"},
    {"jv", "Javanese"},
    {"ka", "Georgian"},
    {"kab", "Kabyle"},
    {"kk", "Kazakh"},
    {"km", "Khmer"},
    {"kn", "Kannada"},
    {"ko", "Korean"},
    {"ku", "Kurdish"},
    {"ky", "Kyrgyz"},
    {"la", "Latin"},
    {"lb", "Luxembourgish"},
    {"lo", "Lao"},
    {"lt", "Lithuanian"},
    {"lv", "Latvian"},
    {"mg", "Malagasy"},
    {"mi", "Maori"},
    {"mk", "Macedonian"},
    {"ml", "Malayalam"},
    {"mn", "Mongolian"},
    {"mr", "Marathi"},
    {"ms", "Malay"},
    {"mt", "Maltese"},
    {"my", "Burmese"},
    {"nb", "Norwegian Bokm\u00e5l"},
    {"ne", "Nepali"},
    {"nl", "Dutch"},
    {"nn", "Norwegian Nynorsk"},
    {"no", "Norwegian"},
    {"oc", "Occitan"},
    {"or", "Odia"},
    {"pa", "Punjabi"},
    {"pl", "Polish"},
    {"ps", "Pashto"},
    {"pt", "Portuguese"},
    {"ro", "Romanian"},
    {"ru", "Russian"},
    {"rw", "Kinyarwanda"},
    {"sa", "Sanskrit"},
    {"sd", "Sindhi"},
    {"se", "Northern Sami"},
    {"si", "Sinhala"},
    {"sk", "Slovak"},
    {"sl", "Slovenian"},
    {"so", "Somali"},
    {"sq", "Albanian"},
    {"sr", "Serbian"},
    {"su", "Sundanese"},
    {"sv", "Swedish"},
    {"sw", "Swahili"},
    {"ta", "Tamil"},
    {"te", "Telugu"},
    {"tg", "Tajik"},
    {"th", "Thai"},
    {"ti", "Tigrinya"},
    {"tk", "Turkmen"},
    {"tl", "Tagalog"},
    {"tr", "Turkish"},
    {"tt", "Tatar"},
    {"ug", "Uyghur"},
    {"uk", "Ukrainian"},
    {"ur", "Urdu"},
    {"uz", "Uzbek"},
    {"vi", "Vietnamese"},
    {"wo", "Wolof"},
    {"xh", "Xhosa"},
    {"yi", "Yiddish"},
    {"yo", "Yoruba"},
    {"zh", "Chinese"},
    {"zu", "Zulu"},
});

std::string_view name_of(std::string_view code) {
  auto found = std::ranges::find(kNames, code, &Entry::first);
  return found == kNames.end() ? "" : found->second;
}

}  // namespace

std::string normal_code(std::string_view code) {
  std::string normal = lower_ascii(trim(code));
  std::ranges::replace(normal, '_', '-');
  return normal;
}

std::string language_name(std::string_view code) {
  std::string normal = normal_code(code);
  std::string main = normal.substr(0, normal.find('-'));
  std::string_view name = name_of(main);
  if (name.empty()) return std::string(code);
  if (main.size() == normal.size()) return std::string(name);
  return std::string(name) + " (" + std::string(trim(code)).substr(main.size() + 1) + ")";
}

bool is_language_code(std::string_view code) {
  std::string normal = normal_code(code);
  return !name_of(normal.substr(0, normal.find('-'))).empty();
}

LanguagePair languages_of_file(std::string_view path) {
  for (const std::string& part : split(path.substr(path.find_last_of('/') + 1), '.')) {
    std::vector<std::string> codes = split(part, '-');
    if (codes.size() != 2 || !is_language_code(codes[0]) || !is_language_code(codes[1])) continue;
    return {codes[0], codes[1]};
  }
  return {};
}

std::string language_of_file(std::string_view path) {
  std::string_view name = without_packed_ending(path.substr(path.find_last_of('/') + 1));
  size_t dot = name.find_last_of('.');
  if (dot == std::string_view::npos) return "";
  std::string_view ending = name.substr(dot + 1);
  return is_language_code(ending) ? std::string(ending) : "";
}

}  // namespace heed
