"""A model of OPUS-MT's own size, imported by heed and converted by CTranslate2 itself; see decoding.py.

Its weights are random, for speed does not depend on them where lengths are fixed: every translation is held to LENGTH
pieces. Needs the environment `transformers` of scripts/peers/setup.sh beside `ct2`.
"""

import shutil
import subprocess
from typing import NamedTuple

import data
from measure import (HEED, PEERS, ROOT, RUNS, Table, build_id, last_line, log_of, machine, markdown, median, python_of,
                     ratio_by_round, run, say, spread, wanted, write_part)

LENGTH = 20  # pieces of each translation, the end symbol not counted
PIECES, VOCABULARY = 6000, 32_000  # learned for each language; of the network
FOLDER = RUNS / "imported"
MAKE = f"""
import sys
import foreign_models, ctranslate2, pathlib
folder = pathlib.Path(sys.argv[1])
foreign_models.random_hugging_face(folder / "opus", sys.argv[2:], {PIECES}, width=512, layers=6, heads=8, inner=2048,
                                   vocabulary={VOCABULARY})
converter = ctranslate2.converters.TransformersConverter(str(folder / "opus"), copy_files=["source.spm", "target.spm"])
converter.convert(str(folder / "ctranslate2"))
"""
KEYS = ("build", "system", "precision", "workers", "threads", "beam", "batch", "lines", "round")
VALUES = ("seconds", "cpu_seconds", "peak_mib")


class Variant(NamedTuple):
    system: str
    precision: str
    workers: int  # batches at a time
    threads: int  # of each


def variants(batch):
    """heed's threads take a batch each; so do CTranslate2's workers, its faster way by far."""
    for precision in ("int8", "float32"):
        yield Variant("heed", precision, 1, 2 if batch > 1 else 1)
        yield Variant("ctranslate2", precision, 2 if batch > 1 else 1, 1)


def settings(flags):
    """(beam, batch, lines) of each measurement."""
    return [(beam, batch, lines) for batch, lines in ((64, flags.imported_lines), (1, flags.imported_single_lines))
            for beam in (5, 1)]


def make(flags):
    """The model as transformers, heed and CTranslate2 have it."""
    if (FOLDER / "heed/model.safetensors").exists():
        return
    python = python_of(flags, "transformers")
    if not python:
        raise SystemExit("error: --imported needs --peers with transformers: scripts/peers/setup.sh FOLDER "
                         "ct2 transformers")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    say("a model of 6 + 6 layers of width 512")
    corpus = [data.CORPUS / f"train.{language}" for language in ("de", "en")]
    subprocess.run([python, "-B", "-c", MAKE, FOLDER, *corpus], cwd=ROOT / "scripts", check=True)
    data.heed("import", FOLDER / "opus", "-o", FOLDER / "heed")


def source(lines):
    path = FOLDER / f"source-{lines}"
    test = (data.CORPUS / "test_2016_flickr.de").read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(test[:lines]), encoding="utf-8")
    return path


def command(flags, variant, beam, batch, lines):
    """None where the peer is not there."""
    out = FOLDER / f"translation-{variant.system}-{variant.precision}-{beam}-{batch}-{lines}"
    search = ["--beam-size", beam, "--batch-size", batch, "--threads", variant.threads]
    if variant.system == "heed":
        return [HEED, "translate", FOLDER / "heed", "-q", "-i", source(lines), "-o", out, *search, "--precision",
                variant.precision, "--min-length", LENGTH, "--max-length", LENGTH, "--max-length-ratio", 1000]
    python = python_of(flags, "ct2")
    return python and [python, "-B", PEERS / "ctranslate2_translate.py", FOLDER / "ctranslate2", source(lines), out,
                       *search, "--workers", variant.workers, "--compute-type", variant.precision, "--length", LENGTH]


def measure(flags, table, variant, beam, batch, lines, number):
    """One process to its end, unless that has been measured."""
    key = {"build": build_id(), **variant._asdict(), "beam": beam, "batch": batch, "lines": lines, "round": number}
    words = None if table.has(**key) else command(flags, variant, beam, batch, lines)
    if not words:
        return
    log = log_of(f"imported-{variant.system}-{variant.precision}")
    code, seconds, cpu, memory = run(words, variant.threads, log)
    if code != 0:
        raise SystemExit(f"error: {last_line(log)} ({log})")
    table.add(**key, seconds=seconds, cpu_seconds=cpu, peak_mib=memory)
    say(f"{variant.system} {variant.precision}, {variant.workers} x {variant.threads}, beam {beam}, batch {batch}, "
        f"{lines} lines, round {number}: {seconds:.2f} s")


def rows_of(table, variant, beam, batch, lines):
    """Rows with the rate beyond start-up: the time of one line, in the same round, is taken off."""
    select = {"build": build_id(), **variant._asdict(), "batch": batch}
    start = {row["round"]: float(row["seconds"]) for row in table.select(**select, lines=1)}
    rows = [row for row in table.select(**select, beam=beam, lines=lines) if row["round"] in start]
    for row in rows:
        row["start"] = start[row["round"]]
        row["rate"] = (lines - 1) / max(float(row["seconds"]) - row["start"], 1e-3)
        row["piece_rate"] = LENGTH * row["rate"]
    return rows


def speed_table(table, beam, batch, lines):
    rows = {variant: rows_of(table, variant, beam, batch, lines) for variant in variants(batch)}
    own = {variant.precision: found for variant, found in rows.items() if variant.system == "heed"}
    cells = []
    for variant, found in rows.items():
        if not found:
            continue
        low, high = spread(found, "rate")
        ratio = ratio_by_round(own[variant.precision], found, "rate") if own[variant.precision] else None
        cells.append([f"{variant.system} {variant.precision}, {variant.workers} x {variant.threads}",
                      f"{median(found, 'rate'):,.1f}", f"{low:,.1f} to {high:,.1f}", f"{ratio:.2f}" if ratio else "-",
                      f"{median(found, 'piece_rate'):,.0f}", f"{median(found, 'peak_mib'):,.0f}",
                      f"{median(found, 'start'):.2f}"])
    return markdown(["", "sentences/s", "lowest to highest", "heed's is so many times as fast", "pieces/s", "peak MiB",
                     "start and one line, s"], cells) if cells else ""


def run_all(flags):
    make(flags)
    table = Table(RUNS / "imported.tsv", KEYS, VALUES)
    for number in range(1, flags.rounds + 1):
        for beam, batch, lines in [(1, 64, 1), (1, 1, 1), *settings(flags)]:
            for variant in variants(batch):
                if wanted(flags, variant.system):
                    measure(flags, table, variant, beam, batch, lines, number)
    parts = [f"{machine()}. A Transformer of 6 + 6 layers, width 512, feed-forward 2,048, 8 heads, {VOCABULARY:,} "
             "pieces (post-norm, swish, tied: OPUS-MT's own sizes) and random weights, as transformers writes it: "
             "heed's import beside CTranslate2's own conversion of that. The first sentences of test_2016_flickr; "
             f"every translation is held to {LENGTH} pieces. `w x t`: w batches at a time, t threads each (heed's "
             "threads take a batch each). Programs in turns, medians; the time of one line, measured in the same "
             "round, is taken off."]
    for beam, batch, lines in settings(flags):
        found = speed_table(table, beam, batch, lines)
        parts += [f"### beam {beam}, batch {batch}, {lines} sentences", found] if found else []
    write_part("imported", "\n\n".join(parts), flags)
