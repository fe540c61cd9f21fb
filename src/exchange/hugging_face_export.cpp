#include <algorithm>

#include "exchange/able.h"
#include "exchange/hugging_face.h"
#include "kernels/torch.h"
#include "model/layers.h"
#include "model/safetensors.h"
#include "util/atomic_file.h"
#include "util/log.h"

namespace heed {
namespace {

constexpr int64_t kLongest = 512;     // decoding.max_length where a model has none
constexpr int64_t kSinusoids = 1024;  // rows of the tables of sinusoids, as MarianConfig has it

// The vocabularies there, with a symbol that the decoder starts from: one more at the end where
// heed's decoder starts from zero.
struct Pieces {
  std::vector<std::string> source, target;
  int64_t start, pad;
  bool added;
};

Pieces pieces_of(const WholeModel& model) {
  const Vocabulary &source = model.tokenizers.source->vocabulary(),
                   &target = model.tokenizers.target->vocabulary();
  Pieces pieces{source.pieces(), target.pieces(), target.special().begin, target.special().pad,
                model.config.model.decoder_start == "zero"};
  if (!pieces.added) return pieces;
  pieces.start = pieces.pad = target.size();
  std::string name = kHuggingFacePadding;
  while (source.id(name) || target.id(name)) name = "<" + name + ">";  // heed has one of its own
  pieces.source.push_back(name);
  pieces.target.push_back(name);
  return pieces;
}

// MarianMTModel's tensors by its names.
class Tensors {
 public:
  Tensors(const WholeModel& model, bool pad)
      : config_(model.config.model), weights_(model.weights) {
    add_tables(pad);
    for (const Sublayer& sublayer : sublayers_of(config_)) add(sublayer);
  }
  TensorFile file() && { return {std::move(tensors_), {{"format", "pt"}}}; }

 private:
  // With a row of zeros at the end where there is a padding symbol more.
  at::Tensor table(const std::string& name, bool pad) const {
    const at::Tensor& own = weights_.at(name);
    if (!pad) return own;
    std::vector<int64_t> sizes = own.sizes().vec();
    sizes[0] = 1;
    return torch::cat({own, torch::zeros(sizes)});
  }

  void add_tables(bool pad) {
    for (bool decoder : {false, true}) {
      std::string side = decoder ? "decoder" : "encoder";
      tensors_["model." + side + ".embed_positions.weight"] =
          position_table(config_, weights_, decoder, kSinusoids);
      if (!config_.tie_source_target) {
        tensors_["model." + side + ".embed_tokens.weight"] =
            table(embedding_name(config_, decoder), pad);
      }
    }
    if (config_.tie_source_target) {
      tensors_["model.shared.weight"] = table(embedding_name(config_, false), pad);
    }
    if (!config_.tie_softmax) tensors_["lm_head.weight"] = table(kOutputWeight, pad);
    tensors_["final_logits_bias"] = table(kOutputBias, pad).unsqueeze(0);
  }

  void put(const std::string& name, const LinearWeights& linear) {
    tensors_[name + ".weight"] = linear.weight;
    tensors_[name + ".bias"] = linear.bias;
  }

  void add(const Sublayer& sublayer) {
    HuggingFaceNames names = hugging_face_names(sublayer);
    put(names.norm, linear_of(weights_, sublayer.norm()));
    if (!sublayer.is_attention()) {
      put(names.part + ".fc1", linear_of(weights_, sublayer.name() + ".inner"));
      put(names.part + ".fc2", linear_of(weights_, sublayer.name() + ".outer"));
      return;
    }
    AttentionProjections all = attention_of(weights_, sublayer);
    put(names.part + ".q_proj", all.query);
    put(names.part + ".k_proj", all.key);
    put(names.part + ".v_proj", all.value);
    put(names.part + ".out_proj", all.output);
  }

