"""scripts/compare_attention.sh and the page that it writes, with a stand-in for heed that takes no time."""

import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Says what heed would, after noting the call; FAIL_<SUBCOMMAND> is an exit code for the kind in KIND.
STAND_IN = """#!/usr/bin/env python3
import json, os, sys
from pathlib import Path
arguments = sys.argv[1:]
with open(os.environ["CALLS"], "a") as calls:
    calls.write(" ".join(arguments) + "\\n")
command, text = arguments[0], " ".join(arguments)
if os.environ.get("FAIL_" + command.upper()) and os.environ["KIND"] in text:
    print("error: no luck with " + command, file=sys.stderr)
    sys.exit(int(os.environ["FAIL_" + command.upper()]))
kind = 1 if "additive" in text else 2
if command == "train":
    folder = Path(next(a for a in arguments if a.startswith("--output.folder=")).split("=")[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines = [{"kind": "train", "step": 50 * i, "tokens_per_second": 1000.0 * i * kind, "seconds": 10.0 * i,
              "peak_memory": i * 2**30} for i in (1, 2, 3)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\\n" for line in lines))
elif command == "info":
    print("heed 0\\nLibTorch 2" if len(arguments) == 1 else "model x\\nparameters  1,234,567\\nwidth 8")
elif command == "translate":
    print("ein\\nzwei\\ndrei\\nvier")
elif command == "evaluate":
    print(json.dumps([{"name": "BLEU", "score": 30.06 + kind}, {"name": "chrF2", "score": 50.5}]))
elif command == "inspect":
    def head(layer, head, rate):
        sense = {"words": 3, "own": 0.25, "rest": 0.5, "strongest": 1}
        return {"kind": "cross", "layer": layer, "head": head, "mass": 1, "entropy": 1.5, "entropy_share": 0.5,
                "top1": 0.4, "top3": 0.7, "monotonicity": None, "coverage": 0.8,
                "alignment": {"error_rate": rate, "precision": 0.9, "recall": 0.8, "links": 1, "sure": 1},
                "senses": {"right": sense, "wrong": {**sense, "own": None}}}
    heads = [head(0, 0, 0.4)] + ([head(1, 1, 0.45), head(1, 2, 0.3)] if kind == 2 else [])
    heads.append({"kind": "encoder_self", "layer": 0, "head": 0})
    print(json.dumps({"heads": heads, "senses": {"words": 8, "right": 6, "wrong": 1, "neither": 1, "accuracy": 0.75}}))
"""


