#!/usr/bin/env python3
"""Writes the sample English-German corpus under data/. Same seed, same bytes.

    scripts/make_sample_corpus.py                 write data/
    scripts/make_sample_corpus.py --check         verify what is in data/
    scripts/make_sample_corpus.py --show 50       print random pairs, with their construction
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

from sample_corpus import checks, constructions  # noqa: E402
from sample_corpus.phrases import Context  # noqa: E402
from sample_corpus.tokens import Pair, Retry  # noqa: E402

SIZES = {"test": 1000, "dev": 500, "train": 20000}
POOL = 54000  # drawn first; the corpus is chosen from these
RARE_ENGLISH, RARE_GERMAN = 30, 6  # a word rarer than this in the pool is not used
PER_SENSE = 8  # test sentences for each sense of an ambiguous word, at least


def draw(rng, kinds=constructions.KINDS):
    """One sentence pair. A construction that clashes draws again, so that shares stay as listed."""
    construction, adjective_rate = Context(rng).weighted(kinds)
    while True:
        try:
            pair = Pair(construction(Context(rng, adjective_rate)), construction.__name__)
        except Retry:
            continue
        if len(pair.english_words) <= 25:
            return pair


def pool(rng, count):
    """Distinct pairs; no English and no German sentence twice."""
    english, german, found = set(), set(), []
    while len(found) < count:
        pair = draw(rng)
        if pair.english not in english and pair.german not in german:
            english.add(pair.english)
            german.add(pair.german)
            found.append(pair)
    return found


def rarity(pairs, side):
    """How often the rarest word of each sentence occurs among `pairs`, numbers left out."""
    texts = [checks.ordinary_words(getattr(pair, side)) for pair in pairs]
    counts = Counter(word for text in texts for word in text)
    return [min(counts[word] for word in text) for text in texts]


def select(rng, pairs, count):
    """Keeps the sentences whose words are all frequent enough to be learnt, and of those prefers the
    rarer ones, so that the vocabulary is small and evenly used."""
    before = 0
    while len(pairs) != before:  # dropping sentences makes other words rarer
        before = len(pairs)
        rare = zip(rarity(pairs, "english"), rarity(pairs, "german"))
        pairs = [pair for pair, (en, de) in zip(pairs, rare)
                 if en >= RARE_ENGLISH and de >= RARE_GERMAN]
    keys = [count * rng.random() for count in rarity(pairs, "english")]
    chosen = sorted(range(len(pairs)), key=lambda i: keys[i])[:count]
    return [pairs[i] for i in sorted(chosen)]


def split(pairs):
    """Test first: it gets PER_SENSE sentences of every ambiguous sense, then whatever comes. Then
    dev, then train. Sentences with a word that is rare in the whole stay in train."""
    usable = [i for i, rare in enumerate(rarity(pairs, "german")) if rare >= RARE_GERMAN]
    senses, first = Counter(), []
    for i in usable:
        new = [(word, sense) for _, word, sense, _ in pairs[i].ambiguous()
               if senses[word, sense] < PER_SENSE]
        senses.update(new)
        if new:
            first.append(i)
    free = [i for i in usable if i not in set(first)]
    more = SIZES["test"] - len(first)
    test, dev = first + free[:more], free[more:more + SIZES["dev"]]
    held = set(test + dev)
    return {"test": [pairs[i] for i in sorted(test)], "dev": [pairs[i] for i in dev],
            "train": [pair for i, pair in enumerate(pairs) if i not in held]}


def write(folder, name, rows):
    (folder / name).write_text("".join(row + "\n" for row in rows), encoding="utf-8", newline="\n")


def ambiguous_rows(pairs):
    yield "\t".join(checks.AMBIGUOUS_COLUMNS)
    for line, pair in enumerate(pairs, 1):
        for index, word, sense, forms in pair.ambiguous():
            lemma, wrong = checks.lemma(word, sense), checks.wrong_forms(word, sense)
            yield "\t".join([str(line), word, str(index), sense, lemma, "|".join(forms),
                             "|".join(wrong)])


def make(folder, seed):
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    parts = split(select(rng, pool(rng, POOL), sum(SIZES.values())))
    for name, part in parts.items():
        write(folder, f"{name}.en", [pair.english for pair in part])
        write(folder, f"{name}.de", [pair.german for pair in part])
    for name in checks.ALIGNED:
        write(folder, f"{name}.align", [" ".join(f"{e}-{g}" for e, g in pair.alignment())
                                        for pair in parts[name]])
    write(folder, "test.ambiguous.tsv", ambiguous_rows(parts["test"]))


def check(folder, seed):
    """Checks what the files say, and that they are the very bytes that this program writes."""
    fault = checks.run(folder, SIZES)
    with tempfile.TemporaryDirectory() as again:
        make(Path(again), seed)
        for path in sorted(Path(again).iterdir()):
            there = folder / path.name
            if not there.is_file() or path.read_bytes() != there.read_bytes():
                print(f"fault: {path.name} is not what seed {seed} gives; write the corpus anew, or "
                      "take the change of the generator back")
                fault = 1
    return fault


def show(count, seed, kind):
    rng = random.Random(seed)
    kinds = [row for row in constructions.KINDS if kind in (None, row[1][0].__name__)]
    if not kinds:
        raise SystemExit(f"error: --kind {kind}: there is no such construction in "
                         "scripts/sample_corpus/constructions.py")
    for _ in range(count):
        pair = draw(rng, kinds)
        print(f"[{pair.name}] {pair.english}\n    {pair.german}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        default=Path(__file__).resolve().parent.parent / "data")
    parser.add_argument("--seed", type=int, default=20250101)
    parser.add_argument("--check", action="store_true",
                        help="verify the files and exit 1 on a fault")
    parser.add_argument("--show", type=int, metavar="N",
                        help="print N random pairs and write nothing")
    parser.add_argument("--kind", help="with --show: only this construction")
    arguments = parser.parse_args()
    if arguments.show:
        return show(arguments.show, arguments.seed, arguments.kind)
    if arguments.check:
        return check(arguments.out, arguments.seed)
    return make(arguments.out, arguments.seed)


if __name__ == "__main__":
    sys.exit(main())
