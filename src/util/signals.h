// Signals: the end at once, or a request to stop or to save, seen between two steps of work. One
// that whoever started the process has it ignore (nohup, say) stays ignored.
#pragma once

namespace heed {

// From now on SIGHUP, SIGINT, SIGTERM and SIGXCPU (the limit of processor time) end the process at
// once, with exit code 129, 130, 143 or 152, and remove what is half-written (Leftover). A broken
// pipe, or a file grown beyond its limit, becomes an error of the write that meets it.
void watch_signals();

// From now on the first such signal is remembered; the second ends the process, or, where whoever
// started the process passes on what a terminal has sent to all, changes nothing. A closed terminal
// may send SIGHUP more than once, and SIGXCPU comes every second, so that a second one of these
// changes nothing either.
enum class SecondSignal { kEnds, kIsIgnored };
void stop_on_request(SecondSignal second);

// The signal that asked for a stop; 0 for none.
int stop_signal();

// From now on SIGUSR1 and SIGUSR2 ask for the work to be saved.
void save_on_request();

// Whether one has come since the last call.
bool take_save_request();

}  // namespace heed
