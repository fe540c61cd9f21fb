// Models for the server's tests: they copy their source, character by character, and look at what
// they copy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "decoding/table_model.h"
#include "server/service.h"
#include "util/temp_folder.h"

namespace heed::served {

// Knows the characters of `text` and of plain English.
inline std::shared_ptr<Tokenizer> characters(const std::string& text = "") {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = 110;
  std::string plain =
      "the quick brown fox jumps over the lazy dog THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG "
      "0123456789 .,;:!?-'\"()<>&/= äöüßÄÖÜéèáñçœ\n";
  return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", plain + text)}, config));
}

class Copier : public table::TableModel {
 public:
  explicit Copier(int64_t size)
      : TableModel(table::Rule(
            [size](const table::Sentence&) { return table::uniform(static_cast<size_t>(size)); })),
        size_(static_cast<size_t>(size)) {}

  std::unique_ptr<Decoding> begin(const IdMatrix& source, const DecodingWants&) const override {
    std::vector<table::Rule> rules;
    for (int64_t i = 0; i < source.rows; ++i) {
      auto first = source.ids.begin() + i * source.columns;
      table::Sentence ids(first, first + source.lengths[i]);  // the end symbol is the last
      rules.push_back([size = size_, ids](const table::Sentence& so_far) {
        table::Row row(size, 0.1 / static_cast<double>(size));
        row[static_cast<size_t>(ids[std::min(so_far.size(), ids.size() - 1)])] += 0.9;
        return row;
      });
    }
    auto columns = static_cast<size_t>(source.columns);
    auto attention = [columns](const table::Sentence& so_far) {
      table::Row row(columns, 0.0);
      row[std::min(so_far.size(), columns - 1)] = 1;
      return row;
    };
    return std::make_unique<table::TableDecoding>(std::move(rules), attention, source.columns,
                                                  steps_);
  }

 private:
  size_t size_;
  mutable std::atomic<int64_t> steps_ = 0;
};

inline LoadedModel copier(const std::shared_ptr<Tokenizer>& tokenizer) {
  return {
      default_config(), {tokenizer, tokenizer}, std::make_shared<Copier>(tokenizer->vocab_size())};
}

// Folders are names here: "de-en" is a model of that direction.
inline std::pair<LoadedModel, EngineOptions> load(const std::string& folder) {
  LoadedModel model = copier(characters());
  Direction direction = parse_direction(folder);
  model.config.data.source_language = direction.source;
  model.config.data.target_language = direction.target;
  EngineOptions options;
  options.search.beam_size = 2;
  options.lines.split_long = true;
  return {std::move(model), options};
}

inline Catalogue catalogue(const std::vector<std::string>& directions) {
  std::vector<Served> all;
  for (const std::string& one : directions) all.push_back({one});
  return Catalogue(all, load);
}

inline ServerConfig config() { return default_config().server; }

inline HttpRequest post(const std::string& path, const std::string& body,
                        const std::string& type = "application/json") {
  HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.body = body;
  request.content_type = type;
  request.address = "127.0.0.1";
  request.origin = "http://here";
  return request;
}

inline HttpRequest form(const std::string& path, const std::string& body) {
  return post(path, body, "application/x-www-form-urlencoded");
}

}  // namespace heed::served
