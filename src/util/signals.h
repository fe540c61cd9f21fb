// SIGINT and SIGTERM as a request to stop, seen between two steps of work.
#pragma once

namespace heed {

// From now on the first such signal is remembered and the second ends the process at once, with
// exit code 130 or 143. A broken pipe becomes an error of the write that meets it.
void watch_signals();

// The signal that asked for a stop; 0 for none.
int stop_signal();

}  // namespace heed
