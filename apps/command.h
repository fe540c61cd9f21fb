// What the subcommands share. Each is one file: it adds its flags to the command line and a
// function that runs it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "decoding/stream.h"
#include "inference/load.h"

namespace heed {

// The chosen subcommand.
struct Run {
  std::function<int()> work;  // returns the exit code
  bool needs_libtorch = true;
};

void add_train(CLI::App& app, Run& run);
void add_translate(CLI::App& app, Run& run);
void add_evaluate(CLI::App& app, Run& run);
void add_score(CLI::App& app, Run& run);
void add_tokenize(CLI::App& app, Run& run);
void add_inspect(CLI::App& app, Run& run);
void add_report(CLI::App& app, Run& run);
void add_average(CLI::App& app, Run& run);
void add_import(CLI::App& app, Run& run);
void add_export(CLI::App& app, Run& run);
void add_options(CLI::App& app, Run& run);
void add_info(CLI::App& app, Run& run);
void add_manual(CLI::App& app, Run& run);
void add_completion(CLI::App& app, Run& run);
void add_serve(CLI::App& app, Run& run);

// Throws UsageError where standard input ("-") is to be read twice, or where a file to be written
// is one that is read, or written as well, or one of any trained model. Empty paths are none.
void check_paths(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

// Throws UsageError where a positional or required argument, or --input or --output, is an empty
// text: a script's variable that is not set, as a rule.
void check_given(const CLI::App& command);

// Checks a flag's value: a whole number from `least` to `most`.
CLI::Validator whole_number(int64_t least, int64_t most);

// Writes a file that is there whole or not at all; "-" is standard output. Throws Error naming it.
void write_whole(const std::string& path, const std::string& content);

// What a command that allows extras was given beside its own flags, as overrides of configuration
// keys: "--a.b=c" as it is, "--a.b c" joined. Throws UsageError for anything else.
std::vector<std::string> overrides_of(const CLI::App& command);

// --device, --threads, --precision, --quiet of the commands that use a model.
struct ComputeFlags {
  ComputeChoice choice;
  bool quiet = false;

  void add_to(CLI::App& command);
  int64_t workers() const { return thread_count(choice); }  // batches at the same time
};

// A flag for each row of the table's [decoding] section: --beam-size over decoding.beam_size.
struct DecodingFlags {
  std::map<std::string, std::string> given;  // by key

  void add_to(CLI::App& command);
  // The model's own values where a flag was not given. Throws UsageError for one out of range, or
  // for values that contradict each other.
  DecodingConfig over(const Config& config) const;
};

// The engine's options of these flags: `search` is what the search is to do.
struct LineFlags;
EngineOptions engine_options(const SearchOptions& search, const LineFlags& lines,
                             const ComputeFlags& compute);

// The model folder, and --model again for an ensemble.
struct ModelFlags {
  std::string folder;
  std::vector<std::string> more;

  // The positional is for the caller to require.
  CLI::Option* add_to(CLI::App& command);
  std::vector<std::string> folders() const;
};

// What is read of these models: nothing else may be written over it. Throws Error where there is no
// model.
std::vector<std::string> model_files(const std::vector<std::string>& folders);

// --source-tag, --split-sentences, --split-long, --replace-unknown: what happens to lines around
// the search.
struct LineFlags {
  LineOptions options;
  std::string dictionary;  // a file

  void add_to(CLI::App& command);
  LineOptions read() const;  // with the dictionary read
};

}  // namespace heed
