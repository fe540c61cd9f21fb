// Targets: what stands in the folders of trainings and of other toolkits.
#include "exchange/marian_yaml.h"
#include "fuzz/answer.h"
#include "fuzz/memory_file.h"
#include "report/training_run.h"
#include "training/training_state.h"
#include "util/zip_archive.h"

namespace heed::fuzz {

void training_state(std::string_view bytes) {
  answer([&] {
    std::string written = to_text(state_from(std::string(bytes)));
    require(to_text(state_from(written)) == written);
  });
}

// A page of a training: metrics.jsonl and validations.tsv, one behind the other's blank line.
void training_run(std::string_view bytes) {
  size_t half = bytes.find("\n\n");
  MemoryFile metrics(bytes.substr(0, half));
  MemoryFile rows(half == std::string_view::npos ? "" : bytes.substr(half + 2));
  answer([&] {
    TrainingRun run = read_training("fuzz", {"", metrics.path(), rows.path()});
    for (const auto& [step, point] : run.validations) require(step >= 0);
  });
}

void zip_archive(std::string_view bytes) {
  answer([&] {
    ZipArchive archive("fuzz.zip", std::string(bytes));
    for (const auto& [name, member] : archive.members()) {
      require(!("/" + name).ends_with("/..") && ("/" + name).find("/../") == std::string::npos);
      answer([&] { require(archive.read(name).size() == member.size); });
    }
  });
}

void marian_yaml(std::string_view bytes) {
  std::string text(bytes);
  answer([&] {
    MarianOptions options(text, "fuzz.yml");
    options.list("vocabs");
    options.text("type", "");
    options.number("dim-emb", 1);
  });
  answer([&] { read_marian_vocabulary(text, "fuzz.yml"); });
}

}  // namespace heed::fuzz
