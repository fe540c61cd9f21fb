#include "decoding/phrases.h"

#include <algorithm>
#include <functional>
#include <map>

namespace heed {
namespace {

// The most first pieces of `phrase`, but not all, that `ids` end in.
size_t pieces_begun(const std::vector<int32_t>& phrase, const std::vector<int32_t>& ids) {
  size_t count = std::min(phrase.size() - 1, ids.size());
  while (count > 0 && !std::equal(phrase.begin(), phrase.begin() + static_cast<ptrdiff_t>(count),
                                  ids.end() - static_cast<ptrdiff_t>(count))) {
    --count;
  }
  return count;
}

}  // namespace

PhraseProgress phrase_progress(const Phrases& phrases, const std::vector<int32_t>& ids) {
  PhraseProgress progress;
  size_t begun = 0;
  for (const auto& phrase : phrases) {
    if (std::search(ids.begin(), ids.end(), phrase.begin(), phrase.end()) != ids.end() ||
        phrase.empty()) {
      progress.pieces += static_cast<int64_t>(phrase.size());
      continue;
    }
    size_t count = pieces_begun(phrase, ids);
    begun = std::max(begun, count);
    progress.complete = false;
    progress.next.push_back(phrase[count]);
  }
  progress.pieces += static_cast<int64_t>(begun);
  return progress;
}

void share_among_banks(std::vector<Candidate>& candidates, const std::vector<int64_t>& banks) {
  std::map<int64_t, std::vector<Candidate>, std::greater<>> by_bank;
  for (size_t i = 0; i < candidates.size(); ++i) by_bank[banks[i]].push_back(candidates[i]);
  size_t count = candidates.size();
  candidates.clear();
  for (size_t turn = 0; candidates.size() < count; ++turn) {
    for (const auto& [bank, members] : by_bank) {
      if (turn < members.size()) candidates.push_back(members[turn]);
    }
  }
}

}  // namespace heed
