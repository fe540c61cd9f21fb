#include "exchange/ctranslate2.h"

#include "kernels/torch.h"

#include <cstring>

#include "exchange/able.h"
#include "model/layers.h"
#include "util/atomic_file.h"
#include "util/error.h"

namespace heed {
namespace {

// Rows of the table of sinusoids; CTranslate2 refuses to go on beyond its last row.
constexpr int64_t kPositions = 4096;
// Of its file, as its model_spec.py and transformer_spec.py write it.
constexpr uint32_t kBinaryVersion = 6, kRevision = 7;
constexpr const char* kSpecification = "TransformerSpec";

// Its Activation, by number.
int8_t activation_number(Activation name) {
  if (name == "swish") return 2;
  if (name == "gelu") return 3;
  return name == "quick_gelu" ? 4 : 0;
}

// Its DataType, by number.
uint8_t type_number(torch::ScalarType type) {
  if (type == torch::kInt8) return 1;
  return type == torch::kInt16 ? 2 : 0;
}

// Little-endian numbers and strings with a length and a NUL.
class Writer {
 public:
  template <typename Number>
  void number(Number value) {
    for (size_t i = 0; i < sizeof(Number); ++i) {
      bytes_ += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
    }
  }
  void text(const std::string& value) {
    number(static_cast<uint16_t>(value.size() + 1));
    bytes_ += value;
    bytes_ += '\0';
  }
  void variable(const std::string& name, const at::Tensor& value) {
    at::Tensor plain = value.contiguous();
    if (plain.nbytes() > UINT32_MAX) {
      fail("{} has {} bytes: CTranslate2's files hold 4 GiB a tensor", name, plain.nbytes());
    }
    text(name);
    number(static_cast<uint8_t>(plain.dim()));
    for (int64_t size : plain.sizes()) number(static_cast<uint32_t>(size));
    number(type_number(plain.scalar_type()));
    number(static_cast<uint32_t>(plain.nbytes()));
    bytes_.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// The model's tensors and settings by CTranslate2's names.
class Specification {
 public:
  explicit Specification(const WholeModel& model)
      : config_(model.config.model), weights_(model.weights) {
    for (bool decoder : {false, true}) add_stack(decoder);
    for (const Sublayer& sublayer : sublayers_of(config_)) add(sublayer);
    put("decoder/projection/bias", weights_.at(kOutputBias));
    if (!config_.tie_softmax) put("decoder/projection/weight", weights_.at(kOutputWeight));
    set("decoder/start_from_zero_embedding", config_.decoder_start == "zero");
    set("decoder/alibi", false);
    set("decoder/alibi_use_positive_positions", false);
    set("decoder/scale_alibi", false);
    set("encoder/embeddings_merge", false);
    set("encoder/multi_query_attention", false);
    variables_["decoder/alignment_layer"] = torch::scalar_tensor(-1, torch::kInt16);
    variables_["decoder/alignment_heads"] = torch::scalar_tensor(1, torch::kInt16);
  }

  std::string bytes() const {
    Writer out;
    out.number(kBinaryVersion);
    out.text(kSpecification);
    out.number(kRevision);
    out.number(static_cast<uint32_t>(variables_.size()));
    for (const auto& [name, value] : variables_) out.variable(name, value);
    auto aliases = aliases_of();
    out.number(static_cast<uint32_t>(aliases.size()));
    for (const auto& [alias, name] : aliases) {
      out.text(alias);
      out.text(name);
    }
    return out.bytes();
  }

 private:
  static std::string side(bool decoder) { return decoder ? "decoder" : "encoder"; }
  // The encoder may have several embeddings.
  static std::string embeddings(bool decoder) {
    return decoder ? "decoder/embeddings/weight" : "encoder/embeddings_0/weight";
  }

  void put(const std::string& name, const at::Tensor& value) { variables_[name] = value; }
  void set(const std::string& name, bool value) {
    variables_[name] = torch::scalar_tensor(value ? 1 : 0, torch::kInt8);
  }
  void put_norm(const std::string& name, const std::string& own) {
    put(name + "/gamma", weights_.at(own + ".weight"));
    put(name + "/beta", weights_.at(own + ".bias"));
  }
  void put_linear(const std::string& name, const std::string& own) {
    put(name + "/weight", weights_.at(own + ".weight"));
    put(name + "/bias", weights_.at(own + ".bias"));
  }

  void add_stack(bool decoder) {
    std::string stack = side(decoder) + "/";
    if (!decoder || !config_.tie_source_target) {
      put(embeddings(decoder), weights_.at(embedding_name(config_, decoder)));
    }
    put(stack + "position_encodings/encodings",
        position_table(config_, weights_, decoder, kPositions));
    set(stack + "pre_norm", config_.norm == "pre");
    set(stack + "scale_embeddings", config_.scale_embeddings);
    variables_[stack + "num_heads"] = torch::scalar_tensor(config_.heads, torch::kInt16);
    variables_[stack + "activation"] =
        torch::scalar_tensor(activation_number(config_.activation), torch::kInt8);
    if (config_.norm == "pre") put_norm(stack + "layer_norm", final_norm_name(decoder));
    if (config_.embedding_norm) {
      put_norm(stack + "layernorm_embedding", embedding_norm_name(decoder));
    }
  }

  // Both fuse projections of the same input in the same order: queries, keys, values.
  void add(const Sublayer& sublayer) {
    std::string layer = fmt::format("{}/layer_{}/", side(sublayer.decoder), sublayer.layer);
    std::string own = sublayer.name();
    if (!sublayer.is_attention()) {
      put_norm(layer + "ffn/layer_norm", sublayer.norm());
      put_linear(layer + "ffn/linear_0", own + ".inner");
      put_linear(layer + "ffn/linear_1", own + ".outer");
      return;
    }
    bool self = sublayer.part == Part::kSelfAttention;
    std::string name = layer + (self ? "self_attention/" : "attention/");
    put_norm(name + "layer_norm", sublayer.norm());
    put_linear(name + "linear_0", own + (self ? ".query_key_value" : ".query"));
    put_linear(name + "linear_1", own + (self ? ".output" : ".key_value"));
    if (!self) put_linear(name + "linear_2", own + ".output");
  }

  // What shares its tensor with another.
  std::map<std::string, std::string> aliases_of() const {
    std::map<std::string, std::string> aliases;
    if (config_.tie_source_target) aliases[embeddings(true)] = embeddings(false);
    if (config_.tie_softmax) {
      aliases["decoder/projection/weight"] = embeddings(!config_.tie_source_target);
    }
    return aliases;
  }

  const ModelConfig& config_;
  const Weights& weights_;
  std::map<std::string, at::Tensor> variables_;
};

std::string config_json(const WholeModel& model) {
  const Vocabulary& target = model.tokenizers.target->vocabulary();
  const SpecialIds& special = target.special();
  // From a vector of zeros it does not look at the start token.
  int32_t start = special.begin >= 0 ? special.begin : special.end;
  OrderedJson json = {{"add_source_bos", false},
                      {"add_source_eos", true},
                      {"bos_token", target.piece(start)},
                      {"decoder_start_token", target.piece(start)},
                      {"eos_token", target.piece(special.end)},
                      {"layer_norm_epsilon", model.config.model.norm_epsilon},
                      {"multi_query_attention", false},
                      {"unk_token", target.piece(special.unknown)}};
  return json.dump(2) + "\n";
}

void write_vocabularies(const Tokenizers& tokenizers, const std::string& folder) {
  auto write = [&](const char* name, const Tokenizer& tokenizer) {
    write_file_atomically(folder + "/" + name,
                          OrderedJson(tokenizer.vocabulary().pieces()).dump(2) + "\n");
  };
  if (tokenizers.one_vocabulary()) return write("shared_vocabulary.json", *tokenizers.source);
  write("source_vocabulary.json", *tokenizers.source);
  write("target_vocabulary.json", *tokenizers.target);
}

}  // namespace

void export_ctranslate2(const WholeModel& model, NewFolder& folder) {
  auto able = common_transformer();
  able.push_back({"norm", {"pre", "post"}});
  check_able(model.config, able, "CTranslate2");
  std::string bytes = Specification(model).bytes();
  const std::string& path = folder.beside();
  write_file_atomically(path + "/model.bin", bytes);
  write_file_atomically(path + "/config.json", config_json(model));
  write_vocabularies(model.tokenizers, path);
  ModelFolder files{path};
  auto copy = [&](const std::string& to, const Tokenizer& tokenizer) {
    write_file_atomically(to, tokenizer.model_bytes());
  };
  if (model.tokenizers.shared()) return copy(files.tokenizer(), *model.tokenizers.source);
  copy(files.source_tokenizer(), *model.tokenizers.source);
  copy(files.target_tokenizer(), *model.tokenizers.target);
}

}  // namespace heed
