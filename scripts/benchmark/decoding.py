#!/usr/bin/env python3
"""Decoding speed: heed and every peer found, in turns, on test_2016_flickr.

    scripts/benchmark_decoding.sh --peers FOLDER   heed, CTranslate2, Marian, OpenNMT-py, 3 rounds: 20 minutes
    scripts/benchmark_decoding.sh --profile        heed alone: where its time goes, by perf: 2 minutes
    scripts/benchmark_decoding.sh --scaling        heed alone by beam, length, vocabulary and width: 10 minutes
    scripts/benchmark_decoding.sh --peers FOLDER --imported
                                                   a model of OPUS-MT's size by heed and CTranslate2: 8 minutes

FOLDER is what scripts/peers/setup.sh has made; what is not there is left out. heed and CTranslate2 translate with
the same trained weights (models/multi30k-transformer, exported) to natural lengths. Marian and OpenNMT-py run
models of the same sizes that are trained for a few updates and held to the references' lengths. What has been
measured with this executable of heed stands in runs/benchmark/*.tsv and is not measured again. A precision that
a program refuses is skipped with a line that says so. At the end the page's part is written, docs/benchmarks.md's
with --publish. Nothing else should run.
"""

import json
import shutil
import subprocess
from typing import NamedTuple

import data
from measure import (HEED, PEERS, ROOT, RUNS, Table, build_id, empty, end_on_sigterm, flags_of,
                     last_line, log_of, machine, markdown, median, python_of, ratio_by_round, run,
                     say, spread, wanted, write_part)

MODELS = {"transformer": ROOT / "models/multi30k-transformer", "bahdanau": ROOT / "models/multi30k-bahdanau",
          "luong": ROOT / "models/multi30k-luong"}
PEER_UPDATES = 20  # of the models whose lengths are fixed
SIZES = {  # of our trained models, in the peers' words
    ("opennmt", "transformer"): "-enc_layers 4 -dec_layers 4 -hidden_size 128 -word_vec_size 128 -transformer_ff 256",
    ("opennmt", "luong"): "-rnn_type LSTM -hidden_size 384 -word_vec_size 256 -global_attention general",
    ("marian", "transformer"): "--enc-depth 4 --dec-depth 4 --dim-emb 128 --transformer-dim-ffn 256",
}
KEYS = ("build", "model", "system", "precision", "workers", "threads", "beam", "batch", "lines", "round")
VALUES = ("seconds", "cpu_seconds", "peak_mib", "pieces", "length_ratio", "bleu")


class Variant(NamedTuple):
    model: str
    system: str
    precision: str
    workers: int = 1  # batches at a time
    threads: int = 1  # of each


def variants():
    found = []
    for threads in (1, 2):
        for precision in ("float32", "bfloat16", "int8", "int8, shortlist 50"):
            found.append(Variant("transformer", "heed", precision, 1, threads))
        for precision in ("float32", "int8"):
            found.append(Variant("transformer", "ctranslate2", precision, 1, threads))
            if threads == 2:
                found.append(Variant("transformer", "ctranslate2", precision, 2, 1))
            found.append(Variant("transformer", "marian", precision, 1, threads))
        found.append(Variant("transformer", "opennmt-py", "float32", 1, threads))
        for model in ("bahdanau", "luong"):
            found += [Variant(model, "heed", precision, 1, threads) for precision in ("float32", "bfloat16", "int8")]
        found.append(Variant("luong", "opennmt-py", "float32", 1, threads))
    return found


