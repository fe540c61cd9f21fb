#!/usr/bin/env python3
"""Training speed: heed and every peer found, in turns, on the same text, vocabulary and sizes.

    scripts/benchmark_training.sh --peers FOLDER           Transformer and recurrent model, 3 rounds: 20 minutes
    scripts/benchmark_training.sh --profile                heed alone: where its time goes, by perf: 5 minutes
    scripts/benchmark_training.sh --scaling                heed alone by width, vocabulary, length, cores: 12 minutes
    scripts/benchmark_training.sh --peers FOLDER --quality time to dev perplexity and BLEU, beside JoeyNMT: an hour

FOLDER is what scripts/peers/setup.sh has made; what is not there is left out. What has been measured with
this executable of heed stands in runs/benchmark/*.tsv and is not measured again, so an interrupted run goes on.
At the end the page's part is written, docs/benchmarks.md's with --publish. Nothing else should run.
"""

import json
import re
import shutil
import threading
import time
from pathlib import Path
from typing import NamedTuple

import data
from measure import (HEED, PEERS, ROOT, RUNS, Table, Watched, build_id, empty, end_on_sigterm,
                     flags_of, last_line, log_of, machine, markdown, median, python_of,
                     ratio_by_round, say, spread, wanted, write_part)

MODELS = ("transformer", "recurrent")
FIRST_UPDATE = 3  # of a peer: start, reading and the first updates are not in its rate
STUCK_AFTER = 600  # seconds, and ten times what is to be measured, after which a run is given up
KEYS = ("build", "model", "system", "threads", "round")
VALUES = ("updates", "tokens", "seconds", "cpu_seconds", "peak_mib", "start_seconds")


class System(NamedTuple):
    name: str
    needs: str  # the peer's folder, or nothing
    arguments: tuple


SYSTEMS = (
    System("heed bfloat16", "", ("bfloat16",)),
    System("joeynmt", "joey", ("joeynmt_train.py", "joeynmt")),
    System("heed float32", "", ("float32",)),
    System("opennmt-py", "onmt", ("opennmt_train.py", "opennmt")),
    System("marian", "marian", ("marian_train.py", "marian")),
)


class HeedProgress:
    """heed's own log: metrics.jsonl has a line for each report, its rate without padding."""

    first = 1  # the first report is where the clock starts

    def __init__(self, model):
        self.path, self.tokens, self.seconds = Path(model) / "metrics.jsonl", 0.0, None

    def __call__(self, line):
        """(update, tokens so far) at a line of progress, else None."""
        found = re.search(r"train \| step (\d+)/", line)
        if not found:
            return None
        entry = self.entry(int(found.group(1)))
        if self.seconds is not None:
            self.tokens += entry["tokens_per_second"] * (entry["seconds"] - self.seconds)
        self.seconds = entry["seconds"]
        return entry["step"], self.tokens

    def entry(self, step):
        """The file's line of that step, which comes right after the log's."""
        for _ in range(500):
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
            entries = [json.loads(line) for line in text.split("\n")[:-1]]
            for entry in entries:
                if entry["kind"] == "train" and entry["step"] == step:
                    return entry
            time.sleep(0.01)
        raise SystemExit(f"error: {self.path} has no line for step {step}")


class PeerProgress:
    """The lines of our drivers; or Marian's, whose rate and time since its last line give the tokens between."""

    first = FIRST_UPDATE

    def __init__(self):
        self.tokens = 0.0

    def __call__(self, line):
        found = re.match(r"progress (\d+) (\d+)", line)
        if found:
            return int(found.group(1)), int(found.group(2))
        found = re.search(r"Up\. ([\d,]+) : .* Time ([\d.,]+)s : ([\d.,]+) words/s", line)
        if not found:
            return None
        update, seconds, rate = (float(text.replace(",", "")) for text in found.groups())
        self.tokens += seconds * rate
        return int(update), self.tokens


def command_of(system, model, out, flags, work):
    """The command, and what reads its output."""
    if not system.needs:
        return [HEED, "train", ROOT / f"configs/benchmark/{model}.ini", "--fresh", "--precision", system.arguments[0],
                "--threads", flags.threads, f"--output.folder={out}", f"--tokenizer.model={work}/vocabulary.model",
                f"--training.report_every={min(5, flags.updates or 5)}", "--training.validate_every=1000000",
                "--training.checkpoint_every=1000000", "--training.max_steps=1000000"], HeedProgress(out)
    driver, name = system.arguments
    extra = ["--cpu-threads", flags.threads, "--disp-freq", min(5, flags.updates or 5)] if name == "marian" else []
    return [python_of(flags, system.needs), "-B", PEERS / driver, PEERS / f"{name}-{model}.yaml", out,
            *extra], PeerProgress()


def measure(command, progress, threads, cwd, log, limits):
    """Tokens, seconds and CPU seconds from the first report on; None where it ended before it had enough."""
    watched = Watched(command, threads, cwd, log)
    guard = threading.Timer(STUCK_AFTER + 10 * limits.seconds, watched.end)
    guard.start()
    start = now = memory = None
    try:
        for line in watched.lines():
            report = progress(line)
            if not report or report[0] < progress.first:
                continue
            now = (time.monotonic(), watched.cpu_seconds(), *report)
            start = start or now
            done = now[2] - start[2] >= limits.updates if limits.updates else now[0] - start[0] >= limits.seconds
            if done and now is not start:
                memory = watched.peak_mib()
                break
    except (FileNotFoundError, AttributeError):  # it ended between its line and the questions about it
        pass
    finally:
        guard.cancel()
        watched.end()
    if memory is None:
        return None
    # heed's reports have a clock of their own, to which its tokens belong; both clocks agree within a report.
    return {"updates": now[2] - start[2], "tokens": now[3] - start[3], "seconds": now[0] - start[0],
            "cpu_seconds": now[1] - start[1], "peak_mib": memory, "start_seconds": start[0] - watched.began}


