#include "decoding/output_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

std::string without_bars(std::string text) {
  replace_all(text, "|||", "&#124;&#124;&#124;");
  return text;
}

std::string without_tabs(std::string text) {
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

// Four digits behind the point, so that weights do not drown the text.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

Json attention_json(const std::vector<std::vector<float>>& attention) {
  Json rows = Json::array();
  for (const auto& weights : attention) {
    Json row = Json::array();
    for (float weight : weights) row.push_back(rounded(weight));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string json_line(int64_t line, size_t rank, const Translation& translation,
                      const OutputOptions& options) {
  Json object;
  object["line"] = line;
  object["rank"] = rank;
  object["text"] = translation.text;
  object["score"] = translation.score;
  object["log_probability"] = translation.log_probability;
  if (options.utility) object["utility"] = translation.utility;
  object["length"] = translation.length;
  object["ended"] = translation.ended;
  object["source_pieces"] = translation.source_pieces;
  object["pieces"] = translation.target_pieces;
  Json links = Json::array();
  for (const Link& link : hard_alignment(translation, options.unit)) {
    links.push_back({link.source, link.target});
  }
  object["alignment"] = std::move(links);
  object["attention"] = attention_json(translation.attention);
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A number with four digits behind the point, as print_one prints it, or none that is finite.
bool is_printed_real(std::string_view text) {
  if (text == "inf" || text == "-inf" || text == "nan" || text == "-nan") return true;
  size_t point = text.find('.');
  return point != std::string_view::npos && text.size() == point + 5 && parse_real(text);
}

bool is_count(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool may_be_moses(const std::string& line, bool utility) {
  size_t text = line.find(" ||| "), features = line.rfind(" ||| logprob="),
         score = line.rfind(" ||| ");
  if (features == std::string::npos || features < text || score <= features) return false;
  bool has_utility = line.find(" utility=", features) != std::string::npos;
  return is_count(line.substr(0, text)) && has_utility == utility &&
         is_printed_real(line.substr(score + 5));
}

bool may_be_table(const std::string& line) {
  std::vector<std::string> fields = split(line, '\t');
  return fields.size() == 6 && is_count(fields[0]) && is_count(fields[1]) &&
         is_printed_real(fields[2]) && is_printed_real(fields[3]) && is_count(fields[4]);
}

bool may_be_json(const std::string& line, bool utility) {
  if (!line.starts_with("{\"line\":") || !line.ends_with('}')) return false;
  Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  return object.is_object() && object.contains("rank") && object.contains("text") &&
         object.contains("utility") == utility;
}

std::string print_one(int64_t line, size_t rank, const Translation& one,
                      const OutputOptions& options) {
  switch (options.form) {
    case OutputForm::kText:
      return one.text;
    case OutputForm::kScore:
      return fmt::format("{:.4f}\t{}", one.score, one.text);
    case OutputForm::kMoses:
      return fmt::format("{} ||| {} ||| logprob={:.4f} length={}{} ||| {:.4f}", line,
                         without_bars(one.text), one.log_probability, one.length,
                         options.utility ? fmt::format(" utility={:.4f}", one.utility) : "",
                         one.score);
    case OutputForm::kTabs:
      return fmt::format("{}\t{}\t{:.4f}\t{:.4f}\t{}\t{}", line, rank, one.score,
                         one.log_probability, one.length, without_tabs(one.text));
    case OutputForm::kJson:
      return json_line(line, rank, one, options);
  }
  return one.text;
}

}  // namespace

std::string print_translations(int64_t line, const std::vector<Translation>& translations,
                               const OutputOptions& options) {
  std::string out;
  for (size_t rank = 0; rank < translations.size(); ++rank) {
    out += print_one(line, rank, translations[rank], options) + "\n";
  }
  return out;
}

bool may_have_form(const std::string& line, OutputForm form, bool utility) {
  switch (form) {
    case OutputForm::kText:
      return true;
    case OutputForm::kScore:
      return line.find('\t') != std::string::npos &&
             is_printed_real(line.substr(0, line.find('\t')));
    case OutputForm::kMoses:
      return may_be_moses(line, utility);
    case OutputForm::kTabs:
      return may_be_table(line);
    case OutputForm::kJson:
      return may_be_json(line, utility);
  }
  return true;
}

}  // namespace heed
