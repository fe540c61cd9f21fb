#include "server/catalogue.h"

#include <algorithm>

#include "server/languages.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

// A code is what says it first.
void fill(std::string& code, const std::string& found) {
  if (code.empty()) code = found;
}

Direction own_direction(const ServedModel& model) {
  const DataConfig& data = model.model.config.data;
  Direction own{data.source_language, data.target_language};
  for (const std::string& path : data.train_source) fill(own.source, language_of_file(path));
  for (const std::string& path : data.train_target) fill(own.target, language_of_file(path));
  fill(own.source, language_of_file(data.dev_source));
  fill(own.target, language_of_file(data.dev_target));
  std::vector<std::string> both = data.train;
  both.push_back(data.dev);
  for (const std::string& path : both) {
    auto [source, target] = languages_of_file(path);
    fill(own.source, source);
    fill(own.target, target);
  }
  if (own.source.empty() || own.target.empty()) {
    log_warning(
        "{}: nothing says which languages it translates, neither data.source_language and "
        "data.target_language nor the names of its files: give --direction, as en-de",
        model.folder);
  }
  fill(own.source, "source");
  fill(own.target, "target");
  return own;
}

bool same_code(std::string_view a, std::string_view b) { return normal_code(a) == normal_code(b); }

void add_code(std::vector<Language>& languages, const std::string& code) {
  auto same = [&](const Language& one) { return same_code(one.code, code); };
  if (std::ranges::any_of(languages, same)) return;
  languages.push_back({normal_code(code), language_name(code)});
}

}  // namespace

namespace {

// As en, pt-BR, zh-Hans are; "_" counts as "-" wherever codes are compared.
bool is_code(const std::string& text) {
  auto part_is_fine = [](const std::string& part) {
    return !part.empty() && std::ranges::all_of(lower_ascii(part), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
  };
  std::string code = normal_code(text);
  return code != "auto" && std::ranges::all_of(split(code, '-'), part_is_fine);
}

}  // namespace

Direction parse_direction(const std::string& text) {
  char separator = text.find(':') == std::string::npos ? '-' : ':';
  std::vector<std::string> codes = split(text, separator);
  if (codes.size() != 2 || codes[0].empty() || codes[1].empty()) {
    fail_usage("--direction {}: expected two language codes, as in en-de or en:pt-BR",
               printable(text, 80));
  }
  for (const std::string& code : codes) {
    if (is_code(code)) continue;
    fail_usage(
        "--direction {}: \"{}\" is no language code: letters, digits and hyphens, as in en, pt-BR, "
        "zh-Hans{}",
        printable(text, 80), printable(code, 80),
        normal_code(code) == "auto" ? "; auto is what requests say to have it detected" : "");
  }
  if (normal_code(codes[0]) == normal_code(codes[1])) {
    fail_usage("--direction {}: source and target are the same; give two languages", text);
  }
  return {codes[0], codes[1]};
}

Catalogue::Catalogue(const std::vector<Served>& served, const ModelLoader& load) {
  for (const Served& one : served) {
    auto model = std::make_shared<ServedModel>();
    std::tie(model->model, model->options) = load(one.folder);
    model->folder = one.folder;
    bool given = !one.direction.source.empty();
    model->direction = given ? one.direction : own_direction(*model);
    const auto& [source, target] = model->direction;
    if (ModelPtr other = find(source, target)) {
      fail_usage("{} and {} both translate from {} to {}: give one of them another --direction",
                 other->folder, one.folder, source, target);
    }
    model->searches = std::make_unique<Searches>(model->options);
    model->engine = std::make_unique<Engine>(model->model, model->options);
    models_.push_back(std::move(model));
  }
  for (const ModelPtr& model : models_) add_code(languages_, model->direction.source);
  for (const ModelPtr& model : models_) add_code(languages_, model->direction.target);
}

ModelPtr Catalogue::find(const std::string& source, const std::string& target) const {
  for (const ModelPtr& model : models_) {
    if (same_code(model->direction.source, source) && same_code(model->direction.target, target)) {
      return model;
    }
  }
  return nullptr;
}

std::string Catalogue::known_code(const std::string& code) const {
  for (const Language& language : languages_) {
    if (same_code(language.code, code)) return language.code;
  }
  return "";
}

std::vector<std::string> Catalogue::targets_of(const std::string& source) const {
  std::vector<std::string> targets;
  for (const ModelPtr& model : models_) {
    if (same_code(model->direction.source, source)) {
      targets.push_back(normal_code(model->direction.target));
    }
  }
  return targets;
}

}  // namespace heed
