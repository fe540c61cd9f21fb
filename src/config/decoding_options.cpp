// Rows of the option table: section [decoding].
#include "config/rows.h"

namespace heed {

void add_decoding_rows(std::vector<Option>& table) {
  using D = DecodingConfig;
  Rows(table, "decoding", &Config::decoding)
      .row("beam_size", &D::beam_size, "5", in(between(1, 1000)), kMayChange,
           "Hypotheses kept in beam search; 1 is greedy")
      .row(
          "beam_groups", &D::beam_groups, "1", in(between(1, 1000)), kMayChange,
          "Diverse beam search (Vijayakumar 2016): the beam in so many groups, each kept away from "
          "the pieces that those before it took at the same step; must divide beam_size")
      .row("diversity_penalty", &D::diversity_penalty, "0.5", in(between(0, 1e6)), kMayChange,
           "What a piece loses in the choice of a group for each time that earlier groups took it")
      .row("length_penalty", &D::length_penalty, "1", in(between(-10, 10)), kMayChange,
           "Exponent A of the score log P(y|x) / |y|^A")
      .row("coverage_penalty", &D::coverage_penalty, "0", in(between(0, 1e6)), kMayChange,
           "Weight of the sum of log min(attention received, 1) over the source's pieces, added to "
           "the score (Wu 2016, eq. 14); 0: off, 0.2 is usual")
      .row("early_stopping", &D::early_stopping, "estimate", kAny, kMayChange,
           "A beam ends once its live hypotheses score no better than its worst finished one "
           "(estimate), or once none of them can still become one of the best (exact)")
      .row(
          "mbr", &D::mbr, "off", kAny, kMayChange,
          "Minimum Bayes risk: of beam_size hypotheses (samples where sampling is on) the one with "
          "the highest expected score against the others")
      .row("max_length_ratio", &D::max_length_ratio, "2", in(above_to(0, 1000)), kMayChange,
           "A translation ends at this many times the source's pieces plus 10")
      .row("max_length", &D::max_length, "0", in(at_least(0)), kMayChange,
           "A translation ends at so many pieces; 0: only max_length_ratio limits it")
      .row("min_length", &D::min_length, "0", in(at_least(0)), kMayChange,
           "Fewest pieces before the end symbol")
      .row("allow_unknown", &D::allow_unknown, "true", kAny, kMayChange,
           "Translations may hold the unknown piece")
      .row("no_repeat_ngram", &D::no_repeat_ngram, "0", in(between(0, 100)), kMayChange,
           "No sequence of so many pieces twice in a translation; 0: off")
      .row(
          "sampling_top_k", &D::sampling_top_k, "0", in(at_least(0)), kMayChange,
          "Draw each piece from the so many most probable ones (Fan 2018) instead of searching; 0: "
          "no such limit")
      .row(
          "sampling_top_p", &D::sampling_top_p, "0", in(between(0, 1)), kMayChange,
          "Draw each piece from the fewest that hold this much probability (Holtzman 2020) instead "
          "of searching; 1: from all, 0: no such limit")
      .row(
          "temperature", &D::temperature, "1", in(above(0)), kMayChange,
          "Draw from P^(1/temperature), normalised: below 1 is sharper, above 1 flatter; any value "
          "but 1 samples")
      .row("seed", &D::seed, "1", in(at_least(0)), kMayChange,
           "Seed of sampling: what a line gets depends on it and on the line's number alone")
      .row("shortlist", &D::shortlist, "0", in(between(0, 200)), kMayChange,
           "Choose among the so many most probable translations of each source piece, and as many "
           "of the most frequent pieces, alone: faster, at some cost in quality, and a translation "
           "may "
           "depend on its batch; 0: among all")
      .row("batch_size", &D::batch_size, "64", in(between(1, 100000)), kMayChange,
           "Sentences translated together; a Transformer on a CPU takes 48 hypotheses at most, a "
           "large one up to 320");
}

}  // namespace heed
