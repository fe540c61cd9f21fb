"""What heed's decoding costs by beam, length, vocabulary and width, with full and with linear self-attention; see
decoding.py."""

import data
from measure import (HEED, RUNS, Table, build_id, empty, last_line, log_of, machine, markdown, median,
                     run, say, sweep_points, write_part)

SENTENCES = 64
BASE = {"beam": 5, "length": 16, "vocabulary": 8000, "width": 256}
SWEEPS = {"beam": (1, 2, 4, 5, 8, 16, 32), "length": (8, 16, 32, 64, 128, 256),
          "vocabulary": (4000, 8000, 16000, 32000, 64000), "width": (128, 256, 512, 1024)}
KINDS = ("full", "linear")
KEYS = ("build", "kind", "beam", "length", "vocabulary", "width", "round")
VALUES = ("seconds", "start_seconds", "cpu_seconds", "peak_mib", "pieces")


def corpus_of(point):
    corpus = RUNS / f"corpora/{point['vocabulary']}-256"
    data.make_corpus(corpus, point["vocabulary"], 256)
    return corpus


def model_of(kind, point):
    """A Transformer of 3 + 3 layers that has seen one batch: speed does not depend on more."""
    corpus, width = corpus_of(point), point["width"]
    out = RUNS / f"scaling-{kind}-{point['vocabulary']}-{width}"
    if (out / "model.safetensors").exists():
        return out
    log = log_of("scaling-model")
    config = empty(out) / "config-in.ini"
    config.write_text(
        f"[data]\ntrain_source = {corpus}/train.en\ntrain_target = {corpus}/train.de\ndev_source = {corpus}/dev.en\n"
        f"dev_target = {corpus}/dev.de\nmax_length = 512\n[tokenizer]\nmodel = {corpus}/vocabulary.model\n"
        f"[model]\nself_attention = {kind}\nhidden_size = {width}\nfeed_forward_size = {4 * width}\n"
        f"heads = {max(2, width // 64)}\nlayers = 3\n[training]\nmax_steps = 1\nbatch_tokens = 2048\n[evaluation]\n"
        f"beam_size = 0\n[output]\nfolder = {out}\n", encoding="utf-8")
    code, *_ = run([HEED, "train", config, "--fresh"], 2, log)
    if code != 0:
        raise SystemExit(f"error: {last_line(log)} ({log})")
    return out


def source(corpus, length, lines):
    path = corpus / f"source-{length}-{lines}"
    if not path.exists():
        letters = "".join((corpus / "train.en").read_text(encoding="utf-8").split())
        size = length - 1
        path.write_text("".join(letters[i * size:(i + 1) * size] + "\n" for i in range(lines)), encoding="utf-8")
    return path


def translate(model, corpus, beam, length, lines):  # in 8 bits where the CPU has them
    """Every translation is as long as its source: `length` pieces, the end symbol not counted."""
    log = log_of("decoding-scaling")
    code, *measured = run([HEED, "translate", model, "-q", "-i", source(corpus, length, lines), "-o", "/dev/null",
                           "--threads", 1, "--precision", "auto", "--beam-size", beam, "--batch-size", SENTENCES,
                           "--min-length", length, "--max-length", length], 1, log)
    if code != 0:
        raise SystemExit(f"error: {last_line(log)} ({log})")
    return measured


def sweep_table(name, table):
    rows = []
    for value in SWEEPS[name]:
        point = {**BASE, name: value}
        cells = [f"{value}"]
        for kind in KINDS:
            found = table.select(build=build_id(), kind=kind, **point)
            for row in found:
                row["net"] = max(float(row["seconds"]) - float(row["start_seconds"]), 1e-3)
                row["us"] = 1e6 * row["net"] / float(row["pieces"])
            cells += ([f"{median(found, 'us'):,.1f}", f"{median(found, 'peak_mib'):,.0f}"] if found else ["-", "-"])
        rows.append(cells)
    return markdown([name, *(text for kind in KINDS for text in (f"{kind}: µs a piece", "peak MiB"))], rows)


def run_all(flags):
    table = Table(RUNS / "decoding-scaling.tsv", KEYS, VALUES)
    for number in range(1, flags.rounds + 1):
        for point in sweep_points(BASE, SWEEPS):
            corpus = corpus_of(point)
            for kind in KINDS:
                key = {"build": build_id(), "kind": kind, **point, "round": number}
                if table.has(**key):
                    continue
                model = model_of(kind, point)
                start = translate(model, corpus, 1, 1 + 1, 1)[0]
                seconds, cpu, memory = translate(model, corpus, point["beam"], point["length"], SENTENCES)
                table.add(**key, seconds=seconds, start_seconds=start, cpu_seconds=cpu, peak_mib=memory,
                          pieces=SENTENCES * point["length"])
                say(f"{kind}, {', '.join(f'{name} {value}' for name, value in point.items())}, round {number}: "
                    f"{seconds:.2f} s")
    write_part("decoding-scaling", "\n\n".join([
        f"{machine()}. heed's Transformer of 3 + 3 layers, {SENTENCES} sentences, one thread, --precision auto; "
        "feed-forward 4 times the width, a head for each 64; source and translation of the same, fixed length. "
        "Microseconds a piece of translation beyond start-up (the time of one short line), medians; source encoding "
        f"is in them. One thing varies at a time around a beam of {BASE['beam']}, a length of {BASE['length']}, a "
        f"vocabulary of {BASE['vocabulary']:,} and a width of {BASE['width']}. Rounds: {flags.rounds}.",
        *(sweep_table(name, table) for name in SWEEPS)]), flags)
