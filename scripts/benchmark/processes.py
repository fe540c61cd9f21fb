#!/usr/bin/env python3
"""What a training of several processes costs: tokens a second, bytes an update, share of waiting.

    scripts/benchmark/processes.py [--rounds 2] [--updates 24] [--network]

Layouts run in turns, so that what else the machine does weighs on all alike; each figure is the
median over rounds. --network adds two and four processes with a network between two hosts
(scripts/two_hosts.sh, as root), and what ping and iperf3 say of it. Prints Markdown: the table, what
the model of the cost says of the same layouts, and what it foretells.
"""

import argparse
import json
import math
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
from pathlib import Path

from measure import HEED, ROOT, markdown, say

WIDTH, LAYERS, VOCABULARY, BATCH = 256, 3, 4000, 2048
NETWORKS = (0.0002, 0.002)  # seconds of delay each way, at RATE
RATE = 1e9
FORETOLD = (8, 64, 512)
HIDDEN = 0.6  # of the computing: the backward pass
BUCKET = 1 << 22  # bytes: the last part of the gradient, which nothing hides
TARGET_SHARE = 0.8  # of a batch's tokens that are none of padding, on the target side


def options(folder, vocabulary, updates, more):
    data = ROOT / "data"
    return [f"--{key}={value}" for key, value in {
        "data.train_source": data / "train.de", "data.train_target": data / "train.en",
        "data.dev_source": data / "dev.de", "data.dev_target": data / "dev.en",
        "tokenizer.model": vocabulary, "output.folder": folder, "model.hidden_size": WIDTH,
        "model.feed_forward_size": 4 * WIDTH, "model.layers": LAYERS, "model.heads": 4,
        "training.batch_tokens": BATCH, "training.max_steps": updates,
        "training.report_every": updates // 2, "training.validate_every": 1000000,
        "training.checkpoint_every": 1000000, "training.precision": "float32",
        "training.replicas": 1, "training.threads": 1, "evaluation.beam_size": 0, **more}.items()]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(command, count, prefix=()):
    """`count` processes on this machine, or what `prefix` makes of the command."""
    if prefix:
        subprocess.run([*prefix, *command], check=True, stderr=subprocess.DEVNULL)
        return
    port = free_port()
    processes = []
    for rank in range(count):
        env = {**os.environ, "RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank),
               "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        processes.append(subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL))
    for process in processes:
        if process.wait() != 0:
            raise SystemExit(f"{command}: ended with {process.returncode}")


def layouts(network):
    """Name -> processes, more options, prefix."""
    found = {
        "1 process, 1 replica": (1, {}, ()),
        "1 process, 2 replicas": (1, {"training.replicas": 2, "training.threads": 2}, ()),
    }
    for count in (2, 4):
        for name, more in (("", {}), (", bfloat16", {"training.reduce_precision": "bfloat16"})):
            found[f"{count} processes{name}"] = (count, more, ())
            for delay in NETWORKS if network else ():
                prefix = two_hosts(delay, count // 2)
                found[f"{count} on 2 hosts, {1000 * delay:g} ms{name}"] = (count, more, prefix)
    return found


def two_hosts(delay, each=1):
    return (ROOT / "scripts/two_hosts.sh", "--rate", str(RATE), "--delay", str(delay), "--each", str(each))


def check_networks():
    """What ping and iperf3 say of each, from the second host."""
    program = ('if [ $RANK = 0 ]; then iperf3 -s -1 >/dev/null; else sleep 1; '
               'ping -q -c 20 -i 0.05 10.77.0.1 | tail -n 1; iperf3 -t 3 -f m -c 10.77.0.1 | grep receiver; fi')
    for delay in NETWORKS:
        done = subprocess.run([*two_hosts(delay), "bash", "-c", program], check=True, capture_output=True, text=True)
        say(f"{1000 * delay:g} ms each way: {' | '.join(done.stdout.split(chr(10)))}")


def measure(name, layout, folder, vocabulary, updates):
    count, more, prefix = layout
    out = folder / "model"
    shutil.rmtree(out, ignore_errors=True)
    config = folder / "empty.ini"
    config.write_text("", encoding="utf-8")
    run([str(HEED), "train", str(config), "--fresh", *options(out, vocabulary, updates, more)], count,
        [str(word) for word in prefix])
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    last = [line for line in lines if line["kind"] == "train"][-1]  # the second half of the updates
    say(f"{name}: {last['tokens_per_second']:.0f} tokens/s, waiting {100 * last['waiting']:.1f} %")
    return last


def seconds_of_network(machines, size, seconds, rate, latency):
    """Of an update that computes for `seconds` and sums `size` bytes of gradients.

    All sums travel twice but for a machine's own share: 2 (n - 1) / n of the bytes, of which HIDDEN of the
    computing's time hides what it can, but not the last bucket. Beside that an update has 4 exchanges in a
    ring, each of n - 1 hops.
    """
    twice = 2 * (machines - 1) / machines / (rate / 8)
    return max(twice * BUCKET, twice * size - HIDDEN * seconds) + 4 * (machines - 1) * latency


def foretell(point, rate, latency):
    """Rows of the table for FORETOLD machines, each with a batch and a speed as measured here.

    All wait for the slowest: of n normal times with the relative spread s it is about s sqrt(2 ln n) above
    the mean.
    """
    rows = []
    for machines in FORETOLD:
        network = seconds_of_network(machines, point["bytes"], point["seconds"], rate, latency)
        slowest = point["spread"] * math.sqrt(2 * math.log(machines)) * point["seconds"]
        update = point["seconds"] + network + slowest
        rows.append([machines, round(machines * point["tokens"] / update),
                     f"{machines * point['seconds'] / update:.0f}", f"{100 * network / update:.0f} %",
                     f"{100 * slowest / update:.0f} %"])
    return rows


def point_of(rows):
    """Tokens and seconds of an update by one process, bytes of its parameters, spread of the times of two.

    Two processes send all parameters once, and wait for 0.56 of the spread of their times."""
    tokens = TARGET_SHARE * BATCH
    return {"tokens": tokens, "seconds": tokens / rows["1 process, 1 replica"]["speed"],
            "bytes": rows["2 processes"]["bytes"], "spread": rows["2 processes"]["waiting"] / 0.56}


def say_what_the_model_says(rows):
    """Of the two hosts that were measured: what waits beside what two processes wait without a network."""
    alone = rows["2 processes"]
    seconds = TARGET_SHARE * BATCH / alone["speed"] * (1 - alone["waiting"])
    print(f"\nAn update of 2 processes computes for {seconds:.2f} s. Waiting, by the model:\n")
    for name in [name for name in rows if name.startswith("2 on 2 hosts")]:
        latency = float(name.split(", ")[1].split()[0]) / 1000
        network = seconds_of_network(2, rows[name]["bytes"], seconds, RATE, latency)
        share = (network + alone["waiting"] * seconds) / (seconds + network)
        print(f"- {name}: {100 * share:.1f} %, measured {100 * rows[name]['waiting']:.1f} %")


def print_tables(rows):
    base = rows["1 process, 1 replica"]["speed"]
    print(markdown(["layout", "tokens/s", "times 1 process", "MB an update and process", "waiting",
                    "MiB of rank 0"],
                   [[name, round(row["speed"]), f"{row['speed'] / base:.2f}", f"{row['bytes'] / 1e6:.1f}",
                     f"{100 * row['waiting']:.1f} %", round(row["memory"] / 2 ** 20)] for name, row in rows.items()]))
    if any("hosts" in name for name in rows):
        say_what_the_model_says(rows)
    for rate, latency in ((1e9, 2e-4), (1e9, 2e-3), (1e10, 5e-5)):
        print(f"\nForetold at {rate / 1e9:g} Gbit/s and {1000 * latency:g} ms:\n")
        print(markdown(["machines", "tokens/s", "times 1 machine", "the network", "the slowest"],
                       foretell(point_of(rows), rate, latency)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--updates", type=int, default=24)
    parser.add_argument("--network", action="store_true")
    given = parser.parse_args()
    chosen = layouts(given.network)
    seen = {name: [] for name in chosen}
    if given.network:
        check_networks()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vocabulary = folder / "vocabulary.model"
        subprocess.run([HEED, "tokenize", "train", ROOT / "data/train.de", ROOT / "data/train.en", "-m",
                        vocabulary, "--vocab-size", str(VOCABULARY)], check=True, capture_output=True)
        for _ in range(given.rounds):
            for name, layout in chosen.items():
                seen[name].append(measure(name, layout, folder, vocabulary, given.updates))
    print_tables({name: {"speed": statistics.median(run["tokens_per_second"] for run in runs),
                         "bytes": statistics.median(run["bytes_sent_per_update"] for run in runs),
                         "waiting": statistics.median(run["waiting"] for run in runs),
                         "memory": statistics.median(run["peak_memory"] for run in runs)}
                  for name, runs in seen.items()})


if __name__ == "__main__":
    main()
