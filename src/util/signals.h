// SIGINT and SIGTERM: the end at once, or a request to stop, seen between two steps of work.
#pragma once

namespace heed {

// From now on such a signal ends the process at once, with exit code 130 or 143. A broken pipe
// becomes an error of the write that meets it.
void watch_signals();

// From now on the first such signal is remembered; the second ends the process.
void stop_on_request();

// The signal that asked for a stop; 0 for none.
int stop_signal();

}  // namespace heed
