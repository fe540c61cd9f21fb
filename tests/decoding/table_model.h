// A model whose every probability a test writes down: what comes next is a function of the pieces
// so far, so that a search can be held against all sequences there are.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "data/sentences.h"
#include "decoding/search.h"

namespace heed::table {

using tiny::Sentence;
using Row = std::vector<double>;
// Pieces so far -> a row: of probabilities [V], or of attention [S].
using Rule = std::function<Row(const Sentence&)>;
// The rule of a source sentence, its end symbol left out.
using SourceRule = std::function<Rule(const Sentence&)>;

inline std::vector<float> logarithms(const Row& row) {
  std::vector<float> logs;
  for (double x : row) logs.push_back(static_cast<float>(std::log(x)));
  return logs;
}

inline Row uniform(size_t size) { return Row(size, 1.0 / static_cast<double>(size)); }

class TableDecoding : public Decoding {
 public:
  TableDecoding(std::vector<Rule> rules, Rule attention, int64_t source,
                std::atomic<int64_t>& steps)
      : attention_(std::move(attention)), source_(source), steps_(steps) {
    for (Rule& rule : rules) rows_.push_back({std::move(rule), {}});
  }

  void take(const std::vector<int64_t>& last) override {
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (begun_) rows_[i].prefix.push_back(static_cast<int32_t>(last[i]));
    }
    begun_ = true;
    steps_ += static_cast<int64_t>(rows_.size());
  }
  BestPieces best(const BestQuery& query) const override {
    BestPieces best{query.count, {}, {}, {}};
    for (const auto& row : rows_) {
      std::vector<float> next = logarithms(row.rule(row.prefix));
      best.asked.push_back(next[query.asked]);
      std::vector<int32_t> order;
      for (int32_t id = 0; id < std::ssize(next); ++id) {
        bool barred = std::ranges::count(query.barred, int64_t{id}) > 0;
        if (!barred && std::isfinite(next[id])) order.push_back(id);
      }
      std::ranges::stable_sort(order, std::greater<>(), [&](int32_t id) { return next[id]; });
      for (int64_t k = 0; k < query.count; ++k) {
        bool there = k < std::ssize(order);
        best.ids.push_back(there ? order[k] : -1);
        best.log_probabilities.push_back(there ? next[order[k]] : -INFINITY);
      }
    }
    return best;
  }
  FloatMatrix log_probabilities() const override {
    return matrix([&](const auto& row) { return logarithms(row.rule(row.prefix)); });
  }
  FloatMatrix attention() const override {
    return matrix([&](const auto& row) {
      Row weights = attention_ ? attention_(row.prefix) : uniform(source_);
      return std::vector<float>(weights.begin(), weights.end());
    });
  }
  void keep(const std::vector<int64_t>& rows, const std::vector<int64_t>*) override {
    auto before = std::move(rows_);
    rows_.clear();
    for (int64_t row : rows) rows_.push_back(before[row]);
  }

 private:
  struct SoFar {
    Rule rule;
    Sentence prefix;
  };
  FloatMatrix matrix(const std::function<std::vector<float>(const SoFar&)>& make) const {
    FloatMatrix all{std::ssize(rows_), 0, {}};
    for (const SoFar& row : rows_) {
      std::vector<float> values = make(row);
      all.columns = std::ssize(values);
      all.values.insert(all.values.end(), values.begin(), values.end());
    }
    return all;
  }

  std::vector<SoFar> rows_;
  Rule attention_;
  int64_t source_;
  std::atomic<int64_t>& steps_;
  bool begun_ = false;
};

class TableModel : public Inference {
 public:
  explicit TableModel(Rule probabilities, Rule attention = {})
      : TableModel([probabilities](const Sentence&) { return probabilities; },
                   std::move(attention)) {}
  explicit TableModel(SourceRule probabilities, Rule attention = {})
      : rule_of_(std::move(probabilities)), attention_(std::move(attention)) {}

