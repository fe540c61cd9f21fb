"""heed starts without LibTorch, and becomes heed-torch for what needs it."""

import os
import shutil
import subprocess
from pathlib import Path

import harness
from harness import heed, sample_lines, text, write

HEED = Path(harness.HEED).resolve()


class StartTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without its other half, heed can do only what needs no LibTorch.
        cls.alone = shutil.copy(HEED, cls.folder / "heed")
        cls.model = cls.learned("transformer").model
        cls.lines = write(cls.folder / "lines", text(sample_lines("test.en", 20)))

    def run_alone(self, *arguments, stdin=b""):
        return subprocess.run([self.alone, *map(str, arguments)], input=stdin, capture_output=True,
                              timeout=harness.SECONDS_AT_MOST, check=False)

    def test_small_commands_need_no_libtorch(self):
        for arguments in (["--version"], ["--help"], ["train", "--help"], ["options"], ["manual"],
                          ["completion", "bash"], ["report", "--help"],
                          ["evaluate", "--hypothesis", self.lines, "--reference", self.lines],
                          ["tokenize", "encode", "-m", self.model / "tokenizer.model", "-i", self.lines]):
            self.same(self.run_alone(*arguments), heed(*arguments))

    def same(self, found, expected):
        usage = found.stdout.replace(str(self.alone).encode(), harness.HEED.encode())
        self.assertEqual((found.returncode, usage), (0, expected.stdout), found.stderr)

    def test_other_commands_say_what_is_missing(self):
        for arguments in (["translate", self.model], ["info"], ["train", "my.ini"],
                          ["evaluate", self.model, "--source", self.lines, "--reference", self.lines]):
            self.refused(self.run_alone(*arguments), 1, "heed-torch", str(self.folder))

    def test_they_become_heed_torch(self):
        bin_folder = self.new_folder()
        os.symlink(HEED, bin_folder / "heed")  # as a package's /usr/bin may have it
        translated = subprocess.run([bin_folder / "heed", "translate", self.model], input=b"a\n",
                                    capture_output=True, timeout=harness.SECONDS_AT_MOST)
        self.same(translated, subprocess.run(
            [HEED.with_name("heed-torch"), "translate", self.model], input=b"a\n",
            capture_output=True, timeout=harness.SECONDS_AT_MOST))

    def test_nothing_is_read_before(self):
        # A pipe as configuration can be read once.
        training = harness.Training(self.new_folder())
        config = training.config.read_text().replace(" = ", f" = {training.folder}/")
        script = f'"{HEED}" train <(cat) {" ".join(training.overrides())}'
        ended = subprocess.run(["bash", "-c", script], input=config.encode(), capture_output=True,
                               timeout=harness.SECONDS_AT_MOST, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)


if __name__ == "__main__":
    harness.main()
