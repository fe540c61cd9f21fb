#!/usr/bin/env python3
"""Trains what docs/quality.md compares, and writes its tables from the logs alone.

    scripts/quality.py                     lists the studies
    scripts/quality.py train STUDY...      trains; goes on where it was interrupted (Ctrl-C)
    scripts/quality.py report              writes the tables into docs/quality.md

A study compares choices on the same pairs, with the same updates, by BLEU on its validation text; no
test set takes part. What is done is not done again: to have a training anew, remove its folder below
runs/quality. Multi30k's text comes from scripts/get_multi30k.sh.
"""

import argparse
import csv
import itertools
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import page

ALL = float("inf")  # steps
ROOT = Path(__file__).resolve().parent.parent
MULTI30K = ("multi30k/train", "multi30k/val", "en", "de")
SAMPLE = ("data/train", "data/dev", "en", "de")
DEFAULTS = {"model.hidden_size": 256}  # a key of [model] is given: no preset, all else as it is by default


@dataclass
class Study:
    """Choices, each a set of keys beside the common ones, or another "config"; the first is what the
    others gain over."""
    title: str
    corpus: tuple
    pairs: int
    choices: dict
    common: dict = field(default_factory=dict)
    seeds: tuple = (1,)
    config: str = ""  # an INI file; none: no key but the paths


STUDIES = {
    "3k": Study(
        "3,000 pairs of Multi30k", MULTI30K, 3000,
        {"preset": {},
         "6,000 updates": {"training.max_steps": 6000},
         "width 256": {"model.hidden_size": 256, "model.feed_forward_size": 1024},
         "2,000 pieces": {"tokenizer.vocab_size": 2000},
         "dropout 0.4": {"model.dropout": 0.4},
         "word dropout 0.1": {"training.word_dropout": 0.1},
         "BPE-dropout 0.1": {"tokenizer.sampling_alpha": 0.1},
         "R-Drop": {"training.objective": "r_drop", "training.consistency": 5},
         "SimCut": {"training.objective": "simcut"},
         "recurrent": {"model.architecture": "recurrent", "model.cell": "lstm",
                       "model.attention_score": "general", "model.hidden_size": 256,
                       "model.embedding_size": 128, "model.layers": 1, "model.dropout": 0.4,
                       "training.learning_rate": 0.002}},
        config="configs/small-data.ini"),
    "sample": Study(
        "2,700 pairs of the sample corpus", SAMPLE, 2700,
        {"preset": {}, "R-Drop": {"training.objective": "r_drop"}, "no preset": DEFAULTS}),
    "10k": Study(
        "10,000 pairs of Multi30k", MULTI30K, 10000,
        {"plain": {}, "R-Drop": {"training.objective": "r_drop", "training.consistency": 5},
         "SimCut": {"training.objective": "simcut"}},
        common={"training.patience": 0}, config="configs/medium-data.ini"),
    "multi30k": Study(
        "Multi30k, 29,000 pairs", MULTI30K, 29000,
        {"multi30k-transformer": {}, "multi30k-reference": {"config": "configs/multi30k-reference.ini"},
         "R-Drop": {"training.objective": "r_drop", "training.consistency": 5},
         "SimCut": {"training.objective": "simcut"}},
        seeds=(1, 2, 3), config="configs/multi30k-transformer.ini"),
}


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass
class Run:
    """One training of a study: a choice with a seed."""
    study: str
    choice: str
    seed: int
    folder: Path

    def log(self):
        path = self.folder / "train.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def finished(self):
        return "training is finished: " in self.log()


def runs_of(name, folder):
    study = STUDIES[name]
    return [Run(name, choice, seed, folder / name / f"{slug(choice)}-{seed}")
            for choice, seed in itertools.product(study.choices, study.seeds)]


