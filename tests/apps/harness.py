"""What the end-to-end tests share: the executable, small trainings, and weight files read back."""

import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEED = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else str(
    ROOT / "build/release/heed")
SECONDS_AT_MOST = 300  # a guard against hanging, no measure of speed

# Small enough to train in a blink; whoever tests something else overrides it.
TINY = {
    "tokenizer.vocab_size": 250,
    "model.hidden_size": 16,
    "model.feed_forward_size": 32,
    "model.layers": 1,
    "model.heads": 2,
    "model.dropout": 0.1,
    "training.max_steps": 20,
    "training.batch_tokens": 256,
    "training.validate_every": 10,
    "training.checkpoint_every": 10,
    "training.report_every": 5,
    "training.warmup_steps": 10,
    "training.learning_rate": 0.01,
    "training.precision": "float32",
    "training.threads": 1,
    "decoding.beam_size": 2,
}
# Trained on so few pairs until translations depend on what is translated.
LEARNED = {
    "model.hidden_size": 32,
    "model.feed_forward_size": 64,
    "training.max_steps": 300,
    "training.validate_every": 150,
    "training.batch_tokens": 512,
}


def heed(*arguments, stdin=b"", env=None, cwd=None):
    """Runs heed to its end; stdout and stderr are bytes."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    return subprocess.run([HEED, *map(str, arguments)], input=stdin, capture_output=True,
                          env={**os.environ, **(env or {})}, cwd=cwd, timeout=SECONDS_AT_MOST,
                          check=False)


def start(*arguments, **options):
    """A heed that runs beside the test, with pipes."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([HEED, *map(str, arguments)], **{**pipes, **options})


def write(path, content):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def sample_lines(name, count, skip=0):
    """Lines of the sample corpus, e.g. of train.de."""
    with open(ROOT / "data" / name, encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line, _ in zip(file, range(skip + count))][skip:]


def text(lines):
    return "".join(line + "\n" for line in lines)


def lines_of(output):
    """Lines as `wc -l` counts them: Python's own splitlines knows other line ends too."""
    assert output == b"" or output.endswith(b"\n"), output[-80:]
    return output.decode().split("\n")[:-1]


class Training:
    """A folder with data, config.ini and the model folder `model`."""

    def __init__(self, folder, pairs=300, dev_pairs=20, **files):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        for side, language in (("source", "de"), ("target", "en")):
            for part, count in (("train", pairs), ("dev", dev_pairs)):
                name = f"{part}_{side}"
                given = files.get(name)
                content = text(sample_lines(f"{part}.{language}", count)) if given is None else given
                write(self.folder / f"{part}.{language}", content)
        self.options = dict(TINY)
        self.write_config()

    @property
    def model(self):
        return self.folder / "model"

    @property
    def config(self):
        return self.folder / "config.ini"

    def write_config(self):
        write(self.config, "[data]\ntrain_source = train.de\ntrain_target = train.en\n"
              "dev_source = dev.de\ndev_target = dev.en\n[output]\nfolder = model\n")

    def overrides(self, options=None):
        return [f"--{key}={value}" for key, value in {**self.options, **(options or {})}.items()]

    def train(self, options=None, *flags, env=None):
        return heed("train", self.config, *flags, *self.overrides(options), env=env)

    def start(self, options=None, *flags):
        return start("train", self.config, *flags, *self.overrides(options))

    def steps(self):
        folders = (self.model / "checkpoints").glob("step-*")
        return sorted(int(f.name.removeprefix("step-")) for f in folders if f.suffix != ".tmp")

    def checkpoint(self, step):
        return self.model / "checkpoints" / f"step-{step}"

    def validations(self):
        rows = lines_of((self.model / "validations.tsv").read_bytes())
        names = rows[0].split("\t")
        return [dict(zip(names, row.split("\t"), strict=True)) for row in rows[1:]]

    def wait_for_step(self, process, step):
        """Until the training has a checkpoint of `step` or a later one."""
        while not any(found >= step for found in self.steps()):
            if process.poll() is not None:
                raise AssertionError(f"heed ended first: {process.stderr.read().decode()}")
            time.sleep(0.01)


def parts_of_safetensors(path):
    """Header and data; the format in brief: 8 bytes of header length, a JSON header, the data."""
    content = Path(path).read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:8 + length]), content[8 + length:]


def tensors(path):
    """Name -> (type, shape, bytes). Metadata is left out: it holds seconds."""
    header, data = parts_of_safetensors(path)
    header.pop("__metadata__", None)
    return {name: (entry["dtype"], tuple(entry["shape"]), data[slice(*entry["data_offsets"])])
            for name, entry in header.items()}


def floats(entry):
    kind, _, data = entry
    assert kind == "F32", kind
    return struct.unpack(f"<{len(data) // 4}f", data)


def state_of(checkpoint):
    """What a checkpoint says of its training, without the seconds that it took."""
    header, _ = parts_of_safetensors(checkpoint / "training.safetensors")
    state = json.loads(header["__metadata__"]["state"])
    state.pop("seconds")
    for row in state["validations"]:
        row.pop("seconds")
    return state


class HeedTest(unittest.TestCase):
    """A temporary folder a class, and checks of what heed said."""

    longMessage = True
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="heed-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def new_folder(self):
        return Path(tempfile.mkdtemp(dir=self.folder))

    @classmethod
    def learned(cls, name, options=None, pairs=400):
        """A trained model's folder, in the class's folder."""
        training = Training(cls.folder / name, pairs=pairs)
        training.options.update(LEARNED)
        training.options.update(options or {})
        result = training.train()
        assert result.returncode == 0, result.stderr.decode()
        return training

    def ok(self, result):
        self.assertEqual(result.returncode, 0, result.stderr.decode(errors="replace"))
        self.assertNotIn(b"error:", result.stderr)
        return result

    def refused(self, result, code, *words):
        """An error of `code` in one line that holds all `words`, and nothing on stdout."""
        stderr = result.stderr.decode(errors="replace")
        self.assertEqual(result.returncode, code, stderr)
        errors = [line for line in stderr.split("\n") if line.startswith("error: ")]
        self.assertEqual(len(errors), 1, stderr)
        for word in words:
            self.assertIn(str(word), errors[0])
        self.assertEqual(result.stdout, b"")
        return errors[0]

    def said(self, result, *words):
        stderr = result.stderr.decode(errors="replace")
        for word in words:
            self.assertIn(str(word), stderr)


def files_up_to(size):
    """For a process that begins: as on a full disk a write fails in the middle of a file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def end(process, sent=signal.SIGKILL):
    """Sends a signal, waits; the exit code and stderr."""
    process.send_signal(sent)
    _, stderr = process.communicate(timeout=SECONDS_AT_MOST)
    return process.returncode, stderr


def main():
    unittest.main(verbosity=1)
