#include "exchange/marian.h"

#include "kernels/torch.h"

#include <algorithm>
#include <filesystem>

#include "config/options.h"
#include "exchange/able.h"
#include "exchange/marian_weights.h"
#include "model/positions.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

// Layer normalisation's epsilon, a constant in Marian's src/models/transformer.h.
constexpr double kEpsilon = 1e-6;
constexpr int64_t kMaxLength = 512;    // pieces of a line, where no table of positions ends earlier
constexpr double kMaxLengthRatio = 3;  // its --max-length-factor

// Options of the network that heed has in one form alone; `otherwise` is what an older file, which
// lacks the option, means.
struct Wanted {
  const char* key;
  std::vector<std::string> able;
  const char* otherwise;
};
const Wanted kWanted[] = {
    {"type", {"transformer"}, ""},
    {"transformer-decoder-autoreg", {"self-attention"}, "self-attention"},
    {"transformer-ffn-activation", {"relu", "swish", "gelu"}, "swish"},
    {"transformer-ffn-depth", {"2"}, "2"},
    {"transformer-decoder-ffn-depth", {"0", "2"}, "0"},
    {"transformer-postprocess-emb", {"", "d", "n", "nd"}, "d"},
    {"transformer-no-projection", {"false"}, "false"},
    {"transformer-no-bias", {"false"}, "false"},
    {"transformer-no-affine", {"false"}, "false"},
    {"transformer-disable-position-embeddings", {"false"}, "false"},
    {"transformer-attention-mask", {"default"}, "default"},
    {"transformer-pool", {"false"}, "false"},
    {"transformer-rnn-projection", {"false"}, "false"},
    {"transformer-tied-layers", {""}, ""},
    {"lemma-dim-emb", {"0"}, "0"},
    {"input-types", {""}, ""},
    {"right-left", {"false"}, "false"},
    {"ulr", {"false"}, "false"},
};

void check_options(const MarianOptions& options, const std::string& where) {
  for (const Wanted& one : kWanted) {
    std::string value = options.text(one.key, one.otherwise);
    if (std::ranges::find(one.able, value) != one.able.end()) continue;
    fail("{}: {} = {}: heed has not got it; it imports {}", where, one.key,
         value.empty() ? "nothing" : printable(value, 40), join(one.able, ", "));
  }
}

// The steps of a sublayer's processing without dropout: "dan" -> "an".
std::string steps_of(const MarianOptions& options, const std::string& key) {
  std::string steps = options.text(key, "");
  std::erase(steps, 'd');
  return steps;
}

decltype(ModelConfig::norm) norm_of(const MarianOptions& options, const std::string& where) {
  std::string before = steps_of(options, "transformer-preprocess");
  std::string after = steps_of(options, "transformer-postprocess");
  std::string top = steps_of(options, "transformer-postprocess-top");
  if (before.empty() && after == "an" && top.empty()) return "post";
  if (before == "n" && after == "a" && top == "n") return "pre";
  fail(
      "{}: transformer-preprocess = \"{}\", -postprocess = \"{}\", -postprocess-top = \"{}\": heed "
      "imports \"\", \"dan\", \"\" (post-norm) and \"n\", \"da\", \"n\" (pre-norm with a last "
      "norm)",
      where, options.text("transformer-preprocess", ""),
      options.text("transformer-postprocess", ""), options.text("transformer-postprocess-top", ""));
}

std::string base_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// Where the network and its vocabularies are, and how it was meant to be searched.
struct MarianFiles {
  std::string network, source_vocabulary, target_vocabulary;
  MarianOptions decoder;
};

// decoder.yml, or the one that a training leaves beside a network; empty where there is none.
std::string decoder_file(const SourceFiles& files) {
  if (files.has("decoder.yml")) return "decoder.yml";
  auto found = files.ending(".decoder.yml");
  if (found.size() > 1) {
    fail("{}: {}: name the one to import decoder.yml", files.path(), join(found, ", "));
  }
  return found.empty() ? "" : found[0];
}

