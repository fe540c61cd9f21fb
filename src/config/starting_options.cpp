// Rows of the option table: what a training begins with and who judges it, pieces that are never
// split, what tells the directions of one model apart.
#include "config/rows.h"

namespace heed {

void add_starting_rows(Rows<TrainingConfig>& rows) {
  using T = TrainingConfig;
  const Limits parts = one_of({"encoder", "decoder", "attention", "embeddings", "output"});
  rows.row("initial_model", &T::initial_model, "", kFilePath, kFixed,
           "Begin with the weights and the vocabulary of this model folder or checkpoint, and take "
           "its [model] and [tokenizer] keys, and data.max_length, where none are given here; "
           "empty: "
           "with weights drawn by seed")
      .row("initial_parts", &T::initial_parts, "", parts, kFixed,
           "Parts that are taken from initial_model, the others being drawn anew; empty: all. See "
           "docs/adapting.md")
      .row("frozen", &T::frozen, "", parts, kFixed,
           "Parts of the model that stay as they are at the beginning")
      .row("validation_command", &T::validation_command, "", kAny, kMayChange,
           "A program that measures the translations of each validation, run by sh: the file that "
           "holds them, a line each, is its last argument and its standard input; the last line "
           "that "
           "it prints is the number")
      .row("validation_command_goal", &T::validation_command_goal, "maximize", kAny, kMayChange,
           "Whether more or less of that number is better, for stopping_metric = command")
      .row("validation_command_timeout", &T::validation_command_timeout, "600",
           in(between(1, 1000000)), kMayChange,
           "Seconds after which the program is ended, and the validation has no number of it");
}

void add_tag_rows(Rows<DataConfig>& rows) {
  using D = DataConfig;
  rows.row("tags", &D::tags, "", kAny, kFixed,
           "A tag for each file of train_source, or of train, such as >>deu<<, that is put before "
           "its source sentences, so that one model learns several directions; empty: none")
      .row("dev_tag", &D::dev_tag, "", kAny, kFixed,
           "The tag of dev_source; empty: none, or written in its text");
}

void add_piece_rows(Rows<TokenizerConfig>& rows) {
  using T = TokenizerConfig;
  rows.row(
          "user_defined", &T::user_defined, "", kAny, kFixed,
          "Pieces of a vocabulary to learn that are never split nor joined with what stands beside "
          "them, separated by commas: tags such as >>deu<<, marks such as <sep>; those of "
          "data.tags need not be named")
      .row(
          "byte_fallback", &T::byte_fallback, "false", kAny, kFixed,
          "A vocabulary to learn has the 256 bytes as pieces, so that it can write every character "
          "and none is unknown")
      .row("split_digits", &T::split_digits, "false", kAny, kFixed,
           "A vocabulary to learn has every digit as a piece of its own");
}

}  // namespace heed
