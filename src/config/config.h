// The configuration as plain structs, one per INI section. What each field means, its default and
// its range stand in the option table (options.cpp), nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct DataConfig {
  std::vector<std::string> train_source, train_target;
  std::string dev_source, dev_target;
  int64_t max_length;
  double max_length_ratio;
};

struct TokenizerConfig {
  std::string type;
  int64_t vocab_size;
  bool shared;
  std::string model, source_model, target_model;
  double character_coverage;
  std::string normalization;
  int64_t max_training_lines;
  double sampling_alpha;
};

struct ModelConfig {
  std::string architecture;
  int64_t hidden_size, embedding_size, feed_forward_size;
  int64_t layers, decoder_layers, heads;
  double dropout, embedding_dropout, attention_dropout, feed_forward_dropout;
  std::string norm, positions, activation;
  bool tie_source_target, tie_softmax;
  std::string cell, decoder_order;
  bool input_feeding;
  std::string bridge;
  std::string attention_score, attention_scope, attention_weights;
  int64_t attention_size, attention_heads, attention_window, attention_chunk;
  std::string hard_estimator;
  double hard_share, hard_temperature;
  bool coverage;
  std::string self_attention, self_attention_weights;
  int64_t self_attention_window, relative_reach;
};

struct TrainingConfig {
  int64_t max_steps, max_epochs;
  int64_t batch_tokens, memory_limit, accumulation;  // 0: auto, for the first two
  std::string optimizer;
  double learning_rate, beta1, beta2, epsilon, weight_decay, momentum;
  std::string schedule;
  int64_t warmup_steps, schedule_steps;
  double min_learning_rate, plateau_factor;
  int64_t plateau_patience;
  double label_smoothing, clip_norm, average_decay;
  int64_t average_checkpoints;
  int64_t validate_every, validate_every_epochs, checkpoint_every, report_every;
  std::string stopping_metric;
  int64_t patience;
  int64_t soft_attention_steps;
  double attention_entropy, coverage_loss;
  std::vector<std::string> guided_alignment;
  double guided_alignment_weight;
  std::string on_nan;
  std::string device, precision;
  int64_t threads, replicas, seed;
};

struct DecodingConfig {
  int64_t beam_size, beam_groups;
  double diversity_penalty, length_penalty, coverage_penalty;
  std::string early_stopping, mbr;
  double max_length_ratio;
  int64_t max_length, min_length, no_repeat_ngram;
  int64_t sampling_top_k;
  double sampling_top_p, temperature;
  int64_t seed, shortlist, batch_size;

  // Whether pieces are drawn by their probability instead of searched for.
  bool sampling() const { return sampling_top_k > 0 || sampling_top_p > 0 || temperature != 1; }
};

struct EvaluationConfig {
  int64_t beam_size, batch_size, samples;
  std::string tokenize;
  bool lowercase;
};

struct OutputConfig {
  std::string folder;
  int64_t keep_last, keep_best;
};

struct Config {
  DataConfig data;
  TokenizerConfig tokenizer;
  ModelConfig model;
  TrainingConfig training;
  DecodingConfig decoding;
  EvaluationConfig evaluation;
  OutputConfig output;
};

// Every cross-field check, run before any data is read. Throws UsageError naming the keys, their
// values and what to set.
void check_config(const Config& config);
// The parts of it that a trained model must pass too, and what is set for its translations.
void check_model(const ModelConfig& model);
void check_decoding(const DecodingConfig& decoding);

}  // namespace heed