class CompareAttentionTest(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="heed-compare-")
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)
        self.calls = self.folder / "calls"
        self.page = self.folder / "page.md"
        self.heed = self.folder / "heed"
        self.heed.write_text(STAND_IN)
        self.heed.chmod(self.heed.stat().st_mode | stat.S_IXUSR)

    def compare(self, *flags, kinds=("additive", "transformer"), **env):
        self.calls.write_text("")
        only = [flag for kind in kinds for flag in ("--only", kind)]
        return subprocess.run(
            [ROOT / "scripts/compare_attention.sh", *only, "--runs", self.folder / "runs", "--out", self.page, *flags],
            env={**os.environ, "HEED": str(self.heed), "CALLS": str(self.calls), **env}, cwd=self.folder,
            capture_output=True, text=True, check=False)

    def commands(self):
        return [line.split()[0] for line in self.calls.read_text().splitlines()]

    def row(self, kind, heading):
        """The row of a kind in the table below a heading, as a dictionary."""
        lines = self.page.read_text().split(f"## {heading}\n")[1].split("\n")
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:lines.index(
            next(line for line in lines if line.startswith("## ")))] if line.startswith("|")]
        return dict(zip(rows[0], next(row for row in rows if row[0] == kind)))

    def test_the_page_says_what_the_logs_say(self):
        result = self.compare("--jobs", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        quality = self.row("transformer", "Translation and alignment")
        self.assertEqual(quality, {"kind": "transformer", "BLEU": "32.1", "chrF": "50.5", "senses %": "75.0", "AER": "0.400",
                                   "precision": "0.900", "recall": "0.800", "AER of best head": "0.300 (1.2)"})
        self.assertEqual(self.row("additive", "Translation and alignment")["AER of best head"], "0.400")
        self.assertEqual(self.row("additive", "How attention spreads and moves")["monotone"], "-")
        senses = self.row("additive", "Word senses")
        self.assertEqual([senses["right: on the word"], senses["wrong: on the word"]], ["0.250", "-"])
        cost = self.row("transformer", "Cost")
        self.assertEqual([cost[key] for key in ("parameters", "tokens/s", "peak MiB")], ["1,234,567", "5,000", "3,072"])
        self.assertGreater(float(cost["sentences/s"]), 0)
        text = self.page.read_text()
        self.assertIn("- **additive**: Additive score, before the decoder's cell", text)
        self.assertIn("and 1400 steps", text)
        self.assertIn("v^T tanh(W q + U k_s)", text)
        self.assertIn("Not measured yet: concat, ", text)
        self.assertNotIn("timed", text)
        self.assertIn("    heed train configs/attention/NAME.ini --threads 1", text)
        self.assertIn("not measured", result.stdout)
        self.assertNotRegex(text, r"\{\w+\}")  # a place that nothing has filled

    def test_what_is_done_is_not_done_again(self):
        self.assertEqual(self.compare(kinds=["additive"]).returncode, 0)
        self.assertEqual(self.commands(),
                         ["info", "train", "info", "translate", "evaluate", "inspect", "train", "translate"])
        self.assertEqual(self.compare().returncode, 0)
        self.assertFalse(any("additive" in line for line in self.calls.read_text().splitlines()))
        self.assertEqual(self.row("additive", "Cost")["tokens/s"], "2,500")

    def test_a_failure_is_named_and_the_others_go_on(self):
        result = self.compare(KIND="additive", FAIL_TRANSLATE="1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("additive: failed", result.stderr)
        self.assertIn("error: no luck with translate", result.stderr)
        self.assertNotIn("**additive**", self.page.read_text())
        self.assertIn("**transformer**", self.page.read_text())
        self.assertEqual(self.compare().returncode, 0)  # goes on with the stage that failed
        self.assertEqual(self.commands(), ["translate", "evaluate", "inspect", "train", "translate"])

    def test_an_interrupted_training_goes_on(self):
        result = self.compare(kinds=["additive"], KIND="additive", FAIL_TRAIN="130")
        self.assertEqual(result.returncode, 1)
        self.assertIn("additive: interrupted; the same command goes on", result.stdout)
        self.assertEqual(self.compare(kinds=["additive"]).returncode, 0)
        self.assertEqual(self.commands()[0], "train")

    def test_other_settings_are_no_mixture(self):
        self.assertEqual(self.compare(kinds=["additive"]).returncode, 0)
        result = self.compare("--steps", "10", kinds=["additive"])
        self.assertEqual(result.returncode, 1)
        self.assertIn("was made with other settings", result.stderr)
        self.assertEqual(self.compare("--steps", "10", kinds=["transformer"]).returncode, 1)
        self.assertEqual(len(re.findall(r"--training\.max_steps=10\b", self.calls.read_text())), 1)

    def test_wrong_usage(self):
        for flags, word in ((("--only", "no-such"), "no-such.ini"), (("--jobs", "none"), "--jobs none"),
                            (("--steps", "0"), "--steps 0"), (("--jobs",), "a value is missing"),
                            (("--speed", "1"), "--speed: unknown")):
            result = self.compare(*flags)
            self.assertEqual(result.returncode, 1)
            self.assertIn(word, result.stderr)
            self.assertEqual(self.commands(), [])


class ConfigurationsTest(unittest.TestCase):
    def test_all_kinds_differ_in_attention_alone(self):
        """The same data and training; models of one architecture have the same size."""
        def settings(path):
            lines = [line for line in path.read_text().splitlines() if not line.startswith("#") and "=" in line]
            return dict(line.split(" = ", 1) for line in lines)
        shared = {}
        for path in sorted((ROOT / "configs/attention").glob("*.ini")):
            found = settings(path)
            self.assertEqual(found["folder"], f"../../runs/attention/{path.stem}/model")
            self.assertTrue(path.read_text().startswith("# "), path)
            for key in ("train_source", "train_target", "dev_source", "dev_target", "vocab_size", "max_steps", "batch_tokens",
                        "learning_rate", "warmup_steps", "schedule", "validate_every"):
                self.assertEqual(found[key], shared.setdefault(key, found[key]), f"{path}: {key}")
            architecture = found.get("architecture", "transformer")
            for key in ("hidden_size", "layers", "dropout"):
                self.assertEqual(found[key], shared.setdefault((architecture, key), found[key]), f"{path}: {key}")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
