#!/usr/bin/env python3
"""Translates a text with CTranslate2, from a folder that `heed export --format ctranslate2` has written, or
CTranslate2's own converter with source.spm and target.spm.

    ctranslate2_translate.py MODEL INPUT OUTPUT [--compute-type int8] [--beam-size 5]
        [--batch-size 64] [--workers 1] [--threads 1] [--length-penalty 1] [--scores] [--length N]

The whole text goes to CTranslate2 at once, which sorts it by length and cuts it into batches.
Workers are its inter_threads (batches at a time), threads its intra_threads (of one batch).
"""

import json
import sys

import ctranslate2
import driver
import sentencepiece


def tokenizers(folder):
    shared = folder / "tokenizer.model"
    own = [folder / "source.model", folder / "target.model"]
    opus = [folder / "source.spm", folder / "target.spm"]
    paths = [shared, shared] if shared.exists() else own if own[0].exists() else opus
    return [sentencepiece.SentencePieceProcessor(model_file=str(path)) for path in paths]


def main():
    parser = driver.search_parser(__doc__, "model", "input", "output")
    parser.add_argument("--compute-type", default="float32")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--length-penalty", type=float, default=1)
    parser.add_argument("--scores", action="store_true",
                        help="before each text its score, its pieces, TABs")
    parser.add_argument("--length", type=int, help="pieces of every translation")
    flags = parser.parse_args()
    if flags.compute_type not in ctranslate2.get_supported_compute_types("cpu"):
        sys.exit(f"error: --compute-type {flags.compute_type}: this CTranslate2 has not got it on "
                 "this CPU")
    source, target = tokenizers(flags.model)
    translator = ctranslate2.Translator(str(flags.model), compute_type=flags.compute_type,
                                        inter_threads=flags.workers, intra_threads=flags.threads)
    adds_end = json.loads((flags.model / "config.json").read_text())["add_source_eos"]
    end = [] if adds_end else ["</s>"]
    lines = driver.read_lines(flags.input)
    lengths = {"min_decoding_length": flags.length, "max_decoding_length": flags.length} if flags.length else {}
    results = translator.translate_batch(
        [source.encode(line, out_type=str) + end for line in lines], max_batch_size=flags.batch_size,
        beam_size=flags.beam_size, length_penalty=flags.length_penalty, return_scores=flags.scores, **lengths)
    pieces = [one.hypotheses[0] for one in results]
    # A vocabulary may hold pieces that SentencePiece does not know, which it leaves as they are.
    texts = [target.decode(own).replace("\u2581", " ").lstrip(" ") for own in pieces]
    if flags.scores:
        texts = [f"{one.scores[0]:.6f}\t{len(own)}\t{text}"
                 for one, own, text in zip(results, pieces, texts)]
    driver.write_lines(flags.output, texts)


if __name__ == "__main__":
    main()
