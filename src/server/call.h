// One caller's translations on their way through an engine: how long they may take, whether anybody
// still waits for them, and how many wait in all.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "server/catalogue.h"

namespace heed {

// Sentences that wait for their translation, of all callers.
struct WaitingSentences {
  std::atomic<int64_t> count = 0;
  std::atomic<int64_t> translated = 0;  // since the start
  int64_t most;                         // beyond it no further caller is let in

  explicit WaitingSentences(int64_t limit) : most(limit) {}
};

class Call {
 public:
  struct Limits {
    std::chrono::seconds deadline;
    std::function<bool()> client_waits;
  };
  // `waiting` must live as long. Throws HttpError (503) where too many wait.
  Call(WaitingSentences& waiting, const Limits& limits);
  // What is not translated yet is not going to be.
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Hands over the translations of each request in order, as they come. So many are in the engine
  // at once that it is busy, and not so many that other callers wait long. Throws HttpError (504)
  // at the deadline, ClientLeft where nobody waits, HttpError (500) for what translating throws.
  using Sink = std::function<void(size_t index, Translated& translated)>;
  // Hears, where it is given, of the draft of the next request in order: the newest one now and
  // then.
  using DraftSink = std::function<void(size_t index, const Draft& draft)>;
  void translate(const ServedModel& model, std::vector<Request> requests, const Sink& sink,
                 const DraftSink& drafts = {});
  // To be called often: throws HttpError (504) at the deadline, ClientLeft where nobody waits.
  void look();

 private:
  Translated take(std::future<Translated>& future);

  WaitingSentences& waiting_;
  Limits limits_;
  std::chrono::steady_clock::time_point until_, next_look_;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  int64_t in_flight_ = 0;
};

}  // namespace heed
