// A training of seconds on some lines of the sample corpus, from its configuration to its end.
#pragma once

#include "kernels/torch.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "config/options.h"
#include "training/trainer.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"

namespace heed {

class SmallRun {
 public:
  SmallRun() : config(default_config()) {
    for (const char* side : {"en", "de"}) {
      copy_lines("train", side, 60);
      copy_lines("dev", side, 6);
    }
    config.data.train_source = {temp_.file("train.en")};
    config.data.train_target = {temp_.file("train.de")};
    config.data.dev_source = temp_.file("dev.en");
    config.data.dev_target = temp_.file("dev.de");
    config.tokenizer.type = "char";
    config.model.hidden_size = config.model.feed_forward_size = 16;
    config.model.heads = 2;
    config.model.layers = 1;
    config.training.max_steps = config.training.validate_every = 8;
    config.training.batch_tokens = 600;
    config.training.warmup_steps = 1;
    config.training.learning_rate = 0.02;
    config.training.threads = config.training.replicas = 1;
    config.training.precision = "float32";
    config.decoding.max_length = 15;
    config.evaluation.beam_size = 2;
    config.evaluation.samples = 6;
    config.output.folder = temp_.file("model");
  }

  // Trains to the end; returns what Trainer::run() does.
  int train(Communicator& communicator) {
    Config whole = checked(config);
    RunFolder folder(whole.output.folder, StartMode::kResumeIfThere);
    Setup setup(whole, &folder, communicator);
    int signal = Trainer(setup, communicator).run();
    state = setup.state;
    weights.clear();
    for (const auto& [name, weight] : setup.parameters->weights()) weights[name] = weight.clone();
    return signal;
  }
  int train() {
    OneProcess alone;
    return train(alone);
  }

  ModelFolder folder() const { return {config.output.folder}; }
  std::vector<std::string> dev_lines() const { return read_lines(config.data.dev_source); }

  Config config;
  TrainingState state;  // as it was left
  WeightMap weights;

 private:
  void copy_lines(const std::string& part, const std::string& side, size_t count) {
    std::vector<std::string> lines = read_lines(HEED_SOURCE_DIR "/data/" + part + "." + side);
    std::string text;
    for (size_t i = 0; i < count; ++i) text += lines.at(i) + "\n";
    temp_.write(part + "." + side, text);
  }

  TempFolder temp_;
};

// Expects a training that ends after half of its steps and then goes on to have the weights of one
// that does not, to the last bit. `set` makes the configuration of both, max_steps included.
inline void expect_exact_resume(const std::function<void(Config&)>& set) {
  SmallRun whole, parts;
  for (SmallRun* run : {&whole, &parts}) set(run->config);
  whole.train();
  parts.config.training.max_steps = whole.config.training.max_steps / 2;
  parts.train();
  parts.config.training.max_steps = whole.config.training.max_steps;
  parts.train();
  ASSERT_EQ(parts.weights.size(), whole.weights.size());
  for (const auto& [weight, tensor] : whole.weights) {
    EXPECT_TRUE(parts.weights.at(weight).equal(tensor)) << weight;
  }
}

}  // namespace heed
