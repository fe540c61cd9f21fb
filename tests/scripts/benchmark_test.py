"""The benchmarks' own arithmetic: what they count, from when, what they fit, and where it is written."""

import json
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/apps"))
import harness  # noqa: E402  (takes the executable's path from the command line)

sys.path.insert(0, str(ROOT / "scripts/benchmark"))
import measure  # noqa: E402

measure.HEED = Path(harness.HEED)
import cost_model  # noqa: E402
import data  # noqa: E402
import decoding  # noqa: E402
import quality  # noqa: E402
import training  # noqa: E402

SLOW_PRINTER = """
import sys, time
for i in range(1, 100):
    print("chatter", flush=True)
    print(f"progress {i} {1000 * i * i}", flush=True)
    time.sleep(0.02)
"""


class BenchmarkTest(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="heed-benchmark-")
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)

    def measured(self, program, **limits):
        limits = types.SimpleNamespace(**{"updates": 0, "seconds": 60, **limits})
        return training.measure([sys.executable, "-c", program], training.PeerProgress(), 1, self.folder,
                                self.folder / "log", limits)

    def test_the_rate_begins_at_the_first_report_and_ends_at_the_last(self):
        result = self.measured(SLOW_PRINTER, updates=4)
        self.assertEqual((result["updates"], result["tokens"]), (4, 1000 * (7 * 7 - 3 * 3)))
        self.assertGreaterEqual(result["seconds"], 4 * 0.02)
        self.assertGreaterEqual(result["start_seconds"], 2 * 0.02)
        self.assertGreater(result["peak_mib"], 1)

    def test_a_run_that_ends_early_has_no_rate(self):
        self.assertIsNone(self.measured("print('error: no such precision')"))
        self.assertIsNone(self.measured("print('progress 3 5')"))
        self.assertIsNone(self.measured("print('progress 3 5\\nprogress 9 70')", updates=7))
        self.assertIn("no such", self.said("x\nerror: no such precision\nRun with --help for more information.\n"))

    def said(self, text):
        log = self.folder / "said"
        log.write_text(text)
        return measure.last_line(log)

    def test_lines_of_progress(self):
        peer = training.PeerProgress()
        self.assertEqual(peer("progress 12 4800"), (12, 4800))
        marian = "[2026-01-01 10:00:00] Ep. 1 : Up. {} : Sen. 1,234 : Cost 8.98 : Time {}s : {} words/s : gNorm 4.5"
        self.assertEqual(peer(marian.format(5, "4.00", "1,000.50")), (5, 4002))
        self.assertEqual(peer(marian.format("1,010", "2.00", "999.00")), (1010, 6000))
        self.assertIsNone(peer("Up and down"))

    def test_heeds_tokens_are_its_rates_by_its_own_clock(self):
        metrics = self.folder / "metrics.jsonl"
        heed = training.HeedProgress(self.folder)
        for step, rate, seconds, tokens in ((5, 10, 3, 0), (10, 100, 5, 200), (15, 50, 7, 300)):
            with open(metrics, "a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": "train", "step": step, "tokens_per_second": rate,
                                       "seconds": seconds}) + "\n")
            self.assertIsNone(heed("something else"))
            self.assertEqual(heed(f"train | step {step}/100 | epoch 0.1"), (step, tokens))

    def test_validations_of_both(self):
        (self.folder / "validations.tsv").write_text("step\tepoch\tloss\tperplexity\tbleu\tlr\tseconds\tbest\n"
                                                     "120\t1\t4.1\t60.5\t3.25\t1\t9\t*\n240\t2\t3\t20\t-\t1\t9\t\n")
        self.assertEqual(quality.rows_of_heed(self.folder), [(120, 60.5, 3.25)])
        (self.folder / "validations.txt").write_text("Steps: 250\tloss: 4.0\tacc: 0.3\tppl: 54.60\tbleu: 2.50\t*\n"
                                                     "Steps: 500\tloss: 4.0")
        self.assertEqual(quality.rows_of_joeynmt(self.folder), [(250, 54.6, 2.5)])

    def test_the_fit_finds_the_costs_that_made_the_times(self):
        costs = [3.0, 0.5, 2.0, 0.0, 4.0]
        points = [(128, 8000, 16), (256, 8000, 16), (512, 8000, 16), (1024, 8000, 16), (256, 64000, 16),
                  (256, 32000, 16), (256, 8000, 256), (256, 8000, 64)]
        times = [cost_model.predict(costs, *point) for point in points]
        found = cost_model.solve([cost_model.features(*point) for point in points], times)
        for point, time in zip(points, times):
            self.assertAlmostEqual(cost_model.predict(found, *point) / time, 1, delta=0.01)
        self.assertGreaterEqual(min(found), 0)

    def test_amdahl(self):
        self.assertEqual(cost_model.serial_share(1, 0.5), 0)
        self.assertAlmostEqual(cost_model.serial_share(1, 0.6), 0.2)
        self.assertEqual(cost_model.speedup(0, 16), 16)
        self.assertAlmostEqual(cost_model.speedup(0.2, 2), 1 / 0.6)

    def test_rows_stay_and_are_not_measured_again(self):
        table = measure.Table(self.folder / "a.tsv", ("name", "round"), ("seconds",))
        table.add(name="heed x", round=1, seconds=0.25)
        again = measure.Table(self.folder / "a.tsv", ("name", "round"), ("seconds",))
        self.assertTrue(again.has(name="heed x", round=1))
        self.assertFalse(again.has(name="heed x", round=2))
        self.assertEqual(measure.median(again.rows, "seconds"), 0.25)
        with self.assertRaisesRegex(SystemExit, "other columns than name, seconds"):
            measure.Table(self.folder / "a.tsv", ("name",), ("seconds",))

    def test_ratios_are_of_the_same_round(self):
        own = [{"round": "1", "rate": "10"}, {"round": "2", "rate": "40"}, {"round": "3", "rate": "90"}]
        other = [{"round": "1", "rate": "5"}, {"round": "2", "rate": "10"}]
        self.assertEqual(measure.ratio_by_round(own, other, "rate"), 3)
        self.assertIsNone(measure.ratio_by_round(own, [], "rate"))

    def test_a_part_of_the_page_is_replaced_alone(self):
        page = self.folder / "page.md"
        page.write_text("a\n<!-- one -->\nold\n<!-- /one -->\nb\n<!-- two -->\nkept\n<!-- /two -->\n")
        copy = self.folder / "copy.md"
        with mock.patch.multiple(measure, PAGE=page, COPY=copy):
            measure.write_part("one", "tried\n", types.SimpleNamespace(publish=False))
            self.assertIn("old", page.read_text())
            self.assertIn("tried", copy.read_text())
            measure.write_part("one", "new\n", types.SimpleNamespace(publish=True))
            with self.assertRaisesRegex(SystemExit, "expected one <!-- three -->"):
                measure.write_part("three", "new", types.SimpleNamespace(publish=True))
        here = f"<!-- on {measure.pages.machine()} -->\nnew\n<!-- /on -->\n"
        self.assertEqual(page.read_text(),
                         f"a\n<!-- one -->\n{here}<!-- /one -->\nb\n<!-- two -->\nkept\n<!-- /two -->\n")

    def test_each_machine_keeps_what_it_measured(self):
        first = measure.with_machine("", "A, 2 cores", "one\n")
        both = measure.with_machine(first, "B, 8 cores", "two")
        self.assertEqual(both, "<!-- on A, 2 cores -->\none\n<!-- /on -->\n\n<!-- on B, 8 cores -->\ntwo\n<!-- /on -->\n")
        self.assertEqual(measure.with_machine(both, "A, 2 cores", "three"), both.replace("one", "three"))
        for name in ("training", "quality", "training-scaling", "decoding", "decoding-scaling"):
            self.assertEqual(measure.PAGE.read_text(encoding="utf-8").count(f"<!-- {name} -->"), 1, name)

    def test_made_up_text_has_exactly_the_vocabulary_and_length_asked_for(self):
        data.HEED = measure.HEED
        data.make_corpus(self.folder, 300, 8)
        data.heed("tokenize", "encode", "-m", self.folder / "vocabulary.model", "-i", self.folder / "train.de", "-o",
                  self.folder / "pieces")
        lines = [line.split() for line in (self.folder / "pieces").read_text(encoding="utf-8").splitlines()]
        self.assertEqual({len(line) for line in lines}, {8})
        self.assertEqual(data.target_tokens(self.folder / "pieces"), 9 * len(lines))
        pieces = data.pieces_of(self.folder / "vocabulary.model")
        self.assertEqual(len(set(pieces)), 300)
        self.assertEqual({piece for line in lines for piece in line} - set(pieces), set())

    def test_a_vocabulary_file_holds_no_special_piece(self):
        data.write_vocabularies(self.folder, ["<pad>", "<unk>", "<s>", "</s>", "▁a", '"', "\\"])
        self.assertEqual((self.folder / "vocabulary.txt").read_text(), '▁a\n"\n\\\n')
        self.assertEqual((self.folder / "vocabulary.yml").read_text(),
                         '"</s>": 0\n"<unk>": 1\n"▁a": 2\n"\\"": 3\n"\\\\": 4\n')

    def test_every_variant_is_measured_once(self):
        variants = decoding.variants()
        self.assertEqual(len(set(variants)), len(variants))


if __name__ == "__main__":
    harness.main()
