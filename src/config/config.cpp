#include "config/config.h"

#include <algorithm>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

// A piece that stands in a text as it is.
void check_piece(const char* key, const std::string& piece) {
  if (piece.empty()) fail_usage("{}: a piece that is never split is empty: leave it out", key);
  if (auto bad = find_text_fault(piece)) {
    fail_usage("{}: {}: a piece that is never split is no text: {}", key, printable(piece), *bad);
  }
  const char* fault = nullptr;
  auto spaces = to_utf32(piece);
  if (std::ranges::any_of(spaces, is_space) || piece.find(kWordMark) != std::string::npos) {
    fault = "has a space in it";
  }
  for (const char* special : {"<pad>", "<unk>", "<s>", "</s>"}) {
    if (piece == special) fault = "is one of the special pieces";
  }
  if (fault) fail_usage("{}: {}: a piece that is never split {}", key, printable(piece), fault);
}

void check_data(const DataConfig& data) {
  if (!data.train.empty() && !(data.train_source.empty() && data.train_target.empty())) {
    fail_usage("[data] train has both sides: leave out train_source and train_target, or train");
  }
  if (!data.dev.empty() && !(data.dev_source.empty() && data.dev_target.empty())) {
    fail_usage("[data] dev has both sides: leave out dev_source and dev_target, or dev");
  }
  if (data.train.empty() && data.train_source.empty())
    fail_usage("[data] train_source is not set: name the training text");
  if (data.train.empty() && data.train_target.empty())
    fail_usage("[data] train_target is not set: name its translation");
  if (data.train_source.size() != data.train_target.size()) {
    fail_usage("[data] train_source names {} files and train_target {}: they go in pairs",
               data.train_source.size(), data.train_target.size());
  }
  if (!data.tags.empty() && data.tags.size() != data.training_files()) {
    fail_usage("[data] tags names {} tags and {} {} files: they go together", data.tags.size(),
               data.train.empty() ? "train_source" : "train", data.training_files());
  }
  for (const std::string& tag : data.tags) check_piece("[data] tags", tag);
  if (!data.dev_tag.empty()) check_piece("[data] dev_tag", data.dev_tag);
  if (!data.weights.empty() && data.weights.size() != data.training_files()) {
    fail_usage("[data] weights are {} numbers for {} training files (or pairs of them)",
               data.weights.size(), data.training_files());
  }
  if (!data.dev.empty()) return;
  if (data.dev_source.empty()) fail_usage("[data] dev_source is not set: name the validation text");
  if (data.dev_target.empty()) fail_usage("[data] dev_target is not set: name its translation");
}

void check_tokenizer(const TokenizerConfig& tokenizer, const ModelConfig& model) {
  check_pieces(tokenizer);
  if (tokenizer.source_model.empty() != tokenizer.target_model.empty()) {
    fail_usage("[tokenizer] source_model and target_model go together: set both or none");
  }
  bool separate = !tokenizer.source_model.empty();
  if (separate && !tokenizer.model.empty()) {
    fail_usage("[tokenizer] model is for both sides: set it, or source_model and target_model");
  }
  if (model.tie_source_target && (separate || (!tokenizer.shared && tokenizer.model.empty()))) {
    fail_usage(
        "[model] tie_source_target = true needs one vocabulary for both sides: set it to false, or "
        "[tokenizer] shared = true");
  }
  if (tokenizer.type == "char" && tokenizer.sampling_alpha > 0) {
    fail_usage("[tokenizer] sampling_alpha = {}: type = char has nothing to sample; set it to 0",
               tokenizer.sampling_alpha);
  }
}

void check_transformer(const ModelConfig& model) {
  if (model.hidden_size % model.heads != 0) {
    fail_usage("[model] heads = {} does not divide hidden_size = {}", model.heads,
               model.hidden_size);
  }
  if (model.embedding_size != 0 && model.embedding_size != model.hidden_size) {
    fail_usage("[model] embedding_size = {}: a Transformer's is hidden_size = {}; set it to 0",
               model.embedding_size, model.hidden_size);
  }
  if (model.positions == "sinusoidal" && model.hidden_size % 2 != 0) {
    fail_usage("[model] hidden_size = {} is odd: sinusoidal positions come in pairs",
               model.hidden_size);
  }
  if (model.positions == "sinusoidal" && model.sinusoids == "tensor2tensor" &&
      model.hidden_size < 4) {
    fail_usage("[model] hidden_size = {}: sinusoids = tensor2tensor needs 4 or more",
               model.hidden_size);
  }
  if (model.positions == "rotary" && model.hidden_size / model.heads % 2 != 0) {
    fail_usage(
        "[model] hidden_size = {} with heads = {}: rotary positions turn pairs of numbers, "
        "so a head's width (now {}) must be even",
        model.hidden_size, model.heads, model.hidden_size / model.heads);
  }
  if (model.attention_heads != 1) {
    fail_usage("[model] attention_heads = {} is for recurrent models: a Transformer's are heads",
               model.attention_heads);
  }
  if (model.coverage) {
    fail_usage(
        "[model] coverage = true: what has had attention so far is known only step by step, "
        "in a recurrent decoder; set it to false, or architecture = recurrent");
  }
  if (model.self_attention != "linear") return;
  if (model.self_attention_weights != "softmax") {
    fail_usage(
        "[model] self_attention_weights = {}: linear self-attention has no scores to make "
        "weights of; set it to softmax, or self_attention to full or local",
        model.self_attention_weights);
  }
  if (model.positions == "relative" || model.positions == "rotary") {
    fail_usage(
        "[model] positions = {}: linear self-attention never forms the product of one query "
        "and one key that these belong to; set positions to sinusoidal or learned",
        model.positions);
  }
}