class Bench:
    """Where texts, exported and peers' models are, and how each variant is run."""

    def __init__(self, flags):
        self.flags = flags
        self.work = data.prepare(RUNS / "vocabulary-6000", 0, MODELS["transformer"] / "tokenizer.model")
        self.table = Table(RUNS / "decoding.tsv", KEYS, VALUES)
        self.refused = set()
        for folder in MODELS.values():
            if not (folder / "model.safetensors").exists():
                raise SystemExit(f"error: {folder} is not there: train it, see docs/results.md")

    def python(self, environment):
        return python_of(self.flags, environment)

    def head(self, part, lines):
        """The first lines of a file of the work folder."""
        path = self.work / f"head-{lines}-{part.replace('/', '-')}"
        if not path.exists():
            kept = (self.work / part).read_text(encoding="utf-8").splitlines(keepends=True)[:lines]
            path.write_text("".join(kept), encoding="utf-8")
        return path

    def exported(self):
        out, weights = RUNS / "transformer.ctranslate2", MODELS["transformer"] / "model.safetensors"
        if not out.exists() or out.stat().st_mtime < weights.stat().st_mtime:
            shutil.rmtree(out, ignore_errors=True)
            subprocess.run([HEED, "export", MODELS["transformer"], "--format", "ctranslate2", "-o", out], check=True)
        return out

    def trained(self, peer, model):
        """A peer's model of our model's sizes, after a few updates; None where that failed."""
        out = RUNS / f"{peer}-{model}"
        found = sorted(out.glob("model*.npz" if peer == "marian" else "model*.pt"))
        if found:
            return found[0]
        empty(out)
        kind = "transformer" if model == "transformer" else "recurrent"
        updates = (["--after", f"{PEER_UPDATES}u", "--cpu-threads", "2"] if peer == "marian" else
                   ["-train_steps", str(PEER_UPDATES), "-save_checkpoint_steps", str(PEER_UPDATES)])
        log = log_of(f"train-{peer}-{model}")
        say(f"{peer}: {PEER_UPDATES} updates of a model of the sizes of {model}")
        code, *_ = run([self.python("marian" if peer == "marian" else "onmt"), "-B", PEERS / f"{peer}_train.py",
                        PEERS / f"{peer}-{kind}.yaml", out, *SIZES[peer, model].split(), *updates], 2, log, self.work)
        found = sorted(out.glob("model*.npz" if peer == "marian" else "model*.pt"))
        if code != 0 or not found:
            say(f"{peer}, {model}: skipped: {last_line(log)} ({log.relative_to(ROOT)})")
        return found[0] if found else None

    def command(self, variant, beam, batch, lines, out):
        """The words of the command; None where it cannot be run here."""
        source = self.head("data/test.en", lines)
        search = ["--beam-size", beam, "--batch-size", batch, "--threads", variant.threads]
        if variant.system == "heed":
            precision, *shortlist = variant.precision.split(", shortlist ")
            return [HEED, "translate", MODELS[variant.model], "-q", "-i", source, "-o", out, *search,
                    "--precision", precision, "--shortlist", *(shortlist or ["0"])]
        if variant.system == "ctranslate2":
            python = self.python("ct2")
            return python and [python, "-B", PEERS / "ctranslate2_translate.py", self.exported(), source, out,
                               *search, "--workers", variant.workers, "--compute-type", variant.precision]
        peer = variant.system.split("-")[0]
        python = self.python("marian" if peer == "marian" else "onmt")
        model = python and self.trained(peer, variant.model)
        gemm = ["--gemm-type", {"float32": "float32", "int8": "intgemm8"}[variant.precision]]
        return model and [python, "-B", PEERS / f"{peer}_translate.py", model, self.head("pieces/test.en", lines),
                          self.head("pieces/test.de", lines), out, *search, *(gemm if peer == "marian" else [])]

    def measure(self, variant, beam, batch, lines, number):
        """One process to its end, unless that has been measured or refused."""
        key = {"build": build_id(), **variant._asdict(), "beam": beam, "batch": batch, "lines": lines, "round": number}
        if variant in self.refused or self.table.has(**key):
            return
        name = f"{variant.model}, {variant.system} {variant.precision}, {variant.workers} x {variant.threads}"
        out, log = RUNS / "translation", log_of(f"decoding-{variant.system}-{variant.precision}")
        command = self.command(variant, beam, batch, lines, out)
        if not command:
            self.refused.add(variant)
            say(f"{name}: skipped: not in --peers; scripts/peers/setup.sh installs it")
            return
        code, seconds, cpu, memory = run(command, variant.threads, log, self.work)
        if code != 0:
            self.refused.add(variant)
            say(f"{name}: skipped: {last_line(log)}")
            return
        text = self.text_of(out, variant)
        self.table.add(**key, seconds=seconds, cpu_seconds=cpu, peak_mib=memory, **text)
        say(f"{name}, beam {beam}, batch {batch}, {lines} lines, round {number}: {seconds:.2f} s")

    def text_of(self, out, variant):
        """Pieces with end symbols, how many times the references' they are, and BLEU where lengths are free."""
        lines = out.read_text(encoding="utf-8").splitlines()
        pieces = out
        if variant.system in ("heed", "ctranslate2"):
            pieces = RUNS / "translation.pieces"
            data.heed("tokenize", "encode", "-m", self.work / "vocabulary.model", "-i", out, "-o", pieces)
        counted = data.target_tokens(pieces)
        ratio = counted / data.target_tokens(self.head("pieces/test.de", len(lines)))
        bleu = "-"
        if pieces is not out:
            result = subprocess.run([HEED, "evaluate", "--hypothesis", out, "--reference",
                                     self.head("data/test.de", len(lines)), "--format", "json"],
                                    capture_output=True, text=True, check=True)
            scores = json.loads(result.stdout)
            bleu = float((scores[0] if isinstance(scores, list) else scores)["score"])
        return {"pieces": counted, "length_ratio": ratio, "bleu": bleu}


def settings(flags):
    """(beam, batch, lines) of each measurement."""
    return [(5, 64, flags.lines), (1, 64, flags.lines), (5, 1, flags.single_lines), (1, 1, flags.single_lines)]


