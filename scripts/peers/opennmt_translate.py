#!/usr/bin/env python3
"""Translates pieces with OpenNMT-py, each batch to the mean length of its references.

    opennmt_translate.py MODEL.pt SOURCE REFERENCE OUTPUT [--beam-size 5] [--batch-size 64]
        [--threads 1]

The model need not be trained well: no translation ends before that length, and none goes on beyond
it. Sentences are sorted by the length of their references.
"""

import os

# OpenNMT-py keeps its options as Python objects in the model file, which is our own.
os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
import driver
import torch
from onmt.bin import translate as command
from onmt.translate.translator import build_translator


def pieces_of(path):
    return [line.split() for line in driver.read_lines(path)]


def batch_of(sources, vocabulary, pad):
    ids = [[vocabulary[piece] for piece in source] for source in sources]
    width = max(map(len, ids))
    rows = torch.tensor([row + [pad] * (width - len(row)) for row in ids]).unsqueeze(2)
    return {"src": rows, "srclen": torch.tensor([len(row) for row in ids])}


def main():
    flags = driver.search_parser(__doc__, "model", "source", "reference", "output").parse_args()
    torch.set_num_threads(flags.threads)
    options = command._get_parser().parse_args([
        "-model", str(flags.model), "-src", str(flags.source), "-output", "/dev/null",
        "-gpu", "-1", "-beam_size", str(flags.beam_size), "-max_length_ratio", "0"])
    translator = build_translator(options, device_id=-1, report_score=False)
    # Source and target share one vocabulary.
    vocabulary, tokens = translator.vocabs["src"], translator.vocabs["tgt"].ids_to_tokens
    sources, references = pieces_of(flags.source), pieces_of(flags.reference)
    order = sorted(range(len(sources)), key=lambda i: len(references[i]))
    texts = [""] * len(sources)
    for first in range(0, len(order), flags.batch_size):
        part = order[first:first + flags.batch_size]
        length = round(sum(len(references[i]) for i in part) / len(part))
        # The end symbol is one more.
        translator.min_length, translator.max_length = length, length + 1
        batch = batch_of([sources[i] for i in part], vocabulary, translator._tgt_pad_idx)
        found = translator.translate_batch(batch, attn_debug=False)["predictions"]
        for i, predictions in zip(part, found):
            texts[i] = " ".join(tokens[int(piece)] for piece in predictions[0][:length])
    driver.write_lines(flags.output, texts)


if __name__ == "__main__":
    main()
