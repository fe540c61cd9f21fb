"""What heed says where nothing is as it should be: misspelt words, no memory, texts of libraries."""

import os
import resource
import subprocess

import harness
from harness import heed, sample_lines, text


class FailuresTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A recurrent model takes as many rows at once as it is told to.
        cls.training = cls.learned("t", {"model.architecture": "recurrent", "training.max_steps": 20,
                                         "training.validate_every": 10})
        cls.model = cls.training.model

    def test_misspelt_commands_name_the_nearest(self):
        for word, meant in (("tranlate", "translate"), ("evalute", "evaluate"), ("trian", "train")):
            self.refused(heed(word, self.model), 2, f"heed: no command {word}", f"did you mean {meant}?")
        self.refused(heed("tokenize", "encod"), 2, "heed tokenize: no command encod",
                     "did you mean encode?")
        self.refused(heed("xyzzyx"), 2, "no command xyzzyx; heed --help lists them")

    def test_misspelt_flags_name_the_nearest(self):
        for flag, meant in (("--beamsize", "--beam-size"), ("--nbest", "--n-best"),
                            ("--alignement=x", "--alignment")):
            self.refused(heed("translate", self.model, flag, 4), 2, "heed translate: no flag",
                         f"did you mean {meant}?")

    def test_every_other_fault_of_a_command_line_is_one_error(self):
        for arguments, words in (((), "heed: A subcommand is required"),
                                 (("export", self.model, "--format", "x", "-o", "y"),
                                  "heed export: --format: x not in"),
                                 (("tokenize", "encode"), "heed tokenize encode: --model is required"),
                                 (("train", "a.ini", "--fresh", "--resume"), "heed train: --fresh excludes"),
                                 (("train", "--training.max_steps=1"), "heed train: config is required"),
                                 (("info", "a", "b"), "heed info: The following argument"),
                                 (("evaluate", "--tokenize", "14a"), "heed evaluate: --tokenize: 14a"),
                                 (("translate",), "heed translate: ")):
            error = self.refused(heed(*arguments), 2, words, "--help")
            self.assertNotIn("Run with", error)

    def test_help_is_no_failure(self):
        for arguments in (("--help",), ("translate", "--help"), ("--version",)):
            self.assertEqual(heed(*arguments).returncode, 0)

    def redirected(self, how, *arguments):
        """Runs heed with a redirection of the shell's."""
        return subprocess.run(["sh", "-c", f'"$0" "$@" {how}', harness.HEED, *map(str, arguments)],
                              capture_output=True, timeout=harness.SECONDS_AT_MOST, check=False)

    def test_output_that_cannot_be_written_is_named(self):
        lines = harness.write(self.new_folder() / "lines", text(sample_lines("dev.en", 3)))
        commands = (("--help",), ("--version",), ("train", "--help"), ("tokenize", "train", "--help"),
                    ("options",), ("manual",), ("completion",), ("info",), ("info", self.model),
                    ("evaluate", "--hypothesis", lines, "--reference", lines),
                    ("translate", self.model, "-i", lines), ("report", self.model),
                    ("score", self.model, "--source", lines, "--target", lines),
                    ("inspect", self.model, "-i", lines))
        for command in commands:
            with self.subTest(command):
                self.refused(self.redirected("> /dev/full", *command), 1,
                             "cannot write standard output: No space left on device")
                self.refused(self.redirected(">&-", *command), 1,
                             "cannot write standard output: it is closed")

    def test_a_closed_standard_input_is_no_empty_one(self):
        lines = harness.write(self.new_folder() / "lines", text(sample_lines("dev.en", 3)))
        tokenizer = self.model / "tokenizer.model"
        page = self.folder / "page.html"
        for command in (("translate", self.model), ("translate", self.model, "-i", lines, "--prefix", "-"),
                        ("score", self.model, "--source", "-", "--target", lines),
                        ("score", self.model, "--source", lines, "--n-best", "-"),
                        ("tokenize", "encode", "-m", tokenizer), ("tokenize", "decode", "-m", tokenizer),
                        ("tokenize", "train", "-", "-m", self.folder / "new.model"),
                        ("evaluate", "--hypothesis", "-", "--reference", lines),
                        ("inspect", self.model, "-i", "-", "-o", page)):
            with self.subTest(command):
                self.refused(self.redirected("<&-", *command), 1,
                             "cannot read standard input: it is closed")
        self.refused(self.redirected("<&-", "translate", self.model, "-i", "/dev/stdin"), 1, "/dev/stdin")

    def limited(self, mebibytes, *arguments, stdin=b""):
        """Runs heed with so much address space."""
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))
        return subprocess.run([harness.HEED, *map(str, arguments)], input=stdin, capture_output=True,
                              preexec_fn=limit, timeout=harness.SECONDS_AT_MOST, check=False)

    def least_memory(self, *arguments, stdin=b""):
        """About the least address space, in MiB, in which a command is done."""
        enough = 4096
        for size in (512, 640, 768, 1024, 1536, 2048):
            if self.limited(size, *arguments, stdin=stdin).returncode == 0:
                enough = size
                break
        return enough

    def test_a_translation_that_does_not_fit_says_what_to_lower(self):
        lines = text(sample_lines("dev.de", 200)).encode()
        small = ("translate", self.model, "--threads", 1, "--quiet")
        least = self.least_memory(*small, "--batch-size", 1, "--beam-size", 1, stdin=lines[:100])
        result = self.limited(least + 64, *small, "--batch-size", 10000, "--beam-size", 1000,
                              stdin=lines)
        error = self.refused(result, 1, "out of memory", "--batch-size", "--beam-size")
        self.assertNotIn("enforce fail", error)
        self.assertNotIn("LibTorch", error)
        self.refused(self.limited(300, *small, stdin=lines), 1, "out of memory: LibTorch does not fit into the 300 MiB",
                     "ulimit -v")

    def test_an_empty_path_is_told_from_a_missing_file(self):
        lines = harness.write(self.new_folder() / "lines", text(sample_lines("dev.en", 3)))
        for command, name in ((("train", ""), "config"), (("translate", ""), "folder"), (("info", ""), "folder"),
                              (("translate", self.model, "-i", ""), "--input"),
                              (("translate", self.model, "-o", ""), "--output"),
                              (("tokenize", "train", lines, "-m", ""), "--model"),
                              (("tokenize", "encode", "-m", ""), "--model"), (("average", "", "-o", "x"), "checkpoint"),
                              (("export", "", "--format", "ctranslate2", "-o", "x"), "folder"),
                              (("report", ""), "folder"), (("serve", ""), "folders"),
                              (("evaluate", "--hypothesis", lines, "--reference", ""), "--reference")):
            with self.subTest(command):
                self.refused(heed(*command), 2, name, "is an empty text")

    def test_a_current_folder_that_is_gone_is_told(self):
        lines = harness.write(self.new_folder() / "lines", text(sample_lines("dev.en", 3)))
        for command in (("translate", self.model, "-i", lines), ("info",), ("train", "config.ini"),
                        ("export", self.model, "--format", "ctranslate2", "-o", "out")):
            gone = self.new_folder()
            script = 'cd "$1" && rmdir "$1" && shift && exec "$0" "$@"'
            result = subprocess.run(["sh", "-c", script, os.path.abspath(harness.HEED), gone, *map(str, command)],
                                    capture_output=True, timeout=harness.SECONDS_AT_MOST, check=False)
            self.refused(result, 1, "the current folder: No such file or directory", "change to another one")

    def test_numbers_and_pieces_that_cannot_be_are_told_in_heeds_own_words(self):
        lines = harness.write(self.new_folder() / "lines", text(sample_lines("dev.en", 3)))
        out = self.folder / "new.model"
        for command, words in (
                (("train", "--training.replicas=1000000000"), "expected auto or integer from 1 to 4096"),
                (("translate", self.model, "--max-length-ratio", "1e300"), "expected real > 0, at most 1000"),
                (("train", "--training.consistency=1e39"), "expected real from 0 to 1000000"),
                (("tokenize", "train", lines, "-m", out, "--user-defined", "<0x41>", "--byte-fallback"),
                 "<0x41> is a piece of byte_fallback = true already"),
                (("tokenize", "train", lines, "-m", out, "--user-defined", ""), "never split is empty"),
                (("tokenize", "train", lines, "-m", out, "--user-defined", "a\x01"), "is a control character"),
                (("tokenize", "train", lines, "-m", out, "--character-coverage", "nan"),
                 "--character-coverage: expected real from 0.98 to 1"),
                (("evaluate", "--hypothesis", lines, "--reference", lines, "--smooth-method", "floor",
                  "--smooth-value", "inf"), "smooth_value = inf: must be from 0 to 1000000000")):
            if command[0] == "train":
                command = ("train", self.training.config, *command[1:])
            error = self.refused(heed(*command), 2, words)
            self.assertNotIn("SentencePiece", error)
            self.assertLess(len(error), 300)

    def test_a_folder_that_may_not_be_read_is_named(self):
        training = harness.Training(self.new_folder())
        harness.write(training.model / "checkpoints", "a file\n")
        result = training.train()
        self.assertEqual(result.returncode, 1)
        error = self.refused(result, 1, training.model / "checkpoints")
        self.assertNotIn("filesystem error", error)
        self.assertNotIn("[", error.replace("[output]", ""))


if __name__ == "__main__":
    harness.main()
