#!/usr/bin/env python3
"""Compares models that Marian and transformers made with what heed makes of them, sentence by sentence.

    scripts/check_import.py FOLDER --corpus train.de train.en --test test.de test.en [--lines 1000]
        [--updates 1600] [--only post,pre,small,middle,base]

FOLDER keeps what is made; what is there is not made again. Marian trains two models (`post`, as OPUS-MT has them, and
`pre`, with all that is different); transformers makes three of random weights, the last of OPUS-MT's own width.
Each is imported; everything is in float32. What is compared, piece by piece:

    Marian's       the test's pairs, scored by both; greedy translations and those of a beam of 6, but for `pre`'s,
                   which Marian's translator makes by another network than its trainer and its scorer have: there
                   heed's own translations are scored by Marian's scorer, and the translator's are shown to differ
    transformers'  greedy translations; logits, by exchange_test where it is built
    exports        of Marian's models: greedy translations by CTranslate2 and, of `post`, transformers

The report counts equal translations, gives the largest difference of log P, and names each other translation with its
reason:

    cut      greedy search's: neither ends, and they are cut at other lengths
    tie      greedy search's: at the first piece that differs both have the same log P but for float32's rounding, by
             Marian's own scorer or by transformers
    rule     a beam's: Marian's loses a place with each hypothesis that ends, heed's does not; by Marian's rule the
             network that heed imported finds Marian's translation
    NONE     nothing explains it: the exit code is 1

Needs pymarian, transformers, torch, ctranslate2, sentencepiece and numpy.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import foreign_models

ROOT = Path(__file__).resolve().parent.parent
HEED = ROOT / "build/release/heed"
TEST = ROOT / "build/release/tests/exchange_test"
FLOAT32 = ("--precision", "float32", "--quiet")
MARIAN = ("--dim-emb 128 --transformer-dim-ffn 256 --transformer-heads 4 --enc-depth 2 --dec-depth 2 "
          "--mini-batch-words 1000 --mini-batch 500 --maxi-batch 100 --learn-rate 0.002 --lr-warmup 400 "
          "--lr-decay-inv-sqrt 400 --transformer-dropout 0.1 --workspace 600")
PIECES = 2000
RANDOM = {"small": {"width": 32, "layers": 2, "heads": 4},
          "middle": {"width": 128, "layers": 3, "heads": 8, "separate": True, "activation": "gelu"},
          "base": {"width": 512, "layers": 6, "heads": 8}}
TARGETS = ([5, 9, 20], [30, 7, 7, 12, 50])
RANDOM_LIMIT = 30  # pieces: random weights seldom end a translation
LIMIT = 1e-4  # of log P a piece
TIE = 2e-5  # of log P a piece: what is left of float32 behind some hundred products


def heed(*arguments):
    done = subprocess.run([HEED, *map(str, arguments)], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"heed {' '.join(map(str, arguments))}\n{done.stderr.decode()}")
    return done.stdout.decode().split("\n")[:-1]


def translations(model, source, *flags):
    """(pieces without the end symbol, log P with it) of each line."""
    rows = [json.loads(line) for line in heed("translate", model, "-i", source, "--format", "json", *FLOAT32, *flags)]
    return [(row["pieces"][:-1], row["log_probability"]) for row in rows]


def forced(model, lines, targets, work):
    """log P of each target, which is pieces, and of the end symbol behind them."""
    foreign_models.write_lines(work / "source", lines)
    foreign_models.write_lines(work / "list", [json.dumps({"line": i, "text": "", "pieces": [*pieces, "</s>"]})
                                               for i, pieces in enumerate(targets)])
    rows = heed("score", model, "--source", work / "source", "--n-best", work / "list", "--length-penalty", 0, *FLOAT32)
    return [json.loads(row)["heed"] for row in rows]


def scores(model, lines, texts, work):
    """(log P, pieces) of each translation, by teacher forcing."""
    foreign_models.write_lines(work / "source", lines)
    foreign_models.write_lines(work / "target", texts)
    rows = heed("score", model, "--source", work / "source", "--target", work / "target", *FLOAT32)
    return [(float(row.split("\t")[1]), int(row.split("\t")[2])) for row in rows]


def imported(folder):
    model = folder.parent / f"{folder.name}.heed"
    if not model.exists():
        heed("import", folder, "-o", model)
    return model


def kept(path, make):
    """What a JSON file holds; made where it is not there."""
    if not path.exists():
        path.write_text(json.dumps(make()))
    return json.loads(path.read_text())


def first_difference(one, other):
    return next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def per_piece(log_ps, targets):
    return [log_p / (len(pieces) + 1) for log_p, pieces in zip(log_ps, targets, strict=True)]


def greatest(own, theirs):
    return max((abs(a - b) for a, b in zip(own, theirs, strict=True)), default=0)


def report(name, lines, own, theirs, judge):
    """Prints what differs, of pieces each; the number of translations that nothing explains. The judge says of lines
    and both translations (reason, both log Ps) each."""
    others = [i for i in range(len(lines)) if own[i] != theirs[i]]
    print(f"{name}: {len(lines) - len(others)} of {len(lines)} equal")
    if not others:
        return 0
    judged = judge(*([side[i] for i in others] for side in (lines, own, theirs)))
    for i, (reason, ours, them) in zip(others, judged, strict=True):
        texts = [foreign_models.text_of(side[i]) for side in (own, theirs)]
        print(f"  {reason:4} {i + 1}, piece {first_difference(own[i], theirs[i]) + 1}: {ours:.6f} {texts[0]!r}; "
              f"{them:.6f} {texts[1]!r}")
    return sum(reason == "NONE" for reason, *_ in judged)


def greedy_reason(own, theirs, ours, them):
    short, long = sorted((own, theirs), key=len)
    return "cut" if long[:len(short)] == short else "tie" if abs(ours - them) < TIE else "NONE"


def judge_greedy(folder, work):
    """log P of the first piece that differs, by Marian's scorer."""
    def judge(lines, own, theirs):
        words = [foreign_models.score_marian_words(folder, lines, side, work) for side in (own, theirs)]
        at = [first_difference(a, b) for a, b in zip(own, theirs, strict=True)]
        ours, them = ([line[i] for line, i in zip(side, at, strict=True)] for side in words)
        return [(greedy_reason(*pair), *pair[2:]) for pair in zip(own, theirs, ours, them, strict=True)]
    return judge


