// heed: a subcommand a task. The executable comes twice, see libtorch.h.
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "command.h"
#include "failures.h"
#include "libtorch.h"
#include "util/descriptors.h"
#include "util/paths.h"
#include "util/signals.h"
#include "util/version.h"

namespace {

// Ends the process with all that was written and without LibTorch's taking down of its tables of
// operators, which costs a short run a fifth of its time.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

// Prints --help or --version. The library itself would not notice a write that fails.
int print_help(const CLI::App& app, const CLI::ParseError& asked) {
  std::ostringstream text;
  int code = app.exit(asked, text, text);
  heed::write_whole("-", text.str());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  int held = heed::run_reporting("heed", [] {
    heed::descriptors::hold_standard_streams();
    return 0;
  });
  if (held != 0) return held;
  heed::watch_signals();
  CLI::App app{"heed: neural machine translation with attention you can see"};
  app.set_version_flag("--version", std::string("heed ") + HEED_VERSION);
  app.require_subcommand(1);
  heed::Run run;
  heed::add_train(app, run);
  heed::add_translate(app, run);
  heed::add_evaluate(app, run);
  heed::add_score(app, run);
  heed::add_tokenize(app, run);
  heed::add_inspect(app, run);
  heed::add_report(app, run);
  heed::add_average(app, run);
  heed::add_import(app, run);
  heed::add_export(app, run);
  heed::add_options(app, run);
  heed::add_info(app, run);
  heed::add_manual(app, run);
  heed::add_completion(app, run);
  heed::add_serve(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return heed::run_reporting("--help", [&] { return print_help(app, error); });
    }
    return heed::report(heed::usage_fault(app, {argv + 1, argv + argc}, error), heed::kUsage);
  }
  const CLI::App& command = *app.get_subcommands().front();
  leave(heed::run_reporting(command.get_name(), [&] {
    heed::check_given(command);
    if (run.needs_libtorch) {
      heed::check_current_folder();  // LibTorch's libraries end the process where it is gone
      heed::need_libtorch(argv);
    }
    return run.work();
  }));
}
