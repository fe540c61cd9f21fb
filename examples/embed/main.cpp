// Trains a tiny model on two text files and translates a sentence with it, all inside one program.
//
//   embed SOURCE TARGET FOLDER SENTENCE
#include <cstdio>
#include <exception>

#include "config/options.h"
#include "decoding/engine.h"
#include "inference/load.h"
#include "training/train.h"

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: embed SOURCE TARGET FOLDER SENTENCE\n");
    return 2;
  }
  try {
    heed::Config config = heed::default_config();
    config.data.train_source = {argv[1]};
    config.data.train_target = {argv[2]};
    config.data.dev_source = argv[1];
    config.data.dev_target = argv[2];
    config.output.folder = argv[3];
    config.tokenizer.vocab_size = 300;
    config.model.hidden_size = 32;
    config.model.feed_forward_size = 64;
    config.model.layers = 1;
    config.model.heads = 2;
    config.training.max_steps = 10;
    config.training.warmup_steps = 2;
    heed::train(config, heed::StartMode::kResumeIfThere);

    heed::LoadedModel model = heed::load_models({config.output.folder}, {});
    heed::EngineOptions options{.search = heed::SearchOptions(model.config.decoding)};
    heed::Engine engine(std::move(model), options);
    heed::Translated done = engine.translate({{.text = argv[4]}}).front();
    std::printf("%s\n", done.translations.front().text.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "embed: %s\n", error.what());
    return 1;
  }
  return 0;
}