def judge_transformers(folder):
    """log P of the first piece that differs, by transformers."""
    def judge(lines, own, theirs):
        network = foreign_models.HuggingFaceJudge(folder)
        judged = []
        for line, a, b in zip(lines, own, theirs, strict=True):
            at = first_difference(a, b)
            ours, them = (network.log_p(line, side[:at], side[at]) if at < len(side) else 0 for side in (a, b))
            judged.append((greedy_reason(a, b, ours, them), ours, them))
        return judged
    return judge


def judge_beam(exported, model, work):
    """log P a piece, by heed; and what Marian's own rule finds with the network that was imported."""
    def judge(lines, own, theirs):
        network = foreign_models.HuggingFaceJudge(exported)
        ours, them = (per_piece(forced(model, lines, side, work), side) for side in (own, theirs))
        reasons = ["rule" if network.marian_beam(line, foreign_models.BEAM) == other else "NONE"
                   for line, other in zip(lines, theirs, strict=True)]
        return list(zip(reasons, ours, them, strict=True))
    return judge


def check_marians_translations(name, folder, model, beam, test, work):
    lines, source = test
    theirs = kept(folder.parent / f"{name}.beam-{beam}.json", lambda: foreign_models.marian_pieces(folder, lines, beam))
    targets, said = [pieces for pieces, _ in theirs], [log_p for _, log_p in theirs]
    found = translations(model, source, "--beam-size", beam)
    own = [pieces for pieces, _ in found]
    same = [i for i in range(len(lines)) if own[i] == targets[i]]
    ours = [log_p / (len(pieces) + 1) for pieces, log_p in found]
    apart = max(abs(ours[i] - per_piece(said, targets)[i]) for i in same)
    print(f"{name}, beam {beam}: log P a piece of equal translations differs by at most {apart:.1e}")
    exported = folder.parent / f"{name}.huggingface"
    judge = judge_greedy(folder, work) if beam == 1 else judge_beam(exported, model, work)
    wrong = report(f"{name}, " + ("greedy" if beam == 1 else f"beam {beam}"), lines, own, targets, judge)
    return wrong + (apart > LIMIT)


def check_by_scorer(name, folder, model, beam, test, work):
    """Where Marian's translator is no judge: its scorer is, of both sides' translations."""
    lines, source = test
    theirs = kept(folder.parent / f"{name}.beam-{beam}.json", lambda: foreign_models.marian_pieces(folder, lines, beam))
    own = translations(model, source, "--beam-size", beam)
    wrong = 0
    for whose, rows in (("heed", own), ("Marian's translator", theirs)):
        targets = [pieces for pieces, _ in rows]
        texts = [" ".join(pieces) for pieces in targets]
        judged = per_piece(foreign_models.score_marian_pieces(folder, lines, texts, work), targets)
        said = per_piece([log_p for _, log_p in rows], targets)
        apart = greatest(said, judged)
        print(f"{name}, beam {beam}, translations by {whose}: its log P a piece and the scorer's differ by at most "
              f"{apart:.1e}; the scorer's mean is {sum(judged) / len(judged):.4f}")
        wrong += whose == "heed" and apart > LIMIT
    return wrong