void check_recurrent(const ModelConfig& model) {
  if (model.hidden_size % 2 != 0) {
    fail_usage("[model] hidden_size = {} is odd: each direction of the encoder has half of it",
               model.hidden_size);
  }
  if (model.hidden_size % model.attention_heads != 0) {
    fail_usage("[model] attention_heads = {} does not divide hidden_size = {}",
               model.attention_heads, model.hidden_size);
  }
  if (model.decoder_start != "begin") {
    fail_usage(
        "[model] decoder_start = {}: a recurrent decoder starts from the begin symbol; set it to "
        "begin, or architecture = transformer",
        model.decoder_start);
  }
  if (model.self_attention != "full" || model.self_attention_weights != "softmax") {
    fail_usage(
        "[model] self_attention = {}, self_attention_weights = {}: a recurrent model has no "
        "self-attention; set them to full and softmax, or architecture = transformer",
        model.self_attention, model.self_attention_weights);
  }
}

// What no pair of the attention axes can mean.
void check_attention(const ModelConfig& model) {
  if (model.attention_scope == "monotonic" && model.attention_weights != "softmax") {
    fail_usage(
        "[model] attention_weights = {} with attention_scope = monotonic: this scope takes "
        "each position with a probability of its own in place of weights over all; set "
        "attention_weights to softmax",
        model.attention_weights);
  }
  if (model.attention_chunk > 1 && model.attention_scope != "monotonic") {
    fail_usage("[model] attention_chunk = {} is for attention_scope = monotonic, not {}",
               model.attention_chunk, model.attention_scope);
  }
}

void check_guided_alignment(const Config& config) {
  const auto& files = config.training.guided_alignment;
  if (files.empty()) return;
  if (files.size() != config.data.training_files()) {
    fail_usage("[training] guided_alignment names {} files and [data] {} {}: they go together",
               files.size(), config.data.train.empty() ? "train_source" : "train",
               config.data.training_files());
  }
  if (config.model.attention_weights == "hard") {
    fail_usage(
        "[training] guided_alignment with [model] attention_weights = hard: one position has "
        "all the weight, and nothing shows by how much another falls short; set "
        "attention_weights to softmax, sparsemax or entmax15");
  }
}

void check_validation_command(const Config& config) {
  bool given = !is_blank(config.training.validation_command);
  if (config.training.stopping_metric == "command" && !given) {
    fail_usage("[training] stopping_metric = command: name the program in validation_command");
  }
  if (given && config.evaluation.beam_size == 0) {
    fail_usage(
        "[training] validation_command needs translations: set [evaluation] beam_size to 1 or "
        "more");
  }
}

// After its end a schedule that falls trains at min_learning_rate.
void check_schedule(const TrainingConfig& training) {
  bool falls = training.schedule == "linear" || training.schedule == "cosine";
  if (!falls || training.schedule_steps == 0) return;
  if (training.schedule_steps > training.warmup_steps) return;
  fail_usage(
      "[training] schedule_steps = {} is not above warmup_steps = {}: schedule = {} would end "
      "before "
      "the warm-up does, and train at min_learning_rate = {}; raise schedule_steps (0: max_steps), "
      "or lower warmup_steps",
      training.schedule_steps, training.warmup_steps, training.schedule,
      training.min_learning_rate);
}

// What weighs or changes cross-entropy says nothing where the risk alone is made small.
void check_risk(const TrainingConfig& training) {
  if (training.objective != "minimum_risk" || training.risk_share < 1) return;
  const char* idle = !training.guided_alignment.empty() ? "guided_alignment"
                     : training.coverage_loss > 0       ? "coverage_loss"
                     : training.word_dropout > 0        ? "word_dropout"
                                                        : nullptr;
  if (idle == nullptr) return;
  fail_usage(
      "[training] {} is of cross-entropy, which has no share in objective = minimum_risk with "
      "risk_share = 1: set risk_share below 1, or leave {} out",
      idle, idle);
}

