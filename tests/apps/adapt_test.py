"""Trainings that begin with another model, vocabularies of all kinds, models of several directions."""

import shutil
import subprocess

import harness
from harness import Training, heed, lines_of, sample_lines, text

FEW = {"training.max_steps": 4, "training.validate_every": 2, "training.checkpoint_every": 2}


def part_of(name):
    """As src/model/parts.h has it."""
    if name.startswith("vocabulary.output_"):
        return "output"
    if name.startswith(("vocabulary.", "source_embedding.", "target_embedding.")):
        return "embeddings"
    if name.startswith("encoder"):
        return "encoder"
    attends = ".cross_attention." in name or name.startswith("decoder.attention.")
    return "attention" if attends else "decoder"


class InitialModelTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = Training(cls.folder / "base")
        for options in ({}, {"output.folder": cls.base.folder / "recurrent",
                             "model.architecture": "recurrent"}):
            result = cls.base.train({**FEW, **options})
            assert result.returncode == 0, result.stderr.decode()

    def adapt(self, options, initial=None, keep=("training.", "decoding.")):
        """A training that begins with `initial` and names no [model] and [tokenizer] of its own."""
        training = Training(self.new_folder())
        training.options = {key: value for key, value in training.options.items()
                            if key.startswith(keep)}
        training.options.update(FEW)
        training.options["training.initial_model"] = initial or self.base.model
        return training, training.train({"training.seed": 9, **options})

    def unchanged(self, model, initial):
        """The parts of which no weight changed."""
        now, before = (harness.tensors(folder / "model.safetensors") for folder in (model, initial))
        self.assertEqual(now.keys(), before.keys())
        return {part_of(name) for name in now} - {part_of(name) for name in now
                                                  if now[name] != before[name]}

    def test_takes_weights_vocabulary_and_sizes(self):
        checkpoint = self.base.checkpoint(2)
        training, result = self.adapt({"training.learning_rate": 1e-30, "training.max_steps": 1,
                                       "training.validate_every": 1}, checkpoint)
        self.said(self.ok(result), "initial model: ", "step-2", "drawn anew: nothing")
        self.assertEqual(harness.tensors(training.checkpoint(1) / "model.safetensors"),
                         harness.tensors(checkpoint / "model.safetensors"))
        self.assertEqual((training.model / "tokenizer.model").read_bytes(),
                         (self.base.model / "tokenizer.model").read_bytes())
        self.assertEqual(harness.state_of(training.checkpoint(1))["step"], 1)
        saved = (training.model / "config.ini").read_text()
        self.assertIn("\nhidden_size = 16\n", saved)
        self.assertIn("\nvocab_size = 250\n", saved)

    def test_a_configuration_from_a_pipe_is_read_once(self):
        training = Training(self.new_folder())
        training.options = {key: value for key, value in training.options.items() if key.startswith("training.")}
        training.options.update({**FEW, "training.initial_model": self.base.model})
        result = subprocess.run([harness.HEED, "train", "/dev/stdin", *training.overrides()],
                                input=training.config.read_bytes(), cwd=training.folder,
                                capture_output=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        saved = (training.model / "config.ini").read_text()
        self.assertIn("\nhidden_size = 16\n", saved)

    def test_another_initial_model_is_ignored_by_a_training_that_goes_on(self):
        training, result = self.adapt({})
        self.ok(result)
        began = f"\ninitial_model = {self.base.model}\n"
        self.assertIn(began, (training.model / "config.ini").read_text())
        for other in ("/nonexistent", ""):
            steps = training.steps()[-1] + 2
            result = self.ok(training.train({"training.initial_model": other, "training.max_steps": steps,
                                             "training.seed": 9}))
            self.said(result, f"training.initial_model = {other or 'empty'} is ignored: it is taken at the beginning alone")
            self.assertIn(began, (training.model / "config.ini").read_text())

    def test_frozen_parts_stay_bit_for_bit(self):
        for initial in (self.base.model, self.base.folder / "recurrent"):
            for frozen in ("encoder, embeddings", "decoder,attention,output"):
                options = {"training.frozen": frozen, "training.average_decay": 0.5}
                training, result = self.adapt(options, initial)
                self.said(self.ok(result), "frozen: ", "parameters do not change")
                parts = {part_of(name) for name in harness.tensors(initial / "model.safetensors")}
                self.assertEqual(self.unchanged(training.model, initial),
                                 parts & set(frozen.replace(" ", "").split(",")))

    def test_parts(self):
        training, result = self.adapt({"training.initial_parts": "encoder,embeddings",
                                       "training.learning_rate": 1e-30})
        self.said(self.ok(result), "drawn anew: decoder ")
        self.assertEqual(self.unchanged(training.model, self.base.model), {"encoder", "embeddings"})

    def test_what_does_not_fit_is_refused_with_both_values(self):
        cases = (({"model.hidden_size": 32}, "model.hidden_size = 16, not 32"),
                 ({"model.architecture": "recurrent"}, "model.architecture = transformer, not recurrent"),
                 ({"tokenizer.vocab_size": 300}, "tokenizer.vocab_size = 250, not 300"),
                 ({"model.hidden_size": 32, "training.initial_parts": "encoder",
                   "tokenizer.vocab_size": 250}, "[32, 16]", "[32, 32]", "model.hidden_size = 16, not 32"),
                 ({"training.initial_parts": "encoders"}, "expected some of encoder, decoder"),
                 ({"training.frozen": "encoder,decoder,attention,embeddings,output"},
                  "nothing is left to train"))
        for options, *words in cases:
            training, result = self.adapt(options)
            self.refused(result, 2, *words)
            self.assertFalse((training.model / "config.ini").exists(), options)

    def test_no_model(self):
        _, result = self.adapt({}, self.folder / "none")
        self.refused(result, 1, "[training] initial_model: ", "none", "no such model folder")
        _, result = self.adapt({}, self.base.model / "checkpoints")
        self.refused(result, 1, "[training] initial_model: ", "step-2 to step-4")

    def test_resumes_without_the_initial_model(self):
        initial = self.new_folder() / "initial"
        shutil.copytree(self.base.model, initial)
        whole, result = self.adapt({"training.frozen": "encoder"}, initial)
        self.ok(result)
        parts, result = self.adapt({"training.frozen": "encoder", "training.max_steps": 2}, initial)
        self.ok(result)
        shutil.rmtree(initial)
        result = self.ok(parts.train({"training.seed": 9, "training.frozen": "encoder"}))
        self.said(result, "resume: from")
        for name in ("model.safetensors", "training.safetensors"):
            self.assertEqual(harness.tensors(whole.checkpoint(4) / name),
                             harness.tensors(parts.checkpoint(4) / name))
        self.refused(parts.train({"training.seed": 9, "training.max_steps": 5}), 2,
                     "training.frozen =  (it began with encoder)")


def without_pieces(model, names):
    """A SentencePiece model file without some pieces: of its fields, 1 is a piece, whose field 1 is
    its text."""
    out, at = b"", 0
    while at < len(model):
        start, size, shift = at, 0, 0
        at += 1
        while True:
            byte = model[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        content = model[at:at + size]
        at += size
        is_piece = model[start] == 0x0A and content[:1] == b"\x0A"
        if not (is_piece and content[2:2 + content[1]].decode() in names):
            out += model[start:at]
    return out


class VocabularyTest(harness.HeedTest):
    def train(self, options):
        training = Training(self.new_folder())
        self.ok(training.train({**FEW, **options}))
        return training

    def test_a_foreign_vocabulary(self):
        own = self.train({})
        model = (own.model / "tokenizer.model").read_bytes()
        for gone in (("<pad>",), ("<pad>", "<s>")):
            foreign = harness.write(self.new_folder() / "foreign.model", without_pieces(model, gone))
            training = self.train({"tokenizer.model": foreign})
            info = self.ok(heed("info", training.model)).stdout.decode()
            self.assertIn(f"{250 - len(gone)} source", info)
            lines = sample_lines("dev.de", 8)
            out = heed("translate", training.model, "--n-best", 2, "--max-length", 8, "--format",
                       "json", stdin=text(lines))
            source = harness.write(training.folder / "source", text(lines))
            scored = heed("score", training.model, "--source", source, "--n-best", "-",
                          stdin=self.ok(out).stdout)
            for line in lines_of(self.ok(scored).stdout):
                entry = harness.json.loads(line)
                if entry["ended"]:
                    self.assertAlmostEqual(entry["heed"], entry["score"], delta=1e-4)
        foreign = harness.write(self.new_folder() / "foreign.model", without_pieces(model, ["</s>"]))
        refused = Training(self.new_folder()).train({"tokenizer.model": foreign})
        self.refused(refused, 1, foreign, "no end")

    def test_bytes_digits_and_pieces(self):
        training = self.train({"tokenizer.user_defined": "<sep>, a\\,b", "tokenizer.vocab_size": 600,
                               "tokenizer.byte_fallback": "true", "tokenizer.split_digits": "true"})
        encoded = heed("tokenize", "encode", "-m", training.model / "tokenizer.model",
                       stdin="x <sep> a,b 日 1987\n").stdout.decode().split()
        for piece in ("<sep>", "a,b", "<0xE6>", "1", "9", "8", "7"):
            self.assertTrue(piece in encoded or f"▁{piece}" in encoded, (piece, encoded))
        out = heed("translate", training.model, "--format", "json", stdin="日本 <sep>\n")
        self.assertNotIn("<unk>", harness.json.loads(self.ok(out).stdout)["source_pieces"])
        self.assertIn("<sep>", harness.json.loads(out.stdout)["source_pieces"])

    def test_tokenize_train_has_them_too(self):
        path = self.new_folder() / "m"
        self.ok(heed("tokenize", "train", harness.ROOT / "data/dev.de", "-m", path, "--vocab-size", 600,
                     "--byte-fallback", "--split-digits", "--user-defined", "<a>",
                     "--user-defined", "<b>"))
        encoded = heed("tokenize", "encode", "-m", path, stdin="<a>日<b>\n").stdout.decode().split()
        self.assertEqual(encoded, ["▁", "<a>", "<0xE6>", "<0x97>", "<0xA5>", "<b>"])

    def test_pieces_that_cannot_be(self):
        training = Training(self.new_folder())
        for value, words in (("a b", "has a space in it"), ("<s>", "one of the special pieces"),
                             ("<x>, <x>", "<x> comes twice")):
            self.refused(training.train({"tokenizer.user_defined": value}), 2,
                         "[tokenizer] user_defined", words)
        self.refused(training.train({"tokenizer.byte_fallback": "true"}), 2, "vocab_size = 250",
                     "take 260")


class TagsTest(harness.HeedTest):
    """One model for both directions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.training = Training(cls.folder / "both")
        harness.write(cls.training.config, "[data]\ntrain_source = train.de, train.en\n"
                      "train_target = train.en, train.de\ntags = >>eng<<, >>deu<<\n"
                      "dev_source = dev.de\ndev_target = dev.en\ndev_tag = >>eng<<\n"
                      "[output]\nfolder = model\n")
        cls.training.options.update({**harness.LEARNED, "training.max_steps": 60,
                                     "training.validate_every": 60})
        result = cls.training.train()
        assert result.returncode == 0, result.stderr.decode()

    def translate(self, lines, *flags):
        result = heed("translate", self.training.model, "--max-length", 20, *flags, stdin=text(lines))
        return lines_of(self.ok(result).stdout)

    def test_a_tag_is_a_flag_or_stands_in_the_text(self):
        lines = [*sample_lines("dev.de", 10), "", "  ", "x"]
        given = self.translate(lines, "--source-tag", ">>eng<<")
        written = self.translate([f">>eng<< {line}" if line.strip() else line for line in lines])
        self.assertEqual(given, written)
        self.assertEqual(given[10:12], ["", ""])
        self.assertNotEqual(given, self.translate(lines, "--source-tag", ">>deu<<"))

    def test_each_part_of_a_line_has_it(self):
        parts = sample_lines("dev.de", 3)
        whole = self.translate([" ".join(parts)], "--source-tag", ">>deu<<", "--split-sentences")
        alone = self.translate(parts, "--source-tag", ">>deu<<", "--split-sentences")
        self.assertEqual(whole, [" ".join(alone)])

    def test_it_has_no_word_of_the_line(self):
        line, links = sample_lines("dev.de", 1), self.new_folder() / "links"
        out = heed("translate", self.training.model, "--source-tag", ">>eng<<", "--format", "json",
                   "--alignment", links, "--max-length", 20, stdin=text(line))
        found = harness.json.loads(self.ok(out).stdout)
        self.assertIn(">>eng<<", found["source_pieces"][:2])
        self.assertEqual(len(found["attention"][0]), len(found["source_pieces"]))
        words = len(line[0].split())
        for source, _ in found["alignment"]:
            self.assertLess(source, words)

    def test_unknown_words_are_still_replaced_by_their_own(self):
        out = self.translate(["日本 Emma 日本"], "--source-tag", ">>eng<<", "--replace-unknown")
        self.assertNotIn("⁇", out[0])

    def test_the_tag_of_the_validation_may_stand_in_its_text(self):
        given, written = (Training(self.new_folder()) for _ in range(2))
        self.ok(given.train({**FEW, "data.tags": ">>eng<<", "data.dev_tag": ">>eng<<"}))
        harness.write(written.folder / "dev.de", text([f">>eng<< {line}" for line
                                                       in sample_lines("dev.de", 20)]))
        self.ok(written.train({**FEW, "data.tags": ">>eng<<"}))
        for one, other in zip(given.validations(), written.validations(), strict=True):
            self.assertEqual((one["loss"], one["bleu"]), (other["loss"], other["bleu"]))

    def test_tags_that_do_not_fit(self):
        self.refused(heed("translate", self.training.model, "--source-tag", ">>fra<<", stdin="x\n"), 2,
                     "--source-tag >>fra<<", "splits it into")
        self.refused(self.training.train({"data.tags": ">>eng<<"}, "--fresh"), 2,
                     "tags names 1 tags and train_source 2 files")
        self.refused(self.training.train({"data.tags": "a b, c"}, "--fresh"), 2, "[data] tags: a b")
        other = Training(self.new_folder())
        self.refused(other.train({"data.tags": "<fremd>",
                                  "tokenizer.model": self.training.model / "tokenizer.model"}),
                     2, "[data] tags: <fremd>", "splits it into")


if __name__ == "__main__":
    harness.main()
