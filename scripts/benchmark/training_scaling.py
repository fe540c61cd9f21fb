"""What heed's training costs by width, vocabulary, sentence length and cores; see training.py."""

import shutil
import statistics

import data
from cost_model import TERMS, features, predict, serial_share, solve, speedup
from measure import (HEED, RUNS, Table, build_id, empty, last_line, log_of, machine, markdown, median,
                     say, sweep_points, write_part)
from training import HeedProgress, measure

BASE = {"width": 256, "vocabulary": 8000, "length": 16}
SWEEPS = {"width": (128, 256, 512, 1024), "vocabulary": (4000, 8000, 16000, 32000, 64000),
          "length": (8, 16, 32, 64, 128, 256)}
CORES = (1, 2)
FORETOLD = (16, 64)
KEYS = ("build", "width", "vocabulary", "length", "threads", "round")
VALUES = ("updates", "tokens", "seconds", "cpu_seconds", "peak_mib", "start_seconds")


def command_of(point, threads, corpus, out, flags):
    width = point["width"]
    options = {
        "data.train_source": corpus / "train.en", "data.train_target": corpus / "train.de",
        "data.dev_source": corpus / "dev.en", "data.dev_target": corpus / "dev.de", "data.max_length": 512,
        "tokenizer.model": corpus / "vocabulary.model", "output.folder": out,
        "model.hidden_size": width, "model.feed_forward_size": 4 * width, "model.heads": max(2, width // 64),
        "model.layers": 3, "model.dropout": 0.1, "training.batch_tokens": 4096, "training.report_every": 2,
        "training.validate_every": 1000000, "training.checkpoint_every": 1000000, "training.max_steps": 1000000,
    }
    config = out / "config-in.ini"
    lines = [f"[{section}]\n" + "".join(f"{key.split('.')[1]} = {value}\n" for key, value in options.items()
                                        if key.startswith(section + "."))
             for section in ("data", "tokenizer", "model", "training", "output")]
    config.write_text("\n".join(lines), encoding="utf-8")
    return [HEED, "train", config, "--fresh", "--threads", threads]


def run_one(table, point, threads, number, flags):
    key = {"build": build_id(), **point, "threads": threads, "round": number}
    if table.has(**key):
        return
    corpus = RUNS / f"corpora/{point['vocabulary']}-{point['length']}"
    data.make_corpus(corpus, point["vocabulary"], point["length"])
    out, log = empty(RUNS / "model-scaling"), log_of("scaling")
    result = measure(command_of(point, threads, corpus, out, flags), HeedProgress(out), threads, RUNS, log, flags)
    shutil.rmtree(out, ignore_errors=True)
    if result is None:
        say(f"{point}, {threads} threads: skipped: {last_line(log)}")
        return
    table.add(**key, **result)
    say(f"{point}, {threads} threads: {result['tokens'] / result['seconds']:,.0f} tokens/s")


def rates(table):
    """(width, vocabulary, length) -> threads -> (tokens/s, peak MiB), medians over rounds."""
    found = {}
    for point in sweep_points(BASE, SWEEPS):
        for threads in CORES:
            rows = table.select(build=build_id(), **point, threads=threads)
            for row in rows:
                row["rate"] = float(row["tokens"]) / float(row["seconds"])
            if rows:
                found.setdefault(tuple(point.values()), {})[threads] = (median(rows, "rate"), median(rows, "peak_mib"))
    return {point: by_threads for point, by_threads in found.items() if set(by_threads) == set(CORES)}


def sweep_table(name, found, coefficients, share):
    index = list(BASE).index(name)
    rows = []
    for point in sorted(found):
        if any(point[i] != value for i, value in enumerate(BASE.values()) if i != index):
            continue
        (one, memory), (two, _) = (found[point][threads] for threads in CORES)
        model = 1 / predict(coefficients, *point)
        rows.append([f"{point[index]:,}", f"{one:,.0f}", f"{two:,.0f}", f"{two / one:.2f}", f"{memory:,.0f}",
                     f"{model:,.0f}", *(f"*{one * speedup(share, cores):,.0f}*" if share < 1 else "-"
                                        for cores in FORETOLD)])
    return markdown([name, "1 core, tokens/s", "2 cores", "gain", "peak MiB", "1 core, fitted",
                     *(f"*{cores} cores, predicted*" for cores in FORETOLD)], rows)


def page(found):
    coefficients = solve([features(*point) for point in found], [1 / by[1][0] for by in found.values()])
    errors = [abs(predict(coefficients, *point) * by[1][0] - 1) for point, by in found.items()]
    share = statistics.median(serial_share(1 / by[1][0], 1 / by[2][0]) for by in found.values())
    gflop = f"{1 / coefficients[0]:,.0f} GFLOP/s" if coefficients[0] else "no time of their own"
    fitted = ", ".join(f"{term} {value * 1e6:.3g}" for term, value in zip(TERMS, coefficients))
    parts = [f"{machine()}. heed's Transformer, 3 + 3 layers, F = 4 H, batches of 4,096 target tokens, precision auto, "
             "on made-up text of exact vocabulary and length: speed depends on shapes alone. One thing varies at a "
             f"time around H = {BASE['width']}, V = {BASE['vocabulary']:,}, L = {BASE['length']}. Each number is of one run."]
    parts += [sweep_table(name, found, coefficients, share) for name in SWEEPS]
    parts.append(f"The fitted cost, microseconds a target token on one core: {fitted} (a GFLOP of products, a GFLOP of "
                 "attention, a thousand elements of layers, a thousand of the vocabulary, and each token); products "
                 f"run at {gflop}. Against what was measured it is off by {100 * statistics.median(errors):.0f} % in "
                 f"the median, {100 * max(errors):.0f} % at most.")
    parts.append(f"**The columns in italics are predictions, not measurements**: Amdahl's law with a serial share of "
                 f"{share:.3f}, the median of what 1 and 2 cores gave. It knows nothing of memory bandwidth, caches "
                 "and sockets, which more cores share." if share < 1 else
                 "No prediction for more cores: two were no faster than one here, so something else was running.")
    return "\n\n".join(parts)


def run(flags):
    table = Table(RUNS / "training-scaling.tsv", KEYS, VALUES)
    flags.seconds = min(flags.seconds, 10)
    for point in sweep_points(BASE, SWEEPS):
        for threads in CORES:
            run_one(table, point, threads, 1, flags)
    found = rates(table)
    if len(found) < len(TERMS):
        raise SystemExit(f"error: {len(found)} settings are measured, too few for {len(TERMS)} terms")
    write_part("training-scaling", page(found), flags)
