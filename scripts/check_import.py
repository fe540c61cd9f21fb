#!/usr/bin/env python3
"""Compares models that Marian and transformers made with what heed makes of them, sentence by sentence.

    scripts/check_import.py FOLDER --corpus train.de train.en --test test.de test.en [--lines 1000]
        [--updates 1600] [--only post,pre,small,middle,base]

FOLDER keeps what is made; what is there is not made again. Marian trains two models (`post`, as OPUS-MT has them, and
`pre`, with all that is different); transformers makes three of random weights, the last of OPUS-MT's own width.
Each is imported. Marian's score the test's pairs: the largest difference of log P a piece is printed. All but `pre`,
whose translations Marian makes by another network than it trained (see make_import_golden.py), translate its source
side: greedily, Marian's also by a beam of 6, in float32. The report counts equal translations, gives the largest
difference of their scores, and names each other one with its reason:

    tie      both translations have the same score but for rounding, by heed's count
    search   heed's has the better score by heed's own count: a beam ends by other rules in Marian
    WORSE    Marian's has the better score: nothing explains that, and the exit code is 1

Needs pymarian, transformers, torch, sentencepiece and numpy.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import foreign_models

ROOT = Path(__file__).resolve().parent.parent
HEED = ROOT / "build/release/heed"
FLOAT32 = ("--precision", "float32", "--quiet")
MARIAN = ("--dim-emb 128 --transformer-dim-ffn 256 --transformer-heads 4 --enc-depth 2 --dec-depth 2 "
          "--mini-batch-words 1500 --mini-batch 500 --maxi-batch 100 --learn-rate 0.002 --lr-warmup 400 "
          "--transformer-dropout 0.1 --workspace 600")
PIECES = 2000
RANDOM = {"small": {"width": 32, "layers": 2, "heads": 4},
          "middle": {"width": 128, "layers": 3, "heads": 8, "separate": True, "activation": "gelu"},
          "base": {"width": 512, "layers": 6, "heads": 8}}
RANDOM_LIMIT = 30  # pieces: random weights seldom end a translation
TIE = 2e-4  # of log P a piece, which heed prints with 4 digits


def heed(*arguments):
    done = subprocess.run([HEED, *map(str, arguments)], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"heed {' '.join(map(str, arguments))}\n{done.stderr.decode()}")
    return done.stdout.decode().split("\n")[:-1]


def translations(model, source, *flags):
    """(text, log P, pieces) of each line."""
    rows = [line.split("\t") for line in
            heed("translate", model, "-i", source, "--format", "tabs", *FLOAT32, *flags)]
    return [(row[5], float(row[3]), int(row[4])) for row in rows]


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


def report(name, model, lines, own, theirs, work):
    """Prints what differs; the number of translations that nothing explains."""
    same = [i for i, (a, b) in enumerate(zip(own, theirs, strict=True)) if a[0] == b[0]]
    apart = max((abs(own[i][1] - theirs[i][1]) / own[i][2] for i in same if theirs[i][1] is not None), default=0)
    others = [i for i in range(len(lines)) if own[i][0] != theirs[i][0]]
    print(f"{name}: {len(same)} of {len(lines)} equal; log P a piece differs by at most {apart:.1e}")
    if not others:
        return 0
    better, worse = ([log_p / pieces for log_p, pieces in
                      scores(model, [lines[i] for i in others], [side[i][0] for i in others], work)]
                     for side in (own, theirs))
    unexplained = 0
    for i, a, b in zip(others, better, worse):
        reason = "tie" if abs(a - b) < TIE else "search" if a > b else "WORSE"
        unexplained += reason == "WORSE"
        print(f"  {reason:6} {i + 1}: {a:.6f} {own[i][0]!r}; {b:.6f} {theirs[i][0]!r}")
    return unexplained


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
    wrong = int(apart > TIE)
    for beam in (1, foreign_models.BEAM) if kind == "post" else ():
        kept = flags.folder / f"{kind}.beam-{beam}.json"
        if not kept.exists():
            kept.write_text(json.dumps(foreign_models.translate_marian(folder, lines, beam)))
        own = translations(model, source, "--beam-size", beam)
        wrong += report(f"{kind}, beam {beam}", model, lines, own, json.loads(kept.read_text()), work)
    return wrong


def check_random(name, flags, lines, source):
    folder = flags.folder / name
    if not folder.exists():
        foreign_models.random_hugging_face(folder, flags.corpus, PIECES, **RANDOM[name])
    work = flags.folder / "work"
    work.mkdir(exist_ok=True)
    model = imported(folder)
    kept = flags.folder / f"{name}.json"
    if not kept.exists():
        judge = foreign_models.HuggingFaceJudge(folder)
        kept.write_text(json.dumps(judge.greedy(lines, RANDOM_LIMIT)))
    theirs = [(text, None) for text in json.loads(kept.read_text())]
    own = translations(model, source, "--beam-size", 1, "--max-length", RANDOM_LIMIT, "--max-length-ratio", 1000)
    return report(f"{name}, greedy", model, lines, own, theirs, work)


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
