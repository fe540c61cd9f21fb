// Signs of life of a training's processes, over c10d's store: who is lost, since when, and why.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace c10d {
class Store;
}

namespace heed {

struct PresenceOptions {
  int rank = 0, size = 1;
  double timeout = 60;          // seconds: training.timeout
  double patience = 300;        // seconds that all may take to come
  std::string store_name;       // for messages
  bool store_of_rank_0 = true;  // which stays until all have left
};

// A thread of this process gives signs and reads those of the others. A process that computes for
// long is there; one that was killed, stopped or cut off is not. Time in which this process itself
// was stopped does not count: a job that was stopped as a whole goes on.
class Presence {
 public:
  // Waits for all to come. Nothing else may use this client of the store. Throws Error naming those
  // that have not come.
  Presence(c10::intrusive_ptr<c10d::Store> store, const PresenceOptions& options);
  ~Presence();
  Presence(const Presence&) = delete;

  // "rank 2 of 4 (host, process 1234)": this process.
  const std::string& name() const;

  void at_step(int64_t step);
  int64_t step() const;

  // Whether any process has a signal to stop; all learn of it within a second or two.
  bool stop_asked() const;

  // Who is lost or has left with a reason; nothing while all are there.
  std::optional<std::string> loss() const;
  // The same after a connection broke: waits until it is known, the timeout at most.
  std::string explain(const std::string& failure) const;

  // The last sign: `reason` is what the others say where they end for it; empty: all is done.
  void leave(const std::string& reason);

 private:
  struct State;
  static void give_signs(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // the thread's too: it may hang in a call that nothing answers
  std::thread thread_;
};

}  // namespace heed
