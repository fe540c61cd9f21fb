#!/usr/bin/env python3
"""Writes docs/attention.md from the logs that scripts/compare_attention.sh leaves.

    scripts/report_attention.py RUNS OUT

RUNS holds a folder for each kind of attention. Every number on the page is read from there.
"""

import json
import re
import statistics
import sys
from pathlib import Path

from page import machine, markdown

CONFIGS = Path("configs/attention")
GUIDE = CONFIGS / "guide.md"  # what no log says: which kind to choose, and its equation
COMMANDS = ("train", "translate", "scores", "inspect")


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def title(config):
    """The comment at the head of an INI file, in one line."""
    lines = []
    for line in config.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines)


class Kind:
    """What one folder says."""

    def __init__(self, folder):
        self.name = folder.name
        steps, config = (folder / "settings").read_text(encoding="utf-8").split("\n", 1)
        self.steps = steps.removeprefix("steps: ")
        if not self.steps.isdigit():
            self.steps = re.search(r"^max_steps = (\d+)$", config, re.MULTILINE).group(1)
        self.title = title(config)
        self.recurrent = "architecture = recurrent" in config
        self.build = (folder / "build").read_text(encoding="utf-8")
        self.commands = [(folder / f"{name}.command").read_text(encoding="utf-8").strip() for name in COMMANDS]
        self.speeds, self.memory = [], 0  # of training; none where they have not been measured yet
        if (folder / "speed").is_file():
            metrics = [json.loads(line) for line in (folder / "speed-model/metrics.jsonl").read_text().splitlines()]
            training = [entry for entry in metrics if entry["kind"] == "train"][1:]  # the first warms up
            self.speeds = [entry["tokens_per_second"] for entry in training]
            self.memory = max(entry["peak_memory"] for entry in training)
        model = (folder / "model.txt").read_text(encoding="utf-8")
        self.parameters = re.search(r"^parameters\s+([\d,]+)$", model, re.MULTILINE).group(1)
        self.scores = {entry["name"]: entry["score"] for entry in read_json(folder / "scores")}
        self.sentences = (folder / "translate").read_bytes().count(b"\n")
        timed = folder / "speed.translate"
        self.seconds, self.user, _ = map(float, (folder / "speed.seconds").read_text().split()) if timed.is_file() else [0] * 3
        self.report = read_json(folder / "inspect")
        self.cross = [head for head in self.report["heads"] if head["kind"] == "cross"]

    def average(self):
        return next(head for head in self.cross if head["layer"] == head["head"] == 0)

    def best_head(self):
        """The head, or else the average, of the lowest error rate."""
        heads = [head for head in self.cross if head["head"] > 0] or self.cross
        return min(heads, key=lambda head: head["alignment"]["error_rate"])


def number(value, decimals=3, factor=1):
    return "-" if value is None else f"{value * factor:.{decimals}f}"


def quality_row(kind):
    head, best = kind.average(), kind.best_head()
    alone = len(kind.cross) == 1
    where = "" if alone else f" ({best['layer']}.{best['head']})"
    return [kind.name, number(kind.scores["BLEU"], 1), number(kind.scores["chrF2"], 1),
            number(kind.report["senses"]["accuracy"], 1, 100), number(head["alignment"]["error_rate"]),
            number(head["alignment"]["precision"]), number(head["alignment"]["recall"]),
            number(best["alignment"]["error_rate"]) + where]


def shape_row(kind):
    head = kind.average()
    return [kind.name, *(number(head[key]) for key in ("mass", "entropy", "entropy_share", "top1", "top3",
                                                       "monotonicity", "coverage"))]


def sense_row(kind):
    senses, attention = kind.report["senses"], kind.average()["senses"]
    row = [kind.name, *(str(senses[key]) for key in ("right", "wrong", "neither"))]
    for verdict in ("right", "wrong"):
        row += [number(attention[verdict][key]) for key in ("own", "rest")]
    return row


def cost_row(kind):
    training, decoding = ["-"] * 2, ["-"] * 2
    if kind.speeds:
        training = [f"{statistics.median(kind.speeds):,.0f}", f"{kind.memory / 2**20:,.0f}"]
    if kind.seconds:
        decoding = [number(kind.sentences / kind.seconds, 1), number(1000 * kind.user / kind.sentences, 1)]
    return [kind.name, kind.parameters, *training, *decoding]