  const ModelConfig& config_;
  const Weights& weights_;
  std::map<std::string, at::Tensor> tensors_;
};

OrderedJson model_json(const WholeModel& model, const Pieces& pieces) {
  const ModelConfig& config = model.config.model;
  int64_t positions =
      config.positions == "learned" ? model.weights.at(positions_name(false)).size(0) : kSinusoids;
  int32_t end = model.tokenizers.target->special().end;
  return {{"architectures", OrderedJson::array({"MarianMTModel"})},
          {"model_type", "marian"},
          {"is_encoder_decoder", true},
          {"d_model", config.hidden_size},
          {"encoder_layers", config.layers},
          {"decoder_layers", decoder_layers(config)},
          {"encoder_attention_heads", config.heads},
          {"decoder_attention_heads", config.heads},
          {"encoder_ffn_dim", config.feed_forward_size},
          {"decoder_ffn_dim", config.feed_forward_size},
          {"activation_function", config.activation.name()},
          {"scale_embedding", config.scale_embeddings},
          {"max_position_embeddings", positions},
          {"vocab_size", pieces.source.size()},
          {"decoder_vocab_size", pieces.target.size()},
          {"share_encoder_decoder_embeddings", config.tie_source_target},
          {"tie_word_embeddings", config.tie_softmax},
          {"dropout", config.dropout},
          {"attention_dropout", config.attention_dropout},
          {"activation_dropout", config.feed_forward_dropout},
          {"bos_token_id", nullptr},
          {"eos_token_id", end},
          {"forced_eos_token_id", end},
          {"pad_token_id", pieces.pad},
          {"decoder_start_token_id", pieces.start}};
}

OrderedJson generation_json(const WholeModel& model, const Pieces& pieces) {
  const DecodingConfig& decoding = model.config.decoding;
  const SpecialIds& special = model.tokenizers.target->special();
  std::vector<int64_t> barred = {pieces.start, pieces.pad, special.begin, special.pad};
  if (!decoding.allow_unknown) barred.push_back(special.unknown);
  OrderedJson never = OrderedJson::array();
  for (int64_t id : barred) {
    OrderedJson one = OrderedJson::array({id});
    bool known = std::ranges::find(never, one) != never.end();
    if (id >= 0 && id != special.end && !known) never.push_back(std::move(one));
  }
  int64_t longest = decoding.max_length > 0 ? decoding.max_length : kLongest;
  // transformers counts the symbol that the decoder starts from.
  int64_t shortest = decoding.min_length > 0 ? decoding.min_length + 1 : 0;
  return {{"bad_words_ids", never},
          {"decoder_start_token_id", pieces.start},
          {"eos_token_id", special.end},
          {"forced_eos_token_id", special.end},
          {"pad_token_id", pieces.pad},
          {"length_penalty", decoding.length_penalty},
          {"max_length", longest},
          {"min_length", shortest},
          {"no_repeat_ngram_size", decoding.no_repeat_ngram},
          {"num_beams", decoding.beam_size}};
}

OrderedJson tokenizer_json(const WholeModel& model, const Pieces& pieces, bool separate) {
  const Vocabulary& target = model.tokenizers.target->vocabulary();
  return {{"tokenizer_class", "MarianTokenizer"},
          {"unk_token", target.piece(target.special().unknown)},
          {"eos_token", target.piece(target.special().end)},
          {"pad_token", pieces.target[static_cast<size_t>(pieces.pad)]},
          {"separate_vocabs", separate},
          {"model_max_length", model.config.data.max_length}};
}

// In the order of the pieces, for an object that keeps another is slow to fill.
nlohmann::json numbered(const std::vector<std::string>& pieces) {
  auto json = nlohmann::json::object();
  for (size_t i = 0; i < pieces.size(); ++i) json[pieces[i]] = i;
  return json;
}

}  // namespace

void export_hugging_face(const WholeModel& model, NewFolder& folder) {
  auto able = common_transformer();
  able.push_back({"norm", {"post"}});
  able.push_back({"embedding_norm", {"false"}});
  check_able(model.config, able, "MarianMTModel");
  double epsilon = model.config.model.norm_epsilon;
  if (epsilon != kHuggingFaceEpsilon) {
    log_warning(
        "[model] norm_epsilon = {}: MarianMTModel has {}, so that its numbers will differ a "
        "little",
        epsilon, kHuggingFaceEpsilon);
  }
  Pieces pieces = pieces_of(model);
  TensorFile tensors = Tensors(model, pieces.added).file();
  const std::string path = folder.beside() + "/";
  write_safetensors(path + "model.safetensors", tensors);
  bool separate = !model.tokenizers.one_vocabulary();
  auto write = [&](const char* name, const auto& json) {
    write_file_atomically(path + name, json.dump(2) + "\n");
  };
  write("config.json", model_json(model, pieces));
  write("generation_config.json", generation_json(model, pieces));
  write("tokenizer_config.json", tokenizer_json(model, pieces, separate));
  write("vocab.json", numbered(pieces.source));
  if (separate) write("target_vocab.json", numbered(pieces.target));
  write_file_atomically(path + "source.spm", model.tokenizers.source->model_bytes());
  write_file_atomically(path + "target.spm", model.tokenizers.target->model_bytes());
}

}  // namespace heed
