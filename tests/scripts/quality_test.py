"""scripts/quality.py: what it trains, where it goes on, and tables from logs alone."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import quality  # noqa: E402

STUDY = quality.Study("5 pairs", quality.SAMPLE, 5,
                      {"plain": {}, "other": {"config": "other.ini", "training.objective": "r_drop"}},
                      common={"training.max_steps": 7}, seeds=(1, 2), config="own.ini")
# Writes the log of a training that ends; of one that it finds cut short, nothing.
HEED = """#!/bin/sh
echo "$@" >> {calls}
for key; do case $key in --output.folder=*) folder=${{key#*=}};; esac; done
case $folder in *other-2) exit 130;; esac
printf 'x command: heed %s\\nx model: transformer | 1,234 parameters | cpu\\n' "$*" > $folder/train.log
printf 'x average of the 2 best checkpoints: loss 1.0, bleu 31.50: better than each, kept\\n' >> $folder/train.log
printf 'x training is finished: 7 steps\\n' >> $folder/train.log
printf 'step\\tbleu\\tseconds\\n5\\t-\\t30\\n7\\t30.25\\t90\\n' > $folder/validations.tsv
"""


class QualityTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.calls = self.folder / "calls"
        self.calls.write_text("")
        heed = self.folder / "heed"
        heed.write_text(HEED.format(calls=self.calls))
        heed.chmod(0o755)
        self.page = self.folder / "page.md"
        self.page.write_text("before\n<!-- study -->\nof last time\n<!-- end of study -->\nafter\n")

    def run_script(self, *arguments):
        argv = ["quality.py", *arguments, "--runs", str(self.folder / "runs"), "--page", str(self.page),
                "--heed", str(self.folder / "heed")]
        with mock.patch.dict(quality.STUDIES, {"study": STUDY}, clear=True), \
                mock.patch.object(sys, "argv", argv), contextlib.redirect_stdout(io.StringIO()):
            quality.main()

    def test_trains_goes_on_and_reports(self):
        with self.assertRaises(SystemExit) as stopped:
            self.run_script("train", "study")
        self.assertIn("goes on from here", str(stopped.exception))
        calls = self.calls.read_text().splitlines()
        self.assertEqual(len(calls), 4)
        self.assertTrue(calls[0].startswith("train own.ini "))
        self.assertTrue(calls[2].startswith("train other.ini "))
        self.assertIn("--training.seed=2", calls[1])
        self.assertIn("--training.objective=r_drop", calls[2])
        self.assertIn("--training.max_steps=7", calls[0])
        self.assertEqual(len((self.folder / "runs/5-pairs.en").read_text().splitlines()), 5)
        # Only what was cut short runs again.
        with self.assertRaises(SystemExit):
            self.run_script("train")
        self.assertEqual(len(self.calls.read_text().splitlines()), 5)

        self.run_script("report")
        page = self.page.read_text()
        self.assertTrue(page.startswith("before\n<!-- study -->") and page.endswith("after\n"))
        self.assertNotIn("of last time", page)
        self.assertIn("| plain | 31.50 ± 0.00 |  | 1,234 | 7 | 1.5 | 1, 2 |", page)
        self.assertIn("| other | 31.50 | +0.00 | 1,234 | 7 | 1.5 | 1 |", page)
        self.assertIn("heed train own.ini", page)
        self.run_script("report")
        self.assertEqual(self.page.read_text(), page)

    def test_trainings_cut_short_are_compared_where_all_are(self):
        with self.assertRaises(SystemExit):
            self.run_script("train", "study")
        cut = self.folder / "runs/study/other-2"
        (cut / "train.log").write_text("x command: heed cut\nx model: m | 99 parameters | cpu\n")
        (cut / "validations.tsv").write_text("step\tbleu\tseconds\n5\t12.5\t60\n")
        for run in ("plain-1", "plain-2", "other-1"):
            path = self.folder / "runs/study" / run / "validations.tsv"
            path.write_text("step\tbleu\tseconds\n5\t10.5\t30\n7\t30.25\t90\n")
        self.run_script("report")
        page = self.page.read_text()
        self.assertIn("cut short: all are compared after 5 updates", page)
        self.assertIn("| plain | 10.50 ± 0.00 |", page)
        self.assertIn("| other | 11.50 ± 1.41 | +1.00 |", page)

    def test_unknown_studies_are_named(self):
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as said:
            self.run_script("train", "nothing")
        self.assertIn("nothing: no such study; there are study", said.getvalue())


if __name__ == "__main__":
    unittest.main()
