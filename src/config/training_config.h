// Section [training] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct TrainingConfig {
  int64_t max_steps, max_epochs;
  int64_t batch_tokens, memory_limit, accumulation;  // 0: auto, for the first two
  std::string optimizer;
  double learning_rate, beta1, beta2, epsilon, weight_decay, momentum;
  std::string schedule;
  int64_t warmup_steps, schedule_steps;
  double min_learning_rate, plateau_factor;
  int64_t plateau_patience;
  std::string objective;
  double consistency, cutoff, word_dropout;
  int64_t risk_samples;
  double risk_sharpness, risk_share;
  std::string risk_metric;
  double label_smoothing, clip_norm, average_decay;
  int64_t average_checkpoints;
  std::string average_choice;
  int64_t validate_every, validate_every_epochs, checkpoint_every, report_every;
  std::string stopping_metric;
  int64_t patience;
  int64_t soft_attention_steps;
  double attention_entropy, coverage_loss;
  std::vector<std::string> guided_alignment;
  double guided_alignment_weight;
  std::string initial_model;
  std::vector<std::string> initial_parts, frozen;  // see model/parts.h
  std::string validation_command, validation_command_goal;
  int64_t validation_command_timeout;  // seconds
  std::string on_nan;
  std::string device, precision;
  int64_t threads, replicas, seed;
  std::string reduce_precision;  // of what processes exchange
  double timeout;                // seconds
};

}  // namespace heed