void check_training(const Config& config) {
  const TrainingConfig& training = config.training;
  const std::string& device = training.device;
  bool numbered = device.starts_with("cuda:") && device.size() > 5 &&
                  device.find_first_not_of("0123456789", 5) == std::string::npos;
  if (device != "auto" && device != "cpu" && device != "cuda" && !numbered) {
    fail_usage("[training] device = {}: expected auto, cpu, cuda or cuda:N", device);
  }
  if (training.validate_every == 0 && training.validate_every_epochs == 0) {
    fail_usage("[training] validate_every and validate_every_epochs are both 0: set one");
  }
  if (training.stopping_metric == "bleu" && config.evaluation.beam_size == 0) {
    fail_usage(
        "[training] stopping_metric = bleu needs translations: set [evaluation] beam_size to 1 or "
        "more");
  }
  check_validation_command(config);
  check_risk(training);
  if (training.coverage_loss > 0 && !config.model.coverage) {
    fail_usage(
        "[training] coverage_loss = {} is of [model] coverage = true, which is false: there is no "
        "coverage whose loss it could weigh; set coverage = true (of a recurrent model), or "
        "coverage_loss = 0",
        training.coverage_loss);
  }
  if (training.min_learning_rate > training.learning_rate) {
    fail_usage("[training] min_learning_rate = {} is above learning_rate = {}",
               training.min_learning_rate, training.learning_rate);
  }
  check_schedule(training);
  if (!training.initial_parts.empty() && training.initial_model.empty()) {
    fail_usage("[training] initial_parts = {}: name the model that has them in initial_model",
               join(training.initial_parts, ", "));
  }
  bool last = training.average_choice == "last";
  int64_t kept = last ? config.output.keep_last : config.output.keep_best;
  if (training.average_checkpoints > kept) {
    fail_usage(
        "[training] average_checkpoints = {} needs as many checkpoints kept: set [output] "
        "{} (now {}) to that or more",
        training.average_checkpoints, last ? "keep_last" : "keep_best", kept);
  }
}

}  // namespace

int64_t pieces_beside_text(const TokenizerConfig& tokenizer) {
  return 4 + std::ssize(tokenizer.user_defined) + (tokenizer.byte_fallback ? 256 : 0);
}

void check_pieces(const TokenizerConfig& tokenizer) {
  for (const std::string& piece : tokenizer.user_defined) {
    check_piece("[tokenizer] user_defined", piece);
    if (tokenizer.byte_fallback && byte_of_piece(piece)) {
      fail_usage("[tokenizer] user_defined: {} is a piece of byte_fallback = true already", piece);
    }
    if (std::ranges::count(tokenizer.user_defined, piece) > 1) {
      fail_usage("[tokenizer] user_defined: {} comes twice", printable(piece));
    }
  }
  int64_t needed = pieces_beside_text(tokenizer);
  if (tokenizer.vocab_size > needed) return;
  fail_usage(
      "[tokenizer] vocab_size = {}: special pieces, user_defined and byte_fallback take {} of "
      "them, and none is left for text; set it higher",
      tokenizer.vocab_size, needed);
}

void check_model(const ModelConfig& model) {
  if (model.architecture == "transformer") check_transformer(model);
  if (model.architecture == "recurrent") check_recurrent(model);
  check_attention(model);
}

void check_decoding(const DecodingConfig& decoding) {
  if (decoding.max_length > 0 && decoding.min_length > decoding.max_length) {
    fail_usage("[decoding] min_length = {} is above max_length = {}", decoding.min_length,
               decoding.max_length);
  }
  if (decoding.beam_size % decoding.beam_groups != 0) {
    fail_usage("[decoding] beam_groups = {} does not divide beam_size = {}", decoding.beam_groups,
               decoding.beam_size);
  }
  if (decoding.sampling() && decoding.beam_groups > 1) {
    fail_usage(
        "[decoding] beam_groups = {} are of a search, and sampling_top_k = {}, sampling_top_p = "
        "{}, temperature = {} ask for samples: set one or the other",
        decoding.beam_groups, decoding.sampling_top_k, decoding.sampling_top_p,
        decoding.temperature);
  }
  if (decoding.mbr != "off" && decoding.beam_size == 1) {
    fail_usage(
        "[decoding] mbr = {} chooses among beam_size hypotheses, and beam_size = 1: set it to 2 or "
        "more",
        decoding.mbr);
  }
}

void check_config(const Config& config) {
  check_data(config.data);
  check_tokenizer(config.tokenizer, config.model);
  check_model(config.model);
  check_training(config);
  check_guided_alignment(config);
  check_decoding(config.decoding);
  if (config.output.folder.empty()) {
    fail_usage("[output] folder is not set: name the folder for the model");
  }
}

}  // namespace heed