def check_exports(kind, folder, model, test, work):
    """The other toolkits translate with what heed exports; transformers has no pre-norm."""
    lines, source = test
    longest = foreign_models.LONGEST
    own = [pieces for pieces, _ in translations(model, source, "--beam-size", 1, "--max-length", longest,
                                                "--max-length-ratio", 1000)]
    wrong = 0
    for form in ("ctranslate2", "huggingface") if kind == "post" else ("ctranslate2",):
        out = foreign_models.remove(folder.parent / f"{kind}.{form}")
        heed("export", model, "--format", form, "-o", out)
        if form == "huggingface":
            theirs = foreign_models.HuggingFaceJudge(out).greedy_pieces(lines, longest)
        else:
            sources = [line.split(" ") for line in foreign_models.encoded(folder, "source", lines)]
            theirs = foreign_models.translate_ctranslate2(out, sources, longest)
        wrong += report(f"{kind}, exported to {form}, greedy", lines, own, theirs, judge_greedy(folder, work))
    return wrong


def check_marian(kind, flags, lines, source):
    folder, work = flags.folder / kind, flags.folder / "work"
    if not folder.exists():
        foreign_models.train_marian(kind, flags.corpus, folder, work, PIECES,
                                    f"{MARIAN} --after-batches {flags.updates}")
    work.mkdir(exist_ok=True)
    model = imported(folder)
    targets = foreign_models.read_lines(flags.test[1])[:flags.lines]
    pairs = zip(scores(model, lines, targets, work), foreign_models.score_marian(folder, lines, targets, work),
                strict=True)
    apart = max(abs(log_p - theirs) / pieces for (log_p, pieces), theirs in pairs)
    print(f"{kind}, scores of {len(lines)} pairs: log P a piece differs by at most {apart:.1e}")
    check = check_marians_translations if kind == "post" else check_by_scorer
    test = lines, source
    return (apart > LIMIT) + check_exports(kind, folder, model, test, work) + sum(
        check(kind, folder, model, beam, test, work) for beam in (1, foreign_models.BEAM))


def check_random(name, flags, lines, source):
    folder, work = flags.folder / name, flags.folder / "work"
    if not folder.exists():
        foreign_models.random_hugging_face(folder, flags.corpus, PIECES, **RANDOM[name])
    work.mkdir(exist_ok=True)
    model = imported(folder)

    def greedy():
        judge = foreign_models.HuggingFaceJudge(folder)
        (folder / "expected.json").write_text(json.dumps({"forced": judge.forced(lines, TARGETS)}))
        return judge.greedy_pieces(lines, RANDOM_LIMIT)

    theirs = kept(flags.folder / f"{name}.json", greedy)
    own = [pieces for pieces, _ in translations(model, source, "--beam-size", 1, "--max-length", RANDOM_LIMIT,
                                                "--max-length-ratio", 1000)]
    wrong = report(f"{name}, greedy", lines, own, theirs, judge_transformers(folder))
    if not TEST.exists():
        return wrong
    done = subprocess.run([TEST, "--gtest_filter=*LogitsAreTransformers*"], capture_output=True, text=True,
                          env={**os.environ, "HEED_IMPORTED": str(folder)}, check=False)
    print(f"{name}, logits of {sum(map(len, TARGETS)) + len(TARGETS)} pieces: " +
          ("within 1e-4" if done.returncode == 0 else done.stdout))
    return wrong + (done.returncode != 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", type=Path, nargs=2, required=True)
    parser.add_argument("--test", type=Path, nargs=2, required=True)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--updates", type=int, default=1600)
    parser.add_argument("--only", default=",".join([*foreign_models.KINDS, *RANDOM]))
    flags = parser.parse_args()
    flags.folder.mkdir(parents=True, exist_ok=True)
    lines = foreign_models.read_lines(flags.test[0])[:flags.lines]
    source = flags.folder / "test"
    foreign_models.write_lines(source, lines)
    wrong = 0
    for name in flags.only.split(","):
        check = check_marian if name in foreign_models.KINDS else check_random
        wrong += check(name, flags, lines, source)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
