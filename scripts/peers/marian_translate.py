#!/usr/bin/env python3
"""Translates pieces with Marian to lengths that the references have in the mean.

    marian_translate.py MODEL.npz SOURCE REFERENCE OUTPUT [--beam-size 5] [--batch-size 64]
        [--threads 1] [--gemm-type float32]

The model need not be trained well: its end symbol is made improbable (in a copy beside it), so that
every translation goes on to the longest length allowed. That is the length of the batch's longest
source, times the references' pieces over the sources'. The other flags are Marian's.
"""

import driver
import numpy
import pymarian

END = 0  # of vocabulary.yml
BIAS = "decoder_ff_logit_out_b"


def never_ending(model):
    """The model's copy whose end symbol has a bias that nothing outweighs."""
    copy = model.with_name("never-ending.npz")
    if not copy.exists():
        arrays = dict(numpy.load(model))
        arrays[BIAS] = arrays[BIAS].copy()
        arrays[BIAS].reshape(-1)[END] = -1e4
        numpy.savez(copy, **arrays)
    return copy


def count(path):
    return sum(len(line.split()) + 1 for line in driver.read_lines(path))


def main():
    parser = driver.search_parser(__doc__, "model", "source", "reference", "output")
    parser.add_argument("--gemm-type", default="float32")
    flags = parser.parse_args()
    translator = pymarian.Translator(
        models=never_ending(flags.model), vocabs=["vocabulary.yml", "vocabulary.yml"],
        beam_size=flags.beam_size, mini_batch=flags.batch_size, maxi_batch=100,
        maxi_batch_sort="src", cpu_threads=flags.threads, gemm_type=flags.gemm_type,
        max_length_factor=count(flags.reference) / count(flags.source), normalize=1, workspace=256,
        quiet=True, quiet_translation=True)
    texts = translator.translate(driver.read_lines(flags.source))
    driver.write_lines(flags.output, texts)


if __name__ == "__main__":
    main()
