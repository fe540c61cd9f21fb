#include "data/batcher.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "util/clock.h"
#include "util/random.h"

namespace heed {
namespace {

constexpr size_t kQueueLength = 8;
// Pairs sorted by length together: enough for little padding, few enough for varied batches.
constexpr int64_t kPoolPairs = 1 << 17;

uint64_t mix(uint64_t seed, uint64_t a, uint64_t b = 0) {
  SplitMix64 random(seed * 0x100000001B3ull + a * 0x1000193ull + b);
  random.next();
  return random.next();
}

template <typename T>
void shuffle(std::vector<T>& items, SplitMix64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

// Cuts a sorted order into batches whose longer side has at most `batch_tokens` padded tokens.
void cut_batches(const Corpus& corpus, std::span<const int64_t> order, int64_t batch_tokens,
                 std::vector<std::vector<int64_t>>& batches) {
  std::vector<int64_t> current;
  int64_t longest = 0;
  for (int64_t pair : order) {
    int64_t length = std::max(corpus.source.length(pair), corpus.target.length(pair)) + 1;
    int64_t rows = static_cast<int64_t>(current.size()) + 1;
    if (!current.empty() && rows * std::max(longest, length) > batch_tokens) {
      batches.push_back(std::move(current));
      current.clear();
      longest = 0;
    }
    current.push_back(pair);
    longest = std::max(longest, length);
  }
  if (!current.empty()) batches.push_back(std::move(current));
}

// One of a sentence's other splits into pieces.
struct Sample {
  std::vector<int32_t> ids;
  PieceWords words;  // of each piece, where those of the sentence's own pieces are given
};

Sample draw_sample(const Tokenizer& tokenizer, SentenceView ids, const PieceWords& words,
                   const BatcherOptions& options) {
  Sample whole{{ids.begin(), ids.end()}, words};
  // Text that the vocabulary cannot write is left as it is: decoding would lose it.
  if (std::ranges::count(ids, tokenizer.special().unknown) > 0) return whole;
  SpannedText text = tokenizer.decode_spans(whole.ids);
  SpannedIds sampled = tokenizer.sample(text.text, options.sampling_alpha);
  if (sampled.ids.empty() || std::ssize(sampled.ids) > options.max_length) return whole;
  PieceWords carried;
  if (!words.empty()) carried = carry_words(text.text, text.spans, words, sampled.spans);
  return {std::move(sampled.ids), std::move(carried)};
}

}  // namespace

std::vector<std::vector<int64_t>> plan_epoch(const Corpus& corpus, const BatcherOptions& options,
                                             int64_t epoch) {
  SplitMix64 random(mix(options.seed, static_cast<uint64_t>(epoch)));
  std::vector<int64_t> order(corpus.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  shuffle(order, random);
  // Buckets of two target and two source lengths, whose borders move from epoch to epoch, keep the
  // padding low without making the same batches again and again.
  int64_t target_shift = static_cast<int64_t>(random.below(2));
  int64_t source_shift = static_cast<int64_t>(random.below(2));
  auto bucket = [&](int64_t pair) {
    return std::pair((corpus.target.length(pair) + target_shift) / 2,
                     (corpus.source.length(pair) + source_shift) / 2);
  };
  std::vector<std::vector<int64_t>> batches;
  for (int64_t start = 0; start < corpus.size(); start += kPoolPairs) {
    int64_t end = std::min(start + kPoolPairs, corpus.size());
    std::stable_sort(order.begin() + start, order.begin() + end,
                     [&](int64_t a, int64_t b) { return bucket(a) < bucket(b); });
    cut_batches(corpus, {order.data() + start, order.data() + end}, options.batch_tokens, batches);
  }
  shuffle(batches, random);
  return batches;
}

std::vector<std::vector<int64_t>> cut_into_parts(const Corpus& corpus, std::vector<int64_t> pairs,
                                                 int64_t parts) {
  if (parts == 1) return {std::move(pairs)};
  std::ranges::stable_sort(pairs, [&](int64_t a, int64_t b) {
    return std::pair(corpus.target.length(a), corpus.source.length(a)) <
           std::pair(corpus.target.length(b), corpus.source.length(b));
  });
  // The end symbols count too.
  auto tokens = [&](int64_t pair) {
    return corpus.source.length(pair) + corpus.target.length(pair) + 2;
  };
  int64_t total = 0, before = 0;
  for (int64_t pair : pairs) total += tokens(pair);
  std::vector<std::vector<int64_t>> cut(parts);
  for (int64_t pair : pairs) {
    // By where the pair's middle falls.
    cut[(2 * before + tokens(pair)) * parts / (2 * total)].push_back(pair);
    before += tokens(pair);
  }
  std::erase_if(cut, [](const auto& part) { return part.empty(); });
  return cut;
}

std::vector<std::vector<int64_t>> plan_in_order(const Corpus& corpus, int64_t batch_tokens) {
  std::vector<int64_t> order(corpus.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::pair(corpus.target.length(a), corpus.source.length(a)) <
           std::pair(corpus.target.length(b), corpus.source.length(b));
  });
  std::vector<std::vector<int64_t>> batches;
  cut_batches(corpus, order, batch_tokens, batches);
  return batches;
}

Batch gather_batch(const Corpus& corpus, const std::vector<int64_t>& pairs,
                   const TokenizerPair& tokenizers) {
  std::vector<SentenceView> source, target;
  for (int64_t pair : pairs) {
    source.push_back(corpus.source[pair]);
    target.push_back(corpus.target[pair]);
  }
  Batch batch =
      make_batch(source, target, tokenizers.source.special(), tokenizers.target.special());
  if (corpus.alignments.size() > 0) {
    std::vector<AlignedPair> aligned;
    for (int64_t pair : pairs) aligned.push_back(corpus.alignments[pair]);
    batch.alignment = alignment_of(batch, aligned);
  }
  return batch;
}

Batcher::Batcher(const Corpus& corpus, const TokenizerPair& tokenizers,
                 const BatcherOptions& options, DataPosition start)
    : corpus_(corpus),
      tokenizers_(tokenizers),
      options_(options),
      position_(start),
      producer_([this, start] { produce(start); }) {}

Batcher::~Batcher() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  producer_.join();
}

std::vector<Batch> Batcher::next() {
  double start = seconds_now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue_.empty() || failure_ != nullptr; });
  if (queue_.empty()) std::rethrow_exception(failure_);
  Item item = std::move(queue_.front());
  queue_.pop_front();
  lock.unlock();
  changed_.notify_all();
  position_ = item.after;
  epoch_batches_ = item.epoch_batches;
  waited_ += seconds_now() - start;
  return std::move(item.parts);
}

