// heed completion: a shell's completion of commands, flags and configuration keys, made from the
// command line and the option table.
#include <fmt/format.h>

#include "command.h"
#include "config/options.h"

namespace heed {
namespace {

// "--beam-size --n-best ...": the long flags of a command and of what stands below it.
std::string flags_of(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) out += " --" + name;
  }
  for (const CLI::App* sub : command.get_subcommands({}))
    out += " " + sub->get_name() + flags_of(*sub);
  return out;
}

// "--data.train_source= ...": heed train takes each key as a flag.
std::string keys() {
  std::string out;
  for (const Option& option : option_table())
    out += fmt::format(" --{}.{}=", option.section, option.key);
  return out;
}

// One function in the words that bash and zsh (through bashcompinit) share: the second word is a
// command; what begins with a dash is a flag of that command; all else is a file.
std::string bash_script(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += " " + command->get_name();
    cases += fmt::format("    {}) words=\"{}{}\" ;;\n", command->get_name(), flags_of(*command),
                         command->get_name() == "train" ? keys() : "");
  }
  return fmt::format(R"(_heed() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "{}" -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [[ ${{COMPREPLY[0]:-}} == *= ]]; then compopt -o nospace 2>/dev/null; fi
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -F _heed heed
)",
                     commands, cases);
}

std::string zsh_script(const CLI::App& app) {
  return "#compdef heed\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

int print_completion(const CLI::App& app, const std::string& shell) {
  write_whole("-", shell == "zsh" ? zsh_script(app) : bash_script(app));
  return 0;
}

}  // namespace

void add_completion(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("completion",
                                     "Print a shell's completion: source <(heed completion bash)");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("shell", *shell, "bash or zsh")
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->capture_default_str();
  command->callback([&app, shell, &run] {
    run = {.work = [&app, shell] { return print_completion(app, *shell); },
           .needs_libtorch = false};
  });
}

}  // namespace heed
