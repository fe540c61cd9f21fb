#include "exchange/hugging_face.h"

#include "kernels/torch.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/options.h"
#include "exchange/able.h"
#include "model/positions.h"
#include "model/safetensors.h"
#include "util/error.h"
#include "util/json_text.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::json;

constexpr const char* kConfig = "config.json";
constexpr const char* kWeights = "model.safetensors";

Json read_json(const SourceFiles& files, const std::string& name) {
  std::string text = files.read(name);
  if (auto fault = json_fault(text)) {
    fail("{} ({} bytes): not JSON: {}; the file is cut off or damaged: get it again",
         files.where(name), with_commas(std::ssize(text)), *fault);
  }
  Json json = Json::parse(text);
  if (!json.is_object()) {
    fail("{}: expected a JSON object, {{...}}, got {}", files.where(name), json.type_name());
  }
  return json;
}

// The settings of config.json, each with a default where the file may leave it out.
class Settings {
 public:
  Settings(Json json, std::string where) : json_(std::move(json)), where_(std::move(where)) {}

  template <typename T>
  T get(const char* key, T otherwise) const {
    auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return otherwise;
    bool fraction = std::is_same_v<T, int64_t> && found->is_number_float();
    try {
      if (!fraction) return found->get<T>();
    } catch (const Json::exception&) {  // which says less
    }
    fail("{}: {} = {}: another kind of value was expected", where_, key,
         printable(found->dump(-1, ' ', true, Json::error_handler_t::replace), 60));
  }
  // Throws Error where it is missing.
  int64_t integer(const char* key) const {
    if (!json_.contains(key)) fail("{}: no {}", where_, key);
    return get<int64_t>(key, 0);
  }
  // One number of two settings that heed has as one.
  int64_t same(const char* encoder, const char* decoder) const {
    int64_t one = integer(encoder), other = integer(decoder);
    if (one == other) return one;
    fail("{}: {} = {} and {} = {}: heed's Transformer has one number for both", where_, encoder,
         one, decoder, other);
  }
  const std::string& where() const { return where_; }

 private:
  Json json_;
  std::string where_;
};

Activation activation_of(const Settings& settings) {
  static const std::map<std::string, Activation> kNames = {{"relu", Activation("relu")},
                                                           {"gelu", Activation("gelu")},
                                                           {"quick_gelu", Activation("quick_gelu")},
                                                           {"swish", Activation("swish")},
                                                           {"silu", Activation("swish")}};
  auto name = settings.get<std::string>("activation_function", "gelu");
  auto found = kNames.find(name);
  if (found != kNames.end()) return found->second;
  fail(
      "{}: activation_function = {}: heed has not got it; it imports relu, gelu, quick_gelu, swish",
      settings.where(), printable(name, 40));
}

void check_settings(const Settings& settings) {
  auto kind = settings.get<std::string>("model_type", "");
  if (kind != "marian") {
    fail("{}: model_type = {}: heed imports marian alone", settings.where(),
         kind.empty() ? "nothing" : printable(kind, 40));
  }
  for (const char* other : {"normalize_before", "normalize_embedding", "add_final_layer_norm"}) {
    if (!settings.get<bool>(other, false)) continue;
    fail("{}: {} = true: MarianMTModel has not got it", settings.where(), other);
  }
  if (!settings.get<bool>("static_position_embeddings", true)) {
    fail("{}: static_position_embeddings = false: MarianMTModel has not got it", settings.where());
  }
  int64_t start = settings.integer("decoder_start_token_id"),
          pad = settings.integer("pad_token_id");
  if (start == pad) return;
  fail("{}: decoder_start_token_id = {} is not pad_token_id = {}: heed has not got that",
       settings.where(), start, pad);
}

// A symbol that config.json numbers is that of the vocabulary, which is found by name.
void check_symbol(const Settings& settings, const char* key, const std::string& piece,
                  const std::vector<std::string>& pieces) {
  int64_t id = settings.integer(key);
  bool there = id >= 0 && id < std::ssize(pieces);
  if (there && pieces[static_cast<size_t>(id)] == piece) return;
  fail("{}: {} = {}: the vocabulary has {} there, not {}", settings.where(), key, id,
       there ? printable(pieces[static_cast<size_t>(id)], 40) : "nothing", piece);
}

