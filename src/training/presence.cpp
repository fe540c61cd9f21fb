#include "training/presence.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <sstream>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "util/awake_clock.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/signals.h"
#include "util/text.h"

namespace heed {
namespace {

std::chrono::duration<double> seconds(double count) { return std::chrono::duration<double>(count); }

std::string key_of(int rank) { return fmt::format("presence/{}", rank); }

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown host";
}

}  // namespace

struct Presence::State {
  // What a process says of itself: that it is there, that it was asked to stop, why it leaves.
  struct Sign {
    std::string name;
    int64_t number = 0, step = 0;
    bool left = false, stopping = false;
    std::string reason;

    std::string text() const {
      return fmt::format("{}\n{}\n{}\n{} {}\n{}", name, number, step, left ? 1 : 0,
                         stopping ? 1 : 0, reason);
    }
    static Sign of(const std::vector<uint8_t>& bytes) {
      std::istringstream text(std::string(bytes.begin(), bytes.end()));
      Sign sign;
      std::getline(text, sign.name);
      text >> sign.number >> sign.step >> sign.left >> sign.stopping;
      text.ignore();
      sign.reason.assign(std::istreambuf_iterator<char>(text), {});
      return sign;
    }
  };

  c10::intrusive_ptr<c10d::Store> store;
  PresenceOptions options;
  std::vector<std::string> keys;
  double period = 1;

  AwakeClock clock;  // a job that was stopped as a whole has lost nobody
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  Sign own;
  std::vector<Sign> signs;    // as read last
  std::vector<double> since;  // when each was new
  double answered = 0;        // when the store answered last
  std::string failure;        // of the store
  bool done = false;          // the thread ends

  bool serves() const { return options.store_of_rank_0 && options.rank == 0; }
  std::string lost(double silence) const;
  bool others_left(double now) const;
  void take(const std::vector<std::vector<uint8_t>>& values);
  std::vector<int> absent() const;
};

void Presence::State::take(const std::vector<std::vector<uint8_t>>& values) {
  answered = clock.seconds();
  for (size_t i = 0; i < values.size(); ++i) {
    Sign sign = Sign::of(values[i]);
    if (sign.number != signs[i].number || sign.left) since[i] = answered;
    signs[i] = std::move(sign);
  }
}

// Empty where none is. Time is counted up to the store's last answer: its own silence is no other
// process's.
std::string Presence::State::lost(double silence) const {
  for (const Sign& sign : signs) {
    if (sign.left && !sign.reason.empty()) return sign.reason;
  }
  double now = clock.seconds();
  if (!failure.empty() || now - answered > silence) {
    std::string what = failure.empty() ? fmt::format("does not answer for {:.1f} s", now - answered)
                                       : "closed the connection";
    return fmt::format("{} {}: {} is lost since step {}", options.store_name, what,
                       options.store_of_rank_0 ? signs[0].name : "its machine", own.step);
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < signs.size(); ++i) {
    if (signs[i].left || answered - since[i] <= silence) continue;
    names.push_back(fmt::format("{} is lost since step {}: no sign of life for {:.1f} s",
                                signs[i].name, signs[i].step, answered - since[i]));
  }
  return join(names, "; ");
}

bool Presence::State::others_left(double now) const {
  for (size_t i = 0; i < signs.size(); ++i) {
    bool gone = signs[i].left || now - since[i] > options.timeout / 2;
    if (!gone && static_cast<int>(i) != options.rank) return false;
  }
  return true;
}

std::vector<int> Presence::State::absent() const {
  std::vector<int> ranks;
  for (int rank = 0; rank < options.size; ++rank) {
    if (!store->check({keys[rank]})) ranks.push_back(rank);
  }
  return ranks;
}

