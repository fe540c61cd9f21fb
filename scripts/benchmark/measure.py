"""What the benchmarks share: processes watched or run to their end, rows in a TSV, a part of a page."""

import argparse
import csv
import hashlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import page as pages  # noqa: E402
from page import markdown  # noqa: E402, F401  (for the benchmarks)

RUNS = ROOT / "runs/benchmark"
PEERS = ROOT / "scripts/peers"
HEED = Path(os.environ.get("HEED", ROOT / "build/release/heed"))
PAGE = ROOT / "docs/benchmarks.md"
COPY = RUNS / "benchmarks.md"
TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def environment(threads):
    """Threads inside operators, for whatever library a peer computes with."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {**os.environ, **{name: str(threads) for name in names}, "PYTHONUNBUFFERED": "1"}


def end_on_sigterm():
    """A script that is told to end takes what it has started with it: SIGTERM unwinds as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Watched:
    """A process whose output is read as it comes, and whose CPU time and memory can be asked for."""

    def __init__(self, command, threads, cwd, log):
        self.began = time.monotonic()
        self.log = log
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, cwd=cwd, env=environment(threads),
                                        start_new_session=True)

    def lines(self):
        with open(self.log, "w", encoding="utf-8") as log, self.process.stdout:
            for raw in self.process.stdout:
                line = raw.decode(errors="replace").rstrip("\n")
                log.write(line + "\n")
                log.flush()
                yield line

    def cpu_seconds(self):
        """User and system, all threads, so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024

    def end(self):
        """Kills what is left of it and of its children; its exit code."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self.process.wait()


def run(command, threads, log, cwd=None):
    """A process to its end: exit code, wall seconds, CPU seconds, peak MiB. Its output is the log."""
    began = time.monotonic()
    with open(log, "wb") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, cwd=cwd, env=environment(threads))
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    return (process.returncode, time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def last_line(log):
    """What a program said at its end: its error, where it calls it so."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    lines = [line for line in lines if line and line != "Run with --help for more information."]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no output"])[-1]


def build_id():
    """Rows of another heed are not this one's: the first digits of the executable's hash."""
    return hashlib.sha256(HEED.read_bytes()).hexdigest()[:10]


class Table:
    """A TSV that grows by a row a measurement; what it has is not measured again."""

    def __init__(self, path, keys, values):
        self.path, self.keys, self.names = path, keys, [*keys, *values]
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text("\t".join(self.names) + "\n", encoding="utf-8")
        with open(path, encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file, delimiter="\t"))
        if self.rows and list(self.rows[0]) != self.names:
            raise SystemExit(f"error: {path} has other columns than {', '.join(self.names)}: move it away")

    def has(self, **key):
        return any(all(row[name] == str(value) for name, value in key.items()) for row in self.rows)

    def add(self, **row):
        row = {name: f"{row[name]:.6g}" if isinstance(row[name], float) else str(row[name]) for name in self.names}
        self.rows.append(row)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write("\t".join(row.values()) + "\n")

    def select(self, **key):
        return [row for row in self.rows if all(row[name] == str(value) for name, value in key.items())]


def median(rows, name):
    return statistics.median(float(row[name]) for row in rows)


def spread(rows, name):
    """Lowest and highest."""
    values = [float(row[name]) for row in rows]
    return min(values), max(values)


def ratio_by_round(own, other, name):
    """The median over rounds of what `own` has for what `other` has; None where no round has both."""
    by_round = {row["round"]: float(row[name]) for row in other}
    ratios = [float(row[name]) / by_round[row["round"]] for row in own if row["round"] in by_round]
    return statistics.median(ratios) if ratios else None


def machine():
    version = subprocess.run([HEED, "--version"], capture_output=True, text=True, check=True)
    return f"{pages.machine()}; {version.stdout.splitlines()[0]}"


def flags_of(doc, *own):
    """The flags of a benchmark: what all have, and `own` pairs of a name and add_argument's words."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, help="the folder of scripts/peers/setup.sh")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="SYSTEM",
                        help="only what begins so; again for more")
    parser.add_argument("--profile", action="store_true",
                        help="heed alone: where its time goes (needs perf)")
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.md; else a "
                        "copy of it, runs/benchmark/benchmarks.md")
    for name, words in own:
        parser.add_argument(name, **words)
    flags = parser.parse_args()
    flags.peers = flags.peers and flags.peers.absolute()
    return flags


def wanted(flags, system):
    return not flags.only or system.startswith(tuple(flags.only))


def python_of(flags, environment):
    """The Python of a peer's environment; None where scripts/peers/setup.sh has not made it."""
    path = flags.peers and flags.peers / environment / "bin/python"
    return path if path and path.exists() else None


def log_of(name):
    path = RUNS / "logs" / (name.replace(" ", "-") + ".log")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def empty(folder):
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def sweep_points(base, sweeps):
    """The settings of all sweeps, in which one thing differs from the base; none of them twice."""
    found = []
    for name, values in sweeps.items():
        found += [point for value in values if (point := {**base, name: value}) not in found]
    return found


def with_machine(part, machine_name, text):
    """The part of the page with this machine's text, anew or behind those of the other machines."""
    texts = dict(re.findall(r"<!-- on (.*?) -->\n(.*?)<!-- /on -->\n", part, re.DOTALL))
    texts[machine_name] = text.strip("\n") + "\n"
    return "\n".join(f"<!-- on {name} -->\n{said}<!-- /on -->\n" for name, said in texts.items())


def write_part(name, text, flags):
    """Puts the text, as this machine's, between the page's markers <!-- name --> and <!-- /name -->."""
    page = PAGE if flags.publish else COPY
    if not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    content = page.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if content.count(first) != 1 or content.count(last) != 1:
        raise SystemExit(f"error: {page}: expected one {first.strip()} and one {last}")
    before, rest = content.split(first)
    part, behind = rest.split(last)
    page.write_text(before + first + with_machine(part, pages.machine(), text) + last + behind, encoding="utf-8")
    say(f"{page.relative_to(ROOT) if page.is_relative_to(ROOT) else page}: the part {name} is written")
