#include "evaluation/ngrams.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace heed {
namespace {

// At most half full, so that linear probing stays short.
size_t table_size(size_t entries) { return std::bit_ceil(std::max<size_t>(2 * entries, 64)); }

uint64_t ngram_key(size_t parent, uint32_t symbol) { return (parent << 32) | symbol; }

}  // namespace

void WordIds::reset(size_t words) {
  size_t size = table_size(words);
  mask_ = size - 1;
  count_ = 0;
  if (slots_.size() < size) slots_.resize(size);
  if (++generation_ == 0) {
    std::fill(slots_.begin(), slots_.end(), Slot{});
    generation_ = 1;
  }
}

size_t WordIds::slot_of(std::string_view word) const {
  size_t at = std::hash<std::string_view>()(word) & mask_;
  while (slots_[at].generation == generation_ && slots_[at].word != word) at = (at + 1) & mask_;
  return at;
}

uint32_t WordIds::add(std::string_view word) {
  Slot& slot = slots_[slot_of(word)];
  if (slot.generation != generation_) slot = {generation_, ++count_, word};
  return slot.id;
}

uint32_t WordIds::find(std::string_view word) const {
  if (slots_.empty()) return 0;
  const Slot& slot = slots_[slot_of(word)];
  return slot.generation == generation_ ? slot.id : 0;
}

void NgramTable::make_room(size_t nodes) {
  size_t size = table_size(nodes);
  mask_ = size - 1;
  shift_ = 64 - std::countr_zero(size);
  if (nodes_.size() < size) nodes_.resize(size);
  // A counter that came round would make old nodes look new.
  constexpr uint32_t kLast = UINT32_MAX - 1'000'000;
  if (generation_ > kLast || reference_ > kLast || round_ > kLast) {
    std::fill(nodes_.begin(), nodes_.end(), Node{});
    generation_ = reference_ = round_ = 0;
  }
  ++generation_;
}

size_t NgramTable::slot_of(uint64_t key) const {
  size_t at = (key * 0x9E3779B97F4A7C15u) >> shift_;
  while (nodes_[at].generation == generation_ && nodes_[at].key != key) at = (at + 1) & mask_;
  return at;
}

void NgramTable::fill(std::span<const uint32_t> symbols, int max_order) {
  max_order_ = max_order;
  make_room(symbols.size() * max_order);
  for (size_t start = 0; start < symbols.size(); ++start) {
    size_t end = std::min(symbols.size(), start + max_order);
    size_t parent = 0;  // a node's slot + 1; 0 is the empty n-gram
    for (size_t i = start; i < end; ++i) {
      uint64_t key = ngram_key(parent, symbols[i]);
      size_t slot = slot_of(key);
      Node& node = nodes_[slot];
      if (node.generation != generation_) node = {.key = key, .generation = generation_};
      ++node.count;
      parent = slot + 1;
    }
  }
}

void NgramTable::match(std::span<const std::vector<uint32_t>> references,
                       std::span<int64_t> matches) {
  ++round_;
  for (const std::vector<uint32_t>& symbols : references) {
    ++reference_;
    for (size_t start = 0; start < symbols.size(); ++start) {
      size_t end = std::min(symbols.size(), start + max_order_);
      size_t parent = 0;
      for (size_t i = start; i < end; ++i) {
        size_t slot = slot_of(ngram_key(parent, symbols[i]));
        Node& node = nodes_[slot];
        // No longer n-gram from here can be in the table either.
        if (node.generation != generation_) break;
        if (node.reference != reference_) node.reference = reference_, node.seen = 0;
        if (node.match_round != round_) node.match_round = round_, node.best = 0;
        if (++node.seen > node.best) {
          node.best = node.seen;
          if (node.best <= node.count) ++matches[i - start];
        }
        parent = slot + 1;
      }
    }
  }
}

}  // namespace heed
