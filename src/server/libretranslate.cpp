#include "server/libretranslate.h"

#include <algorithm>

#include "server/detection.h"
#include "server/files.h"
#include "server/languages.h"
#include "server/markup.h"
#include "server/text_translation.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// What POST /translate asks for.
struct TranslateQuery {
  std::vector<std::string> texts;
  bool batch = false;  // texts came as a list, and go back as one
  std::string source, target, format;
  int64_t alternatives = 0;
};

// Whatever ends a line in Unicode becomes a line feed; the last one goes.
std::string with_line_feeds(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    bool ends = (c.code_point >= '\n' && c.code_point <= '\r') ||
                (c.code_point >= 0x1C && c.code_point <= 0x1E) || c.code_point == 0x85 ||
                c.code_point == 0x2028 || c.code_point == 0x2029;
    if (!ends) {
      out += text.substr(at, static_cast<size_t>(c.bytes));
    } else {
      out += '\n';
      if (c.code_point == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
    }
    at += static_cast<size_t>(c.bytes);
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

[[noreturn]] void refuse_missing(const char* name) {
  refuse(400, "Invalid request: missing {} parameter", name);
}

// Whether a value counts as missing: none, empty, false, nothing in it.
bool is_missing(const nlohmann::json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || value == false || (value.is_array() && value.empty());
}

int64_t alternatives_of(const Fields& fields, int64_t most) {
  const auto& value = fields["alternatives"];
  if (value.is_null() || is_missing(value)) return 0;
  auto number = parse_int(fields.text("alternatives"));
  if (!number) refuse(400, "Invalid request: alternatives parameter is not a number");
  if (*number > most) {
    refuse(400, "Invalid request: alternatives parameter must be <= {}", most);
  }
  if (*number < 0) refuse(400, "Invalid request: alternatives parameter must be >= 0");
  return *number;
}

TranslateQuery read_query(const Fields& fields, const ServerConfig& config) {
  TranslateQuery query;
  for (const char* name : {"q", "source", "target"}) {
    if (is_missing(fields[name])) refuse_missing(name);
  }
  query.batch = fields.is_json() && fields["q"].is_array();
  query.texts = query.batch ? fields.texts("q") : std::vector<std::string>{fields.text("q")};
  if (!query.batch && query.texts[0].empty()) refuse_missing("q");  // JSON, and no text
  query.alternatives = alternatives_of(fields, config.max_beam - 1);
  if (!fields.is_json()) query.texts[0] = with_line_feeds(query.texts[0]);
  query.source = normal_code(fields.text("source"));
  query.target = normal_code(fields.text("target"));
  query.format = fields.text("format");
  return query;
}

void check_format(const std::string& format) {
  if (!format.empty() && format != "text" && format != "html") {
    refuse(400, "{} format is not supported", format);
  }
}

// The translations of a text: the best, then what differs from it.
using Texts = std::vector<std::string>;

std::vector<Texts> translate_plain(const TranslateQuery& query, const ModelPtr& model, Call& call) {
  std::vector<TextDemand> demands;
  for (const std::string& text : query.texts) {
    demands.push_back({.text = text, .search = {.n_best = query.alternatives + 1}});
  }
  std::vector<Texts> all;
  for (const TranslatedText& translated : translate_texts(*model, demands, call)) {
    Texts& texts = all.emplace_back();
    for (size_t rank : translated.distinct_ranks(static_cast<size_t>(query.alternatives) + 1)) {
      texts.push_back(translated.text(rank));
    }
  }
  return all;
}

Json answer_of(const TranslateQuery& query, const std::vector<Texts>& translations) {
  Json best = Json::array(), others = Json::array();
  for (const Texts& texts : translations) {
    best.push_back(texts[0]);
    others.push_back(Texts(texts.begin() + 1, texts.end()));
  }
  Json answer;
  if (query.alternatives > 0) answer["alternatives"] = query.batch ? others : others[0];
  answer["translatedText"] = query.batch ? best : best[0];
  return answer;
}

HttpAnswer answer_query(Service& service, const HttpRequest& request) {
  Fields fields(request);
  size_t cost = fields.is_json() && fields["q"].is_array() ? fields["q"].size() : 1;
  service.admit(request, fields, cost);
  TranslateQuery query = read_query(fields, service.config());
  check_texts(service, query.texts);
  auto catalogue = service.catalogue();
  Json detected;
  if (query.source == "auto") {
    std::vector<std::string> seen = query.texts;
    if (query.format == "html") std::ranges::transform(seen, seen.begin(), visible_text);
    Detection best = detect(*catalogue, seen, query.target).at(0);
    detected = {{"confidence", best.confidence}, {"language", best.language}};
    query.source = best.language;
  }
  Languages languages = find_languages(*catalogue, query.source, query.target);
  check_format(query.format);
  require_model(languages);
  auto call = service.call(request);
  auto translations = query.format == "html" ? translate_html(query.texts, languages.model, *call)
                                             : translate_plain(query, languages.model, *call);
  Json answer = answer_of(query, translations);
  if (!detected.is_null()) {
    answer["detectedLanguage"] = query.batch ? Json(query.texts.size(), detected) : detected;
  }
  return {.body = to_body(answer)};
}

HttpAnswer detect_language(Service& service, const HttpRequest& request) {
  Fields fields(request);
  service.admit(request, fields);
  if (is_missing(fields["q"])) refuse_missing("q");
  std::vector<std::string> texts = fields.texts("q");
  check_texts(service, texts);
  Json found = Json::array();
  for (const Detection& one : detect(*service.catalogue(), texts, "")) {
    found.push_back({{"confidence", one.confidence}, {"language", one.language}});
  }
  return {.body = to_body(found)};
}

HttpAnswer list_languages(const Catalogue& catalogue) {
  Json list = Json::array();
  for (const Language& language : catalogue.languages()) {
    list.push_back({{"code", language.code},
                    {"name", language.name},
                    {"targets", catalogue.targets_of(language.code)}});
  }
  return {.body = to_body(list)};
}

Json language_json(const std::string& code) {
  return {{"code", code}, {"name", language_name(code)}};
}

HttpAnswer settings(const Service& service) {
  const ServerConfig& config = service.config();
  auto catalogue = service.catalogue();
  const Direction& first = catalogue->models()[0]->direction;
  bool keys = !config.api_keys.empty();
  Json answer = {{"apiKeys", keys},
                 {"charLimit", config.max_characters > 0 ? config.max_characters : -1},
                 {"filesTranslation", true},
                 {"frontendTimeout", 500},
                 {"keyRequired", keys && config.api_key_required},
                 {"language",
                  {{"source", language_json(catalogue->known_code(first.source))},
                   {"target", language_json(catalogue->known_code(first.target))}}},
                 {"suggestions", false},
                 {"supportedFilesFormat", supported_file_endings()}};
  return {.body = to_body(answer)};
}

}  // namespace

void add_libretranslate(Router& router, Service& service) {
  router.add("POST", "/translate",
             [&](const HttpRequest& request) { return answer_query(service, request); });
  router.add("POST", "/detect",
             [&](const HttpRequest& request) { return detect_language(service, request); });
  router.add("GET", "/languages",
             [&](const HttpRequest&) { return list_languages(*service.catalogue()); });
  router.add("GET", "/frontend/settings", [&](const HttpRequest&) { return settings(service); });
  router.add("POST", "/suggest", [](const HttpRequest&) -> HttpAnswer {
    refuse(403, "Suggestions are disabled on this server.");
  });
}

}  // namespace heed
