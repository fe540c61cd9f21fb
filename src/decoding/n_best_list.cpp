#include "decoding/n_best_list.h"

#include <nlohmann/json.hpp>

#include <set>

#include "util/error.h"
#include "util/json_text.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kBars = "|||";

// The fields between bars, untrimmed.
std::vector<std::string_view> fields_of(std::string_view raw) {
  std::vector<std::string_view> fields;
  for (size_t bars = raw.find(kBars); bars != std::string_view::npos; bars = raw.find(kBars)) {
    fields.push_back(raw.substr(0, bars));
    raw.remove_prefix(bars + kBars.size());
  }
  fields.push_back(raw);
  return fields;
}

// As output_form.cpp escapes it.
std::string unescaped(std::string_view text) {
  std::string plain(text);
  replace_all(plain, "&#124;&#124;&#124;", kBars);
  return plain;
}

bool is_json(std::string_view raw) { return raw.starts_with('{'); }

NBestEntry parse_json(const std::string& raw, const std::string& where) {
  NBestEntry entry{.raw = raw};
  auto refuse = [&](const std::string& fault = "") {
    fail("{}: not an object with a \"line\", a \"text\" and the like, as --format json prints it{}",
         where, fault.empty() ? "" : ": " + fault);
  };
  if (auto fault = json_fault(raw)) refuse(*fault);
  std::set<std::string> keys;
  for (const JsonMember& member : json_members(raw)) {
    if (keys.insert(member.key).second) continue;
    fail("{}: its key \"{}\" is there twice: leave one of them out", where,
         printable(member.key, 40));
  }
  try {
    Json json = Json::parse(raw);
    auto line = parse_int(json.at("line").is_number_integer() ? json["line"].dump() : "");
    if (!line) refuse();
    entry.line = *line;
    json.at("text").get_to(entry.text);
    if (json.contains("pieces")) json["pieces"].get_to(entry.pieces);
    if (json.contains("score")) entry.score = json["score"].get<double>();
  } catch (const Json::exception&) {
    refuse();
  }
  return entry;
}

NBestEntry parse_moses(const std::string& raw, const std::string& where) {
  auto fields = fields_of(raw);
  auto line = parse_int(trim(fields[0]));
  if (fields.size() < 3 || !line) {
    fail("{}: not of the form `line ||| text ||| features ||| score`: {}", where,
         fields.size() < 3 ? fmt::format("{} fields", fields.size())
                           : fmt::format("\"{}\" is no line's number", printable(fields[0], 40)));
  }
  NBestEntry entry{.raw = raw, .line = *line, .text = unescaped(trim(fields[1])), .pieces = {}};
  if (fields.size() == 3) return entry;
  entry.score = parse_real(trim(fields[3]));
  if (!entry.score) {
    fail("{}: \"{}\" is no score: the fourth field is a number", where, printable(fields[3], 40));
  }
  return entry;
}

// Its value would be lost, or stand beside another of the same name.
[[noreturn]] void refuse_name(const NBestEntry& entry, const char* holder,
                              const std::string& name) {
  fail("line {}: {} a \"{}\" already: give the feature another name", entry.line, holder, name);
}

std::string moses_with(const NBestEntry& entry, const NBestFeature& feature) {
  auto fields = fields_of(entry.raw);
  std::string_view features = trim(fields[2]);
  if ((" " + std::string(features)).find(" " + feature.name + "=") != std::string::npos) {
    refuse_name(entry, "its features have", feature.name);
  }
  std::string added = fmt::format(" {}{}{}={:.4f} ", features, features.empty() ? "" : " ",
                                  feature.name, feature.value);
  std::string score = feature.score ? fmt::format(" {:.4f}", *feature.score) : "";
  if (fields.size() == 3) added.pop_back();
  fields[2] = added;
  if (feature.score) {
    if (fields.size() > 4) score += ' ';
    fields[3] = score;
  }
  std::string text;
  for (std::string_view field : fields) {
    if (field.data() != fields[0].data()) text += kBars;
    text += field;
  }
  return text;
}

// All but the score and the rank stays as it is written: not every number is a double's.
std::string json_with(const NBestEntry& entry, const NBestFeature& feature) {
  std::string text;
  const char* from = entry.raw.data();
  for (const JsonMember& member : json_members(entry.raw)) {
    if (member.key == feature.name) refuse_name(entry, "its JSON has", feature.name);
    std::string value(member.value);
    if (feature.score && member.key == "score") value = Json(*feature.score).dump();
    if (feature.rank && member.key == "rank") value = Json(*feature.rank).dump();
    text.append(from, member.value.data());
    text += value;
    from = member.value.data() + member.value.size();
  }
  std::string name = Json(feature.name).dump(-1, ' ', false, Json::error_handler_t::replace);
  text += fmt::format(",{}:{}", name, Json(feature.value).dump());
  return text.append(from, entry.raw.data() + entry.raw.size());
}

}  // namespace

NBestEntry parse_n_best(const std::string& raw, const std::string& where) {
  return is_json(raw) ? parse_json(raw, where) : parse_moses(raw, where);
}

std::string with_feature(const NBestEntry& entry, const NBestFeature& feature) {
  return is_json(entry.raw) ? json_with(entry, feature) : moses_with(entry, feature);
}

}  // namespace heed