MarianFiles find_files(const SourceFiles& files) {
  MarianFiles found;
  if (std::string name = decoder_file(files); !name.empty()) {
    found.decoder = MarianOptions(files.read(name), files.where(name));
  }
  std::vector<std::string> networks = found.decoder.list("models");
  if (networks.empty()) networks = files.ending(".npz");
  std::erase_if(networks, [](const auto& name) { return name.ends_with(".optimizer.npz"); });
  if (networks.size() != 1) {
    fail("{}: {} networks ({}): heed imports one; name it alone in decoder.yml", files.path(),
         networks.size(), join(networks, ", "));
  }
  std::vector<std::string> vocabularies = found.decoder.list("vocabs");
  if (vocabularies.empty()) vocabularies = files.ending("vocab.yml");
  if (vocabularies.size() == 1) vocabularies.push_back(vocabularies[0]);
  if (vocabularies.size() != 2) {
    fail("{}: {} vocabularies: expected decoder.yml to name the source's and the target's",
         files.path(), vocabularies.size());
  }
  found.network = base_name(networks[0]);
  found.source_vocabulary = base_name(vocabularies[0]);
  found.target_vocabulary = base_name(vocabularies[1]);
  for (const std::string& name : {found.network, found.source_vocabulary, found.target_vocabulary})
    if (!files.has(name)) fail("{}: no file {}", files.path(), name);
  return found;
}

std::shared_ptr<Tokenizer> read_tokenizer(const SourceFiles& files, const std::string& side,
                                          const std::string& vocabulary) {
  std::string text = files.read(vocabulary), where = files.where(vocabulary);
  if (vocabulary.ends_with(".spm")) return std::make_shared<Tokenizer>(std::move(text), where);
  if (vocabulary.ends_with(".fsv"))
    fail("{}: a factored vocabulary, which heed has not got", where);
  std::string model = side + ".spm";
  if (!files.has(model)) {
    bool codes = files.has(side + ".bpe");
    fail("{}: no file {}{}", files.path(), model,
         codes ? fmt::format(": {}.bpe holds codes of subword-nmt, which heed has not got", side)
               : ", the SentencePiece model that the vocabulary's pieces are of");
  }
  bool yaml = vocabulary.ends_with(".yml") || vocabulary.ends_with(".yaml");
  Vocabulary list = yaml ? listed_vocabulary(read_marian_vocabulary(text, where), where)
                         : read_vocabulary(text, where);
  return std::make_shared<Tokenizer>(files.read(model), files.where(model), std::move(list));
}

Tokenizers read_tokenizers(const SourceFiles& files, const MarianFiles& found) {
  Tokenizers both{read_tokenizer(files, "source", found.source_vocabulary),
                  read_tokenizer(files, "target", found.target_vocabulary)};
  if (both.source->checksum() == both.target->checksum()) both.target = both.source;
  return both;
}

Config config_of(const MarianOptions& options, const MarianOptions& decoder,
                 MarianWeights& weights) {
  Config config = default_config();
  ModelConfig& model = config.model;
  auto integer_of = [](const MarianOptions& from, const char* key, double otherwise) {
    return static_cast<int64_t>(std::clamp(from.number(key, otherwise), -1e9, 1e9));
  };
  auto integer = [&](const char* key, double otherwise) {
    return integer_of(options, key, otherwise);
  };
  model.hidden_size = integer("dim-emb", 512);
  model.feed_forward_size = integer("transformer-dim-ffn", 2048);
  model.layers = integer("enc-depth", 6);
  model.decoder_layers = integer("dec-depth", 6);
  model.heads = integer("transformer-heads", 8);
  for (const char* key : {"transformer-decoder-dim-ffn", "transformer-heads-decoder"}) {
    int64_t same = std::string_view(key).ends_with("ffn") ? model.feed_forward_size : model.heads;
    if (int64_t other = integer(key, 0); other != 0 && other != same) {
      fail("{}: {} = {}: heed's decoder has that of the encoder, {}", weights.name(), key, other,
           same);
    }
  }
  model.norm = norm_of(options, weights.name());
  model.activation = *Activation::find(options.text("transformer-ffn-activation", "swish"));
  model.sinusoids = "tensor2tensor";
  model.norm_epsilon = kEpsilon;
  model.embedding_norm =
      options.text("transformer-postprocess-emb", "d").find('n') != std::string::npos;
  model.decoder_start = "zero";
  bool own_tables = weights.has("encoder_Wemb") || weights.has("decoder_Wemb");
  model.tie_source_target = !own_tables;
  model.tie_softmax =
      !weights.has("decoder_ff_logit_out_Wt") && !weights.has("decoder_ff_logit_out_W");
  model.dropout = options.number("transformer-dropout", 0.1);
  model.attention_dropout = options.number("transformer-dropout-attention", 0);
  model.feed_forward_dropout = options.number("transformer-dropout-ffn", 0);
  config.data.max_length = kMaxLength;
  config.decoding.allow_unknown = false;
  config.decoding.max_length_ratio = kMaxLengthRatio;
  config.decoding.beam_size = integer_of(decoder, "beam-size", 6);
  config.decoding.length_penalty = decoder.number("normalize", 1);
  return config;
}

