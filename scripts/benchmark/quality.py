"""Time until a dev perplexity and a dev BLEU, heed and JoeyNMT from the same start of the clock; see training.py."""

import re
import shutil
import threading
import time

import data
from measure import (HEED, PEERS, ROOT, RUNS, Table, Watched, build_id, empty, last_line, log_of, machine,
                     markdown, python_of, say, write_part)

# About an epoch between validations: JoeyNMT's batches hold fewer real tokens, so it takes more of them; and its
# validations must fall on a line of its log, every 100 updates.
EVERY = {"heed": 120, "joeynmt": 200}
PERPLEXITIES = (100, 50, 20, 12, 8)
BLEUS = (5, 10, 15, 20, 25, 30, 33)
KEYS = ("build", "system", "threads", "updates")
VALUES = ("seconds", "validating", "perplexity", "bleu")
# What each says of a validation's own time.
TOOK = {"heed": r"^valid \|.*\| took (?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?",
        "joeynmt": r"Generation took ()()([\d.]+)\[sec\]"}


def rows_of_heed(out):
    """(updates, perplexity, BLEU) of each validation so far."""
    path = out / "validations.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    rows = [line.split("\t") for line in lines]
    return [(int(row[0]), float(row[3]), float(row[4])) for row in rows if len(row) >= 5 and row[4] != "-"]


def rows_of_joeynmt(out):
    path = out / "validations.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.findall(r"^Steps: (\d+)\t(.*)\n", text, re.MULTILINE)
    rows = [(int(steps), dict(re.findall(r"(\w+): ([\d.]+)", rest))) for steps, rest in found]
    return [(steps, float(scores["ppl"]), float(scores["bleu"])) for steps, scores in rows]


def command_of(system, out, work, flags):
    if system == "joeynmt":
        return [python_of(flags, "joey"), "-B", PEERS / "joeynmt_train.py",
                PEERS / "joeynmt-transformer.yaml", out, "--validate-every", EVERY[system]]
    return [HEED, "train", ROOT / "configs/benchmark/transformer.ini", "--fresh", "--threads", flags.threads,
            f"--output.folder={out}", f"--tokenizer.model={work}/vocabulary.model",
            f"--data.dev_source={work}/data/dev.en", f"--data.dev_target={work}/data/dev.de",
            f"--training.validate_every={EVERY[system]}", "--training.max_steps=1000000"]


def seconds_validating(system, log):
    """Of all validations that the log tells of."""
    found = re.findall(TOOK[system], log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return sum(3600 * float(hours or 0) + 60 * float(minutes or 0) + float(seconds or 0)
               for hours, minutes, seconds in found)


def done(rows):
    """Whether every value of the page has been reached."""
    return (any(row["perplexity"] <= min(PERPLEXITIES) for row in rows)
            and any(row["bleu"] >= max(BLEUS) for row in rows))


def watch(table, system, flags, work):
    """Runs one system to the last value, or for the minutes given, and notes when each validation was there."""
    if table.has(build=build_id(), system=system, threads=flags.threads):
        return
    out, log = empty(RUNS / f"quality-{system}"), log_of(f"quality-{system}")
    rows_of = rows_of_heed if system == "heed" else rows_of_joeynmt
    watched = Watched(command_of(system, out, work, flags), flags.threads, work, log)
    reader = threading.Thread(target=lambda: [None for _ in watched.lines()], daemon=True)
    reader.start()
    rows = []
    try:
        while (watched.process.poll() is None and not done(rows)
               and time.monotonic() - watched.began < 60 * flags.minutes):
            time.sleep(0.2)
            for updates, perplexity, bleu in rows_of(out)[len(rows):]:
                seconds = time.monotonic() - watched.began
                rows.append({"updates": updates, "seconds": seconds, "validating": seconds_validating(system, log),
                             "perplexity": perplexity, "bleu": bleu})
                say(f"{system}: {updates} updates, {seconds:.0f} s: perplexity {perplexity:.2f}, BLEU {bleu:.2f}")
        ended = watched.process.poll()
    finally:
        watched.end()
    reader.join()
    if ended not in (None, 0) or not rows:
        why = f"no validation in {flags.minutes} minutes" if ended is None else last_line(log)
        say(f"{system}: skipped: {why} ({log.relative_to(ROOT)})")
        return
    for row in rows:
        table.add(build=build_id(), system=system, threads=flags.threads, **row)
    shutil.rmtree(out, ignore_errors=True)


def first_at(rows, reached):
    """Seconds, those of training alone, and updates of the first validation that has reached it."""
    row = next((row for row in rows if reached(row)), None)
    if row is None:
        return "-"
    seconds = float(row["seconds"])
    return f"{seconds:,.0f} s ({seconds - float(row['validating']):,.0f}), {row['updates']}"


def page(table, flags):
    rows = {system: [row for row in table.select(build=build_id(), system=system, threads=flags.threads)
                     if float(row["seconds"]) <= 60 * flags.minutes] for system in EVERY}
    lines = [[f"perplexity {level}"] + [first_at(own, lambda row: float(row["perplexity"]) <= level)
                                       for own in rows.values()] for level in PERPLEXITIES]
    lines += [[f"BLEU {level}"] + [first_at(own, lambda row: float(row["bleu"]) >= level)
                                   for own in rows.values()] for level in BLEUS]
    last = [f"{own[-1]['bleu']} after {float(own[-1]['seconds']):,.0f} s" if own else "-" for own in rows.values()]
    return "\n\n".join([
        f"{machine()}; {flags.threads} threads. The Transformer above on Multi30k, the same vocabulary and schedule; "
        "perplexity of a piece and greedy BLEU on the dev set, validated about once an epoch by each toolkit itself. "
        "Seconds since the process began, start, reading and validations counted; in brackets without validations; and "
        f"updates. A dash: not within {flags.minutes:.0f} minutes, after which a run was ended.",
        markdown(["dev", *rows], [*lines, ["last BLEU measured", *last]])])


def run(flags):
    if not python_of(flags, "joey"):
        raise SystemExit("error: --quality needs JoeyNMT: give --peers FOLDER (see scripts/peers/setup.sh)")
    work = data.prepare(RUNS / "vocabulary-8000", 8000)
    table = Table(RUNS / "quality.tsv", KEYS, VALUES)
    for system in EVERY:
        watch(table, system, flags, work)
    write_part("quality", page(table, flags), flags)
