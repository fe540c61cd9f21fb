// heed options: the table of every configuration key.
#include "command.h"
#include "config/render.h"

namespace heed {
namespace {

int print_options(const std::string& format) {
  auto render = format == "ini"        ? render_reference_ini
                : format == "markdown" ? render_options_markdown
                                       : render_options_text;
  write_whole("-", render());
  return 0;
}

}  // namespace

void add_options(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("options", "Print every configuration key");
  auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "ini, markdown or text")
      ->check(CLI::IsMember({"ini", "markdown", "text"}))
      ->capture_default_str();
  command->callback([format, &run] {
    run = {.work = [format] { return print_options(*format); }, .needs_libtorch = false};
  });
}

}  // namespace heed
