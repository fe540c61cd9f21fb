// Signals: the end at once, or a request to stop or to save, seen between two steps of work. One
// that whoever started the process has it ignore (nohup, say) stays ignored.
#pragma once

namespace heed {

// From now on SIGHUP, SIGINT, SIGTERM and SIGXCPU (the limit of processor time) end the process at
// once, with exit code 129, 130, 143 or 152, and remove what is half-written (Leftover). A broken
// pipe, or a file grown beyond its limit, becomes an error of the write that meets it.
void watch_signals();

// From now on the first such signal is remembered. The second ends the process (kEnds) or changes
// nothing (kIsIgnored): who starts several processes may pass on to each what a terminal has sent
// to all. A second SIGHUP or SIGXCPU never ends it: a closed terminal may send several of the
// first, and the other comes every second.
enum class SecondSignal { kEnds, kIsIgnored };
void stop_on_request(SecondSignal second);

// The signal that asked for a stop; 0 for none.
int stop_signal();

// From now on SIGUSR1 and SIGUSR2 ask for the work to be saved.
void save_on_request();

// Whether one has come since the last call.
bool take_save_request();

}  // namespace heed
