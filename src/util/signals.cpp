#include "util/signals.h"

#include <unistd.h>

#include <csignal>

namespace heed {
namespace {

volatile std::sig_atomic_t on_request = 0, requested = 0;

void on_signal(int signal) {
  if (on_request == 0 || requested != 0) _exit(128 + signal);
  requested = signal;
}

}  // namespace

void watch_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void stop_on_request() { on_request = 1; }

int stop_signal() { return requested; }

}  // namespace heed
