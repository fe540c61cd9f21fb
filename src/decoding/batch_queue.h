// What waits to be translated, given out in batches of like length.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace heed {

struct BatchSizes {
  size_t batch;  // items at most
  // Items that wait before a batch is made: the more, the more alike are the lengths in it.
  size_t pool;
};

// Any number of threads may push, any number may take. Which items are together is a function of
// the order in which they were pushed and of when there was hurry, not of who takes how fast: the
// same text is cut into the same batches.
template <typename Item>
class BatchQueue {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  explicit BatchQueue(const BatchSizes& sizes) : sizes_(sizes) {}

  // An item of this length that may wait for others until `deadline`. Once the pool is full, a
  // batch is made of the item that has waited longest and those nearest to it in length, so that
  // none waits for ever.
  void push(Item item, int64_t length, Clock::time_point deadline = kNever) {
    {
      std::lock_guard lock(mutex_);
      auto place = std::upper_bound(pool_.begin(), pool_.end(), length, is_shorter);
      pool_.insert(place, {length, pushed_++, deadline, std::move(item)});
      if (pool_.size() >= sizes_.pool) make_batch(around_oldest());
    }
    changed_.notify_one();
  }

  // Nobody is to wait for more: what is there becomes batches, the longest first, so that those who
  // take them end together.
  void hurry() {
    {
      std::lock_guard lock(mutex_);
      make_all();
    }
    changed_.notify_all();
  }

  // The next batch. Waits for one; empty once the queue is closed and nothing is left.
  std::vector<Item> take() {
    std::unique_lock lock(mutex_);
    while (ready_.empty()) {
      if (closed_) return {};
      Clock::time_point deadline = first_deadline();
      if (deadline <= Clock::now()) {
        make_all();
      } else if (deadline == kNever) {
        changed_.wait(lock);
      } else {
        changed_.wait_until(lock, deadline);
      }
    }
    std::vector<Item> batch = std::move(ready_.front());
    ready_.pop_front();
    return batch;
  }

  // Nothing more will be pushed.
  void close() {
    {
      std::lock_guard lock(mutex_);
      make_all();
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  struct Waiting {
    int64_t length;
    uint64_t number;  // in the order pushed
    Clock::time_point deadline;
    Item item;
  };
  struct Range {
    size_t begin, end;
  };

  static bool is_shorter(int64_t length, const Waiting& other) { return length < other.length; }

  Clock::time_point first_deadline() const {
    Clock::time_point first = kNever;
    for (const Waiting& one : pool_) first = std::min(first, one.deadline);
    return first;
  }

  Range around_oldest() const {
    size_t begin = std::ranges::min_element(pool_, {}, &Waiting::number) - pool_.begin();
    size_t end = begin + 1;
    int64_t length = pool_[begin].length;
    while (end - begin < sizes_.batch && (begin > 0 || end < pool_.size())) {
      bool takes_shorter = end == pool_.size() || (begin > 0 && length - pool_[begin - 1].length <=
                                                                    pool_[end].length - length);
      if (takes_shorter) {
        --begin;
      } else {
        ++end;
      }
    }
    return {begin, end};
  }

  void make_batch(const Range& range) {
    auto begin = pool_.begin() + static_cast<std::ptrdiff_t>(range.begin);
    auto end = pool_.begin() + static_cast<std::ptrdiff_t>(range.end);
    std::vector<Item>& batch = ready_.emplace_back();
    for (auto one = begin; one != end; ++one) batch.push_back(std::move(one->item));
    pool_.erase(begin, end);
  }

  void make_all() {
    while (!pool_.empty()) {
      make_batch({pool_.size() - std::min(pool_.size(), sizes_.batch), pool_.size()});
    }
  }

  BatchSizes sizes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> pool_;  // the shortest first
  std::deque<std::vector<Item>> ready_;
  uint64_t pushed_ = 0;
  bool closed_ = false;
};

}  // namespace heed
