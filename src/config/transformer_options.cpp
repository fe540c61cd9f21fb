// Rows of the option table for what trained Transformers of other toolkits have in other forms.
#include "config/rows.h"

namespace heed {

void add_transformer_form_rows(std::vector<Option>& table) {
  using M = ModelConfig;
  Rows(table, "model", &Config::model)
      .row("sinusoids", &M::sinusoids, "interleaved", kAny, kFixed,
           "For positions = sinusoidal: sine and cosine of each frequency side by side (Vaswani "
           "2017), all sines before all cosines, or so with frequencies that reach 1/10000 "
           "(Tensor2Tensor's, Marian's)")
      .row("norm_epsilon", &M::norm_epsilon, "1e-05", in(between(1e-12, 0.1)), kFixed,
           "What a Transformer's layer normalisations add to the variance")
      .row("scale_embeddings", &M::scale_embeddings, "true", kAny, kFixed,
           "A Transformer's embeddings are multiplied by the root of hidden_size")
      .row("embedding_norm", &M::embedding_norm, "false", kAny, kFixed,
           "A Transformer normalises embeddings, positions added, before its first layer")
      .row("decoder_start", &M::decoder_start, "begin", kAny, kFixed,
           "What a Transformer's decoder starts from: the begin symbol's embedding, or a vector of "
           "zeros");
}

}  // namespace heed
