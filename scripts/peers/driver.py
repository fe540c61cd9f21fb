"""What the drivers of the peers share: flags, lines of text, lines of progress."""

import argparse
from pathlib import Path


def parser_of(doc, *paths):
    """A parser that shows the driver's own text as help and takes these paths in order."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in paths:
        parser.add_argument(name, type=Path)
    return parser


def training_flags(doc):
    """config, out, and in `own` all that follows them, which is the toolkit's."""
    parser = parser_of(doc, "config", "out")
    parser.add_argument("own", nargs=argparse.REMAINDER)
    return parser.parse_args()


def search_parser(doc, *paths):
    """A parser for translation. Workers and threads are one unless set."""
    parser = parser_of(doc, *paths)
    parser.add_argument("--beam-size", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    return parser


def progress(updates, tokens):
    """The line that scripts/benchmark/training.py reads.

    Tokens are of the target, counted in the batches: padding is left out, the end symbol of each
    sentence counted.
    """
    print(f"progress {updates} {tokens}", flush=True)


def read_lines(path):
    *lines, last = path.read_text(encoding="utf-8").split("\n")
    return [*lines, last] if last else lines


def write_lines(path, lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
