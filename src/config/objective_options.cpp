// Rows of the option table for what training makes small (training/objective.h).
#include "config/rows.h"

namespace heed {

void add_objective_rows(Rows<TrainingConfig>& rows) {
  using T = TrainingConfig;
  rows.row("objective", &T::objective, "cross_entropy", kAny, kMayChange,
           "What training makes small: cross-entropy; or with it how far apart two passes are: of "
           "other dropout (R-Drop, Liang 2021), or with pieces cut out (SimCut, Gao 2022); or the "
           "expected loss of translations drawn from the model (minimum risk, Shen 2016), for one "
           "that is trained already")
      .row("consistency", &T::consistency, "3", in(between(0, 1e6)), kMayChange,
           "Weight of the divergence of the two passes, for objective = r_drop and simcut")
      .row("cutoff", &T::cutoff, "0.05", in(between(0, 0.9)), kMayChange,
           "Share of source and target pieces whose embeddings are zero in the second pass of "
           "objective = simcut")
      .row("word_dropout", &T::word_dropout, "0", in(between(0, 0.9)), kMayChange,
           "Share of source and target pieces whose embeddings are zero in training, whatever the "
           "objective but the risk (Gal 2016; Sennrich 2019); 0: off, 0.1 is usual")
      .row("risk_samples", &T::risk_samples, "8", in(between(2, 1000)), kMayChange,
           "Translations drawn of each source sentence, for objective = minimum_risk")
      .row("risk_sharpness", &T::risk_sharpness, "0.005", in(above_to(0, 1e6)), kMayChange,
           "Exponent of the probabilities of these translations (alpha)")
      .row("risk_metric", &T::risk_metric, "bleu", kAny, kMayChange,
           "What a translation loses by: 1 - its sentence BLEU, or chrF")
      .row("risk_share", &T::risk_share, "1", in(between(0, 1)), kMayChange,
           "Share of the risk in what is made small; the rest is cross-entropy, which alone has "
           "label_smoothing, word_dropout and guided_alignment");
}

}  // namespace heed