double Batcher::epochs() const {
  return static_cast<double>(position_.epoch) +
         static_cast<double>(position_.batch) / static_cast<double>(epoch_batches_);
}

bool Batcher::offer(Item item) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || queue_.size() < kQueueLength; });
  if (stopping_) return false;
  queue_.push_back(std::move(item));
  lock.unlock();
  changed_.notify_all();
  return true;
}

void Batcher::produce(DataPosition start) {
  try {
    for (int64_t epoch = start.epoch;; ++epoch) {
      auto plan = plan_epoch(corpus_, options_, epoch);
      auto count = static_cast<int64_t>(plan.size());
      for (int64_t i = epoch == start.epoch ? start.batch : 0; i < count; ++i) {
        DataPosition after =
            i + 1 == count ? DataPosition{epoch + 1, 0} : DataPosition{epoch, i + 1};
        if (!offer({prepare(plan[i], {epoch, i}), after, count})) return;
      }
    }
  } catch (...) {
    std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

std::vector<Batch> Batcher::prepare(const std::vector<int64_t>& pairs, DataPosition at) const {
  std::vector<Batch> batches;
  auto parts = cut_into_parts(corpus_, pairs, options_.parts);
  int64_t end = std::min(options_.end_part, std::ssize(parts));
  uint64_t seed = mix(options_.seed, at.epoch + 1, at.batch + 1);
  for (int64_t i = options_.first_part; i < end; ++i) {
    if (options_.sampling_alpha == 0) {
      batches.push_back(gather_batch(corpus_, parts[i], tokenizers_));
      continue;
    }
    // SentencePiece seeds its generator once a thread: a thread a part makes the samples a function
    // of seed, epoch, batch and part, so that a resumed training draws the same, in whatever
    // process.
    seed_sampling(static_cast<uint32_t>(seed + i));
    auto sample = [&] { batches.push_back(sample_batch(parts[i])); };
    std::async(std::launch::async, sample).get();
  }
  return batches;
}

Batch Batcher::sample_batch(const std::vector<int64_t>& pairs) const {
  std::vector<std::vector<int32_t>> source, target;
  std::vector<AlignedPair> aligned;
  bool has_links = corpus_.alignments.size() > 0;
  for (int64_t i : pairs) {
    AlignedPair pair = has_links ? corpus_.alignments[i] : AlignedPair{};
    Sample from = draw_sample(tokenizers_.source, corpus_.source[i], pair.source, options_);
    Sample to = draw_sample(tokenizers_.target, corpus_.target[i], pair.target, options_);
    source.push_back(std::move(from.ids));
    target.push_back(std::move(to.ids));
    aligned.push_back({pair.links, std::move(from.words), std::move(to.words)});
  }
  Batch batch = make_batch({source.begin(), source.end()}, {target.begin(), target.end()},
                           tokenizers_.source.special(), tokenizers_.target.special());
  if (has_links) batch.alignment = alignment_of(batch, aligned);
  return batch;
}

}  // namespace heed
