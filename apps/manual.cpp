// heed manual: the manual page of the command line, made from it and from the option table.
#include <fmt/format.h>

#include <string_view>

#include "command.h"
#include "config/render.h"
#include "util/version.h"

namespace heed {
namespace {

// Text for troff: a backslash, a dash, and a dot or quote at the start of a line mean something to
// it.
std::string roff(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
      out += c;
    }
  }
  return out;
}

std::string option_entry(const CLI::Option& option) {
  std::string type = option.get_type_name();
  return fmt::format(".TP\n\\fB{}\\fR {}\n{}\n", roff(option.get_name(true, true)), roff(type),
                     roff(option.get_description()));
}

std::string command_entry(const CLI::App& command) {
  std::string out =
      fmt::format(".SS heed {}\n{}.\n", command.get_name(), roff(command.get_description()));
  for (const CLI::Option* option : command.get_options()) out += option_entry(*option);
  for (const CLI::App* sub : command.get_subcommands({})) {
    out += fmt::format(".PP\n\\fBheed {} {}\\fR: {}.\n", command.get_name(), sub->get_name(),
                       roff(sub->get_description()));
    for (const CLI::Option* option : sub->get_options()) out += option_entry(*option);
  }
  return out;
}

int print_manual(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH HEED 1 \"\" \"heed {}\"\n.SH NAME\nheed \\- {}\n.SH SYNOPSIS\n"
      ".B heed\n\\fICOMMAND\\fR [\\fIOPTION\\fR ...]\n.SH COMMANDS\n",
      HEED_VERSION, roff(app.get_description()));
  for (const CLI::App* command : app.get_subcommands({})) {
    page += command_entry(*command);
  }
  page +=
      ".SH EXIT STATUS\n0 done; 1 bad input or a failure; 2 wrong usage or configuration; 129, "
      "130, 143 and 152 after SIGHUP, SIGINT, SIGTERM and SIGXCPU.\n.SH CONFIGURATION\n.nf\n";
  write_whole("-", page + roff(render_options_text()) + ".fi\n");
  return 0;
}

}  // namespace

void add_manual(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("manual", "Print the manual page, for man");
  command->callback([&app, &run] {
    run = {.work = [&app] { return print_manual(app); }, .needs_libtorch = false};
  });
}

}  // namespace heed
