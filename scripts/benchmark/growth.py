#!/usr/bin/env python3
"""How reading and translating grow: processes that share a corpus; lines, threads and shards.

    scripts/benchmark/growth.py MODEL [--pairs 200000] [--lines 8000]

MODEL is one of the sample corpus (scripts/quickstart.sh). Prints Markdown. Each figure is of one run.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from measure import HEED, ROOT, markdown, say
from processes import free_port, options


def together(commands):
    """Seconds until all have ended, then each one's seconds of processor time and peak MiB."""
    began = time.monotonic()
    processes = [subprocess.Popen([str(word) for word in command], env=env, stderr=subprocess.DEVNULL)
                 for command, env in commands]
    used = []
    for process in processes:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{process.args}: ended with {process.returncode}")
        used.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return time.monotonic() - began, used


def reading(folder, pairs):
    """One update of a corpus, by 1 to 4 processes: nearly all of it is reading."""
    corpus = folder / "corpus"
    subprocess.run([ROOT / "scripts/make_large_corpus.py", str(pairs), corpus], check=True)
    vocabulary, config = folder / "vocabulary.model", folder / "empty.ini"
    subprocess.run([HEED, "tokenize", "train", ROOT / "data/train.de", ROOT / "data/train.en", "-m", vocabulary,
                    "--vocab-size", "4000"], check=True, capture_output=True)
    config.write_text("", encoding="utf-8")
    rows = []
    for count in (1, 2, 4):
        more = {"data.train_source": f"{corpus}.de", "data.train_target": f"{corpus}.en", "training.report_every": 1}
        command = [HEED, "train", config, "--fresh", *options(folder / "model", vocabulary, 2, more)]
        port = str(free_port())
        seconds, used = together([(command, {
            **os.environ, "RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank),
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}) for rank in range(count)])
        busiest = max(cpu for cpu, _ in used)
        rows.append([count, f"{seconds:.1f}", f"{busiest:.1f}", f"{max(memory for _, memory in used):.0f}"])
        say(f"{pairs:,} pairs, {count} processes: {seconds:.1f} s, {busiest:.1f} s of a processor")
    print(markdown(["processes", "seconds", "processor seconds of a process", "MiB of a process"], rows))


def translating(folder, model, lines):
    text = (ROOT / "data/train.de").read_text(encoding="utf-8").splitlines(keepends=True)
    rows = []

    def row(name, count, threads, shards):
        source = folder / f"source-{count}"
        source.write_text("".join((text * (count // len(text) + 1))[:count]), encoding="utf-8")
        base = [HEED, "translate", model, "--quiet", "-i", source, "--threads", threads, "--precision", "float32"]
        parts = [["-o", folder / f"part-{k}", *(["--shard", f"{k}/{shards}"] if shards > 1 else [])]
                 for k in range(1, shards + 1)]
        seconds, used = together([([*base, *part], None) for part in parts])
        rows.append([name, f"{count:,}", f"{seconds:.1f}", round(count / seconds),
                     f"{max(memory for _, memory in used):.0f}"])
        say(f"{name}, {count:,} lines: {seconds:.1f} s")

    for count in (lines // 10, lines):
        row("1 thread", count, 1, 1)
    row("2 threads", lines, 2, 1)
    row("2 shards at the same time, a thread each", lines, 1, 2)
    print(markdown(["", "lines", "seconds", "lines a second", "MiB of a process"], rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--pairs", type=int, default=200000)
    parser.add_argument("--lines", type=int, default=8000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        reading(Path(name), given.pairs)
        translating(Path(name), given.model, given.lines)


if __name__ == "__main__":
    main()
