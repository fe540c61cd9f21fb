#include "server/heed_api.h"

#include <cmath>

#include "server/alternatives.h"
#include "server/detection.h"
#include "server/languages.h"
#include "server/openapi.h"
#include "server/word_links.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kAlternatives = 5;     // unless another number is asked for
constexpr size_t kMostWeights = 250000;  // of attention: words times words of a text

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

// What /v1/translate asks for.
struct Query {
  std::vector<std::string> texts;
  std::string source, target;
  Json detected = {};
  int64_t n_best = 1;
  bool alignment = false, attention = false;
  std::vector<TextDemand> demands;
};

std::map<std::string, std::string> glossary_of(const Fields& fields) {
  const auto& value = fields["glossary"];
  if (value.is_null()) return {};
  std::map<std::string, std::string> glossary;
  auto entries = value.is_string() ? parse_json(fields.text("glossary")) : value;
  if (!entries.is_object()) refuse(400, "Invalid request: glossary must map terms to phrases");
  for (const auto& [term, phrase] : entries.items()) {
    if (!phrase.is_string()) refuse(400, "Invalid request: glossary must map terms to phrases");
    glossary[repair_utf8(term)] = repair_utf8(phrase.get<std::string>());
  }
  return glossary;
}

std::vector<TextDemand> demands_of(const Fields& fields, const Query& query,
                                   const ServerConfig& config) {
  std::vector<std::string> prefixes = fields.texts("prefix");
  if (!prefixes.empty() && prefixes.size() != query.texts.size()) {
    refuse(400, "Invalid request: {} prefixes for {} texts: they go together", prefixes.size(),
           query.texts.size());
  }
  TextDemand common;
  for (std::string& phrase : fields.texts("constraints")) {
    if (!is_blank(phrase)) common.phrases.push_back(std::move(phrase));
  }
  common.glossary = glossary_of(fields);
  common.tags = join(fields.texts("tags"), " ");
  common.search.n_best = query.n_best;
  common.search.attention = query.alignment || query.attention;
  common.search.beam_size = fields.integer("beam_size", {1, config.max_beam}).value_or(0);
  std::vector<TextDemand> demands;
  for (size_t i = 0; i < query.texts.size(); ++i) {
    demands.push_back(common);
    demands[i].text = query.texts[i];
    if (!prefixes.empty()) demands[i].prefix = prefixes[i];
  }
  return demands;
}

// Texts and languages, as all calls of this interface have them.
Query read_texts(Service& service, const HttpRequest& request, const Fields& fields) {
  Query query;
  query.texts = fields.texts("q");
  service.admit(request, fields, query.texts.size());
  fields.refuse_others(field_names(request.path));
  query.source = normal_code(fields.text("source"));
  query.target = normal_code(fields.text("target"));
  if (query.texts.empty()) refuse(400, "Invalid request: missing q parameter");
  if (query.source.empty()) refuse(400, "Invalid request: missing source parameter");
  if (query.target.empty()) refuse(400, "Invalid request: missing target parameter");
  check_texts(service, query.texts);
  return query;
}

ModelPtr find_model(Service& service, Query& query) {
  auto catalogue = service.catalogue();
  if (query.source == "auto") {
    Detection best = detect(*catalogue, query.texts, query.target).at(0);
    query.detected = {{"confidence", best.confidence}, {"language", best.language}};
    query.source = best.language;
  }
  Languages languages = find_languages(*catalogue, query.source, query.target);
  require_model(languages);
  query.source = languages.source;
  query.target = languages.target;
  return languages.model;
}

// A draw puts no phrase in.
void refuse_phrases_of_samples(const ServedModel& model, const Query& query) {
  const SearchOptions& search = model.options.search;
  if (!search.sampling()) return;
  for (const TextDemand& demand : query.demands) {
    if (demand.phrases.empty() && demand.glossary.empty()) continue;
    refuse(400,
           "Invalid request: {}: phrases are put in by a search, and this model is served with "
           "sampling_top_k = {}, sampling_top_p = {}, temperature = {}; ask without them",
           demand.phrases.empty() ? "glossary" : "constraints", search.sampling_top_k,
           search.sampling_top_p, search.temperature);
  }
}

Json links_json(const WordLinks& links, const Query& query) {
  Json found = {{"source_words", links.source}, {"target_words", links.target}};
  Json pairs = Json::array();
  for (const Link& link : links.links) pairs.push_back({link.source, link.target});
  found["alignment"] = std::move(pairs);
  if (!query.attention) return found;
  Json rows = Json::array();
  for (const auto& weights : links.attention) {
    Json row = Json::array();
    for (float weight : weights) row.push_back(rounded(weight));
    rows.push_back(std::move(row));
  }
  found["attention"] = std::move(rows);
  return found;
}

