#include "config/options.h"

#include "config/rows.h"

namespace heed {
namespace {

void add_data_rows(std::vector<Option>& table) {
  using D = DataConfig;
  Rows rows(table, "data", &Config::data);
  rows.row("train_source", &D::train_source, "", kFilePath, kMayChange,
           "Source side of the training pairs: files separated by commas or patterns such as "
           "data/*.en, plain or compressed (gzip, zstd, xz), one sentence a line; - is standard "
           "input")
      .row("train_target", &D::train_target, "", kFilePath, kMayChange,
           "Target side: as many files, line by line the translations of train_source")
      .row("dev_source", &D::dev_source, "", kFilePath, kMayChange,
           "Source side of the validation pairs")
      .row("dev_target", &D::dev_target, "", kFilePath, kMayChange,
           "Target side of the validation pairs")
      .row("source_language", &D::source_language, "", kAny, kMayChange,
           "Code of the source's language for heed serve; empty: what train_source's name ends in")
      .row("target_language", &D::target_language, "", kAny, kMayChange,
           "Code of the target's language; empty: what train_target's name ends in")
      .row("train", &D::train, "", kFilePath, kMayChange,
           "In place of train_source and train_target: files of pairs, a TAB between the sides")
      .row("dev", &D::dev, "", kFilePath, kMayChange,
           "In place of dev_source and dev_target: such a file")
      .row("weights", &D::weights, "", in(between(0.0001, 10000)), kMayChange,
           "How often an epoch has each pair of a training file, a number a file; unless given, 1")
      .row("pool_pairs", &D::pool_pairs, "262144", in(at_least(1000)), kMayChange,
           "A larger corpus is not kept in memory but read in pools of about so many pairs")
      .row("max_length", &D::max_length, "100", in(between(1, 10000)), kFixed,
           "Longest sentence in pieces, on either side; longer training pairs are dropped and "
           "counted, longer lines to translate are cut with a warning")
      .row("max_length_ratio", &D::max_length_ratio, "0", in(at_least(0)), kFixed,
           "Training pairs whose sides differ in length by more than this factor are dropped and "
           "counted; 0 keeps all");
  add_tag_rows(rows);
}

void add_tokenizer_rows(std::vector<Option>& table) {
  using T = TokenizerConfig;
  Rows rows(table, "tokenizer", &Config::tokenizer);
  add_piece_rows(rows);
  rows.row("type", &T::type, "bpe", kAny, kFixed, "Kind of SentencePiece model to train")
      .row("vocab_size", &T::vocab_size, "8000", in(between(kLeastVocabulary, 1000000)), kFixed,
           "Pieces in the vocabulary, the four special ones counted (of each language where not "
           "shared)")
      .row("shared", &T::shared, "true", kAny, kFixed,
           "One vocabulary for both languages, learned from both; false: one each")
      .row("model", &T::model, "", kFilePath, kMayChange,
           "A SentencePiece model to use for both sides instead of training one")
      .row("source_model", &T::source_model, "", kFilePath, kMayChange,
           "A SentencePiece model to use for the source side (with target_model)")
      .row("target_model", &T::target_model, "", kFilePath, kMayChange,
           "A SentencePiece model to use for the target side (with source_model)")
      .row("character_coverage", &T::character_coverage, "1", in(between(0.98, 1)), kFixed,
           "Share of characters that get a piece of their own; 0.9995 suits Chinese or Japanese")
      .row(
          "normalization", &T::normalization, "identity", kAny, kFixed,
          "What is done to the text before it is split into pieces: nothing, so that a translation "
          "can hold every character of the training text; or Unicode's NFKC (full-width letters "
          "become plain, ligatures two letters), "
          "with other spaces than the plain one as plain ones (nmt_), and without case (_cf)")
      .row("max_training_lines", &T::max_training_lines, "200000", in(at_least(1)), kFixed,
           "Lines, sampled from the training files, that the SentencePiece model is learned from")
      .row("sampling_alpha", &T::sampling_alpha, "0", in(between(0, 1)), kFixed,
           "Subword sampling in training (Kudo 2018; BPE-dropout 2020): smoothing of unigram "
           "sampling, or the chance to skip a BPE merge; 0 is off, 0.1 is usual");
}

void add_model_rows(std::vector<Option>& table) {
  using M = ModelConfig;
  Rows(table, "model", &Config::model)
      .row("architecture", &M::architecture, "transformer", kAny, kFixed,
           "Recurrent encoder-decoder with attention, or Transformer")
      .row("hidden_size", &M::hidden_size, "256", in(between(2, 65536)), kFixed,
           "Width H of the model: of Transformer layers, or of the decoder cell (each direction of "
           "the encoder has H/2)")
      .row("embedding_size", &M::embedding_size, "0", in(between(0, 65536)), kFixed,
           "Width of embeddings of a recurrent model; 0: as hidden_size (a Transformer's always "
           "are)")
      .row("feed_forward_size", &M::feed_forward_size, "1024", in(between(1, 262144)), kFixed,
           "Inner width of a Transformer's feed-forward layers")
      .row("layers", &M::layers, "3", in(between(1, 128)), kFixed, "Encoder layers")
      .row("decoder_layers", &M::decoder_layers, "0", in(between(0, 128)), kFixed,
           "Decoder layers; 0: as layers")
      .row("heads", &M::heads, "4", in(between(1, 1024)), kFixed,
           "Attention heads A of a Transformer; must divide hidden_size")
      .row("dropout", &M::dropout, "0.3", in(between(0, 0.95)), kMayChange,
           "Dropout after each sublayer, and on the input and output of recurrent layers")
      .row("embedding_dropout", &M::embedding_dropout, "-1", in(between(-1, 0.95)), kMayChange,
           "Dropout on embeddings; -1: as dropout")
      .row("attention_dropout", &M::attention_dropout, "0", in(between(0, 0.95)), kMayChange,
           "Dropout on attention weights")
      .row("feed_forward_dropout", &M::feed_forward_dropout, "0", in(between(0, 0.95)), kMayChange,
           "Dropout on the inner layer of a Transformer's feed-forward sublayers")
      .row("norm", &M::norm, "pre", kAny, kFixed,
           "Layer normalisation before each sublayer, with one more at the end, or after each "
           "residual sum")
      .row("positions", &M::positions, "sinusoidal", kAny, kFixed,
           "Positions of a Transformer: added to embeddings, or between the pieces of "
           "self-attention (relative: Shaw 2018, rotary: Su 2021)")
      .row("relative_reach", &M::relative_reach, "16", in(between(1, 10000)), kFixed,
           "Farthest distance that has a vector of its own, for positions = relative")
      .row("tie_source_target", &M::tie_source_target, "true", kAny, kFixed,
           "One embedding matrix for source and target (needs a shared vocabulary)")
      .row("tie_softmax", &M::tie_softmax, "true", kAny, kFixed,
           "The output projection is the target embedding matrix")
      .row("activation", &M::activation, "relu", kAny, kFixed,
           "Activation of a Transformer's feed-forward sublayers: max(x, 0), x P(Z < x), or x "
           "sigmoid(b x) with b = 1.702 (quick_gelu) or 1 (swish)");
  add_transformer_form_rows(table);
}

void add_recurrent_rows(std::vector<Option>& table) {
  using M = ModelConfig;
  Rows(table, "model", &Config::model)
      .row("cell", &M::cell, "gru", kAny, kFixed, "Cell of a recurrent model")
      .row("decoder_order", &M::decoder_order, "luong", kAny, kFixed,
           "Recurrent decoder: attention after the cell (Luong 2015) or before it (Bahdanau 2015)")
      .row("input_feeding", &M::input_feeding, "true", kAny, kFixed,
           "Luong's decoder: feed the attentional state to the next step's cell")
      .row("bridge", &M::bridge, "linear", kAny, kFixed,
           "First state of a recurrent decoder: a layer over the encoder's last states, or zeros");
}

void add_attention_rows(std::vector<Option>& table) {
  using M = ModelConfig;
  Rows(table, "model", &Config::model)
      .row("attention_score", &M::attention_score, "scaled_dot", kAny, kFixed,
           "Score between query and key: additive (Bahdanau 2015), dot, general, concat (Luong "
           "2015), scaled_dot (Vaswani 2017), tri and trilinear (Tri-Attention, Yu 2022: the "
           "source's mean takes part)")
      .row("attention_scope", &M::attention_scope, "global", kAny, kFixed,
           "Which source positions a target position may see: all, a window around its own "
           "position (Luong 2015 local-m) or a predicted one (local-p), or from left to right "
           "only (Raffel 2017)")
      .row("attention_weights", &M::attention_weights, "softmax", kAny, kFixed,
           "How scores become weights: softmax (soft), hard (one position; Xu 2015), sparsemax "
           "(Martins 2016), entmax15 (Peters 2019)")
      .row("attention_size", &M::attention_size, "0", in(between(0, 65536)), kFixed,
           "Inner width of the additive, concat and tri scores, rank of trilinear; 0: as the "
           "query");
}

void add_attention_kind_rows(std::vector<Option>& table) {
  using M = ModelConfig;
  Rows(table, "model", &Config::model)
      .row("attention_heads", &M::attention_heads, "1", in(between(1, 1024)), kFixed,
           "Heads of a recurrent decoder's attention, each projected (Vaswani 2017) where there "
           "is more than one; must divide hidden_size")
      .row("attention_window", &M::attention_window, "10", in(between(1, 10000)), kFixed,
           "Source positions seen on each side of the centre, for attention_scope = local_m and "
           "local_p")
      .row("attention_chunk", &M::attention_chunk, "1", in(between(1, 10000)), kFixed,
           "For attention_scope = monotonic: soft attention over so many positions that end where "
           "the scan stops (MoChA, Chiu 2018); 1: on that one alone")
      .row("hard_estimator", &M::hard_estimator, "score_function", kAny, kFixed,
           "Gradient of attention_weights = hard: score function with a moving-average baseline "
           "(Xu 2015), or straight-through Gumbel soft-max (Jang 2017)")
      .row(
          "hard_share", &M::hard_share, "0.5", in(between(0, 1)), kMayChange,
          "Share of target positions whose attention is drawn in training, the rest being soft, "
          "for hard_estimator = score_function (a Transformer draws for a whole sentence and head)")
      .row("hard_temperature", &M::hard_temperature, "1", in(above_to(0, 1e6)), kMayChange,
           "Temperature of the Gumbel soft-max")
      .row("coverage", &M::coverage, "false", kAny, kFixed,
           "Recurrent decoder: scores see the attention given so far (Tu 2016, See 2017)")
      .row("self_attention", &M::self_attention, "full", kAny, kFixed,
           "A Transformer's self-attention: all pieces, a window of them, or linear in the length "
           "(Katharopoulos 2020)")
      .row("self_attention_window", &M::self_attention_window, "16", in(between(1, 10000)), kFixed,
           "Pieces seen on each side, for self_attention = local")
      .row("self_attention_weights", &M::self_attention_weights, "softmax", kAny, kFixed,
           "How a Transformer's self-attention makes scores to weights");
}

void add_training_length_rows(Rows<TrainingConfig>& rows) {
  using T = TrainingConfig;
  rows.row("max_steps", &T::max_steps, "100000", in(at_least(1)), kMayChange,
           "Updates of the weights after which training ends")
      .row("max_epochs", &T::max_epochs, "0", in(at_least(0)), kMayChange,
           "Passes over the training pairs after which training ends; 0: no such limit")
      .row("validate_every", &T::validate_every, "500", in(at_least(0)), kMayChange,
           "Steps between validations; 0: see validate_every_epochs")
      .row("validate_every_epochs", &T::validate_every_epochs, "0", in(at_least(0)), kMayChange,
           "Epochs between validations, beside validate_every; 0: none")
      .row("checkpoint_every", &T::checkpoint_every, "500", in(at_least(1)), kMayChange,
           "Steps between checkpoints; each validation writes one too")
      .row("report_every", &T::report_every, "100", in(at_least(1)), kMayChange,
           "Steps between lines of progress in the log")
      .row("stopping_metric", &T::stopping_metric, "loss", kAny, kMayChange,
           "What makes a validation the best, and early stopping wait; command: what "
           "validation_command prints")
      .row("soft_attention_steps", &T::soft_attention_steps, "2000", in(at_least(0)), kMayChange,
           "Steps before model.attention_weights = hard begins to draw; soft until then, so that "
           "there is something to draw by")
      .row("attention_entropy", &T::attention_entropy, "0.01", in(between(0, 1e6)), kMayChange,
           "Weight of the entropy term of hard attention by score function (Xu 2015)")
      .row("coverage_loss", &T::coverage_loss, "0", in(between(0, 1e6)), kMayChange,
           "Weight of the loss for attention to what had attention already (See 2017), with "
           "model.coverage")
      .row("guided_alignment", &T::guided_alignment, "", kFilePath, kMayChange,
           "Pharaoh alignments of the training pairs (0-0 1-2, words as ASCII white space "
           "separates them), a file for each file of data.train_source: attention is trained to "
           "follow them (Chen 2016)")
      .row("guided_alignment_weight", &T::guided_alignment_weight, "0.1", in(between(0, 1e6)),
           kMayChange, "Weight of the guided alignment's loss beside the translation's")
      .row("patience", &T::patience, "10", in(at_least(0)), kMayChange,
           "Validations without a new best after which training stops; 0: never")
      .row(
          "on_nan", &T::on_nan, "skip", kAny, kMayChange,
          "A loss or gradient that is not finite: skip that update (20 in a row end the training), "
          "or stop at once");
}

void add_optimizer_rows(Rows<TrainingConfig>& rows) {
  using T = TrainingConfig;
  rows.row("batch_tokens", &T::batch_tokens, "4096", in(automatic_or(1)), kMayChange,
           "Target tokens in a batch, padding counted; auto: as many as memory_limit has room for, "
           "at most 25,000")
      .row("memory_limit", &T::memory_limit, "auto", in(automatic_or(1)), kMayChange,
           "MiB that batch_tokens = auto may fill; auto: half of the machine's memory")
      .row("accumulation", &T::accumulation, "1", in(at_least(1)), kMayChange,
           "Batches whose gradients make one update")
      .row("optimizer", &T::optimizer, "adam", kAny, kFixed, "Update rule")
      .row("learning_rate", &T::learning_rate, "0.001", in(above(0)), kMayChange,
           "Learning rate; the highest one where a schedule changes it")
      .row("beta1", &T::beta1, "0.9", in(between(0, 0.9999)), kMayChange, "Adam's first decay")
      .row("beta2", &T::beta2, "0.98", in(between(0, 0.99999)), kMayChange, "Adam's second decay")
      .row("epsilon", &T::epsilon, "1e-09", in(above_to(0, 1e6)), kMayChange, "Adam's epsilon")
      .row("weight_decay", &T::weight_decay, "0", in(between(0, 1e6)), kMayChange,
           "Weight decay: decoupled for adamw, added to the gradient for adam and sgd")
      .row("momentum", &T::momentum, "0.9", in(between(0, 0.9999)), kMayChange, "Momentum of sgd")
      .row("schedule", &T::schedule, "inverse_sqrt", kAny, kMayChange,
           "Learning rate after the warm-up: as it is; falling as 1/sqrt(step) (Vaswani 2017); "
           "linearly or as a cosine to min_learning_rate; or cut when validation stands still")
      .row("warmup_steps", &T::warmup_steps, "2000", in(at_least(0)), kMayChange,
           "Steps in which the learning rate rises linearly from 0")
      .row("schedule_steps", &T::schedule_steps, "0", in(at_least(0)), kMayChange,
           "Step at which linear and cosine reach min_learning_rate; 0: max_steps")
      .row("min_learning_rate", &T::min_learning_rate, "0", in(between(0, 1e6)), kMayChange,
           "Where linear, cosine and plateau end")
      .row("plateau_factor", &T::plateau_factor, "0.5", in(between(0.01, 0.99)), kMayChange,
           "plateau multiplies the learning rate by this")
      .row("plateau_patience", &T::plateau_patience, "2", in(at_least(1)), kMayChange,
           "plateau waits for so many validations without a new best")
      .row("label_smoothing", &T::label_smoothing, "0.1", in(between(0, 0.9)), kMayChange,
           "Share of probability spread over the whole vocabulary (Szegedy 2016)")
      .row("clip_norm", &T::clip_norm, "1", in(between(0, 1e9)), kMayChange,
           "Largest norm of the gradient of a token-averaged loss; 0: no clipping")
      .row("average_decay", &T::average_decay, "0", in(between(0, 0.999999)), kMayChange,
           "Exponential moving average of the weights, used for validation and the final model; 0: "
           "off, 0.999 is usual")
      .row("average_checkpoints", &T::average_checkpoints, "1", in(at_least(1)), kMayChange,
           "At the end, average the weights of so many checkpoints, and keep the average if it "
           "validates better")
      .row("average_choice", &T::average_choice, "best", kAny, kMayChange,
           "Which checkpoints average_checkpoints are: the best (of output.keep_best), or the last "
           "(of output.keep_last; Vaswani 2017)");
}

void add_training_rows(std::vector<Option>& table) {
  using T = TrainingConfig;
  Rows rows(table, "training", &Config::training);
  add_training_length_rows(rows);
  add_optimizer_rows(rows);
  add_starting_rows(rows);
  add_objective_rows(rows);
  rows.row("device", &T::device, "auto", kAny, kMayChange,
           "auto, cpu, cuda or cuda:N; auto takes a GPU where there is one")
      .row("precision", &T::precision, "auto", kAny, kMayChange,
           "Arithmetic of forward and backward; weights and optimizer state stay float32. auto: "
           "bfloat16 where the processor multiplies it natively")
      .row("threads", &T::threads, "0", in(between(0, 4096)), kMayChange,
           "Threads that compute; 0: all cores")
      .row("replicas", &T::replicas, "auto", in(automatic_or(1, 4096)), kMayChange,
           "Copies of the model that share its weights and take a part of each batch each, on "
           "threads of their own; auto: one a thread on a CPU, 1 on a GPU")
      .row("seed", &T::seed, "1", in(at_least(0)), kFixed,
           "Seed of initial weights, data order, dropout and subword sampling")
      .row("reduce_precision", &T::reduce_precision, "float32", kAny, kMayChange,
           "Gradients travel between the processes of a training in it (docs/cluster.md); each sum "
           "is made in float32")
      .row("timeout", &T::timeout, "60", in(between(1, 86400)), kMayChange,
           "Seconds within which the other processes of a training end when one is killed, stopped "
           "or cut off");
}

void add_remaining_rows(std::vector<Option>& table) {
  using E = EvaluationConfig;
  Rows(table, "evaluation", &Config::evaluation)
      .row("beam_size", &E::beam_size, "1", in(between(0, 1000)), kMayChange,
           "Beam of the translations made at validations; 1 is greedy, 0: no translations, no BLEU")
      .row("batch_size", &E::batch_size, "64", in(between(1, 100000)), kMayChange,
           "Sentences translated together at validations")
      .row("samples", &E::samples, "3", in(at_least(0)), kMayChange,
           "Sample translations in the log at each validation")
      .row("tokenize", &E::tokenize, "auto", kAny, kMayChange,
           "BLEU's tokeniser; auto goes by the script of dev_target: 13a where words have spaces "
           "between them, zh for Chinese, char for Japanese, Thai and their kin")
      .row("lowercase", &E::lowercase, "false", kAny, kMayChange, "BLEU without regard to case");
  using O = OutputConfig;
  Rows(table, "output", &Config::output)
      .row("folder", &O::folder, "", kFilePath, kMayChange,
           "The model folder: configuration, vocabulary, weights, checkpoints, logs")
      .row("keep_last", &O::keep_last, "2", in(at_least(1)), kMayChange, "Newest checkpoints kept")
      .row("keep_best", &O::keep_best, "1", in(at_least(1)), kMayChange, "Best checkpoints kept")
      .row("tensorboard", &O::tensorboard, "false", kAny, kMayChange,
           "Event files for TensorBoard in the model folder, with the numbers of metrics.jsonl");
}

}  // namespace

const std::vector<Option>& option_table() {
  static const std::vector<Option> table = [] {
    std::vector<Option> rows;
    add_data_rows(rows);
    add_tokenizer_rows(rows);
    add_model_rows(rows);
    add_recurrent_rows(rows);
    add_attention_rows(rows);
    add_attention_kind_rows(rows);
    add_training_rows(rows);
    add_decoding_rows(rows);
    add_remaining_rows(rows);
    add_server_rows(rows);
    return rows;
  }();
  return table;
}

const std::vector<Section>& section_table() {
  static const std::vector<Section> sections = {
      {"data", "The text: training pairs and validation pairs"},
      {"tokenizer", "Words into pieces, by SentencePiece"},
      {"model", "The network"},
      {"training", "How it learns"},
      {"decoding", "Defaults of heed translate and evaluate"},
      {"evaluation", "What validations during training measure"},
      {"output", "Where the model goes"},
      {"server", "Limits of heed serve, which reads this section alone", /*of_model=*/false},
  };
  return sections;
}

const Option* find_option(std::string_view section, std::string_view key) {
  for (const Option& option : option_table()) {
    if (option.section == section && option.key == key) return &option;
  }
  return nullptr;
}

const Option& option_named(std::string_view name) {
  size_t dot = name.find('.');
  return *find_option(name.substr(0, dot), name.substr(dot + 1));
}

std::vector<const Option*> fixed_model_options() {
  std::vector<const Option*> fixed;
  for (const Option& option : option_table()) {
    if (option.section == "model" && option.on_resume == kFixed) fixed.push_back(&option);
  }
  return fixed;
}

Config default_config() {
  Config config{};
  for (const Option& option : option_table()) option.set(config, option.default_value);
  return config;
}

}  // namespace heed
