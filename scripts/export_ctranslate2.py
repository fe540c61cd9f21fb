#!/usr/bin/env python3
"""Converts a heed Transformer to a CTranslate2 model folder.

    scripts/export_ctranslate2.py MODEL OUT [--force]

MODEL is a model folder of heed (config.ini, model.safetensors, tokenizer.model); OUT must not be there
yet, or --force replaces it. The weights stay float32: CTranslate2 makes int8 of them when it loads the
model (compute_type="int8"). The tokenizers are copied beside it; feed it their pieces as they are, it
adds the end symbol by itself. Needs numpy, ctranslate2 and sentencepiece; exit code 1 and a line that
says why where the model has something that CTranslate2 has not.

Where the two engines' searches differ, with the same weights (CTranslate2 4.8.5, read and measured): both
divide log P by the number of pieces, the end symbol counted, to the power of length_penalty. With a length
penalty CTranslate2's beam stops as soon as beam_size hypotheses have ended; heed's goes on while a live one
scores better than the worst of the best beam_size, so that where they differ heed's scores higher. With a
length penalty of 0, and in greedy search, they agree. CTranslate2 cuts at max_decoding_length (256 pieces),
heed at twice the source's pieces plus 10 (decoding.max_length_ratio).
"""

import argparse
import configparser
import json
import shutil
import sys
from pathlib import Path

POSITIONS = 4096  # rows of the table of sinusoids; CTranslate2 refuses to go on beyond its last row

# Options that change the network: what CTranslate2 can compute, and heed's default, which older
# folders leave out.
WANTED = {
    "architecture": ({"transformer"}, "transformer"),
    "norm": ({"pre", "post"}, "pre"),
    "activation": ({"relu", "gelu"}, "relu"),
    "positions": ({"sinusoidal", "learned"}, "sinusoidal"),
    "self_attention": ({"full"}, "full"),
    "self_attention_weights": ({"softmax"}, "softmax"),
    "attention_score": ({"scaled_dot"}, "scaled_dot"),
    "attention_scope": ({"global"}, "global"),
    "attention_weights": ({"softmax"}, "softmax"),
    "coverage": ({"false"}, "false"),
}


def fail(text):
    sys.exit(f"error: {text}")


def read_model_options(folder):
    """[model] of config.ini, the options of WANTED checked and filled in."""
    path = folder / "config.ini"
    ini = configparser.ConfigParser(interpolation=None)
    if not ini.read(path, encoding="utf-8"):
        fail(f"{path} is not there: expected a model folder of heed")
    options = dict(ini["model"])
    for key, (able, default) in WANTED.items():
        value = options.setdefault(key, default)
        if value not in able:
            fail(f"{path}: [model] {key} = {value}: CTranslate2 has not got it; it computes "
                 f"{' or '.join(sorted(able))}")
    return options


def read_safetensors(path):
    """Name -> float32 array. 8 bytes of header length, the header in JSON, the data."""
    import numpy
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    if len(content) < 8 or end > len(content):
        fail(f"{path}: {len(content)} bytes are no whole safetensors file")
    tensors = {}
    for name, entry in json.loads(content[8:end]).items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            fail(f"{path}: {name} is {entry['dtype']}: expected F32")
        first, last = entry["data_offsets"]
        tensors[name] = numpy.frombuffer(content[end + first:end + last], "<f4").reshape(entry["shape"])
    return tensors


def sinusoids(width):
    """[POSITIONS, H]: sin and cos of position / 10000^(2i / H), interleaved (Vaswani et al., 2017, 3.5)."""
    import numpy
    angle = numpy.arange(POSITIONS)[:, None] / 10000 ** (numpy.arange(0, width, 2) / width)
    return numpy.stack([numpy.sin(angle), numpy.cos(angle)], -1).reshape(POSITIONS, width).astype("float32")


