"""scripts/export_ctranslate2.py: CTranslate2 says what heed says, sentence by sentence.

Skipped (code 77) where neither this Python nor $HEED_PEERS/ct2 has ctranslate2.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77
NEEDED = ("ctranslate2", "sentencepiece", "numpy")

if any(importlib.util.find_spec(name) is None for name in NEEDED):
    other = Path(os.environ.get("HEED_PEERS", "/nonexistent")) / "ct2/bin/python"
    if not other.exists() or Path(sys.executable) == other:
        print(f"skipped: {', '.join(NEEDED)} are not here; scripts/peers/setup.sh installs them")
        sys.exit(SKIPPED)
    os.execv(other, [str(other), "-B", *sys.argv])

sys.path.insert(0, str(ROOT / "tests/apps"))
import harness  # noqa: E402  (after the search path)
from harness import heed, lines_of, sample_lines, text  # noqa: E402

UNTIED = {"model.tie_softmax": "false", "model.tie_source_target": "false", "tokenizer.shared": "false"}
# Cut by the same count of pieces, however short the source.
LIMITS = ("--max-length", 256, "--max-length-ratio", 1000)
ROUNDING = 5e-3  # of log P, printed with 4 digits a piece by both


class ExportTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.input = harness.write(cls.folder / "input", text(sample_lines("dev.de", 60)))

    def export(self, model, out, *flags):
        return subprocess.run([sys.executable, "-B", ROOT / "scripts/export_ctranslate2.py", model, out, *flags],
                              capture_output=True, check=False)

    def heed_rows(self, model, beam, penalty):
        """(text, log P, pieces with the end symbol, log P / pieces^penalty) of each line."""
        result = self.ok(heed("translate", model, "-i", self.input, "--threads", 1, "--precision", "float32",
                              "--format", "tabs", "--beam-size", beam, "--length-penalty", penalty, *LIMITS))
        rows = [line.split("\t") for line in lines_of(result.stdout)]
        return [(row[5], float(row[3]), int(row[4]), float(row[2])) for row in rows]

    def peer_rows(self, exported, beam, penalty):
        """(text, score, whether it was cut) of each line."""
        output = self.folder / "output"
        command = [sys.executable, "-B", ROOT / "scripts/peers/ctranslate2_translate.py", exported, self.input,
                   output, "--beam-size", str(beam), "--length-penalty", str(penalty), "--scores"]
        self.ok(subprocess.run(command, capture_output=True, check=False))
        rows = [line.split("\t", 2) for line in lines_of(output.read_bytes())]
        return [(row[2], float(row[0]), int(row[1]) >= LIMITS[1]) for row in rows]

    def agree(self, name, options=None):
        """Trains a model, exports it, and compares greedy search and beams of both engines."""
        model = self.learned(name, options).model
        exported = self.folder / f"{name}.ct2"
        self.ok(self.export(model, exported))
        for beam, penalty in ((1, 0), (5, 0)):
            own, peer = self.heed_rows(model, beam, penalty), self.peer_rows(exported, beam, penalty)
            self.assertEqual(len(peer), len(own))
            self.assertGreater(len({row[0] for row in own}), 10, "all translations are the same")
            for (words, log_p, _, _), (peer_words, score, cut) in zip(own, peer):
                if not cut:  # heed adds the end's probability to what it cuts, CTranslate2 does not
                    self.assertAlmostEqual(score, log_p, delta=ROUNDING + 1e-5 * abs(log_p))
                    self.assertEqual(peer_words, words)
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
        self.agree("pre")

    def test_post_norm_untied_gelu_two_vocabularies_and_more_encoder_layers(self):
        self.agree("post", {"model.norm": "post", "model.activation": "gelu", "model.layers": 2,
                            "model.decoder_layers": 1, **UNTIED})

    def test_characters_and_learned_positions(self):
        self.agree("learned", {"tokenizer.type": "char", "tokenizer.vocab_size": 90, "model.positions": "learned",
                               "data.max_length": 200, "training.max_steps": 600})

    def test_what_it_has_not_is_refused_by_name(self):
        for key, value in (("self_attention", "linear"), ("positions", "rotary"), ("attention_weights", "entmax15"),
                           ("attention_scope", "local_m"), ("attention_score", "additive"),
                           ("self_attention_weights", "sparsemax"), ("architecture", "recurrent")):
            folder = self.new_folder()
            harness.write(folder / "config.ini", f"[model]\n{key} = {value}\n")
            self.refused(self.export(folder, folder / "out"), 1, folder / "config.ini",
                         f"[model] {key} = {value}: CTranslate2 has not got it")
            self.assertFalse((folder / "out").exists())

    def test_missing_files_and_a_folder_that_is_there(self):
        folder = self.new_folder()
        self.refused(self.export(folder, folder / "out"), 1, folder / "config.ini", "is not there")
        self.refused(self.export(folder, folder), 1, folder, "is there already", "--force")
        harness.write(folder / "config.ini",
                      "[model]\nlayers = 1\ndecoder_layers = 0\nheads = 1\n"
                      "tie_source_target = true\ntie_softmax = true\n")
        harness.write(folder / "model.safetensors", b"1234")
        self.refused(self.export(folder, folder / "out"), 1, "model.safetensors", "4 bytes are no whole")


if __name__ == "__main__":
    harness.main()
