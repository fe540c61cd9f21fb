"""Whether bfloat16 learns what float32 learns, seed by seed; see training.py."""

import shutil
import statistics

from measure import (HEED, ROOT, RUNS, Table, build_id, last_line, log_of, machine, markdown,
                     run as run_to_end, say, write_part)

PRECISIONS = ("float32", "bfloat16")
SEEDS = (1, 2, 3)
# The sample corpus to the end of its training, Multi30k over the first part of one.
TRAININGS = {
    "sample corpus": ["configs/quickstart.ini"],
    "Multi30k": ["configs/multi30k-transformer.ini", "--training.max_steps=300", "--training.warmup_steps=100",
                 "--training.schedule=inverse_sqrt", "--training.learning_rate=0.003", "--training.validate_every=150",
                 "--training.validate_every_epochs=0"],
}
KEYS = ("build", "training", "precision", "seed")
VALUES = ("updates", "perplexity", "bleu", "seconds", "cpu_seconds")


def best_validation(folder):
    """Of the lowest perplexity: (updates, perplexity, BLEU)."""
    lines = (folder / "validations.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    row = min(rows, key=lambda row: float(row[3]))
    return int(row[0]), float(row[3]), float(row[4])


def train(table, training, precision, seed, flags):
    key = {"build": build_id(), "training": training, "precision": precision, "seed": seed}
    if table.has(**key):
        return
    out = RUNS / f"precision-{precision}-{seed}"
    shutil.rmtree(out, ignore_errors=True)
    log = log_of(f"precision-{training}-{precision}-{seed}")
    config, *options = TRAININGS[training]
    command = [HEED, "train", ROOT / config, "--fresh", "--threads", flags.threads, "--precision", precision,
               "--seed", seed, f"--output.folder={out}", *options]
    code, wall, cpu, _ = run_to_end(command, flags.threads, log)
    if code != 0:
        say(f"{training}, {precision}, seed {seed}: skipped: {last_line(log)}")
        return
    updates, perplexity, bleu = best_validation(out)
    table.add(**key, updates=updates, perplexity=perplexity, bleu=bleu, seconds=wall, cpu_seconds=cpu)
    say(f"{training}, {precision}, seed {seed}: perplexity {perplexity:.3f}, BLEU {bleu:.2f} after {wall:.0f} s")
    shutil.rmtree(out, ignore_errors=True)


def line(table, training, precision):
    rows = sorted(table.select(build=build_id(), training=training, precision=precision), key=lambda row: row["seed"])
    cells = []
    for name, decimals in (("perplexity", 3), ("bleu", 2)):
        values = [float(row[name]) for row in rows]
        cells += [" / ".join(f"{value:.{decimals}f}" for value in values),
                  f"{statistics.mean(values):.{decimals}f}" if values else "-"]
    return [f"{training}, {precision}", *cells]


def page(table):
    lines = [line(table, training, precision) for training in TRAININGS for precision in PRECISIONS
             if table.select(build=build_id(), training=training, precision=precision)]
    return "\n\n".join([
        f"{machine()}. The same updates in both, in the order of the seeds (from 1): the sample corpus to the end of "
        "`configs/quickstart.ini`, Multi30k with `configs/multi30k-transformer.ini` over its first 300 updates. Best dev "
        "perplexity of a piece, and greedy BLEU on the dev set there. A row is left out until it is measured.",
        markdown(["", "perplexity by seed", "mean", "BLEU by seed", "mean"], lines)])


def run(flags):
    """Writes the page after each training: what is there by then is worth reading."""
    table = Table(RUNS / "precision.tsv", KEYS, VALUES)
    for training in TRAININGS:
        for seed in SEEDS:
            for precision in PRECISIONS:
                train(table, training, precision, seed, flags)
                write_part("precision", page(table), flags)