Config config_of(const Settings& settings, const Settings& generation) {
  Config config = default_config();
  ModelConfig& model = config.model;
  model.hidden_size = settings.integer("d_model");
  model.layers = settings.integer("encoder_layers");
  model.decoder_layers = settings.integer("decoder_layers");
  model.heads = settings.same("encoder_attention_heads", "decoder_attention_heads");
  model.feed_forward_size = settings.same("encoder_ffn_dim", "decoder_ffn_dim");
  model.activation = activation_of(settings);
  model.norm = "post";
  model.norm_epsilon = kHuggingFaceEpsilon;
  model.sinusoids = "halves";
  model.scale_embeddings = settings.get<bool>("scale_embedding", false);
  model.tie_source_target = settings.get<bool>("share_encoder_decoder_embeddings", true);
  model.tie_softmax = settings.get<bool>("tie_word_embeddings", true);
  model.dropout = settings.get<double>("dropout", 0.1);
  model.attention_dropout = settings.get<double>("attention_dropout", 0);
  model.feed_forward_dropout = settings.get<double>("activation_dropout", 0);
  int64_t longest = generation.get<int64_t>("max_length", 512);
  config.data.max_length = longest;
  config.decoding.max_length = longest;
  // The symbol that the decoder starts from is counted there.
  config.decoding.min_length = std::max<int64_t>(generation.get<int64_t>("min_length", 0) - 1, 0);
  config.decoding.no_repeat_ngram = generation.get<int64_t>("no_repeat_ngram_size", 0);
  config.decoding.max_length_ratio = 3;
  config.decoding.allow_unknown = false;
  config.decoding.beam_size = std::max<int64_t>(1, generation.get<int64_t>("num_beams", 1));
  config.decoding.length_penalty = generation.get<double>("length_penalty", 1);
  return config;
}

std::vector<std::string> read_pieces(const SourceFiles& files, const std::string& name) {
  Json json = read_json(files, name);
  std::vector<std::string> pieces(json.size());
  std::vector<bool> taken(json.size());
  for (const auto& [piece, id] : json.items()) {
    bool whole =
        id.is_number_integer() && id.get<int64_t>() >= 0 && id.get<int64_t>() < std::ssize(pieces);
    size_t at = whole ? id.get<size_t>() : 0;
    if (!whole || taken[at]) {
      fail("{}: the piece \"{}\" has id {}: expected each of 0 to {} once", files.where(name),
           printable(piece, 80), printable(id.dump(), 40), std::ssize(pieces) - 1);
    }
    taken[at] = true;
    pieces[at] = piece;
  }
  return pieces;
}

// Takes tensors out of the file, each as float32.
class HuggingFaceWeights {
 public:
  explicit HuggingFaceWeights(const std::string& path) : reader_(path) {}

  bool has(const std::string& name) const { return reader_.entries().contains(name); }
  at::Tensor take(const std::string& name, std::vector<int64_t> sizes) {
    auto entry = reader_.entries().find(name);
    if (entry == reader_.entries().end()) fail("{}: no tensor {}", reader_.path(), name);
    if (entry->second.sizes != sizes) {
      fail("{}: {} has shape {}, config.json and the vocabularies want {}", reader_.path(), name,
           shape_text(entry->second.sizes), shape_text(sizes));
    }
    return reader_.read(name).to(torch::kFloat32);
  }
  int64_t rows(const std::string& name) const {
    const auto& sizes = reader_.entries().at(name).sizes;
    return sizes.empty() ? 0 : sizes[0];
  }
  // The first of several names that is there.
  std::string first_of(std::initializer_list<const char*> names) const {
    for (const char* name : names)
      if (has(name)) return name;
    return *names.begin();
  }
  LinearWeights linear(const std::string& name, int64_t in, int64_t out) {
    return {take(name + ".weight", {out, in}), take(name + ".bias", {out})};
  }
  LinearWeights norm(const std::string& name, int64_t size) {
    return {take(name + ".weight", {size}), take(name + ".bias", {size})};
  }
  // Copies of what is shared may be there; nothing else may be left.
  void check_all_taken() {
    static const std::set<std::string> kCopies = {
        "model.shared.weight", "model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight", "lm_head.weight"};
    for (const auto& [name, entry] : reader_.entries()) {
      if (!reader_.was_read(name) && !kCopies.contains(name)) {
        fail("{}: {} has no place in heed's Transformer", reader_.path(), name);
      }
    }
    reader_.verify();
  }
  const std::string& path() const { return reader_.path(); }

