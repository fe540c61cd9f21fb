// What the option table gives besides parsing: a resolved configuration, the reference, the docs.
#pragma once

#include <string>

#include "config/config.h"

namespace heed {

// Every key of a model's configuration with its value, as an INI text that parse_config reads back
// to an equal Config.
std::string render_config(const Config& config);

// `heed options --format ini`: every key at its default, its help and values as comments above.
std::string render_reference_ini();
// `--format markdown`: docs/options.md, a table a section.
std::string render_options_markdown();
// `--format text`: for a terminal, lines of at most 100 characters.
std::string render_options_text();

}  // namespace heed
