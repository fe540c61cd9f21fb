#!/usr/bin/env python3
"""CPU seconds of `heed evaluate` against sacreBLEU's command line, one process each, on the same files.

    scripts/benchmark_scoring.py [--heed build/release/heed] [--python .deps/venv/bin/python] [--lines 1000]

The sample corpus's test set, repeated to --lines lines, is scored by each metric, with a bootstrap and with
a paired test (up to 5,000 lines). Start-up is in the times, and shown on its own; both outputs must agree. Prints a Markdown
table; the last column is the ratio of times beyond start-up. Peak memory is of the whole process.
"""

import argparse
import os
import random
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_RESAMPLED = 5000  # lines


def perturbed(rng, line):
    """A translation with faults: words dropped, repeated, swapped."""
    words = line.split()
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(words))
        kind = rng.randrange(3)
        if kind == 0 and len(words) > 1:
            del words[at]
        elif kind == 1:
            words.insert(at, words[rng.randrange(len(words))])
        else:
            to = rng.randrange(len(words))
            words[at], words[to] = words[to], words[at]
    return " ".join(words)


def write_files(folder, lines):
    reference = (ROOT / "data/test.de").read_text(encoding="utf-8").split("\n")[:-1]
    reference = [reference[i % len(reference)] for i in range(lines)]
    rng = random.Random(1)
    for name, content in (("reference", reference), ("one", [perturbed(rng, r) for r in reference]),
                          ("two", [perturbed(rng, r) for r in reference]), ("word", ["a"])):
        (folder / name).write_text("".join(line + "\n" for line in content), encoding="utf-8")


def run(command, folder):
    """Output, CPU seconds (user and system) and peak MiB."""
    output = folder / "output"
    child = os.fork()
    if child == 0:
        out = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.chdir(folder)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return output.read_text(encoding="utf-8"), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def numbers(output):
    """Scores, intervals and p-values, without what the versions hold."""
    rows = [line for line in output.split("\n") if line.startswith("│") or " = " in line]
    return re.findall(r"\d+\.\d+", re.sub(r"version:\S+", "", "\n".join(rows)))


def tasks(lines):
    for metric in ("bleu", "chrf", "chrf++", "ter"):
        yield metric, "score", ["one"], []
        # sacreBLEU holds resamples x lines numbers: many lines need tens of gigabytes.
        if lines <= MOST_RESAMPLED:
            yield metric, "--confidence", ["one"], ["--confidence"]
            yield metric, "--paired-bs", ["one", "two"], ["--paired-bs"]
            yield metric, "--paired-ar", ["one", "two"], ["--paired-ar"]


def commands(options, metric, systems, flags, reference="reference"):
    shared = ["--width", "4", "--format", "text", "--quiet", *flags]
    files = [word for name in systems for word in ("--hypothesis", name)]
    own = [str(options.heed.resolve()), "evaluate", "--reference", reference, *files, "--metrics", metric]
    peer = [str(options.python.absolute()), "-m", "sacrebleu", reference, "-i", *systems, "-m",
            metric.removesuffix("++")]
    return [*own, *shared], [*peer, *shared, *(["--chrf-word-order", "2"] if metric == "chrf++" else [])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed", type=Path, default=ROOT / "build/release/heed")
    parser.add_argument("--python", type=Path, default=ROOT / ".deps/venv/bin/python")
    parser.add_argument("--lines", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, options.lines)
        # The files are read once before anything is timed.
        start = [min(run(command, folder)[1] for _ in range(3))
                 for command in commands(options, "bleu", ["word"], [], "word")]
        print(f"{options.lines} lines; start-up: heed {start[0]:.2f} s, sacreBLEU {start[1]:.2f} s of CPU\n")
        print("| metric | task | heed, s | sacreBLEU, s | heed, MiB | sacreBLEU, MiB | ratio | beyond start-up |")
        print("|---|---|---:|---:|---:|---:|---:|---:|")
        for metric, task, systems, flags in tasks(options.lines):
            (own, seconds, memory), (peer, peer_seconds, peer_memory) = [
                run(command, folder) for command in commands(options, metric, systems, flags)]
            if numbers(own) != numbers(peer):
                sys.exit(f"{metric} {task} differ:\n{own}\n{peer}")
            net = (peer_seconds - start[1]) / max(seconds - start[0], 0.005)
            print(f"| {metric} | {task} | {seconds:.2f} | {peer_seconds:.2f} | {memory:.0f} | {peer_memory:.0f} | "
                  f"{peer_seconds / seconds:.1f} | {net:.0f} |", flush=True)


if __name__ == "__main__":
    main()
