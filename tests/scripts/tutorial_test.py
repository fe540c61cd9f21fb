"""The commands of docs/tutorial.md run, in the page's order and as they stand there, in a folder that has the corpus and
a configuration of a smaller model. What they print is of the page's form."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEED = Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build/release/heed").resolve()
SMALL = """
[tokenizer]
vocab_size = 400
[model]
hidden_size = 16
feed_forward_size = 32
layers = 1
heads = 2
[training]
max_steps = 20
validate_every = 20
threads = 1
precision = float32
[decoding]
max_length = 20
beam_size = 2
[evaluation]
batch_size = 200
"""
PATIENCE = 120  # seconds, a guard against hanging


def commands_of(page):
    """The lines to type, of each block: behind `$ ` where it shows what is printed, else all."""
    for block in re.findall(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        lines = block.splitlines()
        typed = [line[2:] for line in lines if line.startswith("$ ")]
        yield from typed or [line.split("  #")[0].strip() for line in lines]


def smaller(config):
    """Its data and folder, and the settings of SMALL in place of its own."""
    kept = re.findall(r"^\[(?:data|output)\]\n(?:(?!\[).*\n?)*", config, re.MULTILINE)
    return "\n".join(kept) + SMALL


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Tutorial(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="heed-tutorial-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/heed").symlink_to(HEED)
        (self.folder / "data").symlink_to(ROOT / "data")
        (self.folder / "configs").mkdir()
        config = (ROOT / "configs/quickstart.ini").read_text(encoding="utf-8")
        (self.folder / "configs/quickstart.ini").write_text(smaller(config), encoding="utf-8")
        for side in ("en", "de"):  # the reader's own
            shutil.copy(ROOT / f"data/train.{side}", self.folder / f"all.{side}")
        shutil.copy(ROOT / "data/test.en", self.folder / "some.en")
        self.port = free_port()
        self.environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}

    def run_command(self, command):
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, command + "\n" + done.stderr)
        return done.stdout

    def start(self, command):
        """What goes on until the reader ends it."""
        process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.folder,
                                   env=self.environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.send_signal, signal.SIGTERM)
        return process

    def wait_until(self, what, command):
        deadline = time.monotonic() + PATIENCE
        while not what():
            self.assertLess(time.monotonic(), deadline, command)
            time.sleep(0.02)

    def take(self, command):
        """Runs a command of the page; what it printed."""
        if "--watch" in command:
            self.start(command)
            self.wait_until((self.folder / "report.html").exists, command)
            return ""
        if command.startswith("heed serve "):
            server = self.start(f"{command} --port {self.port} --threads 1")
            line = next((line for line in server.stderr if line.startswith("serving at ")), "")
            self.assertIn(str(self.port), line)
            return ""
        return self.run_command(command.replace(":5000", f":{self.port}"))

    def test_its_commands(self):
        page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
        printed = {command: self.take(command) for command in commands_of(page)}
        for inline in re.findall(r"`(heed \w+ [^`]*)`", page):
            self.take(inline)
        self.assertEqual((self.folder / "dev.en").read_bytes() + (self.folder / "train.en").read_bytes(),
                         (self.folder / "all.en").read_bytes())
        self.assertEqual((self.folder / "dev.de").read_text(encoding="utf-8").count("\n"), 1000)
        self.assertTrue((self.folder / "models/quickstart/model.safetensors").exists())
        self.assertIn("<html", (self.folder / "attention.html").read_text(encoding="utf-8"))
        outputs = list(filter(None, printed.values()))
        self.assertEqual(len(outputs), 3, printed)
        self.assertRegex(outputs[0], r"^BLEU\|nrefs:1\|.* = \d+\.\d\d .*\n$")
        self.assertRegex(outputs[1], r"^[^\n]*\n$")
        self.assertEqual(list(json.loads(outputs[2])), ["translatedText"])
        self.assertEqual(json.loads(outputs[2])["translatedText"], outputs[1].rstrip("\n"))


if __name__ == "__main__":
    unittest.main()
