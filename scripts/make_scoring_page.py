#!/usr/bin/env python3
"""Writes docs/scoring.md: each feature of `heed evaluate` on the sample corpus, with its real output.

    scripts/make_scoring_page.py        (after scripts/quickstart.sh, for the model)
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_OUTPUT = 24  # lines shown of one command

PAGE = """# Scores that papers can quote

`heed evaluate` gives BLEU, chrF, chrF++ and TER with sacreBLEU's numbers and signatures. This page is written by
`scripts/make_scoring_page.py`: every output below is real. The scores are those of the model that `models/quickstart` held then;
another training gives others.

## Translate and score

One call translates a test set with a model and scores it. `--output` keeps the translations.

$ heed evaluate models/quickstart --source data/test.en --reference data/test.de --metrics bleu,chrf,chrf++,ter -o beam.de

Several test sets give a table. Each `--source` takes its share of the references in order: with two sources and four
references the first two are the first source's. `--output FOLDER/` keeps a file for each.

$ heed evaluate models/quickstart --source data/dev.en --reference data/dev.de --source data/test.en --reference data/test.de --metrics bleu,chrf -o kept/ && ls kept

## Score a file

Without a model, `--hypothesis` is what is scored. `--reference` again gives more references; `--format json` is sacreBLEU's
object, a list of them for several metrics.

$ heed translate models/quickstart -i data/test.en --beam-size 1 -o greedy.de
$ heed evaluate --hypothesis greedy.de --reference data/test.de --format json
$ heed evaluate --hypothesis greedy.de --reference data/test.de --reference beam.de --metrics chrf --width 1

The number alone, the signature in short, and each sentence on its own (BLEU with the effective order, as sentences are
scored):

$ heed evaluate --hypothesis greedy.de --reference data/test.de --score-only
$ heed evaluate --hypothesis greedy.de --reference data/test.de --metrics ter --short
$ heed evaluate --hypothesis greedy.de --reference data/test.de --metrics chrf --sentence-level --score-only | sort -n | head -3

## How a score is made

`--tokenize` takes BLEU's tokenisers `13a`, `intl`, `char`, `zh` and `none`, and `spm:FILE` for a SentencePiece model of your own,
which the signature tells by the checksum of the file. Smoothing, case and n-gram orders are options under sacreBLEU's
names (`heed evaluate --help`).

$ heed evaluate --hypothesis greedy.de --reference data/test.de --tokenize intl --lowercase --smooth-method floor --smooth-value 0.01
$ heed evaluate --hypothesis greedy.de --reference data/test.de --tokenize spm:models/quickstart/tokenizer.model
$ heed evaluate --hypothesis greedy.de --reference data/test.de --metrics chrf --chrf-word-order 1 --chrf-beta 3 --chrf-whitespace
$ heed evaluate --hypothesis greedy.de --reference data/test.de --metrics ter --ter-normalized --ter-case-sensitive

## How sure a score is

`--confidence` resamples the test set: the mean of the resamples and half the width of the middle 95 %.

$ heed evaluate --hypothesis greedy.de --reference data/test.de --metrics bleu,ter --confidence --confidence-n 500

Several `--hypothesis` are several systems; the first is the baseline. `--paired-bs` (paired bootstrap) or `--paired-ar` (paired
approximate randomization) tells whether the others differ from it:

$ heed evaluate --hypothesis greedy.de --hypothesis beam.de --reference data/test.de --metrics bleu,chrf --paired-bs
$ heed evaluate --hypothesis greedy.de --hypothesis beam.de --reference data/test.de --metrics ter --paired-ar --paired-ar-n 1000 --format json

`--seed` draws other samples; the default is sacreBLEU's, and so are the samples. Long runs tell on stderr how far they are.

## What is refused

$ heed evaluate --hypothesis greedy.de --reference data/dev.de
$ heed evaluate --hypothesis greedy.de --reference data/test.de --tokenize 14a
$ heed evaluate --hypothesis greedy.de --reference data/test.de --paired-bs

Text that looks tokenised (100 lines or more that end in " .") is scored with a warning, which `--force` silences.

## What equals sacreBLEU, and what differs

Equal to sacreBLEU 2.6.0, as the test suite checks against recorded values (`scripts/make_scoring_golden.py`,
`scripts/make_evaluate_golden.py`): every score of a corpus and of a sentence, the text line, the JSON, the table of systems, the
signature, means, intervals and p-values at the same seed. White space at the ends of lines is dropped first, as sacreBLEU's command
line does. Where sacreBLEU has a quirk that scores depend on (it normalises TER's references twice, say), heed has it too.

Different:

- The signature's last field names heed as well: `version:2.6.0+heed.VERSION`.
- Two digits and text are the defaults, not one digit and JSON: `--width`, `--format`.
- Metrics come in the order of `--metrics`, as lines that are not aligned, so that each starts with the metric's name.
- `--lowercase` is for BLEU and chrF; sacreBLEU has it for BLEU alone, and `--chrf-lowercase`, which heed has too.
- Sentences may be scored by several metrics at once, and as JSON, one object a line.
- A BOM at the start of a file and a CR at the end of a line are no text; invalid UTF-8 and NUL bytes become U+FFFD, with a warning.
- JSON of `--paired-bs` works for every metric; sacreBLEU 2.6.0 fails on chrF and TER there. With chrF, it also fails on
  resamples without any match, which heed scores as 0.
- The randomization of BLEU with a fractional add-k value, which sacreBLEU cuts to a whole number there.
- `intl` and lowercasing go by the Unicode version of ICU, sacreBLEU's by those of Python's `regex` package and of Python.
- The seed is `--seed` alone: the variable `SACREBLEU_SEED` is not read. Systems are files, one each: no tab-separated columns on standard
  input, no `--num-refs`.
- Japanese and Korean tokenisers need dictionaries and are left out; `spm:FILE` takes the place of the FLORES tokenisers, whose
  models sacreBLEU downloads. A line is cut at 64 KiB by `spm:FILE`.
- A paired test is explained in other words.
- There are no test sets to download, no LaTeX and no colours.
"""


def output_of(command, folder):
    result = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False,
                            env={**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{folder}/bin:{os.environ['PATH']}"})
    lines = (result.stdout + result.stderr).split("\n")[:-1]
    if len(lines) > LONGEST_OUTPUT:
        lines = lines[:LONGEST_OUTPUT] + ["..."]
    return [line.rstrip() for line in lines]


def page(heed):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bin").mkdir()
        (folder / "bin/heed").symlink_to(heed)
        for shared in ("data", "models"):
            (folder / shared).symlink_to(ROOT / shared)
        out, inside = [], False
        for line in PAGE.split("\n"):
            command = line.removeprefix("$ ") if line.startswith("$ ") else None
            if (command is not None) != inside:
                out.append("```")
                inside = not inside
            out.append(line)
            if command is not None:
                out += output_of(command, folder)
        return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed", type=Path, default=ROOT / "build/release/heed")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs/scoring.md")
    options = parser.parse_args()
    for needed in (options.heed, ROOT / "models/quickstart/model.safetensors"):
        if not needed.exists():
            sys.exit(f"{needed} is missing: run scripts/quickstart.sh first")
    options.output.write_text(page(options.heed.resolve()), encoding="utf-8")


if __name__ == "__main__":
    main()
