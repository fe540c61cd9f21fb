"""Configuration and usage: every mistake is named with its place, and ends with exit code 2."""

import os

import harness
from harness import ROOT, Training, heed

VALID = ("[data]\ntrain_source = train.de\ntrain_target = train.en\ndev_source = dev.de\n"
         "dev_target = dev.en\n[output]\nfolder = model\n")


class ConfigTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.training = Training(cls.folder / "t")

    def train_with(self, content):
        path = harness.write(self.training.folder / "bad.ini", content)
        return path, heed("train", path)

    def check(self, added, line, *words):
        """`added` follows the seven valid lines; the fault is on its `line`, from 1."""
        path, result = self.train_with(VALID.encode() + added if isinstance(added, bytes)
                                       else VALID + added)
        self.refused(result, 2, f"{path}:{7 + line}: ", *words)
        self.assertFalse(self.training.model.exists(), "made a folder for a wrong configuration")

    def test_unknown_keys(self):
        self.check("[training]\nlearning_rte = 5e-4\n", 2, "[training] learning_rte = 5e-4",
                   "unknown key", "did you mean learning_rate", "real > 0", "default 0.001")

    def test_a_key_in_the_wrong_section(self):
        self.check("[model]\nlearning_rate = 5e-4\n", 2, "learning_rate", "[training]")

    def test_unknown_sections(self):
        self.check("[trainig]\n", 1, "trainig", "training")

    def test_a_section_without_its_bracket(self):
        self.check("[training\n", 1, "]")

    def test_duplicates(self):
        self.check("[training]\nseed = 1\nseed = 2\n", 3, "seed")
        self.check("[training]\nseed = 1\n[model]\nlayers = 1\n[training]\n", 5, "training")

    def test_values_of_another_type(self):
        for value in ("0,5", "nan", "inf", "", "0.5x", "-1", "0"):
            self.check(f"[training]\nlearning_rate = {value}\n", 2, "learning_rate",
                       "expected real > 0" if value else "an empty value")
        self.check("[model]\nlayers = 2.5\n", 2, "layers", "integer")
        self.check("[model]\narchitecture = transfomer\n", 2, "transfomer", "transformer")
        self.check("[tokenizer]\nshared = maybe\n", 2, "shared", "true or false")

    def test_no_key_and_no_value(self):
        self.check("[training]\nseed\n", 2, "seed")
        self.check("[training]\n= 5\n", 2, "5")

    def test_a_device_without_an_end(self):
        self.refused(heed("train", "/dev/zero"), 1, "/dev/zero", "has no end")

    def test_binary_garbage(self):
        self.check(bytes(range(1, 9)) + b"\xff\xfe\n", 1)
        path, result = self.train_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        self.refused(result, 2, f"{path}:1: ")

    def test_a_configuration_from_a_pipe_is_of_the_current_folder(self):
        folder = self.new_folder()
        for path in ("-", "/dev/stdin"):
            result = heed("train", path, cwd=folder,
                          stdin="[data]\ntrain_source = none.de\ntrain_target = none.en\n"
                                "dev_source = d\ndev_target = d\n[output]\nfolder = m\n")
            self.refused(result, 1, f"{folder}/none.de: No such file")

    def test_comments_marks_and_windows_line_ends(self):
        content = "\ufeff" + VALID.replace("\n", "\r\n")
        content += "[training] # how it learns\r\nseed = 3 ; three\r\nlearning_rate = x\r\n"
        path, result = self.train_with(content)
        self.refused(result, 2, f"{path}:10: ", "learning_rate = x")

    def test_a_missing_file_and_a_folder_in_its_place(self):
        missing = self.folder / "missing.ini"
        for path, reason in ((missing, "No such file or directory"),
                             (self.folder, "Is a directory")):
            result = heed("train", path)
            self.refused(result, result.returncode, path, reason)
            self.assertIn(result.returncode, (1, 2))

    def test_no_permission(self):
        path = harness.write(self.new_folder() / "secret.ini", VALID)
        path.chmod(0)
        nobody = {"user": 65534} if os.geteuid() == 0 else {}
        result = harness.subprocess.run([harness.HEED, "train", path], capture_output=True,
                                        check=False, **nobody)
        self.refused(result, 1, path, "Permission denied")

    def test_schedules_that_can_hardly_be_meant(self):
        training = Training(self.new_folder())
        result = self.ok(training.train({"training.warmup_steps": 2000, "training.max_steps": 3}))
        self.said(result, "warning: training.warmup_steps = 2000 with max_steps = 3",
                  "lower warmup_steps")

    def test_mistakes_on_the_command_line(self):
        for flag, *words in (
                ("--training.learning_rte=1", "command line", "learning_rte", "learning_rate"),
                ("--trainig.seed=1", "trainig", "training"),
                ("--training.seed=x", "seed", "expected integer", '"x"'),
                ("--training.seed", "a value is missing"),
                ("--fersh", "not a flag of heed train", "--fresh"),
                ("stray", "stray"),
                ("--model.heads=3", "heads = 3 does not divide hidden_size = 256")):
            self.refused(heed("train", self.training.config, flag), 2, *words)
        self.assertFalse(self.training.model.exists())

    def test_a_value_in_the_next_word(self):
        result = heed("train", self.training.config, "--training.seed", "x")
        self.refused(result, 2, "seed", '"x"')

    def test_what_must_be_set(self):
        for key in ("train_source", "train_target", "dev_source", "dev_target", "folder"):
            lines = [line for line in VALID.split("\n") if not line.startswith(key)]
            _, result = self.train_with("\n".join(lines))
            self.refused(result, 2, f"{key} is not set")

    def test_fields_that_contradict_each_other(self):
        for flags, words in (
                (["--tokenizer.shared=false"], ["tie_source_target"]),
                (["--training.validate_every=0"], ["validate_every", "both 0"]),
                (["--training.min_learning_rate=1"], ["min_learning_rate = 1", "0.001"]),
                (["--training.average_checkpoints=3"], ["keep_best", "3"]),
                (["--training.schedule=cosine", "--training.schedule_steps=50",
                  "--training.warmup_steps=50"], ["schedule_steps = 50", "warmup_steps = 50"]),
                (["--training.schedule=linear", "--training.schedule_steps=9"],
                 ["schedule_steps = 9", "warmup_steps = 2000"]),
                (["--training.device=gpu"], ["device = gpu"]),
                (["--model.coverage=true"], ["coverage = true", "recurrent"]),
                (["--model.architecture=recurrent", "--model.hidden_size=33"], ["33 is odd"])):
            self.refused(heed("train", self.training.config, *flags), 2, *words)


