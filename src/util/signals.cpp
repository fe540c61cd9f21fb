#include "util/signals.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

#include "util/leftovers.h"

namespace heed {
namespace {

volatile std::sig_atomic_t on_request = 0, requested = 0, save_requested = 0, ignores_second = 0;

void on_stop(int signal) {
  bool again = requested != 0 && ignores_second == 0;
  bool repeats = signal == SIGHUP || signal == SIGXCPU;
  if (on_request != 0 && again && repeats) return;
  if (on_request == 0 || again) {
    remove_leftovers();
    _exit(128 + signal);
  }
  requested = signal;
}

void on_save(int) { save_requested = 1; }

void watch(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_signals() {
  for (int signal : {SIGHUP, SIGINT, SIGTERM, SIGXCPU}) watch(signal, on_stop);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void stop_on_request(SecondSignal second) {
  ignores_second = second == SecondSignal::kIsIgnored ? 1 : 0;
  on_request = 1;
}

int stop_signal() { return requested; }

void save_on_request() {
  for (int signal : {SIGUSR1, SIGUSR2}) watch(signal, on_save);
}

bool take_save_request() {
  if (save_requested == 0) return false;
  save_requested = 0;  // one that comes between is part of this one
  return true;
}

}  // namespace heed