def rows_of(bench, variant, beam, batch, lines):
    """Rows with the time beyond start-up: less that of one line in the same round."""
    select = {"build": build_id(), **variant._asdict()}
    start = {row["round"]: float(row["seconds"]) for row in bench.table.select(**select, lines=1)}
    rows = [row for row in bench.table.select(**select, beam=beam, batch=batch, lines=lines) if row["round"] in start]
    for row in rows:
        row["start"] = start[row["round"]]
        net = max(float(row["seconds"]) - row["start"], 1e-3)
        row["rate"], row["piece_rate"] = lines / net, float(row["pieces"]) / net
        row["cpu_ms"] = 1000 * float(row["cpu_seconds"]) / lines
    return rows


def speed_table(bench, model, beam, batch, lines):
    found = {variant: rows_of(bench, variant, beam, batch, lines) for variant in variants() if variant.model == model}
    found = {variant: rows for variant, rows in found.items() if rows}
    own = max((rows for variant, rows in found.items() if variant.system == "heed" and "short" not in variant.precision),
              key=lambda rows: median(rows, "rate"), default=[])
    table = []
    for variant, rows in sorted(found.items(), key=lambda item: -median(item[1], "rate")):
        low, high = spread(rows, "rate")
        ratio = ratio_by_round(own, rows, "rate") if own else None
        bleu = rows[0]["bleu"]
        table.append([f"{variant.system} {variant.precision}, {variant.workers} x {variant.threads}",
                      f"{median(rows, 'rate'):,.1f}", f"{low:,.1f} to {high:,.1f}", f"{ratio:.2f}" if ratio else "-",
                      f"{median(rows, 'piece_rate'):,.0f}", f"{median(rows, 'cpu_ms'):.1f}",
                      f"{median(rows, 'peak_mib'):,.0f}", f"{median(rows, 'start'):.2f}",
                      f"{median(rows, 'length_ratio'):.2f}", bleu if bleu == "-" else f"{float(bleu):.1f}"])
    return markdown(["", "sentences/s", "lowest to highest", "heed's best is so many times as fast", "pieces/s",
                     "CPU ms a sentence, start included", "peak MiB", "start, s", "length for the references'",
                     "BLEU"], table) if table else ""


def page(bench, flags):
    parts = [f"{machine()}. test_2016_flickr, sorted by length, medians. `w x t`: w batches at a time, t threads each "
             "(heed's are threads alone; on a CPU a Transformer's batches are of 48 hypotheses at most, whatever is "
             "asked for). heed and CTranslate2 compute the same trained weights to natural lengths, "
             "length penalty 1; Marian and OpenNMT-py models of the same sizes, held to the references' lengths, "
             "hence no BLEU. heed's best is that among all pieces, as the others choose, not that with a shortlist. "
             "Sentences a second are beyond start-up: the time of one line, measured in the same "
             "round, is taken off; tokenisation is in it but for Marian and OpenNMT-py, which get pieces."]
    for model in MODELS:
        for beam, batch, lines in settings(flags):
            table = speed_table(bench, model, beam, batch, lines)
            if table:
                parts += [f"### {MODELS[model].name}, beam {beam}, batch {batch}, {lines} sentences", table]
    return "\n\n".join(parts)


def benchmark(flags):
    bench = Bench(flags)
    for number in range(1, flags.rounds + 1):
        for beam, batch, lines in [(5, 64, 1), *settings(flags)]:
            for variant in variants():
                if not wanted(flags, variant.system):
                    continue
                if batch == 1 and variant.workers * variant.threads > 1:
                    continue  # one sentence at a time has nothing to share
                bench.measure(variant, beam, batch, lines, number)
    write_part("decoding", page(bench, flags), flags)


def main():
    flags = flags_of(
        __doc__,
        ("--lines", dict(type=int, default=1000, help="of the test set (1000)")),
        ("--single-lines", dict(type=int, default=100, help="of it, one at a time (100)")),
        ("--scaling", dict(action="store_true",
                           help="heed alone, by beam, length, vocabulary and width")),
        ("--imported", dict(action="store_true", help="an imported model beside CTranslate2's conversion of it")),
        ("--imported-lines", dict(type=int, default=128, help="of the test set, in batches (128)")),
        ("--imported-single-lines", dict(type=int, default=16, help="of it, one at a time (16)")))
    end_on_sigterm()
    if flags.scaling:
        import decoding_scaling
        decoding_scaling.run_all(flags)
    elif flags.imported:
        import imported
        imported.run_all(flags)
    elif flags.profile:
        import shares
        shares.profile_decoding(MODELS, data.prepare(RUNS / "vocabulary-6000", 0,
                                                     MODELS["transformer"] / "tokenizer.model") / "data/test.en",
                                flags)
    else:
        benchmark(flags)


if __name__ == "__main__":
    main()
