#include "failures.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "libtorch.h"
#include "util/error.h"
#include "util/log.h"
#include "util/output_file.h"
#include "util/text.h"

namespace heed {
namespace {

// What takes memory, and is the user's to choose.
std::string out_of_memory(const std::string& command, const std::string& asked) {
  std::string advice = "lower --batch-size, --beam-size or --threads, or take a smaller model";
  if (command == "train") {
    advice =
        "lower [training] batch_tokens or replicas, [tokenizer] max_training_lines, or the model's "
        "size ([model] hidden_size, layers)";
  }
  if (command == "tokenize") advice = "give less text, or a smaller --vocab-size";
  return fmt::format("out of memory{}: {}", asked, advice);
}

// LibTorch's allocators say how much was asked for: "... you tried to allocate 1234 bytes".
std::optional<std::string> asked_for(const std::string& text) {
  bool memory = text.find("DefaultCPUAllocator") != std::string::npos ||
                text.find("out of memory") != std::string::npos;
  if (!memory) return std::nullopt;
  constexpr std::string_view kAsked = "tried to allocate ";
  size_t at = text.find(kAsked);
  if (at == std::string::npos) return "";
  std::string amount = text.substr(at + kAsked.size());
  amount.resize(std::min(amount.find_first_not_of("0123456789"), amount.size()));
  auto bytes = parse_int(amount);
  return bytes ? fmt::format(" ({} MiB more were wanted)", with_commas((*bytes >> 20) + 1)) : "";
}

// The first line of LibTorch's errors says what was wrong, behind where in its sources; the rest is
// its own call stack.
std::string in_one_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.starts_with("[enforce fail at ")) text.erase(0, text.find("] ") + 2);
  return text;
}

std::string of_libtorch(const std::string& command, const std::string& text) {
  auto asked = asked_for(text);
  return asked ? out_of_memory(command, *asked) : "LibTorch: " + in_one_line(text);
}

std::string of_files(const std::filesystem::filesystem_error& error) {
  std::string path = error.path1().string();
  return path.empty() ? error.code().message() : path + ": " + error.code().message();
}

std::string of_system(const std::system_error& error) {
  if (error.code() != std::errc::resource_unavailable_try_again) return error.code().message();
  return "the system gives no more threads or memory: lower --threads, or raise the limit (ulimit)";
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

}  // namespace

int report(const std::string& message, int exit_code) {
  show_status_line("");
  log_line(LogLevel::kError, message);
  return exit_code;
}

int run_reporting(const std::string& command, const std::function<int()>& action) {
  try {
    return action();
  } catch (const BrokenPipe&) {
    return kDone;  // whoever reads the output has had enough
  } catch (const UsageError& error) {
    return report(error.what(), kUsage);
  } catch (const Error& error) {
    return report(error.what(), kFailure);
  } catch (const std::bad_alloc&) {
    return report(out_of_memory(command, ""), kFailure);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(of_files(error), kFailure);
  } catch (const std::system_error& error) {
    return report(of_system(error), kFailure);
  } catch (const std::exception& error) {
    if (auto text = libtorch_message(error)) return report(of_libtorch(command, *text), kFailure);
    return report(fmt::format("a fault in heed {}: {}", command, in_one_line(error.what())),
                  kFailure);
  }
}

std::string usage_fault(CLI::App& app, const std::vector<std::string>& words,
                        const CLI::ParseError& error) {
  CLI::App* at = &app;
  std::string path = "heed";
  auto message = [&](const char* kind, const std::string& word,
                     const std::vector<std::string>& known) {
    std::string near = nearest_name(word, known);
    return fmt::format("{}: no {} {}{}; {} --help lists them", path, kind, printable(word, 80),
                       near.empty() ? "" : fmt::format(": did you mean {}?", near), path);
  };
  for (const std::string& word : words) {
    std::vector<CLI::App*> commands = at->get_subcommands({});
    auto meant = std::ranges::find(commands, word, &CLI::App::get_name);
    if (meant != commands.end()) {
      at = *meant;
      path += " " + word;
    } else if (!commands.empty() && !word.starts_with('-')) {
      std::vector<std::string> names;
      for (const CLI::App* command : commands) names.push_back(command->get_name());
      return message("command", word, names);
    } else if (word.starts_with("--") && word.size() > 2) {
      std::string flag = word.substr(0, word.find('='));
      bool key = at->get_allow_extras() && flag.find('.') != std::string::npos;
      if (!key && at->get_option_no_throw(flag) == nullptr) {
        return message("flag", flag, flags_of(*at));
      }
    }
  }
  return fmt::format("{}: {}; {} --help says more", path, in_one_line(error.what()), path);
}

}  // namespace heed
