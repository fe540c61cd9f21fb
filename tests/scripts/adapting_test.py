"""The commands of docs/adapting.md, docs/multilingual.md and docs/reranking.md run, on small models in
place of those that the pages name."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEED = Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build/release/heed").resolve()
SMALL = {"model.hidden_size": 16, "model.feed_forward_size": 32, "model.layers": 1, "model.heads": 2,
         "tokenizer.vocab_size": 400, "training.max_steps": 20, "training.validate_every": 20,
         "training.threads": 1, "training.precision": "float32", "decoding.max_length": 20,
         "decoding.beam_size": 2, "evaluation.batch_size": 200}


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="heed-pages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.models = cls.folder / "models"

    def train(self, config, model, **options):
        options = {**SMALL, **options, "output.folder": self.models / model}
        subprocess.run([HEED, "train", ROOT / "configs" / config, "--quiet",
                        *(f"--{key}={value}" for key, value in options.items())], check=True)

    def run_page(self, name):
        page = Path(shutil.copy(ROOT / "docs" / name, self.folder / name))
        done = subprocess.run([sys.executable, "-B", ROOT / "scripts/refresh_transcript.py", page,
                               "--heed", HEED, "--models", self.models],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return page.read_text(encoding="utf-8")

    def test_pages(self):
        self.train("quickstart.ini", "quickstart")
        self.train("both-directions.ini", "both-directions")
        data = ROOT / "data"
        self.train("quickstart.ini", "german-english", **{
            "data.train_source": data / "train.de", "data.train_target": data / "train.en",
            "data.dev_source": data / "dev.de", "data.dev_target": data / "dev.en"})
        text = self.run_page("adapting.md")
        self.assertIn("initial model: ", text)
        self.assertIn("frozen: encoder, embeddings: ", text)
        self.assertGreaterEqual(text.count("training is finished: "), 3)
        self.assertIn("weights = 1, 25", (self.models / "support-mixed/config.ini").read_text())
        self.assertEqual(self.run_page("multilingual.md").count("\nBLEU|"), 4)
        self.run_page("reranking.md")  # by the models that the first page has made


if __name__ == "__main__":
    unittest.main()
