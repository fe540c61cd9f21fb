#include "util/workers.h"

#include <system_error>

#include "util/error.h"

namespace heed {

Workers::Workers(int64_t count, const std::function<void()>& prepare)
    : count_(count), failures_(count) {
  if (count == 1) return;
  try {
    for (int64_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, i, prepare] { work(i, prepare); });
    }
  } catch (const std::system_error& error) {
    end();
    fail("could not start thread {} of {}: {}; set --threads lower, or the system's limit higher",
         threads_.size() + 1, count, error.code().message());
  }
}

Workers::~Workers() { end(); }

void Workers::end() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  started_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(const Task& task) {
  if (threads_.empty()) {
    task(0);
    return;
  }
  std::unique_lock lock(mutex_);
  task_ = &task;
  running_ = count_;
  ++round_;
  started_.notify_all();
  ended_.wait(lock, [&] { return running_ == 0; });
  for (std::exception_ptr& failure : failures_) {
    if (failure) {
      std::exception_ptr first = failure;
      failures_.assign(count_, nullptr);
      std::rethrow_exception(first);
    }
  }
}

void Workers::work(int64_t worker, const std::function<void()>& prepare) {
  prepare();
  for (int64_t seen = 0;;) {
    std::unique_lock lock(mutex_);
    started_.wait(lock, [&] { return stopping_ || round_ != seen; });
    if (stopping_) return;
    seen = round_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      (*task_)(worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    failures_[worker] = failure;
    if (--running_ == 0) ended_.notify_one();
  }
}

}  // namespace heed