// Conversion of one network's tensors.
class MarianConversion {
 public:
  MarianConversion(MarianWeights& from, WholeModel& to)
      : from_(from), to_(to), hidden_(to.config.model.hidden_size) {}

  void run() {
    add_tables();
    for (const Sublayer& sublayer : sublayers_of(to_.config.model)) add(sublayer);
    for (bool decoder : {false, true}) {
      std::string side = decoder ? "decoder" : "encoder";
      if (to_.config.model.norm == "pre") add_norm(final_norm_name(decoder), side + "_top");
      if (to_.config.model.embedding_norm) add_norm(embedding_norm_name(decoder), side + "_emb");
    }
    from_.check_all_taken();
  }

 private:
  void add_tables() {
    ModelConfig& model = to_.config.model;
    int64_t source = to_.tokenizers.source->vocab_size(),
            target = to_.tokenizers.target->vocab_size();
    for (bool decoder : {false, true}) {
      if (decoder && model.tie_source_target) continue;
      std::string own = decoder ? "decoder_Wemb" : "encoder_Wemb";
      to_.weights[embedding_name(model, decoder)] =
          from_.matrix(from_.has(own) ? own : "Wemb", decoder ? target : source, hidden_);
    }
    const std::string out = "decoder_ff_logit_out";
    if (from_.has(out + "_Wt")) {
      to_.weights[kOutputWeight] = from_.matrix(out + "_Wt", target, hidden_);
    } else if (from_.has(out + "_W")) {
      to_.weights[kOutputWeight] = from_.matrix(out + "_W", hidden_, target).t().contiguous();
    }
    bool has_bias = from_.has(out + "_b");
    to_.weights[kOutputBias] = has_bias ? from_.vector(out + "_b", target) : torch::zeros({target});
    if (from_.has("Wpos")) add_positions();
  }

  // One table for both sides; beyond its end its last vector is used again. Trained positions go
  // with embeddings that are not scaled.
  void add_positions() {
    at::Tensor table = from_.table("Wpos", hidden_);
    to_.config.model.positions = "learned";
    to_.config.model.scale_embeddings = false;
    to_.config.data.max_length = table.size(0);
    int64_t more = learned_positions(table.size(0)) - table.size(0);
    table = torch::cat({table, table[-1].expand({more, hidden_})});
    for (bool decoder : {false, true}) to_.weights[positions_name(decoder)] = table.clone();
  }

  void add(const Sublayer& sublayer) {
    std::string prefix =
        fmt::format("{}_l{}_", sublayer.decoder ? "decoder" : "encoder", sublayer.layer + 1);
    if (!sublayer.is_attention()) {
      int64_t inner = to_.config.model.feed_forward_size;
      prefix += "ffn_";
      put_linear(to_.weights, sublayer.name() + ".inner",
                 from_.linear(prefix + "W1", prefix + "b1", hidden_, inner));
      put_linear(to_.weights, sublayer.name() + ".outer",
                 from_.linear(prefix + "W2", prefix + "b2", inner, hidden_));
      add_norm(sublayer.norm(), prefix + "ffn");
      return;
    }
    prefix += sublayer.part == Part::kSelfAttention ? "self_" : "context_";
    auto projection = [&](const char* letter) {
      return from_.linear(prefix + "W" + letter, prefix + "b" + letter, hidden_, hidden_);
    };
    put_attention(to_.weights, sublayer,
                  {projection("q"), projection("k"), projection("v"), projection("o")});
    add_norm(sublayer.norm(), prefix + "Wo");
  }

  void add_norm(const std::string& name, const std::string& prefix) {
    // "_pre": of a norm that stands before what it belongs to.
    std::string suffix = from_.has(prefix + "_ln_scale_pre") ? "_pre" : "";
    put_linear(to_.weights, name,
               {from_.vector(prefix + "_ln_scale" + suffix, hidden_),
                from_.vector(prefix + "_ln_bias" + suffix, hidden_)});
  }

  MarianWeights& from_;
  WholeModel& to_;
  int64_t hidden_;
};

}  // namespace

WholeModel import_marian(const SourceFiles& files) {
  MarianFiles found = find_files(files);
  MarianWeights weights(files.read_archive(found.network));
  MarianOptions options = weights.options();
  check_options(options, weights.name());
  WholeModel model{config_of(options, found.decoder, weights), {}, {}};
  std::string decoder = decoder_file(files);
  check_values(model.config, weights.name() + (decoder.empty() ? "" : " or " + decoder));
  model.tokenizers = read_tokenizers(files, found);
  MarianConversion(weights, model).run();
  return model;
}

}  // namespace heed
