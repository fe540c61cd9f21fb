#include "server/searches.h"

#include <algorithm>

namespace heed {
namespace {

constexpr size_t kMostKnown = 1000;  // kinds of wishes, before they are forgotten

}  // namespace

std::shared_ptr<const SearchOptions> Searches::find(const SearchWish& wish) {
  const SearchOptions& own = engine_.search;
  Key key{wish.beam_size, wish.n_best, wish.attention, wish.max_length};
  if (key == Key{0, own.n_best, own.want_attention, 0}) return nullptr;
  std::lock_guard lock(mutex_);
  auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  EngineOptions wished = engine_;
  SearchOptions& search = wished.search;
  if (wish.beam_size > 0) search.beam_size = wish.beam_size;
  search.n_best = wish.n_best;
  search.want_attention = search.want_attention || wish.attention;
  if (wish.max_length > 0) search.max_length = wish.max_length;
  search.beam_size = std::max(search.beam_size, search.n_best);
  if (search.beam_size % search.beam_groups != 0) search.beam_groups = 1;
  if (search.max_length > 0) search.min_length = std::min(search.min_length, search.max_length);
  if (known_.size() >= kMostKnown) known_.clear();
  return known_[key] = std::make_shared<SearchOptions>(Engine::completed(wished).search);
}

}  // namespace heed
