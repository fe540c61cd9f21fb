"""heed export: CTranslate2 and transformers say what heed says, sentence by sentence.

Each half is skipped where this Python has not its packages, all of it (code 77) where it has neither's: then that of
$HEED_PEERS/transformers or $HEED_PEERS/ct2 is taken, if scripts/peers/setup.sh has made one.
"""

import importlib.util
import os
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77


def has(*names):
    return all(importlib.util.find_spec(name) for name in names)


CTRANSLATE2, TRANSFORMERS = has("ctranslate2", "sentencepiece"), has("transformers", "torch", "sentencepiece")
if not CTRANSLATE2 and not TRANSFORMERS:
    peers = Path(os.environ.get("HEED_PEERS", "/nonexistent"))
    others = [path for name in ("transformers", "ct2") if (path := peers / name / "bin/python").exists()]
    if not others or Path(sys.executable) in others:
        print("skipped: neither ctranslate2 nor transformers is here; scripts/peers/setup.sh installs them")
        sys.exit(SKIPPED)
    os.execv(others[0], [str(others[0]), "-B", *sys.argv])

sys.path[:0] = [str(ROOT / "tests/apps"), str(ROOT / "scripts")]
import harness  # noqa: E402  (after the search path)
from harness import heed, lines_of, sample_lines, text  # noqa: E402

GOLDEN = ROOT / "tests/exchange/golden"
UNTIED = {"model.tie_softmax": "false", "model.tie_source_target": "false", "tokenizer.shared": "false"}
# Cut by the same count of pieces, however short the source.
LIMITS = ("--max-length", 256, "--max-length-ratio", 1000)
ROUNDING = 5e-3  # of log P, printed with 4 digits a piece by both


class ExportTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.input = harness.write(cls.folder / "input", text(sample_lines("dev.de", 60)))

    def export(self, model, form):
        out = self.new_folder() / form
        self.ok(heed("export", model, "--format", form, "-o", out))
        return out

    def imported(self, name):
        out = self.new_folder() / name
        self.ok(heed("import", GOLDEN / name, "-o", out))
        return out

    def heed_rows(self, model, beam, penalty, limits=LIMITS):
        """(text, log P, pieces with the end symbol, log P / pieces^penalty) of each line."""
        result = self.ok(heed("translate", model, "-i", self.input, "--threads", 1, "--precision", "float32",
                              "--format", "tabs", "--beam-size", beam, "--length-penalty", penalty, *limits))
        rows = [line.split("\t") for line in lines_of(result.stdout)]
        return [(row[5], float(row[3]), int(row[4]), float(row[2])) for row in rows]


@unittest.skipUnless(CTRANSLATE2, "ctranslate2 is not here")
class CTranslate2Test(ExportTest):
    def peer_rows(self, exported, beam, penalty):
        """(text, score, whether it was cut) of each line."""
        output = self.folder / "output"
        command = [sys.executable, "-B", ROOT / "scripts/peers/ctranslate2_translate.py", exported, self.input,
                   output, "--beam-size", str(beam), "--length-penalty", str(penalty), "--scores"]
        self.ok(subprocess.run(command, capture_output=True, check=False))
        rows = [line.split("\t", 2) for line in lines_of(output.read_bytes())]
        return [(row[2], float(row[0]), int(row[1]) >= LIMITS[1]) for row in rows]

    def agree(self, model):
        """Exports a model, and compares greedy search and beams of both engines."""
        exported = self.export(model, "ctranslate2")
        for beam, penalty in ((1, 0), (5, 0)):
            own, peer = self.heed_rows(model, beam, penalty), self.peer_rows(exported, beam, penalty)
            self.assertEqual(len(peer), len(own))
            self.assertGreater(len({row[0] for row in own}), 10, "all translations are the same")
            for (words, log_p, _, _), (peer_words, score, cut) in zip(own, peer):
                if not cut:  # heed adds the end's probability to what it cuts, CTranslate2 does not
                    self.assertAlmostEqual(score, log_p, delta=ROUNDING + 1e-5 * abs(log_p))
                    self.assertEqual(peer_words, words)
        return exported

    def agree_at_every_end(self, model):
        exported = self.agree(model)
        self.beams_end_differently(self.heed_rows(model, 5, 1), self.peer_rows(exported, 5, 1))

    def beams_end_differently(self, own, peer):
        """With a length penalty heed looks longer: where the texts differ, its own scores higher."""
        same = 0
        for (words, _, _, score), (peer_words, peer_score, cut) in zip(own, peer, strict=True):
            if cut:
                continue
            if words == peer_words:
                same += 1
                self.assertAlmostEqual(score, peer_score, delta=2e-3)
            else:
                self.assertGreater(score, peer_score, (words, peer_words))
        self.assertGreater(same, 10)

    def test_pre_norm_tied(self):
        self.agree_at_every_end(self.learned("pre").model)

    def test_post_norm_untied_gelu_two_vocabularies_and_more_encoder_layers(self):
        self.agree_at_every_end(self.learned("post", {
            "model.norm": "post", "model.activation": "gelu", "model.layers": 2, "model.decoder_layers": 1,
            **UNTIED}).model)

    def test_characters_and_learned_positions(self):
        self.agree_at_every_end(self.learned("learned", {
            "tokenizer.type": "char", "tokenizer.vocab_size": 90, "model.positions": "learned",
            "data.max_length": 200, "training.max_steps": 600}).model)

    def test_imported_ones(self):
        for name in ("marian_post", "marian_pre"):
            self.agree(self.imported(name))


@unittest.skipUnless(TRANSFORMERS, "transformers is not here")
class TransformersTest(ExportTest):
    def agree(self, model):
        import foreign_models
        limit = 60
        judge = foreign_models.HuggingFaceJudge(self.export(model, "huggingface"))
        own = self.heed_rows(model, 1, 0, ("--max-length", limit, "--max-length-ratio", 1000))
        peer = judge.greedy(lines_of(self.input.read_bytes()), limit)
        self.assertEqual(peer, [row[0] for row in own])
        self.assertGreater(len(set(peer)), 10, "all translations are the same")

    def test_post_norm_tied(self):
        self.agree(self.learned("post_tied", {"model.norm": "post"}).model)

    def test_untied_learned_positions_two_vocabularies_swish(self):
        self.agree(self.learned("post_learned", {"model.norm": "post", "model.positions": "learned",
                                                 "model.activation": "swish", **UNTIED}).model)

    def test_imported_ones(self):
        for name in ("marian_post", "hugging_face_tied", "hugging_face_separate", "hugging_face_half"):
            self.agree(self.imported(name))


if __name__ == "__main__":
    harness.main()