PAGE = """# Attention, measured

Kinds of attention, each trained on the [sample corpus](../data/README.md), English to German, with the same pairs, seed,
batches and {steps} steps, on one core in the precision that `auto` picks on it. `scripts/compare_attention.sh` wrote this page by itself from the logs of
the trainings; a configuration of each is in `configs/attention`. It is one short training each, with one seed, on a small
artificial corpus: it shows what each kind does there, and ranks none of them in general.{missing}

{guide}
## Kinds

{kinds}

## Translation and alignment

BLEU and chrF of the 1,000 test sentences (sacreBLEU's). Senses: of the {words} ambiguous words of the test set, the share
translated in the right sense. Alignment error rate (AER, lower is better), precision and recall (Och and Ney 2003) against the
gold alignment, with the reference as the translation, each target word going with the source word it attends to most: by
the mean of all heads, and by the single head that does best (layer.head), which is chosen on these very sentences.

{quality}

## How attention spreads and moves

Mean of all heads, over the references. By pieces, end symbols included: mass of a row, which windows and monotonic attention may
leave below 1; entropy in nats and as a share of ln S; share of a row's mass on its strongest one and three positions. By
words: monotonicity, from -1 over 0 (forward as often as back) to 1 (never back), and coverage, the mean of min(1, mass
received) of source words. `src/alignment/attention_statistics.h` defines them; every layer and head is in the report of
`heed inspect`.

{shape}

## Word senses

Ambiguous words as the models translated them: in the right sense, in a wrong one, or neither (left out or paraphrased); and the
mean attention, as the translation was produced, on the ambiguous word itself and on the other words, after Tang, Sennrich
and Nivre (2018). The rest went to the end symbol.

{senses}

## Cost

Measured apart from the trainings above, one kind at a time, on one core. Training: target tokens a second (median of the
log's lines over 40 steps after 20 to warm up), peak memory of the process. Decoding the test set: sentences a second,
loading included, and processor time a sentence.

{cost}
{lengths}
## Made with

    scripts/compare_attention.sh

which runs, for each kind,

{commands}

{machine}

{build}
"""


LENGTHS = """
## Self-attention by length

One layer of width 256 with 4 heads, on one core in float32 (`benchmarks/self_attention.cpp`): microseconds a token, forward
and backward, and microseconds a decoder's step of one piece with that many before it. {crossing}

{table}
"""


def length_section(path):
    """Full against local and linear self-attention, and from where on linear is the cheaper one."""
    if not path.exists():
        return ""
    header, *lines = [line.split("\t") for line in path.read_text().splitlines()]
    column = {name: i for i, name in enumerate(header)}

    def crossing(what):
        for i, line in enumerate(lines):
            if all(float(row[column[f"linear {what}"]]) < float(row[column[f"full {what}"]]) for row in lines[i:]):
                return f"from {line[0]} pieces on"
        return f"at none of these lengths up to {lines[-1][0]}"

    found = f"Linear is cheaper than full {crossing('training')} in training and {crossing('step')} in decoding."
    return LENGTHS.format(crossing=found, table=markdown(header, lines))


def builds(kinds):
    """What `heed info` said as the kinds were trained; where that was not the same for all, whose it is."""
    found = {}
    for kind in kinds:
        found.setdefault(kind.build.strip(), []).append(kind.name)
    texts = []
    for build, names in found.items():
        if len(found) > 1:
            texts.append(f"{', '.join(names)} were trained by:")
        texts.append("\n".join("    " + line for line in build.splitlines()))
    return "\n\n".join(texts)


def page(runs, kinds, missing):
    def rows(row_of, names):
        return markdown(names, [row_of(kind) for kind in kinds])

    def one_of(values, what):
        found = sorted(set(values))
        if len(found) > 1:
            raise SystemExit(f"report_attention: the kinds differ in {what} ({', '.join(map(str, found))}): "
                             "remove the folders of some and run the comparison again")
        return found[0]

    def command(text, name):
        return re.sub(r"^\S+", "heed", text).replace(f"/{name}/", "/NAME/").replace(f"/{name}.ini", "/NAME.ini")

    first = kinds[0]
    return PAGE.format(
        steps=one_of((kind.steps for kind in kinds), "steps"),
        words=one_of((kind.report["senses"]["words"] for kind in kinds), "ambiguous words"),
        guide=GUIDE.read_text(encoding="utf-8"),
        kinds="\n".join(f"- **{kind.name}**: {kind.title}" for kind in kinds),
        quality=rows(quality_row, ["kind", "BLEU", "chrF", "senses %", "AER", "precision", "recall", "AER of best head"]),
        shape=rows(shape_row, ["kind", "mass", "entropy", "/ ln S", "top 1", "top 3", "monotone", "coverage"]),
        senses=rows(sense_row, ["kind", "right", "wrong", "neither", "right: on the word", "on others",
                                "wrong: on the word", "on others"]),
        lengths=length_section(runs / "self_attention.tsv"),
        cost=rows(cost_row, ["kind", "parameters", "tokens/s", "peak MiB", "sentences/s", "CPU ms a sentence"]),
        missing=f" Not measured yet: {', '.join(missing)}." if missing else "",
        commands="\n".join("    " + command(text, first.name) for text in first.commands),
        machine=machine() + ".",
        build=builds(kinds))


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    runs, out = map(Path, sys.argv[1:])
    known = {path.stem for path in CONFIGS.glob("*.ini")}
    folders = [folder for folder in sorted(runs.iterdir()) if folder.is_dir() and folder.name in known]
    kinds = [Kind(folder) for folder in folders if (folder / "inspect").is_file()]
    if not kinds:
        raise SystemExit(f"report_attention: {runs} holds no finished kind: run scripts/compare_attention.sh")
    kinds.sort(key=lambda kind: (not kind.recurrent, kind.name))
    missing = sorted(known - {kind.name for kind in kinds})
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(runs, kinds, missing), encoding="utf-8")
    print(f"report_attention: {out}: {len(kinds)} kinds" + (f"; not measured: {', '.join(missing)}" if missing else ""))


if __name__ == "__main__":
    main()