def run_one(table, system, model, number, flags, work):
    key = {"build": build_id(), "model": model, "system": system.name, "threads": flags.threads, "round": number}
    if table.has(**key):
        return
    out, log = empty(RUNS / "model"), log_of(f"{model}-{system.name}")
    command, progress = command_of(system, model, out, flags, work)
    result = measure(command, progress, flags.threads, work, log, flags)
    shutil.rmtree(out, ignore_errors=True)
    if result is None:
        say(f"{model}, {system.name}: skipped: {last_line(log)} ({log.relative_to(ROOT)})")
        return
    table.add(**key, **result)
    say(f"{model}, {system.name}, round {number}: {result['tokens'] / result['seconds']:,.0f} tokens/s, "
        f"{result['cpu_seconds']:.0f} CPU s in {result['seconds']:.0f} s, {result['peak_mib']:.0f} MiB")


def with_rates(rows):
    for row in rows:
        tokens = float(row["tokens"])
        row["rate"] = tokens / float(row["seconds"])
        row["cpu_rate"] = tokens / float(row["cpu_seconds"])
    return rows


def speed_table(table, model, threads):
    key = {"build": build_id(), "model": model, "threads": threads}
    systems = {system.name: with_rates(table.select(**key, system=system.name)) for system in SYSTEMS}
    best = max((rows for name, rows in systems.items() if name.startswith("heed") and rows),
               key=lambda rows: median(rows, "rate"), default=[])
    lines = []
    for name, rows in systems.items():
        if not rows:
            continue
        low, high = spread(rows, "rate")
        ratio = ratio_by_round(best, rows, "rate")
        lines.append([name, f"{median(rows, 'rate'):,.0f}", f"{low:,.0f} to {high:,.0f}",
                      f"{ratio:.2f}" if ratio else "-", f"{median(rows, 'cpu_rate'):,.0f}",
                      f"{median(rows, 'peak_mib'):,.0f}", f"{median(rows, 'start_seconds'):.0f}",
                      f"{len(rows)} x {median(rows, 'updates'):.0f}"])
    return markdown(["", "target tokens/s", "lowest to highest", "heed's best is so many times as fast",
                     "tokens per CPU second", "peak MiB", "seconds to the first report", "rounds x updates measured"], lines)


def page(table, flags):
    parts = [f"{machine()}; {flags.threads} threads. Multi30k English-German, 29,000 pairs, one joint vocabulary of "
             "8,000 pieces for all, batches of 4,096 target tokens, Adam, dropout and label smoothing 0.1. Each in "
             "turn, round by round; medians. Target tokens without padding, end symbols counted, from the batches "
             "themselves. The rate runs from the first report on (heed after 5 updates, the others after 3 to 5): "
             "start, data reading and the first updates are outside of it, the column before the last has them."]
    for model in MODELS:
        if table.select(build=build_id(), model=model, threads=flags.threads):
            parts += [f"### {'Transformer' if model == 'transformer' else 'Recurrent model'}",
                      speed_table(table, model, flags.threads)]
    parts.append("Marian's recurrent model has an encoder of 512 each way (it has one width for all cells) and a "
                 "decoder of two cells; all other sizes are the same in all toolkits. JoeyNMT has dropout on "
                 "attention weights and inside feed-forward layers too; it does not sort sentences by length.")
    return "\n\n".join(parts)


def benchmark(flags):
    work = data.prepare(RUNS / "vocabulary-8000", 8000)
    say(f"{data.target_tokens(work / 'pieces/train.de'):,} target tokens an epoch")
    table = Table(RUNS / "training.tsv", KEYS, VALUES)
    found = [system for system in SYSTEMS if not system.needs or python_of(flags, system.needs)]
    for system in set(SYSTEMS) - set(found):
        say(f"{system.name}: skipped: not in --peers; scripts/peers/setup.sh installs it")
    for number in range(1, flags.rounds + 1):
        for model in flags.models or MODELS:
            for system in found:
                if wanted(flags, system.name):
                    run_one(table, system, model, number, flags, work)
    write_part("training", page(table, flags), flags)


def main():
    flags = flags_of(
        __doc__,
        ("--seconds", dict(type=float, default=20, help="measured of each run (20)")),
        ("--updates", dict(type=int, default=0, help="measured of each run, not --seconds")),
        ("--threads", dict(type=int, default=2)),
        ("--models", dict(action="append", choices=MODELS, help="only this one")),
        ("--scaling", dict(action="store_true",
                           help="heed alone, by width, vocabulary, length and cores")),
        ("--quality", dict(action="store_true", help="time to a quality, heed and JoeyNMT")),
        ("--precision", dict(action="store_true",
                             help="whether bfloat16 learns what float32 learns")),
        ("--minutes", dict(type=float, default=40, help="of --quality, for each at most (40)")))
    end_on_sigterm()
    if flags.scaling:
        import training_scaling
        training_scaling.run(flags)
    elif flags.profile:
        import shares
        shares.profile_training(data.prepare(RUNS / "vocabulary-8000", 8000), flags)
    elif flags.quality:
        import quality
        quality.run(flags)
    elif flags.precision:
        import precision
        precision.run(flags)
    else:
        benchmark(flags)


if __name__ == "__main__":
    main()