Presence::Presence(c10::intrusive_ptr<c10d::Store> store, const PresenceOptions& options)
    : state_(std::make_shared<State>()) {
  State& state = *state_;
  state.store = std::move(store);
  state.options = options;
  for (int rank = 0; rank < options.size; ++rank) state.keys.push_back(key_of(rank));
  // Each reads all: of many, seldom.
  state.period = std::clamp(options.timeout / 20, 0.05, 1 + options.size / 128.0);
  state.own.name = fmt::format("rank {} of {} ({}, process {})", options.rank, options.size,
                               host_name(), getpid());
  state.store->set(state.keys[options.rank], state.own.text());
  double end = seconds_now() + options.patience;
  while (!state.store->check(state.keys)) {
    if (seconds_now() > end) {
      fail("of {} processes, {} have not come within {:.0f} s (rank {})", options.size,
           state.absent().size(), options.patience, fmt::join(state.absent(), ", "));
    }
    std::this_thread::sleep_for(seconds(0.02));
  }
  state.signs.resize(options.size);
  state.since.assign(options.size, state.clock.seconds());
  state.take(state.store->multiGet(state.keys));
  thread_ = std::thread([shared = state_] { give_signs(shared); });
}

void Presence::give_signs(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  try {
    while (!state->done) {
      ++state->own.number;
      state->own.stopping = stop_signal() != 0;
      State::Sign own = state->own;
      lock.unlock();
      state->store->set(state->keys[state->options.rank], own.text());
      if (own.left && !state->serves()) {  // the store may be gone at once
        lock.lock();
        state->done = true;
        state->changed.notify_all();
        return;
      }
      auto values = state->store->multiGet(state->keys);
      lock.lock();
      state->take(values);
      state->done = own.left && state->others_left(state->clock.seconds());
      state->changed.notify_all();
      if (!state->done) {
        state->changed.wait_for(lock, seconds(own.left ? 0.02 : state->period),
                                [&] { return state->own.left != own.left; });
      }
    }
  } catch (const std::exception& error) {
    if (!lock.owns_lock()) lock.lock();
    state->failure = error.what();
    state->done = true;
    state->changed.notify_all();
  }
}

const std::string& Presence::name() const { return state_->own.name; }

void Presence::at_step(int64_t step) {
  std::lock_guard lock(state_->mutex);
  state_->own.step = step;
}

int64_t Presence::step() const {
  std::lock_guard lock(state_->mutex);
  return state_->own.step;
}

std::optional<std::string> Presence::loss() const {
  std::lock_guard lock(state_->mutex);
  // Ends are to come within the timeout: some of it is for telling.
  std::string lost = state_->lost(0.7 * state_->options.timeout);
  return lost.empty() ? std::nullopt : std::optional(lost);
}

bool Presence::stop_asked() const {
  std::lock_guard lock(state_->mutex);
  return std::ranges::any_of(state_->signs, &State::Sign::stopping);
}

std::string Presence::explain(const std::string& failure) const {
  std::unique_lock lock(state_->mutex);
  std::string lost;
  double silence = std::min(4 * state_->period, 0.5 * state_->options.timeout);
  const AwakeClock& clock = state_->clock;
  double end = clock.seconds() + 0.7 * state_->options.timeout;
  while (lost.empty() && clock.seconds() < end) {
    lost = state_->lost(silence);
    if (lost.empty()) state_->changed.wait_for(lock, seconds(0.05));
  }
  return lost.empty() ? fmt::format("a connection to another process broke at step {}: {}",
                                    state_->own.step, failure)
                      : lost;
}

void Presence::leave(const std::string& reason) {
  std::unique_lock lock(state_->mutex);
  if (!state_->own.left) {
    state_->own.left = true;
    state_->own.reason = reason;
    state_->changed.notify_all();
  }
  state_->changed.wait_for(lock, seconds(0.7 * state_->options.timeout),
                           [&] { return state_->done; });
}

Presence::~Presence() {
  leave(name() + " ended");
  std::unique_lock lock(state_->mutex);
  bool done = state_->done;
  lock.unlock();
  if (done) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace heed
