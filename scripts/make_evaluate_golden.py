#!/usr/bin/env python3
"""Records what sacreBLEU's command line prints, for tests/apps/evaluate_golden_test.py.

    python3 scripts/make_evaluate_golden.py        (with sacrebleu 2.6.0 and its numpy installed)

Each case holds heed's arguments for the same files and sacreBLEU's output.
"""

import os
import random
import sys
import tempfile

import golden
import make_scoring_golden as scoring
from sacrebleu.sacrebleu import main as sacrebleu_main

LINE_ENDS = ["", "", "", " ", "\t ", "\r", "\u3000", "\x1c", "\x85", "\u2028"]
FLAGS = {
    "bleu": {"tokenize": "--tokenize", "lowercase": "--lowercase", "smooth_method": "--smooth-method", "smooth_value": "--smooth-value"},
    "chrf": {n: "--chrf-" + n.replace("_", "-") for n in ("char_order", "word_order", "beta", "whitespace", "lowercase", "eps_smoothing")},
    "ter": {n: "--ter-" + n.replace("_", "-") for n in ("normalized", "no_punct", "asian_support", "case_sensitive")},
}  # fmt: skip


def text(rng, lines):
    """A file: one line each, some with white space at the end, some with no end at all."""
    lines = [line.replace("\n", " ").replace("\x00", "") + rng.choice(LINE_ENDS) for line in lines]
    return "\n".join(lines) + rng.choice(["\n", ""]) if lines[-1] else "\n".join(lines) + "\n"


def make_files(rng):
    edge = [line for line in scoring.EDGE_LINES if not line.startswith("\ufeff")]
    files = {"edge": edge, "edge.ref": edge[1:] + edge[:1], "edge.ref2": edge[::-1]}
    references = [scoring.random_sentence(rng, (3, 8, 15)) for _ in range(60)]
    files["ref"] = [scoring.to_line(rng, words) for words in references]
    files["ref2"] = [scoring.to_line(rng, scoring.perturb(rng, words)) for words in references]
    for system in ("alpha", "beta", "gamma.δ"):
        files[system] = [scoring.to_line(rng, scoring.perturb(rng, words)) for words in references]
    # Without a match, sacreBLEU cannot average chrF over resamples.
    plain = [f"{w} the cat sat on the mat and saw {v} ." for w, v in zip("abcdefghijkl", "mnopqrstuvwx")]
    files["plain.ref"] = plain
    files["plain"] = [line.replace("sat", "sits") if i % 3 else line for i, line in enumerate(plain)]
    files["better"] = [line.replace("saw", "sees") if i % 5 == 0 else line for i, line in enumerate(plain)]
    files["worse"] = [line.replace("the mat", "a rug") for line in plain]
    files["silent"] = [""] * 12
    files["word"], files["word.ref"] = ["Word."], ["word ."]
    return {name: text(rng, lines) for name, lines in files.items()}


def option_flags(metric, options):
    flags = []
    for name, value in options.items():
        if name not in FLAGS[metric]:
            return None  # sacreBLEU's command line has no such option
        if value is not False:
            flags += [FLAGS[metric][name]] + ([] if value is True else [str(value)])
    return flags


def cases(rng):
    """(metrics, flags, references, hypotheses), flags being those of both programs."""
    for metric, options in scoring.option_sets():
        flags = option_flags(metric, options)
        if flags is None:
            continue
        # Every option as a whole is tested on the classes; here it must only arrive there.
        form = ["--format", rng.choice(["text", "json"]), "--width", str(rng.choice([1, 2, 4]))]
        references, hypothesis = rng.choice([(["edge.ref", "edge.ref2"], "edge"), (["ref"], "alpha")])
        yield [metric], [*flags, *form], references, [hypothesis]
        if rng.random() < 0.3:
            yield [metric], [*flags, "--sentence-level", "--width", "3"], ["edge.ref"], ["edge"]
    together = ["bleu", "chrf", "ter"]
    for form in ("text", "json"):
        for more in ([], ["--width", "0"], ["--width", "7"], ["--score-only"], ["--short"]):
            flags = ["--format", form, *more]
            yield together, flags, ["ref", "ref2"], ["beta"]
            yield ["bleu"], flags, ["ref"], ["beta"]
            yield together, flags, ["ref"], ["alpha", "beta", "gamma.δ"]
        for hypothesis, references in (("silent", "plain.ref"), ("word", "word.ref"), ("silent", "silent"), ("plain.ref", "plain.ref")):
            yield together, ["--format", form], [references], [hypothesis]
        for more in ([], ["--confidence-n", "79"], ["--width", "4"], ["--short"], ["--score-only"]):
            yield together, ["--format", form, "--confidence", *more], ["plain.ref"], ["plain"]
        yield ["bleu", "ter"], ["--format", form, "--confidence"], ["ref", "ref2"], ["alpha"]
    for more in ([], ["--short"], ["--width", "3"]):
        yield together, ["--format", "text", "--paired-bs", *more], ["plain.ref"], ["plain", "better", "worse"]
        yield together, ["--format", "text", "--paired-ar", "--paired-ar-n", "500", *more], ["ref"], ["alpha", "beta", "gamma.δ"]
    yield together, ["--format", "json", "--paired-ar", "--paired-ar-n", "300"], ["ref", "ref2"], ["alpha", "beta", "gamma.δ"]
    # Of other metrics sacreBLEU cannot print the bootstrap as JSON: their numbers are NumPy's own.
    for resamples in ("7", "130", "1000"):
        yield ["bleu"], ["--format", "json", "--paired-bs", "--paired-bs-n", resamples], ["ref"], ["alpha", "beta", "alpha", "gamma.δ"]
    for metric in together:
        for more in ("--short", "--score-only"):
            yield [metric], ["--sentence-level", more], ["ref", "ref2"], ["alpha"]


def output_of(arguments, folder):
    """What the command prints, run in a child that has everything loaded; None where it fails."""
    target = os.path.join(folder, ".output")
    child = os.fork()
    if child == 0:
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.chdir(folder)
        sys.argv = ["sacrebleu", *arguments, "--quiet"]
        code = 1
        try:
            sacrebleu_main()
            sys.stdout.flush()
            code = 0
        except SystemExit as end:
            sys.stdout.flush()
            code = end.code or 0
        finally:
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        return None
    with open(target, encoding="utf-8", newline="") as file:
        return file.read()


def record(rng, files):
    recorded = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
                file.write(content)
        for metrics, flags, references, hypotheses in cases(rng):
            output = output_of([*references, "-i", *hypotheses, "-m", *metrics, *flags], folder)
            if output is None:
                sys.exit(f"sacrebleu failed: {metrics} {flags} {references} {hypotheses}")
            recorded.append({"metrics": metrics, "flags": flags, "references": references, "hypotheses": hypotheses, "output": output})
    return recorded


def main():
    parser = golden.parser(__doc__, "apps")
    parser.add_argument("--seed", type=int, default=20240608)
    options = parser.parse_args()
    golden.need_sacrebleu()
    rng = random.Random(options.seed)
    files = make_files(rng)
    recorded = record(rng, files)
    golden.write(options.output, "evaluate.json", {"files": files, "cases": recorded})
    print(f"{len(recorded)} cases")


if __name__ == "__main__":
    main()
