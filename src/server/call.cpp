#include "server/call.h"

#include <deque>

#include "server/http.h"
#include "util/log.h"

namespace heed {
namespace {

constexpr std::chrono::milliseconds kLook(100);  // at whether the client is still there
constexpr int kRetrySeconds = 2;

}  // namespace

Call::Call(WaitingSentences& waiting, const Limits& limits)
    : waiting_(waiting),
      limits_(limits),
      until_(std::chrono::steady_clock::now() + limits.deadline),
      next_look_(std::chrono::steady_clock::now()) {
  if (waiting_.count < waiting_.most) return;
  throw HttpError(503, fmt::format("{} sentences wait for their translation (server.max_queue): "
                                   "try again in a few seconds",
                                   waiting_.count.load()))
      .retry_after(kRetrySeconds);
}

Call::~Call() {
  *cancelled_ = true;
  waiting_.count -= in_flight_;
}

void Call::look() {
  auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + kLook;
  if (!limits_.client_waits()) throw ClientLeft();
  if (now < until_) return;
  refuse(504, "The translation took longer than {} s (server.deadline)", limits_.deadline.count());
}

Translated Call::wait_for(std::future<Translated>& future) {
  do {
    look();
  } while (future.wait_for(kLook) != std::future_status::ready);
  --in_flight_;
  --waiting_.count;
  try {
    return future.get();
  } catch (const std::exception& error) {
    log_warning("translating failed: {}", error.what());
    refuse(500, "Cannot translate text: {}", error.what());
  }
}

void Call::translate(const ServedModel& model, std::vector<Request> requests, const Sink& sink) {
  const size_t most = 2 * static_cast<size_t>(model.options.batch_size);
  std::deque<std::future<Translated>> futures;
  size_t submitted = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    for (; submitted < requests.size() && futures.size() < most; ++submitted) {
      requests[submitted].cancelled = cancelled_;
      // No request waits for others: while the engine is busy they gather by themselves.
      futures.push_back(model.engine->submit(requests[submitted], Engine::Clock::now()));
      ++in_flight_;
      ++waiting_.count;
    }
    Translated translated = wait_for(futures.front());
    futures.pop_front();
    sink(i, translated);
  }
}

}  // namespace heed
