// Section [training] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/choice.h"

namespace heed {

using ScheduleKind = Choice<"constant", "inverse_sqrt", "linear", "cosine", "plateau">;
using ObjectiveKind = Choice<"cross_entropy", "r_drop", "simcut", "minimum_risk">;
using StoppingMetric = Choice<"loss", "perplexity", "bleu", "command">;

struct TrainingConfig {
  int64_t max_steps, max_epochs;
  int64_t batch_tokens, memory_limit, accumulation;  // 0: auto, for the first two
  Choice<"adam", "adamw", "sgd"> optimizer;
  double learning_rate, beta1, beta2, epsilon, weight_decay, momentum;
  ScheduleKind schedule;
  int64_t warmup_steps, schedule_steps;
  double min_learning_rate, plateau_factor;
  int64_t plateau_patience;
  ObjectiveKind objective;
  double consistency, cutoff, word_dropout;
  int64_t risk_samples;
  double risk_sharpness, risk_share;
  Choice<"bleu", "chrf"> risk_metric;
  double label_smoothing, clip_norm, average_decay;
  int64_t average_checkpoints;
  Choice<"best", "last"> average_choice;
  int64_t validate_every, validate_every_epochs, checkpoint_every, report_every;
  StoppingMetric stopping_metric;
  int64_t patience;
  int64_t soft_attention_steps;
  double attention_entropy, coverage_loss;
  std::vector<std::string> guided_alignment;
  double guided_alignment_weight;
  std::string initial_model;
  std::vector<std::string> initial_parts, frozen;  // see model/parts.h
  std::string validation_command;
  Choice<"maximize", "minimize"> validation_command_goal;
  int64_t validation_command_timeout;  // seconds
  Choice<"skip", "stop"> on_nan;
  std::string device;
  Choice<"auto", "float32", "bfloat16"> precision;
  int64_t threads, replicas, seed;
  Choice<"float32", "bfloat16"> reduce_precision;  // of what processes exchange
  double timeout;                                  // seconds
};

}  // namespace heed
