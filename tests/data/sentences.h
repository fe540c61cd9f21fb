// Sentences and batches small enough for a test.
#pragma once

#include <random>
#include <vector>

#include "data/batch.h"

namespace heed::tiny {

using Sentence = std::vector<int32_t>;

constexpr int64_t kVocabulary = 11;

// `count` sentences of 1 to `longest` pieces, none of them special.
inline std::vector<Sentence> random_sentences(int count, int longest, uint32_t seed,
                                              int32_t vocabulary = kVocabulary) {
  std::mt19937 generator(seed);
  std::vector<Sentence> sentences(count);
  for (Sentence& sentence : sentences) {
    sentence.resize(1 + generator() % longest);
    for (int32_t& id : sentence) id = static_cast<int32_t>(4 + generator() % (vocabulary - 4));
  }
  return sentences;
}

inline std::vector<SentenceView> views(const std::vector<Sentence>& sentences) {
  return {sentences.begin(), sentences.end()};
}

inline IdMatrix sources(const std::vector<Sentence>& sentences) {
  return pad_sentences(views(sentences), SpecialIds{});
}

inline Batch batch(const std::vector<Sentence>& source, const std::vector<Sentence>& target) {
  return make_batch(views(source), views(target), SpecialIds{}, SpecialIds{});
}

}  // namespace heed::tiny
