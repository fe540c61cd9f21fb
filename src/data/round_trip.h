// Texts that do not come back from the vocabulary as they were: what a model can never write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace heed {

struct RoundTrip {
  static constexpr size_t kShown = 3;
  struct Change {
    std::string where;          // file:line
    std::string before, after;  // from where they begin to differ
  };
  int64_t texts = 0, changed = 0;
  int64_t unknown = 0;        // of the changed: with characters that have no piece
  std::vector<Change> first;  // the first kShown changed ones

  // White space of another width is no change: SentencePiece writes single spaces.
  void add(const Tokenizer& tokenizer, const std::string& text, const std::vector<int32_t>& ids,
           std::string_view file, int64_t line);
  // Of texts that come behind these.
  void add(const RoundTrip& more);
};

// Warns where texts have changed: how many, the first of them, and what to set. `what` are the
// texts, as in "training targets".
void warn_of_changes(const RoundTrip& trip, std::string_view what, const TokenizerConfig& config);

}  // namespace heed