 private:
  TensorReader reader_;
};

// Conversion of one model's tensors. The vocabularies have <pad> still.
class HuggingFaceConversion {
 public:
  HuggingFaceConversion(HuggingFaceWeights& from, WholeModel& to) : from_(from), to_(to) {}

  void run(int64_t source, int64_t target) {
    add_tables(source, target);
    for (const Sublayer& sublayer : sublayers_of(config_)) add(sublayer);
    find_positions(
        {"model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight"});
    from_.check_all_taken();
  }

 private:
  void add_tables(int64_t source, int64_t target) {
    const char* shared = "model.shared.weight";
    to_.weights[embedding_name(config_, false)] =
        from_.take(from_.first_of({shared, "model.encoder.embed_tokens.weight", "lm_head.weight"}),
                   {source, hidden_});
    if (!config_.tie_source_target) {
      to_.weights[embedding_name(config_, true)] =
          from_.take(from_.first_of({"model.decoder.embed_tokens.weight", "lm_head.weight"}),
                     {target, hidden_});
    }
    if (!config_.tie_softmax) {
      to_.weights[kOutputWeight] = from_.take("lm_head.weight", {target, hidden_});
    }
    to_.weights[kOutputBias] = from_.has("final_logits_bias")
                                   ? from_.take("final_logits_bias", {1, target})[0].clone()
                                   : torch::zeros({target});
  }

  void add(const Sublayer& sublayer) {
    HuggingFaceNames names = hugging_face_names(sublayer);
    put_linear(to_.weights, sublayer.norm(), from_.norm(names.norm, hidden_));
    if (!sublayer.is_attention()) {
      int64_t inner = config_.feed_forward_size;
      put_linear(to_.weights, sublayer.name() + ".inner",
                 from_.linear(names.part + ".fc1", hidden_, inner));
      put_linear(to_.weights, sublayer.name() + ".outer",
                 from_.linear(names.part + ".fc2", inner, hidden_));
      return;
    }
    auto projection = [&](const char* which) {
      return from_.linear(names.part + "." + which + "_proj", hidden_, hidden_);
    };
    put_attention(to_.weights, sublayer,
                  {projection("q"), projection("k"), projection("v"), projection("out")});
  }

  // Most files leave them out, for they are computed: then they are as MarianMTModel makes them. A
  // table that is there is what MarianMTModel adds, in whichever form of sinusoids it is.
  void find_positions(std::initializer_list<const char*> tables) {
    ModelConfig& config = to_.config.model;
    auto has_form = [&](std::string_view form) {
      config.sinusoids = *decltype(config.sinusoids)::find(form);
      return std::ranges::all_of(tables, [&](const char* name) {
        if (!from_.has(name)) return true;
        int64_t rows = from_.rows(name);
        return torch::allclose(from_.take(name, {rows, hidden_}), sinusoids(config, rows), 0, 2e-3);
      });  // float16 rounds so
    };
    for (std::string_view form : {"halves", "interleaved", "tensor2tensor"}) {
      if (has_form(form)) return;
    }
    fail("{}: {} and {} are no sinusoids of one form: learned positions are not imported",
         from_.path(), *tables.begin(), *(tables.end() - 1));
  }

  HuggingFaceWeights& from_;
  WholeModel& to_;
  const ModelConfig& config_ = to_.config.model;
  int64_t hidden_ = config_.hidden_size;
};

