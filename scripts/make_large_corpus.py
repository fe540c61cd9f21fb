#!/usr/bin/env python3
"""Makes a parallel corpus of any size by repeating and varying the sample corpus.

    make_large_corpus.py PAIRS PREFIX      writes PREFIX.de and PREFIX.en

The first 20,000 pairs are the sample corpus; each later one is one of its pairs with a name of five random letters
before it and a number behind it, the same on both sides. Only size is real: for measuring reading, memory and speed.
"""

import random
import string
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


def lines_of(language):
    with open(DATA / f"train.{language}", encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]


def main(pairs, prefix):
    sides = {language: lines_of(language) for language in ("de", "en")}
    count = len(sides["de"])
    for language, lines in sides.items():
        generator = random.Random(1)
        with open(f"{prefix}.{language}", "w", encoding="utf-8", newline="\n") as file:
            for number in range(pairs):
                line = lines[number % count]
                if number >= count:
                    bits = generator.getrandbits(48)
                    letters = (string.ascii_lowercase[(bits >> 5 * place) % 26] for place in range(5))
                    line = f"{''.join(letters).capitalize()} {line[:-1]} {bits % 9973} ."
                file.write(line + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2])