class Weights:
    """heed's tensors into the places of CTranslate2's specification; each is taken once."""

    def __init__(self, path):
        self.path, self.tensors, self.taken = path, read_safetensors(path), set()

    def __contains__(self, name):
        return name in self.tensors

    def take(self, name):
        if name not in self.tensors:
            fail(f"{self.path}: no tensor {name}")
        self.taken.add(name)
        return self.tensors[name]

    def linear(self, spec, name):
        spec.weight, spec.bias = self.take(f"{name}.weight"), self.take(f"{name}.bias")

    def norm(self, spec, name):
        spec.gamma, spec.beta = self.take(f"{name}.weight"), self.take(f"{name}.bias")

    def feed_forward(self, spec, layer):
        self.norm(spec.layer_norm, f"{layer}.feed_forward_norm")
        self.linear(spec.linear_0, f"{layer}.feed_forward.inner")
        self.linear(spec.linear_1, f"{layer}.feed_forward.outer")

    def attention(self, spec, layer, kind, norm, parts):
        """Projections in CTranslate2's order; both fuse them the same way: queries, keys, values."""
        self.norm(spec.layer_norm, f"{layer}.{norm}")
        for linear, part in zip(spec.linear, parts, strict=True):
            self.linear(linear, f"{layer}.{kind}.{part}")

    def check_all_taken(self):
        left = sorted(set(self.tensors) - self.taken)
        if left:
            fail(f"{self.path}: nothing in CTranslate2 takes {', '.join(left)}")


def fill_embedding(stack, weights, side, options):
    tied = side == "target" and options["tie_source_target"] == "true"
    table = weights.take(f"vocabulary.{'source' if tied else side}.weight")
    embedding = stack.embeddings if side == "target" else stack.embeddings[0]
    embedding.weight = table
    learned = f"{side}_embedding.positions"
    stack.position_encodings.encodings = (
        weights.take(learned) if options["positions"] == "learned" else sinusoids(table.shape[1]))


def fill(spec, weights, options):
    for i, layer in enumerate(spec.encoder.layer):
        name = f"encoder_{i}"
        weights.attention(layer.self_attention, name, "self_attention", "self_norm",
                          ["query_key_value", "output"])
        weights.feed_forward(layer.ffn, name)
    for i, layer in enumerate(spec.decoder.layer):
        name = f"decoder_{i}"
        weights.attention(layer.self_attention, name, "self_attention", "self_norm",
                          ["query_key_value", "output"])
        weights.attention(layer.attention, name, "cross_attention", "cross_norm",
                          ["query", "key_value", "output"])
        weights.feed_forward(layer.ffn, name)
    fill_embedding(spec.encoder, weights, "source", options)
    fill_embedding(spec.decoder, weights, "target", options)
    spec.decoder.projection.weight = (spec.decoder.embeddings.weight if options["tie_softmax"] == "true"
                                      else weights.take("vocabulary.output_weight"))
    spec.decoder.projection.bias = weights.take("vocabulary.output_bias")
    if options["norm"] == "pre":
        weights.norm(spec.encoder.layer_norm, "encoder_norm")
        weights.norm(spec.decoder.layer_norm, "decoder_norm")
    weights.check_all_taken()


def tokenizer_paths(folder):
    """Source and target: one file for both, or one each."""
    shared = folder / "tokenizer.model"
    paths = [shared, shared] if shared.exists() else [folder / "source.model", folder / "target.model"]
    for path in paths:
        if not path.exists():
            fail(f"{path} is not there: expected tokenizer.model, or source.model and target.model")
    return paths


def pieces_of(path):
    import sentencepiece
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return processor, [processor.id_to_piece(i) for i in range(processor.get_piece_size())]


def convert(folder, out):
    import ctranslate2
    from ctranslate2.specs import common_spec, transformer_spec
    options = read_model_options(folder)
    layers = int(options["layers"])
    spec = transformer_spec.TransformerSpec.from_config(
        (layers, int(options["decoder_layers"]) or layers), int(options["heads"]),
        pre_norm=options["norm"] == "pre", activation=common_spec.Activation[options["activation"].upper()])
    fill(spec, Weights(folder / "model.safetensors"), options)
    source, target = tokenizer_paths(folder)
    spec.register_source_vocabulary(pieces_of(source)[1])
    processor, pieces = pieces_of(target)
    spec.register_target_vocabulary(pieces)
    spec.config.unk_token = pieces[processor.unk_id()]
    spec.config.bos_token = spec.config.decoder_start_token = pieces[processor.bos_id()]
    spec.config.eos_token = pieces[processor.eos_id()]
    spec.config.add_source_eos = True
    spec.validate()
    out.mkdir(parents=True)
    spec.save(str(out))
    for path in {source, target}:
        shutil.copy(path, out / path.name)
    return f"{folder} is {out} for CTranslate2 {ctranslate2.__version__}: {len(pieces):,} pieces"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--force", action="store_true", help="replace OUT where it is there")
    flags = parser.parse_args()
    if flags.out.exists():
        if not flags.force:
            fail(f"{flags.out} is there already: remove it, or give --force")
        shutil.rmtree(flags.out)
    print(convert(flags.model, flags.out))


if __name__ == "__main__":
    main()