def subset(study, folder):
    """The first pairs of the training text, as files: by side."""
    train, _, *sides = study.corpus
    paths = []
    for side in sides:
        path = folder / f"{slug(study.title)}.{side}"
        with open(ROOT / f"{train}.{side}", encoding="utf-8", newline="\n") as text:
            lines = "".join(itertools.islice(text, study.pairs))
        if not path.exists() or path.read_text(encoding="utf-8") != lines:
            path.write_text(lines, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def command_of(run, folder, heed):
    study = STUDIES[run.study]
    source, target = subset(study, folder)
    _, dev, *sides = study.corpus
    keys = {"data.train_source": source, "data.train_target": target,
            "data.dev_source": ROOT / f"{dev}.{sides[0]}", "data.dev_target": ROOT / f"{dev}.{sides[1]}",
            "output.folder": run.folder, "training.seed": run.seed,
            **study.common, **study.choices[run.choice]}
    config = keys.pop("config", study.config) or "/dev/null"
    return [heed, "train", config, *(f"--{key}={value}" for key, value in keys.items())]


def train(names, options):
    options.runs.mkdir(parents=True, exist_ok=True)
    for run in (run for name in names for run in runs_of(name, options.runs)):
        if run.finished() or options.only not in ("", run.choice):
            continue
        run.folder.mkdir(parents=True, exist_ok=True)
        machine = page.machine() + (f"; {options.note}" if options.note else "")
        (run.folder / "machine").write_text(machine + "\n", encoding="utf-8")
        print(f"{run.study}: {run.choice}, seed {run.seed}", flush=True)
        command = command_of(run, options.runs, options.heed)
        result = subprocess.run([*command, *options.keys], cwd=ROOT, check=False)
        if result.returncode:
            sys.exit(f"stopped (exit code {result.returncode}): the same command goes on from here")


@dataclass
class Measured:
    bleu: float
    minutes: float
    steps: int
    parameters: str


def validations(run):
    path = run.folder / "validations.tsv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def measured(run, until):
    """Its best validation up to that step, or its average's where that was kept."""
    rows = [row for row in validations(run) if int(row["step"]) <= until]
    log = run.log() if until == ALL else ""
    bleu = max(float(row["bleu"]) for row in rows if row["bleu"] != "-")
    kept = re.findall(r"average of .*bleu ([\d.]+): better than each", log)
    return Measured(max([bleu, *map(float, kept[-1:])]), float(rows[-1]["seconds"]) / 60,
                    int(rows[-1]["step"]), re.findall(r"\| ([\d,]+) parameters \|", run.log())[-1])


def spread(numbers):
    mean = statistics.mean(numbers)
    return f"{mean:.2f}" + (f" ± {statistics.stdev(numbers):.2f}" if len(numbers) > 1 else "")


def table(name, folder):
    """The study's choices that have been trained, and how. Where some were cut short, all are compared
    at the last step that all have validated."""
    done = {}
    for run in runs_of(name, folder):
        if validations(run):
            done.setdefault(run.choice, []).append(run)
    if not done:
        return []
    all_runs = list(itertools.chain.from_iterable(done.values()))
    until = ALL
    if not all(run.finished() for run in all_runs):
        until = min(int(validations(run)[-1]["step"]) for run in all_runs)
    rows, first = [], None
    for choice, runs in done.items():
        results = [measured(run, until) for run in runs]
        bleu = statistics.mean(result.bleu for result in results)
        first = bleu if first is None else first
        rows.append([choice, spread([result.bleu for result in results]),
                     "" if choice == next(iter(done)) else f"{bleu - first:+.2f}",
                     results[0].parameters, statistics.mean(result.steps for result in results).__round__(),
                     f"{statistics.mean(result.minutes for result in results):.1f}",
                     ", ".join(str(run.seed) for run in runs)])
    lines = ["", page.markdown(["choice", "dev BLEU", "gain", "parameters", "updates", "minutes", "seeds"], rows),
             "", "<details><summary>Commands and machine</summary>", "", "```"]
    for run in all_runs:
        lines.append(re.findall(r" command: (.*)", run.log())[0].replace(str(ROOT) + "/", ""))
    machines = {(run.folder / "machine").read_text(encoding="utf-8").strip() for run in all_runs}
    if until != ALL:
        lines[1:1] = [f"Some of these trainings were cut short: all are compared after {until:,} updates.", ""]
    return [*lines, "```", "", *sorted(machines), "", "</details>", ""]


def report(options):
    text = options.page.read_text(encoding="utf-8")
    for name in STUDIES:
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if begin not in text or not (lines := table(name, options.runs)):
            continue
        head, rest = text.split(begin)
        text = head + begin + "\n".join(lines) + end + rest.split(end)[1]
    options.page.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", choices=["train", "report"])
    parser.add_argument("studies", nargs="*", metavar="STUDY")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs/quality")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/quality.md")
    parser.add_argument("--heed", default=os.environ.get("HEED", str(ROOT / "build/release/heed")))
    parser.add_argument("--only", default="", metavar="CHOICE", help="train this choice alone")
    parser.add_argument("--note", default="", help="what else the machine did, to stand beside its name")
    parser.add_argument("--key", action="append", default=[], dest="keys", metavar="--SECTION.KEY=VALUE")
    options = parser.parse_args()
    unknown = [name for name in options.studies if name not in STUDIES]
    if unknown:
        parser.error(f"{', '.join(unknown)}: no such study; there are {', '.join(STUDIES)}")
    if options.task == "train":
        train(options.studies or list(STUDIES), options)
    elif options.task == "report":
        report(options)
    else:
        for name, study in STUDIES.items():
            print(f"{name:<10}{study.title}: {', '.join(study.choices)}; {len(study.seeds)} seed(s)")


if __name__ == "__main__":
    main()