class UsageTest(harness.HeedTest):
    def test_options_in_every_format_are_the_committed_files(self):
        for name, path in (("ini", "configs/reference.ini"), ("markdown", "docs/options.md")):
            result = self.ok(heed("options", "--format", name))
            self.assertEqual(result.stdout, (ROOT / path).read_bytes(), path)
        self.assertIn(b"learning_rate", self.ok(heed("options")).stdout)

    def test_version_help_and_info(self):
        self.assertRegex(self.ok(heed("--version")).stdout.decode(), r"^heed \d+\.\d+\.\d+\n$")
        names = ("train", "translate", "evaluate", "score", "tokenize", "average", "options", "info")
        shown = self.ok(heed("--help")).stdout.decode()
        for name in names:
            self.assertRegex(shown, rf"(?m)^  {name} ")
            self.assertIn("--help", self.ok(heed(name, "--help")).stdout.decode())
        info = self.ok(heed("info")).stdout.decode()
        for word in ("LibTorch", "CPU", "precision"):
            self.assertRegex(info, rf"(?m)^{word} +\S")

    def test_wrong_usage(self):
        for arguments in ((), ("trian",), ("translate",), ("--nonsense",), ("options", "--format", "x"),
                          ("evaluate", "--hypothesis", "x"), ("tokenize",), ("average", "x")):
            result = heed(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertEqual(result.stdout, b"", arguments)
            self.assertNotEqual(result.stderr, b"", arguments)

    def test_a_full_disk_is_named(self):
        for arguments in (("options",), ("info",)):
            with open("/dev/full", "wb") as full:
                result = harness.subprocess.run([harness.HEED, *arguments], stdout=full,
                                                stderr=-1, check=False)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"standard output: No space left on device", result.stderr)