// The vector that the decoder starts from is <pad>'s, as a rule a row of zeros at the end: then the
// decoder starts from zero and nothing of the row is left. A fine-tuned one stays, as the begin
// symbol.
bool drop_padding(int64_t pad, std::vector<std::string>& source, std::vector<std::string>& target,
                  Weights& weights) {
  for (const auto* pieces : {&source, &target}) {
    bool last = std::ssize(*pieces) - 1 == pad && is_hugging_face_padding(pieces->back());
    if (!last || pieces->back() != target.back()) return false;
  }
  std::vector<std::string> tables = {"vocabulary.source.weight", "vocabulary.target.weight",
                                     kOutputWeight, kOutputBias};
  std::erase_if(tables, [&](const std::string& name) { return !weights.contains(name); });
  bool zero = std::ranges::all_of(tables, [&](const std::string& name) {
    return weights.at(name)[-1].abs().max().item<float>() == 0;
  });
  if (!zero) return false;
  for (const std::string& name : tables) weights[name] = weights.at(name).slice(0, 0, -1).clone();
  source.pop_back();
  target.pop_back();
  return true;
}

Tokenizers tokenizers_of(const SourceFiles& files, std::vector<std::string> source,
                         std::vector<std::string> target, const std::string& target_name) {
  auto make = [&](const std::string& model, std::vector<std::string> pieces,
                  const std::string& vocabulary) {
    return std::make_shared<Tokenizer>(
        files.read(model), files.where(model),
        listed_vocabulary(std::move(pieces), files.where(vocabulary)));
  };
  Tokenizers both{make("source.spm", std::move(source), "vocab.json"),
                  make("target.spm", std::move(target), target_name)};
  if (both.source->checksum() == both.target->checksum()) both.target = both.source;
  return both;
}

void check_weights_file(const SourceFiles& files) {
  if (files.has(kWeights)) return;
  if (files.has("pytorch_model.bin")) {
    fail(
        "{}: a pickle, which can run any program when it is loaded: convert it where you trust it, "
        "by python3 -c \"from transformers import MarianMTModel as M; "
        "M.from_pretrained('{}').save_pretrained('{}')\"",
        files.where("pytorch_model.bin"), files.path(), files.path());
  }
  fail("{}: no file {}", files.path(), kWeights);
}

}  // namespace

HuggingFaceNames hugging_face_names(const Sublayer& sublayer) {
  std::string layer =
      fmt::format("model.{}.layers.{}", sublayer.decoder ? "decoder" : "encoder", sublayer.layer);
  switch (sublayer.part) {
    case Part::kSelfAttention:
      return {layer + ".self_attn", layer + ".self_attn_layer_norm"};
    case Part::kCrossAttention:
      return {layer + ".encoder_attn", layer + ".encoder_attn_layer_norm"};
    case Part::kFeedForward:
      break;
  }
  return {layer, layer + ".final_layer_norm"};
}

bool is_hugging_face_padding(std::string_view piece) {
  while (piece.starts_with("<<") && piece.ends_with(">>"))
    piece = piece.substr(1, piece.size() - 2);
  return piece == kHuggingFacePadding;
}

WholeModel import_hugging_face(const SourceFiles& files) {
  Settings settings(read_json(files, kConfig), files.where(kConfig));
  check_settings(settings);
  check_weights_file(files);
  const std::string own = "generation_config.json";
  Settings generation =
      files.has(own) ? Settings(read_json(files, own), files.where(own)) : settings;
  bool separate = files.has("target_vocab.json");
  std::string target_name = separate ? "target_vocab.json" : "vocab.json";
  std::vector<std::string> source = read_pieces(files, "vocab.json");
  std::vector<std::string> target = read_pieces(files, target_name);
  check_symbol(settings, "eos_token_id", "</s>", target);
  WholeModel model{config_of(settings, generation), {}, {}};
  check_values(model.config, settings.where() + (files.has(own) ? " or " + own : ""));
  HuggingFaceWeights weights(files.where(kWeights));
  HuggingFaceConversion(weights, model).run(std::ssize(source), std::ssize(target));
  if (drop_padding(settings.integer("pad_token_id"), source, target, model.weights)) {
    model.config.model.decoder_start = "zero";
  } else {
    check_symbol(settings, "pad_token_id", kHuggingFacePadding, target);
  }
  model.tokenizers = tokenizers_of(files, std::move(source), std::move(target), target_name);
  return model;
}

}  // namespace heed
