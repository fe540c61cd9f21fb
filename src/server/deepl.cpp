#include "server/deepl.h"

#include <algorithm>
#include <cctype>

#include "server/detection.h"
#include "server/languages.h"
#include "server/markup.h"
#include "server/text_translation.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

std::string upper(std::string code) {
  for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return code;
}

// The catalogue's code for DeepL's, which may name a country that the catalogue does not: EN-US.
std::string known_code(const Catalogue& catalogue, const std::string& code) {
  std::string known = catalogue.known_code(code);
  return known.empty() ? catalogue.known_code(code.substr(0, code.find('-'))) : known;
}

HttpAnswer answer_translation(Service& service, const HttpRequest& request) {
  Fields fields(request);
  std::vector<std::string> texts = fields.texts("text");
  service.admit(request, fields, texts.size());
  std::string target = fields.text("target_lang"), source = fields.text("source_lang");
  std::string tags = fields.text("tag_handling");
  if (texts.empty()) refuse(400, "Parameter 'text' not specified.");
  if (target.empty()) refuse(400, "Parameter 'target_lang' not specified.");
  if (!tags.empty() && tags != "html" && tags != "xml") {
    refuse(400, "Value for 'tag_handling' not supported.");
  }
  check_texts(service, texts);
  auto catalogue = service.catalogue();
  std::string known_target = known_code(*catalogue, target);
  if (known_target.empty()) refuse(400, "Value for 'target_lang' not supported.");
  std::string known_source = known_code(*catalogue, source);
  if (known_source.empty() && !source.empty())
    refuse(400, "Value for 'source_lang' not supported.");
  if (source.empty()) known_source = detect(*catalogue, texts, known_target).at(0).language;
  Languages languages = find_languages(*catalogue, known_source, known_target);
  require_model(languages);
  auto call = service.call(request);
  std::vector<std::string> translated;
  if (tags == "html" || tags == "xml") {
    for (auto& one : translate_html(texts, languages.model, *call)) {
      translated.push_back(std::move(one[0]));
    }
  } else {
    std::vector<TextDemand> demands;
    for (const std::string& text : texts) demands.push_back({.text = text});
    for (const TranslatedText& one : translate_texts(*languages.model, demands, *call)) {
      translated.push_back(one.text());
    }
  }
  Json list = Json::array();
  for (const std::string& text : translated) {
    list.push_back({{"detected_source_language", upper(known_source)}, {"text", text}});
  }
  return {.body = to_body({{"translations", list}})};
}

HttpAnswer languages(Service& service, const HttpRequest& request) {
  auto catalogue = service.catalogue();
  bool targets = Fields(request).text("type") == "target";
  Json list = Json::array();
  for (const Language& language : catalogue->languages()) {
    auto translates_to = [&](const ModelPtr& model) {
      return normal_code(model->direction.target) == language.code;
    };
    bool listed = targets ? std::ranges::any_of(catalogue->models(), translates_to)
                          : !catalogue->targets_of(language.code).empty();
    if (!listed) continue;
    Json one = {{"language", upper(language.code)}, {"name", language.name}};
    if (targets) one["supports_formality"] = false;
    list.push_back(std::move(one));
  }
  return {.body = to_body(list)};
}

// DeepL's clients look for "message".
Router::Handler with_message(Router::Handler handler) {
  return [handler = std::move(handler)](const HttpRequest& request) {
    try {
      return handler(request);
    } catch (const HttpError& error) {
      HttpAnswer answer = error_answer(error);
      answer.body = to_body({{"message", error.what()}, {"error", error.what()}});
      return answer;
    }
  };
}

}  // namespace

void add_deepl(Router& router, Service& service) {
  router.add("POST", "/v2/translate", with_message([&](const HttpRequest& request) {
               return answer_translation(service, request);
             }));
  for (const char* method : {"GET", "POST"}) {
    router.add(method, "/v2/languages", with_message([&](const HttpRequest& request) {
                 return languages(service, request);
               }));
    router.add(method, "/v2/usage", [](const HttpRequest&) {
      return HttpAnswer{.body = "{\"character_count\":0,\"character_limit\":1000000000000}\n"};
    });
  }
}

}  // namespace heed
