"""Trainings that leave their size to heed: chosen by the number of pairs, told, and kept."""

import gzip
import re

import harness
from harness import Training, heed

SHORT = {"training.max_steps": 3, "training.threads": 1, "training.precision": "float32",
         "evaluation.samples": 0}


class PresetTest(harness.HeedTest):
    def new(self, pairs=300):
        training = Training(self.new_folder(), pairs=pairs)
        training.options = dict(SHORT)
        return training

    def value(self, training, key):
        return re.search(rf"^{key} = (.*)$", (training.model / "config.ini").read_text(), re.M)[1]

    def test_the_number_of_pairs_decides(self):
        training = self.new()
        result = self.ok(training.train())
        self.said(result, "size: 300 training pairs and no key of [model] given: preset small",
                  "hidden_size = 128", "size: as given: max_steps = 3")
        self.assertEqual(self.value(training, "hidden_size"), "128")
        self.assertEqual(self.value(training, "max_steps"), "3")

    def test_what_it_began_with_stays(self):
        training = self.new()
        self.ok(training.train())
        # By now the text would have it medium.
        for language in ("de", "en"):
            path = training.folder / f"train.{language}"
            path.write_text(path.read_text() * 40)
        result = self.ok(training.train({"training.max_steps": 4}))
        self.said(result, "size: as this training began: ", "training data has changed")
        self.assertEqual(self.value(training, "hidden_size"), "128")
        result = self.ok(heed("train", training.model / "config.ini", "--training.max_steps=5"))
        self.assertNotIn(b"size: ", result.stderr)
        self.assertEqual(training.steps()[-1], 5)

    def test_resuming_is_exact(self):
        whole, parts = self.new(), self.new()
        constant = {"training.schedule": "constant"}  # else max_steps shapes the learning rate
        self.ok(whole.train({**constant, "training.max_steps": 6}))
        self.ok(parts.train({**constant, "training.max_steps": 3}))
        self.ok(parts.train({**constant, "training.max_steps": 6}))
        self.assertEqual(harness.tensors(whole.checkpoint(6) / "model.safetensors"),
                         harness.tensors(parts.checkpoint(6) / "model.safetensors"))

    def test_whoever_gives_a_key_of_model_gets_no_preset(self):
        small = {"model.hidden_size": 16, "model.heads": 2, "tokenizer.vocab_size": 250}
        training = self.new()
        self.assertNotIn(b"size: ", self.ok(training.train(small)).stderr)
        self.assertEqual(self.value(training, "learning_rate"), "0.001")
        section = self.new()
        with open(section.config, "a", encoding="utf-8") as file:
            file.write("[model]\nhidden_size = 16\nheads = 2\n")
        result = self.ok(section.train({"tokenizer.vocab_size": 250}))
        self.assertNotIn(b"size: ", result.stderr)
        self.assertEqual(self.value(section, "feed_forward_size"), "1024")

    def test_what_may_change_of_the_model_leaves_the_rest_as_it_began(self):
        training = self.new()
        self.ok(training.train())
        result = self.ok(training.train({"training.max_steps": 4, "model.dropout": 0.1}))
        self.said(result, "size: as this training began: ", "model.dropout = 0.1 as given now, it was 0.3")
        self.assertNotIn(b"learning_rate = 0.001", result.stderr)
        self.assertEqual(self.value(training, "learning_rate"), "0.003")
        self.refused(training.train({"training.max_steps": 5, "model.hidden_size": 64}), 2,
                     "model.hidden_size = 64 (it began with 128)")

    def test_keys_beside_the_size_win_one_by_one(self):
        training = self.new()
        self.ok(training.train({"training.learning_rate": 0.0007, "tokenizer.vocab_size": 250}))
        self.assertEqual(self.value(training, "learning_rate"), "0.0007")
        self.assertEqual(self.value(training, "vocab_size"), "250")
        self.assertEqual(self.value(training, "hidden_size"), "128")

    def test_what_cannot_be_counted_beforehand(self):
        files = self.new()
        self.ok(files.train())
        packed = self.new()
        source = packed.folder / "train.de"
        text = source.read_bytes()
        (packed.folder / "train.de.gz").write_bytes(gzip.compress(text))
        options = {"data.train_source": packed.folder / "train.de.gz"}
        self.said(self.ok(packed.train(options)), "size: 300 training pairs")
        piped = self.new()
        result = heed("train", piped.config, *piped.overrides({"data.train_source": "-"}), stdin=text)
        self.said(self.ok(result), "size: 300 training pairs")
        for other in (packed, piped):
            self.assertEqual(harness.tensors(files.model / "model.safetensors"),
                             harness.tensors(other.model / "model.safetensors"))

    def test_a_text_of_few_or_many_characters(self):
        few = self.new(pairs=12)
        self.said(self.ok(few.train()), "size: vocab_size = ", "too large for the characters")
        many = self.new()
        lines = ["".join(chr(0x4E00 + (7 * i + 31 * j) % 1900) for j in range(9)) for i in range(300)]
        (many.folder / "train.de").write_text(harness.text(lines), encoding="utf-8")
        self.said(self.ok(many.train()), "size: vocab_size = ", "too small for the characters")

    def test_the_table_is_shown(self):
        for form in ("text", "markdown"):
            output = self.ok(heed("options", "--format", form)).stdout.decode()
            for word in ("small", "medium", "large", "below 10,000 pairs", "tokenizer.vocab_size"):
                self.assertIn(word, output)


if __name__ == "__main__":
    harness.main()
