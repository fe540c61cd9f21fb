// Threads for work that mostly waits: as many as there is work at once, up to a bound.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace heed {

class Crew {
 public:
  using Task = std::function<void()>;

  explicit Crew(size_t most) : most_(most) {}
  // Ends what has been given.
  ~Crew() { finish(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // A thread takes it as soon as one is free. Throws Error where the system gives not even a first
  // thread: the task is dropped then.
  void give(Task task);
  // Waits until all that was given has been done.
  void finish();

  size_t threads() const;

 private:
  void work();

  size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  size_t idle_ = 0;
  bool finishing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace heed
