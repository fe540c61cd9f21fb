#include "server/call.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "server/http.h"
#include "util/log.h"

namespace heed {
namespace {

constexpr std::chrono::milliseconds kLook(100);  // at whether the client is still there
constexpr std::chrono::milliseconds kRefill(5);  // at whether the engine has room for more
constexpr std::chrono::milliseconds kDraft(5);   // at whether there is a new draft
constexpr int64_t kBatches = 2;  // of one call in the engine: it is busy, and others wait briefly
constexpr int kRetrySeconds = 2;

// The newest draft of a translation, from the thread that searches to the one that tells.
class NewestDraft {
 public:
  void set(const Draft& draft) {
    std::lock_guard lock(mutex_);
    draft_ = draft;
  }
  // None where there is none since the last call.
  std::optional<Draft> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(draft_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::optional<Draft> draft_;
};

bool is_ready(const std::future<Translated>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

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

Translated Call::take(std::future<Translated>& future) {
  --in_flight_;
  --waiting_.count;
  ++waiting_.translated;
  try {
    return future.get();
  } catch (const std::exception& error) {
    log_warning("translating failed: {}", error.what());
    refuse(500, "Cannot translate text: {}", error.what());
  }
}

void Call::translate(const ServedModel& model, std::vector<Request> requests, const Sink& sink,
                     const DraftSink& drafts) {
  const int64_t most = kBatches * model.options.batch_size;
  std::deque<std::future<Translated>> futures;
  std::deque<std::shared_ptr<NewestDraft>> newest;  // of each future; none where nobody listens
  size_t submitted = 0;
  // Keeps so many in the engine; whether there are more.
  auto refill = [&] {
    if (submitted == requests.size()) return false;
    int64_t unfinished = std::ranges::count_if(futures, std::not_fn(is_ready));
    for (; submitted < requests.size() && unfinished < most; ++submitted, ++unfinished) {
      requests[submitted].cancelled = cancelled_;
      if (drafts) {
        auto draft = newest.emplace_back(std::make_shared<NewestDraft>());
        requests[submitted].listen = [draft](const Draft& now) { draft->set(now); };
      }
      // No request waits for others: while the engine is busy they gather by themselves.
      try {
        futures.push_back(model.engine->submit(requests[submitted], Engine::Clock::now()));
      } catch (const DemandError& error) {
        refuse(400, "Invalid request: {}", error.what());
      }
      ++in_flight_;
      ++waiting_.count;
    }
    return submitted < requests.size();
  };
  for (size_t i = 0; i < requests.size(); ++i) {
    bool more = true;
    do {
      more = refill();
      look();
      auto draft = drafts ? newest.front()->take() : std::nullopt;
      if (draft) drafts(i, *draft);
    } while (futures.front().wait_for(drafts ? kDraft
                                      : more ? kRefill
                                             : kLook) != std::future_status::ready);
    Translated translated = take(futures.front());
    futures.pop_front();
    if (drafts) newest.pop_front();
    sink(i, translated);
  }
}

}  // namespace heed