Json translation_json(const TranslatedText& text, const Query& query) {
  Json one = {{"text", text.text()}, {"score", rounded(text.score())}};
  if (query.alignment || query.attention) {
    auto words = [&](const std::string& whole) { return static_cast<size_t>(count_words(whole)); };
    if (query.attention && words(text.source_text()) * words(text.text()) > kMostWeights) {
      refuse(400, "Invalid request: attention of {} by {} words; ask for shorter texts",
             words(text.source_text()), words(text.text()));
    }
    one.update(links_json(link_words(text, {.attention = query.attention}), query));
  }
  if (query.n_best > 1) {
    Json list = Json::array();
    for (size_t rank : text.distinct_ranks(static_cast<size_t>(query.n_best))) {
      list.push_back({{"text", text.text(rank)}, {"score", rounded(text.score(rank))}});
    }
    one["n_best"] = std::move(list);
  }
  if (!text.warnings.empty()) one["warnings"] = text.warnings;
  return one;
}

Json answer_of(const std::vector<TranslatedText>& texts, const Query& query) {
  Json translations = Json::array();
  for (const TranslatedText& text : texts) translations.push_back(translation_json(text, query));
  Json answer = {
      {"translations", translations}, {"source", query.source}, {"target", query.target}};
  if (!query.detected.is_null()) answer["detected"] = query.detected;
  return answer;
}

// What a caller hears of before the answer.
enum class Stream { kOff, kSentences, kPieces };

Stream stream_of(const Fields& fields) {
  if (fields.flag("pieces")) return Stream::kPieces;
  return fields.flag("stream") ? Stream::kSentences : Stream::kOff;
}

Json sentence_json(const SentenceNews& news) {
  const TranslatedText& text = news.so_far;
  return {{"index", news.text},
          {"sentence", text.sentences[news.sentence].translations[0].text},
          {"so_far", text.beginning(news.sentence + 1)},
          {"done", news.done},
          {"all", news.all}};
}

// Each sentence as it comes, then the answer; of pieces, also what the next sentence has come to.
HttpAnswer stream(const ModelPtr& model, const Query& query, std::shared_ptr<Call> call,
                  Stream wanted) {
  auto write_all = [=](const HttpAnswer::Write& write) {
    auto tell = [&](const Json& json) {
      if (!write(event(json))) throw ClientLeft();
    };
    DraftSink drafts;
    if (wanted == Stream::kPieces) {
      drafts = [&](const DraftNews& news) {
        tell(
            {{"index", news.text}, {"settled", news.draft.settled}, {"likely", news.draft.likely}});
      };
    }
    auto sentences = [&](const SentenceNews& news) { tell(sentence_json(news)); };
    try {
      auto texts = translate_texts(*model, query.demands, *call, sentences, drafts);
      write(event(answer_of(texts, query)));
    } catch (const std::exception& error) {
      write(event({{"error", error.what()}}));
    }
  };
  return {.content_type = "text/event-stream",
          .headers = {{"Cache-Control", "no-store"}},
          .stream = write_all};
}

HttpAnswer translate(Service& service, const HttpRequest& request) {
  Fields fields(request);
  const ServerConfig& config = service.config();
  Query query = read_texts(service, request, fields);
  query.n_best = fields.integer("n_best", {1, config.max_beam}).value_or(1);
  query.alignment = fields.flag("alignment");
  query.attention = fields.flag("attention");
  query.demands = demands_of(fields, query, config);
  ModelPtr model = find_model(service, query);
  refuse_phrases_of_samples(*model, query);
  std::shared_ptr<Call> call = service.call(request);
  if (Stream wanted = stream_of(fields); wanted != Stream::kOff) {
    return stream(model, query, call, wanted);
  }
  return {.body = to_body(answer_of(translate_texts(*model, query.demands, *call), query))};
}

HttpAnswer alternatives(Service& service, const HttpRequest& request) {
  Fields fields(request);
  Query query = read_texts(service, request, fields);
  if (query.texts.size() != 1) refuse(400, "Invalid request: q must be one text");
  int64_t most = std::max<int64_t>(service.config().max_beam / 2, 1);
  auto count = fields.integer("count", {1, most}).value_or(std::min(kAlternatives, most));
  ModelPtr model = find_model(service, query);
  auto call = service.call(request);
  Alternatives found = find_alternatives(*model,
                                         {.text = query.texts[0],
                                          .prefix = fields.text("prefix"),
                                          .count = static_cast<size_t>(count)},
                                         *call);
  Json list = Json::array();
  for (const Alternative& one : found.list) {
    list.push_back({{"word", one.word}, {"text", one.text}, {"score", rounded(one.score)}});
  }
  Json answer = {{"alternatives", list}, {"source", query.source}, {"target", query.target}};
  if (!found.warnings.empty()) answer["warnings"] = found.warnings;
  return {.body = to_body(answer)};
}

}  // namespace

void add_heed_api(Router& router, Service& service) {
  router.add("POST", "/v1/translate",
             [&](const HttpRequest& request) { return translate(service, request); });
  router.add("POST", "/v1/alternatives",
             [&](const HttpRequest& request) { return alternatives(service, request); });
}

}  // namespace heed