class TokenizeTest(harness.HeedTest):
    def train_model(self, kind):
        path = self.new_folder() / "words.model"
        self.ok(heed("tokenize", "train", ROOT / "data/dev.de", "-m", path, "--type", kind,
                     "--vocab-size", 200))
        return path

    def test_round_trips(self):
        lines = ["Laura schläft.", "", "a  b", "x" * 50, "日本 <s> </s> |||"]
        for kind in ("bpe", "unigram", "char"):
            model = self.train_model(kind)
            for flags in ((), ("--ids",)):
                encoded = self.ok(heed("tokenize", "encode", "-m", model, *flags,
                                       stdin=harness.text(lines)))
                self.assertEqual(len(harness.lines_of(encoded.stdout)), len(lines))
                decoded = self.ok(heed("tokenize", "decode", "-m", model, *flags,
                                       stdin=encoded.stdout))
                out = harness.lines_of(decoded.stdout)
                # Ids lose what the vocabulary does not know; pieces are the text itself.
                known = 4 if flags else 5
                self.assertEqual(out[:known], ["a b" if line == "a  b" else line
                                               for line in lines[:known]])

    def test_a_vocabulary_of_a_pipe_is_that_of_the_file(self):
        models = []
        text = (ROOT / "data/dev.de").read_bytes()
        for source, stdin in ((ROOT / "data/dev.de", b""), ("-", text)):
            models.append(self.new_folder() / "words.model")
            self.ok(heed("tokenize", "train", source, "-m", models[-1], "--vocab-size", 200,
                         stdin=stdin))
        self.assertEqual(models[0].read_bytes(), models[1].read_bytes())

    def test_what_is_too_long_to_encode_is_told(self):
        model = self.train_model("bpe")
        result = self.ok(heed("tokenize", "encode", "-m", model, stdin="a\n" + "a " * 40000 + "\n"))
        self.said(result, "standard input:2: the line has 80,000 bytes; those after 65,536")

    def test_repaired_lines_are_told(self):
        broken = harness.write(self.new_folder() / "text", b"Laura\nschl\xe4ft\nein\x00s\n" * 40)
        model = self.new_folder() / "words.model"
        learned = heed("tokenize", "train", broken, "-m", model, "--vocab-size", 24)
        said = f"warning: {broken}: replaced invalid UTF-8 or NUL bytes in 80 lines, the first is line 2\n"
        for result in (learned, heed("tokenize", "encode", "-m", model, "-i", broken),
                       heed("tokenize", "decode", "-m", model, "-i", broken)):
            self.assertEqual(self.ok(result).stderr.decode().count(said), 1, result.stderr)

    def test_a_reserved_character_loses_no_line(self):
        lines = [f"{line} \u2585Ж" if number % 2 else line
                 for number, line in enumerate(harness.sample_lines("train.en", 300))]
        path, model = self.new_folder() / "text", self.new_folder() / "words.model"
        harness.write(path, harness.text(lines))
        result = self.ok(heed("tokenize", "train", path, "-m", model, "--vocab-size", 300))
        self.said(result, f"warning: {path}: 150 of 300 lines hold \u2585 (U+2585)", "learned 300 bpe pieces from 300 lines")
        encoded = self.ok(heed("tokenize", "encode", "--ids", "-m", model, stdin="Ж\n")).stdout.split()
        self.assertNotIn(b"1", encoded)
        harness.write(path, "\u2585\n")
        self.refused(heed("tokenize", "train", path, "-m", model), 1, "no text to learn a vocabulary from")

    def test_a_vocabulary_of_characters(self):
        model = self.new_folder() / "words.model"
        train = ("tokenize", "train", ROOT / "data/dev.de", "-m", model, "--type", "char", "--vocab-size")
        error = self.refused(heed(*train, 20), 1, "vocab_size = 20", "or character_coverage = ")
        self.assertFalse(model.exists())
        needed = int(error.split(" need ")[1].split()[0])
        self.said(self.ok(heed(*train, 200)), f"learned {needed} char pieces from", f"wrote {model}: {needed} pieces")
        self.said(self.ok(heed(*train, needed)), f"wrote {model}: {needed} pieces")

    def test_a_text_of_one_character(self):
        path = harness.write(self.new_folder() / "one", "1\n")
        self.refused(heed("tokenize", "train", path, "-m", self.new_folder() / "m", "--vocab-size", 8), 1, path,
                     "at most 7 pieces", "the least vocab_size is 8", "give more text")

    def test_ids_out_of_range(self):
        model = self.train_model("bpe")
        for word in ("200", "-1", "x"):
            self.refused(heed("tokenize", "decode", "-m", model, "--ids", stdin=f"5\n7 {word}\n"), 1,
                         f"standard input:2: {word}: not an id from 0 to 199")

    def test_no_model(self):
        path = harness.write(self.folder / "no.model", "nonsense")
        self.refused(heed("tokenize", "encode", "-m", path), 1, path, "not a SentencePiece model")
        self.refused(heed("tokenize", "encode", "-m", self.folder / "none"), 1, "none",
                     "No such file or directory")

    def test_too_many_pieces(self):
        path = self.folder / "big.model"
        self.refused(heed("tokenize", "train", ROOT / "data/dev.de", "-m", path, "--vocab-size",
                          100000), 1, "vocab_size = 100000", "at most")
        self.assertFalse(path.exists())


if __name__ == "__main__":
    harness.main()
