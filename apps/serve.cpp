// heed serve MODEL...: models over HTTP, and a page to use them.
#include "server/serve.h"
#include "command.h"
#include "config/ini.h"
#include "decoding/shortlist.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

struct ServeFlags {
  std::vector<std::string> folders, directions;
  std::string config;
  std::optional<std::string> host, port;
  ComputeFlags compute;
  DecodingFlags decoding;
};

std::vector<Served> served_of(const ServeFlags& flags) {
  if (flags.directions.size() > flags.folders.size()) {
    fail_usage("--direction comes {} times for {} models: it goes with the models in their order",
               flags.directions.size(), flags.folders.size());
  }
  std::vector<Served> served;
  for (size_t i = 0; i < flags.folders.size(); ++i) {
    served.push_back({flags.folders[i]});
    if (i < flags.directions.size()) served[i].direction = parse_direction(flags.directions[i]);
  }
  return served;
}

ServerConfig server_config(const ServeFlags& flags, std::vector<std::string> overrides) {
  for (const std::string& one : overrides) {
    if (one.starts_with("--server.")) continue;
    fail_usage("command line: {}: not a flag of heed serve, nor --server.key=value", one);
  }
  if (flags.host) overrides.push_back("--server.host=" + *flags.host);
  if (flags.port) overrides.push_back("--server.port=" + *flags.port);
  ServerConfig config = load_config(flags.config, overrides).server;
  // The system takes an empty address for all of them.
  if (is_blank(config.host)) {
    fail_usage("[server] host (--host) is empty: give an address, 0.0.0.0 or :: for all");
  }
  if (config.certificate.empty() != config.private_key.empty()) {
    fail_usage("[server] certificate and private_key go together: set both or none");
  }
  return config;
}

int run_serve(const ServeFlags& flags, const std::vector<std::string>& overrides) {
  set_log_quiet(flags.compute.quiet);
  ServerConfig config = server_config(flags, overrides);
  std::vector<Served> served = served_of(flags);
  auto load = [&](const std::string& folder) {
    LoadedModel model = load_models({folder}, flags.compute.choice);
    DecodingConfig decoding = flags.decoding.over(model.config);
    SearchOptions search(decoding);
    search.lexicon = load_shortlist({folder}, model, decoding);
    LineFlags lines;
    lines.options.split_long = true;
    EngineOptions options = engine_options(search, lines, flags.compute);
    return std::pair(std::move(model), std::move(options));
  };
  return serve(config, [&] { return Catalogue(served, load); });
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("serve", "Serve models over HTTP, with a page to use them");
  auto flags = std::make_shared<ServeFlags>();
  command->add_option("folders", flags->folders, "Model folders, one a direction")->required();
  command->add_option("--host", flags->host, "Address to listen on (127.0.0.1)");
  command->add_option("--port", flags->port, "Port to listen on (5000); 0: any free one");
  command
      ->add_option("--direction", flags->directions,
                   "Languages of a model, as en-de; again for the next model, in their order")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--config", flags->config, "INI file with the section [server]");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->allow_extras();
  command->callback([flags, command, &run] {
    run.work = [flags, command] { return run_serve(*flags, overrides_of(*command)); };
  });
}

}  // namespace heed
