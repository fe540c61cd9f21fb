// A model whose every probability a test writes down: what comes next is a function of the pieces
// so far, so that a search can be held against all sequences there are.
#pragma once

#include "kernels/torch.h"

#include <functional>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "decoding/search.h"
#include "model/tiny_model.h"

namespace heed::table {

using tiny::Sentence;
using Row = std::vector<double>;
// Pieces so far -> a row: of probabilities [V], or of attention [S].
using Rule = std::function<Row(const Sentence&)>;

class TableModel : public Seq2Seq {
 public:
  TableModel(int64_t vocabulary, Rule probabilities, Rule attention = {})
      : next_(std::move(probabilities)), attention_(std::move(attention)) {
    weight_ = torch::zeros({vocabulary, 1});
  }

  Tensor forward(const BatchTensors&, AttentionTrace&) override { return {}; }
  Encoded encode(const SourceTensors& source) override { return {source.ids, {}, {}, {}}; }
  // A row of the state holds the pieces so far, a sentence its source's ids.
  DecoderState start(const Encoded& encoded) override {
    Tensor nothing = torch::zeros({encoded.states.size(0), 0}, torch::kInt64);
    DecoderState state;
    state.rows = {nothing};
    state.sentences = {encoded.states};
    return state;
  }
  StepOutput step(const Tensor& last_ids, DecoderState& state) override {
    state.rows[0] = torch::cat({state.rows[0], last_ids.reshape({-1, 1})}, 1);
    ++state.position;
    int64_t source = state.sentences[0].size(1);
    std::vector<Tensor> logits, attention;
    for (int64_t row = 0; row < state.rows[0].size(0); ++row) {
      Tensor ids = state.rows[0][row].slice(0, 1).to(torch::kInt32);  // without the begin symbol
      const auto* first = ids.contiguous().const_data_ptr<int32_t>();
      Sentence prefix(first, first + ids.size(0));
      logits.push_back(to_row(next_(prefix)).log());
      attention.push_back(attention_ ? to_row(attention_(prefix))
                                     : torch::full({source}, 1.0 / static_cast<double>(source)));
      steps_ += 1;
    }
    return {torch::stack(logits), torch::stack(attention).view({last_ids.size(0), -1, source})};
  }
  Tensor output_weight() const override { return weight_; }
  Tensor output_bias() const override { return weight_; }

  int64_t steps() const { return steps_; }  // rows that were asked for, all steps together

 private:
  static Tensor to_row(const Row& row) { return torch::tensor(row, torch::kFloat32); }
  Rule next_, attention_;
  Tensor weight_;
  int64_t steps_ = 0;
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
  TableModel model(kVocabulary, table);
  return search(model, tiny::sources({{4, 5}}), kSpecial, options, {demand})[0];
}

}  // namespace heed::table
