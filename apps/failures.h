// How a command that failed says so: one line on stderr, and the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

namespace heed {

inline constexpr int kDone = 0, kFailure = 1, kUsage = 2;

// Runs `action`, and says of every exception what, where and what to do: those of libraries too,
// whose own words are for those who develop with them. `command` is the subcommand's name.
int run_reporting(const std::string& command, const std::function<int()>& action);

// The message about the first word of the command line that is no command or flag of `app`, with
// the nearest one that is; nothing where all are known.
std::optional<std::string> unknown_word(CLI::App& app, const std::vector<std::string>& words);

int report(const std::string& message, int exit_code);

}  // namespace heed
