#include "server/openapi.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "server/fields.h"
#include "server/markup_tokens.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

struct Parameter {
  std::string_view name, type, help;  // a type that ends in ! is required
};

struct Operation {
  std::string_view method, path, summary;
  std::vector<Parameter> parameters;
  std::string_view answer;
};

constexpr Parameter kKey = {"api_key", "string", "where the server asks for keys"};

std::vector<Operation> libretranslate_operations() {
  return {
      {"post",
       "/translate",
       "Translate a text, or several",
       {{"q", "string!", "the text; in JSON also a list of texts"},
        {"source", "string!", "language code, or auto"},
        {"target", "string!", "language code"},
        {"format", "string", "text or html"},
        {"alternatives", "integer", "so many further translations"},
        kKey},
       "translatedText, alternatives where asked for, detectedLanguage where source is auto"},
      {"post",
       "/detect",
       "The language of a text",
       {{"q", "string!", "the text"}, kKey},
       "a list of confidence (0 to 100) and language, best first"},
      {"get", "/languages", "What is translated to what", {}, "a list of code, name and targets"},
      {"post",
       "/translate_file",
       "Translate a document (.txt, .html, .srt)",
       {{"file", "file!", "the document, UTF-8"},
        {"source", "string!", "language code, or auto"},
        {"target", "string!", "language code"},
        {"stream", "boolean", "progress as server-sent events"},
        kKey},
       "translatedFileUrl, from where the document can be fetched for half an hour"},
      {"get", "/download_file/{name}", "Fetch a translated document", {}, "the document"}};
}

std::vector<Operation> other_operations() {
  return {
      {"post",
       "/v1/translate",
       "Translate with all that the search can be asked",
       {{"q", "string!", "the text; in JSON also a list of texts"},
        {"source", "string!", "language code, or auto"},
        {"target", "string!", "language code"},
        {"beam_size", "integer", "hypotheses kept"},
        {"n_best", "integer", "so many translations"},
        {"alignment", "boolean", "words of both sides and their links"},
        {"attention", "boolean", "the matrix of attention between words, too"},
        {"prefix", "string", "the translation begins with it; a list for a list of texts"},
        {"constraints", "array", "phrases that the translation holds"},
        {"glossary", "object", "terms and the phrases that stand for them"},
        {"tags", "array", "words put before each sentence for the model to see"},
        {"stream", "boolean", "sentence by sentence as server-sent events"},
        {"pieces", "boolean", "the same, and what the next sentence has come to"},
        kKey},
       "translations (text, score, what was asked for, warnings where there are any), source, "
       "target"},
      {"post",
       "/v1/alternatives",
       "Other ways to go on with a translation",
       {{"q", "string!", "the text"},
        {"source", "string!", "language code, or auto"},
        {"target", "string!", "language code"},
        {"prefix", "string", "the translation up to the word that is to be another"},
        {"count", "integer", "so many at most"},
        kKey},
       "alternatives: word, text and score of each, best first; warnings where there are any"},
      {"post",
       "/v2/translate",
       "DeepL's form",
       {{"text", "array!", "texts"},
        {"target_lang", "string!", "language code"},
        {"source_lang", "string", "language code; else it is found"},
        {"tag_handling", "string", "html or xml"}},
       "translations: detected_source_language and text of each"},
      {"get", "/frontend/settings", "Limits and languages for a page", {}, "the settings"},
      {"get", "/health", "Whether the server lives", {}, "status: ok"},
      {"get", "/metrics", "Numbers for Prometheus", {}, "text"},
  };
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> both = libretranslate_operations(), others = other_operations();
    both.insert(both.end(), others.begin(), others.end());
    return both;
  }();
  return all;
}

Json schema_of(const Operation& operation) {
  Json properties = Json::object(), required = Json::array();
  for (const Parameter& one : operation.parameters) {
    std::string_view type = one.type;
    if (type.ends_with('!')) {
      required.push_back(one.name);
      type.remove_suffix(1);
    }
    Json property = {{"type", type == "file" ? "string" : type}, {"description", one.help}};
    if (type == "array") property["items"] = {{"type", "string"}};
    if (type == "file") property["format"] = "binary";
    properties[std::string(one.name)] = std::move(property);
  }
  Json schema = {{"type", "object"}, {"properties", properties}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

Json describe(const Operation& operation) {
  Json described = {{"summary", operation.summary}};
  if (operation.method == "post") {
    Json body = {{"schema", schema_of(operation)}};
    bool file = operation.path == "/translate_file";
    described["requestBody"]["content"] =
        file ? Json{{"multipart/form-data", body}}
             : Json{{"application/json", body}, {"application/x-www-form-urlencoded", body}};
  }
  if (operation.path.find('{') != std::string_view::npos) {
    described["parameters"] = {
        {{"name", "name"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}}};
  }
  described["responses"] = {{"200", {{"description", operation.answer}}},
                            {"default", {{"description", "error: what was wrong"}}}};
  return described;
}

}  // namespace

std::string openapi(const std::string& version) {
  Json spec = {{"openapi", "3.0.3"},
               {"info", {{"title", "heed serve"}, {"version", version}}},
               {"paths", Json::object()}};
  for (const Operation& one : operations()) {
    spec["paths"][std::string(one.path)][std::string(one.method)] = describe(one);
  }
  return to_body(spec);
}

std::vector<std::string> field_names(std::string_view path) {
  std::vector<std::string> names;
  for (const Operation& one : operations()) {
    if (one.path != path) continue;
    for (const Parameter& parameter : one.parameters) names.emplace_back(parameter.name);
  }
  return names;
}

std::string openapi_page() {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>heed serve: its "
      "interface</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n<main>\n<h1>The interface"
      "</h1>\n<p>For programs: <a href=\"spec\">/spec</a> (OpenAPI 3).</p>\n";
  for (const Operation& one : operations()) {
    std::string method = one.method == "post" ? "POST" : "GET";
    page += "<h2><code>" + method + " " + std::string(one.path) + "</code></h2>\n<p>" +
            encode_entities(one.summary) + ". Answer: " + encode_entities(one.answer) + ".</p>\n";
    if (one.parameters.empty()) continue;
    page += "<dl>\n";
    for (const Parameter& parameter : one.parameters) {
      bool required = parameter.type.ends_with('!');
      page += "<dt><code>" + std::string(parameter.name) + "</code>" +
              (required ? "" : " (optional)") + "</dt><dd>" + encode_entities(parameter.help) +
              "</dd>\n";
    }
    page += "</dl>\n";
  }
  return page + "</main>\n</html>\n";
}

}  // namespace heed