  std::unique_ptr<Decoding> begin(const IdMatrix& source, const DecodingWants&) const override {
    std::vector<Rule> rules;
    for (int64_t i = 0; i < source.rows; ++i) rules.push_back(rule_of_(sentence(source, i)));
    return std::make_unique<TableDecoding>(std::move(rules), attention_, source.columns, steps_);
  }
  ForcedTargets force(const Batch& batch, bool attention) const override {
    ForcedTargets forced;
    for (int64_t i = 0; i < batch.source.rows; ++i) {
      Rule rule = rule_of_(sentence(batch.source, i));
      Sentence target = sentence(batch.target_output, i), prefix;
      FloatMatrix weights{batch.target_output.columns, batch.source.columns, {}};
      target.push_back(SpecialIds{}.end);
      for (int32_t id : target) {
        forced.log_probabilities.push_back(logarithms(rule(prefix))[id]);
        Row row = attention_ ? attention_(prefix) : uniform(batch.source.columns);
        weights.values.insert(weights.values.end(), row.begin(), row.end());
        prefix.push_back(id);
      }
      if (attention) forced.attention.push_back(std::move(weights));
    }
    return forced;
  }
  std::vector<AttentionMap> heads(const Batch&) const override { return {}; }
  int64_t preferred_rows() const override { return 0; }
  int64_t parallel_batches() const override { return 0; }
  void enter_worker() const override {}

  int64_t steps() const { return steps_; }  // rows that were asked for, all steps together

 private:
  // A row without its end symbol.
  static Sentence sentence(const IdMatrix& matrix, int64_t row) {
    auto first = matrix.ids.begin() + row * matrix.columns;
    return {first, first + matrix.lengths[row] - 1};
  }
  SourceRule rule_of_;
  Rule attention_;
  mutable std::atomic<int64_t> steps_ = 0;
};

constexpr int64_t kVocabulary = 7;  // four special pieces and 4, 5, 6
inline const SpecialIds kSpecial{};

// Random probabilities, the same for the same pieces and seed. Nothing for pad and begin; the end
// symbol gets `end` of the rest's average.
inline Rule random_table(uint32_t seed, double end = 1, double sharpness = 2) {
  return [=](const Sentence& prefix) {
    std::seed_seq key{seed, static_cast<uint32_t>(prefix.size()), [&] {
                        uint32_t hash = 7;
                        for (int32_t id : prefix) hash = hash * 31 + static_cast<uint32_t>(id);
                        return hash;
                      }()};
    std::mt19937 generator(key);
    Row row(kVocabulary, 0.0);
    double sum = 0;
    for (int64_t id : {1, 3, 4, 5, 6}) {
      double uniform = static_cast<double>(generator()) / 4294967296.0;
      row[id] = std::exp(sharpness * uniform) * (id == kSpecial.end ? end : 1);
      sum += row[id];
    }
    for (double& value : row) value /= sum;
    return row;
  };
}

// All sequences of up to `longest` pieces, with the log-probability of each and its end symbol.
inline std::vector<Hypothesis> all_hypotheses(const Rule& table, size_t longest) {
  std::vector<Hypothesis> open(1), all;
  for (size_t length = 0; length <= longest; ++length) {
    std::vector<Hypothesis> longer;
    for (const Hypothesis& hypothesis : open) {
      Row next = table(hypothesis.ids);
      all.push_back(hypothesis);
      all.back().log_probability += std::log(next[kSpecial.end]);
      for (int32_t id : {1, 4, 5, 6}) {
        longer.push_back(hypothesis);
        longer.back().ids.push_back(id);
        longer.back().log_probability += std::log(next[id]);
      }
    }
    open = std::move(longer);
  }
  return all;
}

// The best by log P / |y|^A.
inline std::vector<Hypothesis> ranked(std::vector<Hypothesis> all, double length_penalty) {
  for (Hypothesis& one : all) {
    one.score =
        one.log_probability / std::pow(static_cast<double>(one.ids.size()) + 1, length_penalty);
  }
  std::ranges::sort(all, std::greater<>(), &Hypothesis::score);
  return all;
}

inline std::vector<Hypothesis> search_table(const Rule& table, const SearchOptions& options,
                                            const Demand& demand = {}) {
  TableModel model(table);
  return search(model, tiny::sources({{4, 5}}), kSpecial, options, {demand})[0];
}

}  // namespace heed::table
