#!/usr/bin/env python3
"""Throughput and waiting times of `heed serve` under load, beside `heed translate` on a file.

    scripts/benchmark_serving.py MODEL --source FILE [--heed build/release/heed] [--clients 64:60 ...]
        [--texts 1] [--idle 1000] [--threads 0] [flag of heed ...]

--clients CLIENTS:SECONDS, several of them one after the other on the same server: so many clients ask on connections that they
keep, each for --texts lines of the file at a time and for the next ones as soon as it has the answer; --idle further
connections say nothing. So the queue is about as long as there are clients. Every answer is compared with what
`heed translate` made of the line, before; it is timed again after them all. The clients are a process of their own; on a machine
without cores to spare they take time from the server: the processor's milliseconds a sentence, of the server alone and of
`heed translate`, do not depend on that. Prints a Markdown table.
"""

import argparse
import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def start_server(options, flags):
    command = [options.heed, "serve", options.model, "--port", "0", "--threads", options.threads, *flags]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if match := re.match(r"serving at http://([^:]+):(\d+)", line):
            return process, match[1], int(match[2])
    sys.exit(f"{' '.join(command)} did not start")


def translate_file(options, flags, lines):
    """The translations; seconds and seconds of processor time, without the start."""
    command = [options.heed, "translate", options.model, "--threads", options.threads,
               "--split-sentences", "--split-long", "--quiet", *flags]

    def timed(text):
        start, before = time.monotonic(), processor_time()
        result = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        return result.stdout.split("\n")[:-1], time.monotonic() - start, processor_time() - before

    _, startup, startup_work = timed("\n")
    translations, seconds, work = timed("".join(line + "\n" for line in lines))
    return translations, seconds - startup, work - startup_work


def processor_time():
    """Of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def work_of(process):
    """Seconds of processor time that a running process has taken."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def exchange(reader, writer, method, path, body=b""):
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: heed\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(re.search(r"Content-Length: (\d+)", head)[1])
    return int(head.split()[1]), await reader.readexactly(length)


async def client(address, work, until, waits):
    reader, writer = await asyncio.open_connection(*address)
    while time.monotonic() < until:
        lines, expected = work()
        body = json.dumps({"q": lines, **LANGUAGES}).encode()
        start = time.monotonic()
        status, answer = await exchange(reader, writer, "POST", "/translate", body)
        waits.append((time.monotonic() - start, len(lines)))
        if status != 200 or json.loads(answer)["translatedText"] != expected:
            sys.exit(f"wrong answer ({status}) to {lines}: {answer.decode()}")
    writer.close()


async def metric(address, name):
    reader, writer = await asyncio.open_connection(*address)
    _, body = await exchange(reader, writer, "GET", "/metrics")
    writer.close()
    return float(re.search(rf"^{name} (\S+)$", body.decode(), re.MULTILINE)[1])


async def first_direction(address):
    reader, writer = await asyncio.open_connection(*address)
    _, body = await exchange(reader, writer, "GET", "/languages")
    writer.close()
    first = next(one for one in json.loads(body) if one["targets"])
    return {"source": first["code"], "target": first["targets"][0]}


LANGUAGES = {}


async def load(options, clients, seconds, address, pairs):
    """Pairs of seconds and texts of each request, the run's seconds, and megabytes at its begin and end."""
    LANGUAGES.update(await first_direction(address))
    idle = [await asyncio.open_connection(*address) for _ in range(options.idle)]
    place = 0

    def work():
        nonlocal place
        chosen = [pairs[(place + i) % len(pairs)] for i in range(options.texts)]
        place += options.texts
        return [source for source, _ in chosen], [target for _, target in chosen]

    waits, start = [], time.monotonic()
    memory = asyncio.create_task(watch_memory(address, seconds))
    await asyncio.gather(*(client(address, work, start + seconds, waits) for _ in range(clients)))
    seconds = time.monotonic() - start
    for _, writer in idle:
        writer.close()
    return waits, seconds, await memory


async def watch_memory(address, seconds):
    """Megabytes after a second and a second before the end."""
    found = []
    for wait in (1, seconds - 2):
        await asyncio.sleep(wait)
        found.append(await metric(address, "process_resident_memory_bytes") / 1e6)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--source", required=True)
    parser.add_argument("--heed", default=str(ROOT / "build/release/heed"))
    parser.add_argument("--clients", nargs="+", default=["64:60"])
    parser.add_argument("--texts", type=int, default=1)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--threads", default="0")
    options, flags = parser.parse_known_args()
    lines = [line for line in Path(options.source).read_text(encoding="utf-8").split("\n") if line.strip()]
    expected, seconds, work = translate_file(options, flags, lines)
    speeds, file_work = [len(lines) / seconds], work / len(lines)
    process, *address = start_server(options, flags)
    rows = []
    for one in options.clients:
        clients, _, seconds = one.partition(":")
        before = work_of(process)
        waits, seconds, memory = asyncio.run(
            load(options, int(clients), float(seconds), address, list(zip(lines, expected, strict=True))))
        answers, sentences = len(waits), sum(texts for _, texts in waits)
        work = (work_of(process) - before) / sentences
        times = sorted(wait for wait, _ in waits)
        rows.append(f"| {clients} | {seconds:.0f} | {answers} | {sentences / seconds:.0f} | {work * 1e3:.1f} | "
                    f"{times[len(times) // 2] * 1e3:.0f} ms | {times[len(times) * 99 // 100] * 1e3:.0f} ms | "
                    f"{memory[0]:.0f} to {memory[1]:.0f} MB |")
    process.terminate()
    process.wait()
    again, seconds, _ = translate_file(options, flags, lines)
    if again != expected:
        sys.exit("heed translate says something else the second time")
    speeds.append(len(lines) / seconds)
    print(f"`heed translate`: {speeds[0]:.0f} sentences/s before and {speeds[1]:.0f} after, "
          f"{file_work * 1e3:.1f} ms of the processor each.\n")
    print("| clients | seconds | answers | sentences/s | CPU ms a sentence | p50 | p99 | memory, begin to end |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
