#!/usr/bin/env python3
"""Makes tests/exchange/golden: models of other toolkits, small enough to commit, and what these toolkits say.

    scripts/make_import_golden.py [--output FOLDER]

Needs pymarian, transformers, torch, sentencepiece and numpy. Marian trains two models for some seconds, one as OPUS-MT
has it and one with everything that is different; transformers makes three of random weights. Beside each stands
expected.json: log-probabilities of given targets and, of the first, translations (Marian: greedy search, and a beam
of 6), or greedy translations and the logits of given targets (transformers).

Of pre-norm models Marian's translations are no judge: from the second step on its decoder looks at keys and values that
are not normalised, which its training and its scorer do normalise (1.12.42: the scorer gives the translator's own
translations another probability than the translator did).
"""

import tempfile
from pathlib import Path

import foreign_models
import golden

DATA = golden.TESTS.parent / "data"
CORPUS = (DATA / "train.de", DATA / "train.en")
PIECES = 130
LINES = 24
# No normalisation: its tables would be nine tenths of a SentencePiece model.
LEARN = {"normalization_rule_name": "identity"}
TINY = ("--dim-emb 16 --transformer-dim-ffn 32 --transformer-heads 2 --enc-depth 1 --dec-depth 1 --mini-batch 64 "
        "--after-batches 1500 --learn-rate 0.01 --lr-warmup 200 --workspace 128 --transformer-dropout 0.05")
HUGGING_FACE = {
    "tied": {"width": 16, "layers": 1, "heads": 2},
    "separate": {"width": 16, "layers": 2, "heads": 4, "separate": True, "activation": "relu", "seed": 2},
    "half": {"width": 16, "layers": 1, "heads": 4, "half": True, "activation": "gelu"},
}
LIMIT = 40  # pieces of a greedy translation: random weights seldom end one
TARGETS = ([5, 9, 20], [30, 7, 7, 12, 50])


def make_marian(kind, out, lines, targets):
    with tempfile.TemporaryDirectory() as work:
        foreign_models.train_marian(kind, CORPUS, out, Path(work), PIECES, TINY, LEARN)
        expected = {"lines": lines, "targets": targets,
                    "scores": foreign_models.score_marian(out, lines, targets, Path(work))}
    if kind == "post":
        for beam in (1, foreign_models.BEAM):
            expected[f"beam_{beam}"] = foreign_models.translate_marian(out, lines, beam)
    golden.write(out, "expected.json", expected)


def make_hugging_face(name, out, lines):
    foreign_models.random_hugging_face(out, CORPUS, PIECES, learn=LEARN, **HUGGING_FACE[name])
    judge = foreign_models.HuggingFaceJudge(out)
    tagged = [f"{foreign_models.TAG} {lines[0]}", *lines]
    expected = {"lines": tagged, "limit": LIMIT, "greedy": judge.greedy(tagged, LIMIT),
                "forced": judge.forced(tagged, TARGETS)}
    golden.write(out, "expected.json", expected)


def main():
    flags = golden.parser(__doc__, "exchange").parse_args()
    lines, targets = (foreign_models.read_lines(DATA / f"dev.{language}")[:LINES] for language in ("de", "en"))
    for kind in foreign_models.KINDS:
        make_marian(kind, foreign_models.remove(flags.output / f"marian_{kind}"), lines, targets)
    for name in HUGGING_FACE:
        make_hugging_face(name, foreign_models.remove(flags.output / f"hugging_face_{name}"), lines)


if __name__ == "__main__":
    main()
