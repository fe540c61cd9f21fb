#!/usr/bin/env python3
"""Does memory stay flat? Translates many lines and trains many updates, and samples what is resident.

  scripts/measure_memory.py MODEL [--lines 1000000] [--updates 5000] [--words 0] [--heed build/release/heed]

Prints a table: MiB resident (VmRSS) after each tenth of the time, and at most (VmHWM). --words cuts each line
to so many words, which takes less time.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARES = [0.02, 0.1, 0.25, 0.5, 0.75, 1]


def resident(process):
    """MiB now and at most; nothing once the process has ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return None
    sizes = {key: int(value.split()[0]) / 1024 for key, _, value in
             (line.partition(":") for line in status.split("\n")) if key in ("VmRSS", "VmHWM")}
    return (sizes["VmRSS"], sizes["VmHWM"]) if len(sizes) == 2 else None


def watch(command, log):
    """The samples of a command, evenly in time, and its seconds."""
    started, samples = time.time(), []
    with open(log, "w", encoding="utf-8") as stderr:
        process = subprocess.Popen([str(word) for word in command], stderr=stderr, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            if sample := resident(process):
                samples.append(sample)
            time.sleep(0.2)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}: see {log}")
    return samples, time.time() - started


def row(name, samples, seconds):
    cells = [f"{samples[min(int(share * len(samples)), len(samples) - 1)][0]:,.0f}" for share in SHARES]
    print(f"| {name}, {seconds:,.0f} s | {' | '.join(cells)} | {samples[-1][1]:,.0f} |", flush=True)


def make_lines(path, count, words):
    lines = (ROOT / "data/train.en").read_text(encoding="utf-8").split("\n")[:-1]
    if words:
        lines = [" ".join(line.split()[:words]) for line in lines]
    with open(path, "w", encoding="utf-8") as file:
        for i in range(count):
            file.write(lines[i % len(lines)] + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--updates", type=int, default=5_000)
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--heed", default=ROOT / "build/release/heed")
    options = parser.parse_args()
    print("| run | " + " | ".join(f"{share:.0%}" for share in SHARES) + " | at most |")
    print("| --- |" + " ---: |" * (len(SHARES) + 1), flush=True)
    with tempfile.TemporaryDirectory(prefix="heed-memory-") as folder:
        source, out = Path(folder, "source"), Path(folder, "out")
        make_lines(source, options.lines, options.words)
        run = watch([options.heed, "translate", options.model, "-i", source, "-o", out, "--beam-size", 1,
                     "--precision", "int8", "--threads", 1], Path(folder, "log"))
        with open(out, "rb") as file:
            lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        if lines != options.lines:
            raise SystemExit(f"{lines} lines came out of {options.lines}")
        row(f"translate, {options.lines:,} lines", *run)
        data = ROOT / "data"
        run = watch([options.heed, "train", "/dev/null", f"--data.train_source={data}/train.en",
                     f"--data.train_target={data}/train.de", f"--data.dev_source={data}/dev.en",
                     f"--data.dev_target={data}/dev.de", f"--output.folder={folder}/model",
                     "--tokenizer.vocab_size=1000", "--model.hidden_size=32", "--model.feed_forward_size=64",
                     "--model.layers=1", "--model.heads=2", f"--training.max_steps={options.updates}",
                     "--training.batch_tokens=512", "--training.checkpoint_every=500",
                     "--training.validate_every=1000", "--evaluation.beam_size=0", "--training.patience=0", "--training.threads=1",
                     "--training.replicas=1"],
                    Path(folder, "log"))
        row(f"train, {options.updates:,} updates", *run)


if __name__ == "__main__":
    main()
