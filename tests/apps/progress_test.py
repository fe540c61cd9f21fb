"""What takes long shows on a terminal how far it is, and clears it; a pipe sees none of it."""

import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import harness
from harness import HEED, HeedTest

PATIENCE = 60  # seconds, a guard against hanging


class OnTerminal:
    """A heed whose stderr is a terminal of 100 columns."""

    def __init__(self, *arguments, **pipes):
        self.outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.process = subprocess.Popen([HEED, *map(str, arguments)], stderr=inner, **{
            "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **pipes})
        os.close(inner)
        self.seen = ""

    def read_until(self, pattern):
        """All that was shown, until it holds the pattern or nothing more comes."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.seen):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.outer], [], [], left)[0]:
                break
            try:
                part = os.read(self.outer, 65536)
            except OSError:  # the other side has gone
                break
            self.seen += part.decode(errors="replace")
        return self.seen

    def end(self, sent=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(sent)
        self.read_until(r"(?!)")
        self.process.wait(PATIENCE)
        os.close(self.outer)


class ProgressTest(HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("trained", {"training.max_steps": 20}).model

    def shows(self, pattern, *arguments, **pipes):
        run = OnTerminal(*arguments, **pipes)
        self.addCleanup(run.end, signal.SIGKILL)
        self.assertTrue(re.search(pattern, run.read_until(pattern)), run.seen[-1000:])
        return run

    def test_training(self):
        training = harness.Training(self.new_folder())
        options = training.overrides({"training.max_steps": 100000, "training.validate_every": 100000,
                                      "training.checkpoint_every": 100000})
        run = self.shows(r"training \[.*\d% \| [\d,]+ of 100,000 steps \| left \d+",
                         "train", training.config, *options)
        # A line of the log takes the place of the bar.
        line = r"\r\x1b\[Ktrain \| step "
        self.assertRegex(run.read_until(line), line)
        run.process.send_signal(signal.SIGTERM)
        self.assertEqual(run.process.wait(PATIENCE), 143)

    def test_text_that_comes_slowly_is_being_read(self):
        training = harness.Training(self.new_folder())
        pipe = training.folder / "pipe"
        os.mkfifo(pipe)
        run = self.shows(r"reading pipe \| \d", "train", training.config,
                         *training.overrides({"data.train_source": pipe}))
        self.assertNotIn("left", run.seen)  # nobody knows

    def test_learning_a_vocabulary(self):
        folder = self.new_folder()
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        command = ["tokenize", "train", "--type", "unigram", "--model", folder / "model"]
        self.shows(r"reading text for a vocabulary \| 0 lines \| \d", *command, pipe)
        draws = random.Random(1)
        words = ["".join(draws.choices("abcdefghijklmnop", k=8)) for _ in range(400000)]
        text = harness.write(folder / "text", harness.text(
            [" ".join(words[i:i + 20]) for i in range(0, len(words), 20)]))
        # What is left nobody knows.
        run = self.shows(r"learning 8,000 unigram pieces from 20,000 lines \| \d+s", *command, text)
        self.assertNotIn("left", run.seen)

    def test_a_translated_file(self):
        source = harness.write(self.new_folder() / "long.de",
                               harness.text(harness.sample_lines("train.de", 2000) * 10))
        self.shows(r"translating long\.de \[=*>? *\] \d+% \| left \d", "translate", self.model, "-i",
                   source, "--beam-size", 8, "--threads", 1)
        run = OnTerminal("translate", self.model, "-i", source, "--beam-size", 8, "--threads", 1, "-q")
        self.addCleanup(run.end, signal.SIGKILL)
        time.sleep(2.5)
        self.assertNotIn("translating", run.seen)
        self.shows(r"translating long\.de \[.*% \| [\d,]+ of 20,000 lines \| left \d", "evaluate",
                   self.model, "--source", source, "--reference", source, "--beam-size", 8,
                   "--threads", 1)
        self.shows(r"scoring \[.*% \| [\d,]+ of 20,000 pairs \| left \d", "score", self.model,
                   "--source", source, "--target", source, "--threads", 1)

    def test_a_bootstrap(self):
        lines = harness.write(self.new_folder() / "lines",
                              harness.text(harness.sample_lines("test.de", 500)))
        self.shows(r"BLEU: bootstrap \[.*% \| [\d,]+ of 1,000,000 resamples \| left \d",
                   "evaluate", "--hypothesis", lines, "--reference", lines, "--confidence",
                   "--confidence-n", 1000000)

    def test_a_terminal_that_gets_the_results_shows_them_alone(self):
        outer, inner = pty.openpty()
        self.addCleanup(os.close, outer)
        self.addCleanup(os.close, inner)
        run = OnTerminal("translate", self.model, stdin=subprocess.PIPE, stdout=inner)
        self.addCleanup(run.end)
        time.sleep(2.5)
        run.process.stdin.close()
        self.assertNotIn("translating", run.read_until(r"(?!)"))


if __name__ == "__main__":
    harness.main()
