// How a command that failed says so: one line on stderr, and the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace heed {

inline constexpr int kDone = 0, kFailure = 1, kUsage = 2;

// Runs `action`, and says of every exception what, where and what to do: those of libraries too,
// whose own words are for those who develop with them. `command` is the subcommand's name.
int run_reporting(const std::string& command, const std::function<int()>& action);

// The message about a command line that `app` has refused: its first word that is no command or
// flag, with the nearest one that is; where all are known, the library's.
std::string usage_fault(CLI::App& app, const std::vector<std::string>& words,
                        const CLI::ParseError& error);

int report(const std::string& message, int exit_code);

}  // namespace heed
