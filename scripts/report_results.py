#!/usr/bin/env python3
"""Writes docs/results.md and docs/results.svg from trained model folders.

    scripts/report_results.py MODEL_FOLDER... --source FILE --reference FILE

Every figure comes from the folder's own logs (train.log, validations.tsv, metrics.jsonl,
config.ini) or from `heed evaluate` and `heed info`, run here.
"""

import argparse
import configparser
import csv
import json
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

from page import processor

ROOT = Path(__file__).resolve().parent.parent
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"]  # told apart by colour-blind eyes


def run(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_ini(path):
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(path, encoding="utf-8")
    return {(section, key): value for section in ini.sections() for key, value in ini[section].items()}


def training_command(folder, config):
    """The command as its log gives it; an older log names only the number of threads."""
    for line in (folder / "train.log").read_text(encoding="utf-8").splitlines():
        found = re.search(r" command: (.*)", line)
        if found:
            return found.group(1)
    name = next(iter((ROOT / "configs").glob(folder.name + ".ini")), None)
    threads = config.get(("training", "threads"), "0")
    return f"heed train {name.relative_to(ROOT) if name else folder}" + (
        f" --threads {threads}" if threads != "0" else "")


class Model:
    """What the logs of one training tell."""

    def __init__(self, folder, flags):
        self.folder, self.name = folder, folder.name
        self.config = read_ini(folder / "config.ini")
        self.command = training_command(folder, self.config)
        with open(folder / "validations.tsv", encoding="utf-8", newline="") as file:
            self.validations = list(csv.DictReader(file, delimiter="\t"))
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        reports = [x for x in map(json.loads, lines) if x["kind"] == "train"]
        self.speed = statistics.median(x["tokens_per_second"] for x in reports)
        self.best_speed = max(x["tokens_per_second"] for x in reports)
        self.memory = max(x["peak_memory"] for x in reports)
        self.padding = statistics.mean(x["padding"] for x in reports)
        log = (folder / "train.log").read_text(encoding="utf-8")
        finished = re.findall(r"training is finished: .*", log)
        if not finished:
            raise SystemExit(f"{folder}: its training is not finished: heed train goes on with it")
        self.tokens = int(re.findall(r"([\d,]+) target tokens", finished[-1])[0].replace(",", ""))
        self.finished = finished[-1].replace("training is finished: ", "")
        precision = re.findall(r"\| (\w+): [^|]*$", next(x for x in log.splitlines() if " model: " in x))
        self.precision = precision[0] if precision else self.config[("training", "precision")]
        self.average = (re.findall(r"average of the .*", log) or [""])[-1]
        self.seconds = float(max(float(x["seconds"]) for x in self.validations))
        self.evaluate(flags)

    def evaluate(self, flags):
        info = run([flags.heed, "info", str(self.folder)])
        self.parameters = re.search(r"parameters\s+([\d,]+)", info).group(1)
        start = time.monotonic()
        scores = run([flags.heed, "evaluate", str(self.folder), "--source", flags.source,
                      "--reference", flags.reference, "--metrics", "bleu,chrf", "--format", "json",
                      *(["--threads", str(flags.threads)] if flags.threads else [])])
        self.decoding_seconds = time.monotonic() - start
        self.scores = json.loads(scores)

    def value(self, section, key):
        return self.config[(section, key)]


def scores_of(model):
    """Name -> (score, signature), from whatever form of JSON: one object or a list of them."""
    entries = model.scores if isinstance(model.scores, list) else [model.scores]
    return {x["name"].lower().split("|")[0]: (x["score"], x["signature"]) for x in entries}


def minutes(seconds):
    return f"{seconds / 60:.0f} min"


def summary_table(models):
    lines = ["| model | BLEU | chrF2 | best dev BLEU | parameters | training | target tokens/s: median, best "
             "| at the best speed | peak memory |",
             "|---|---|---|---|---|---|---|---|---|"]
    for model in models:
        scores = scores_of(model)
        best = max(float(x["bleu"]) for x in model.validations if x["bleu"] != "-")
        lines.append(
            f"| `{model.name}` | **{scores['bleu'][0]:.1f}** | {scores['chrf2'][0]:.1f} | {best:.2f} "
            f"| {model.parameters} | {minutes(model.seconds)} | {model.speed:,.0f}, {model.best_speed:,.0f} "
            f"| {minutes(model.tokens / model.best_speed)} | {model.memory / 2**30:.1f} GiB |")
    return lines


def curve_table(model):
    lines = ["| step | epoch | dev perplexity | dev BLEU | minutes | |", "|---|---|---|---|---|---|"]
    for row in model.validations:
        lines.append(f"| {row['step']} | {row['epoch']} | {float(row['perplexity']):.2f} | {row['bleu']} "
                     f"| {float(row['seconds']) / 60:.0f} | {row['best']} |")
    return lines


def section(model):
    scores = scores_of(model)
    threads = model.value("training", "threads")
    lines = [f"## {model.name}", "", "```", model.command, "```", "",
             f"{model.finished}; {model.precision}, "
             f"{'all cores' if threads == '0' else threads + ' thread' + ('s' if threads != '1' else '')}, "
             f"{100 * model.padding:.1f} % padding.", ""]
    if model.average:
        lines += [model.average[0].upper() + model.average[1:] + ".", ""]
    lines += [f"- {name}: {score:.2f}, `{signature}`" for name, (score, signature) in scores.items()]
    lines += [f"- translated and scored in {model.decoding_seconds:.0f} s", "",
              "<details><summary>Validations</summary>", "", *curve_table(model), "", "</details>", ""]
    return lines


def curve_svg(models):
    """Dev BLEU against minutes of training."""
    width, height, left, bottom, top, right = 720, 360, 48, 40, 16, 16
    points = {m.name: [(float(x["seconds"]) / 60, float(x["bleu"])) for x in m.validations
                       if x["bleu"] != "-"] for m in models}
    most_x = max(x for p in points.values() for x, _ in p)
    most_y = 5 * (int(max(y for p in points.values() for _, y in p) / 5) + 1)
    at_x = lambda x: left + x / most_x * (width - left - right)
    at_y = lambda y: height - bottom - y / most_y * (height - bottom - top)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
           'font-family="sans-serif" font-size="12">',
           "<title>BLEU on the validation text against minutes of training</title>",
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for y in range(0, most_y + 1, 5):
        out.append(f'<line x1="{left}" x2="{width - right}" y1="{at_y(y):.1f}" y2="{at_y(y):.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{at_y(y) + 4:.1f}" text-anchor="end" fill="#333">{y}</text>')
    step = next(s for s in (1, 2, 5, 10, 20, 30, 60, 120) if most_x / s <= 10 or s == 120)
    for x in range(0, int(most_x) + 1, step):
        out.append(f'<text x="{at_x(x):.1f}" y="{height - bottom + 18}" text-anchor="middle" fill="#333">{x}</text>')
    out.append(f'<text x="{(left + width) / 2}" y="{height - 6}" text-anchor="middle" fill="#333">'
               "minutes of training</text>")
    for i, (name, line) in enumerate(points.items()):
        path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in line)
        label_y = height - bottom - 16 * (len(points) - i)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i % 5]}" stroke-width="2"/>'
                   f'<line x1="{width - 220}" x2="{width - 196}" y1="{label_y - 4}" y2="{label_y - 4}" '
                   f'stroke="{COLOURS[i % 5]}" stroke-width="3"/>'
                   f'<text x="{width - 190}" y="{label_y}" fill="#333">{name}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def page(models, flags):
    version = run([flags.heed, "--version"]).strip().splitlines()[0]
    folders = " ".join(f"models/{model.name}" for model in models)
    lines = [
        "# Results on Multi30k", "",
        "English to German, 29,000 training pairs, test set `test_2016_flickr` (1,000 sentences), cased and",
        "detokenised, beam 5. Written by `scripts/report_results.py` from the logs of the trainings; all but",
        "the note on the machine, which is given to it. All choices were made on the validation set.", "",
        f"Machine: {processor()}, {os.cpu_count()} cores; {version}. {flags.note}".rstrip(), "",
        *summary_table(models), "",
        "![BLEU on the validation text against minutes of training](results.svg)", "",
        *(line for model in models for line in section(model)),
        "## Again", "", "```", "scripts/get_multi30k.sh",
        *(model.command for model in models),
        f"scripts/report_results.py {folders} \\",
        f"    --source {flags.source} --reference {flags.reference}", "```", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--heed", default=str(ROOT / "build/release/heed"))
    parser.add_argument("--threads", type=int, default=0, help="of decoding; 0: all cores")
    parser.add_argument("--note", default="", help="a sentence on how the trainings were run")
    parser.add_argument("--output", type=Path, default=ROOT / "docs")
    flags = parser.parse_args()
    models = [Model(folder, flags) for folder in flags.models]
    (flags.output / "results.md").write_text(page(models, flags), encoding="utf-8")
    (flags.output / "results.svg").write_text(curve_svg(models), encoding="utf-8")


if __name__ == "__main__":
    main()
