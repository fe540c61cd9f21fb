// A fixed crew of threads for work that comes in equal shares.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace heed {

// `count` workers, numbered from 0; each keeps its own thread for as long as the crew lives. A crew
// of one is the caller's own thread.
class Workers {
 public:
  using Task = std::function<void(int64_t worker)>;

  // Each new thread runs `prepare` once before its first task. Throws Error where the system gives
  // no more threads.
  explicit Workers(
      int64_t count, const std::function<void()>& prepare = [] {});
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs task(0) to task(count - 1) at the same time and waits for all. Where tasks throw, the
  // exception of the lowest worker is thrown on.
  void run(const Task& task);

  int64_t count() const { return count_; }

 private:
  void work(int64_t worker, const std::function<void()>& prepare);
  void end();

  int64_t count_;
  std::mutex mutex_;
  std::condition_variable started_, ended_;
  const Task* task_ = nullptr;
  int64_t round_ = 0, running_ = 0;
  bool stopping_ = false;
  std::vector<std::exception_ptr> failures_;
  std::vector<std::thread> threads_;
};

}  // namespace heed
