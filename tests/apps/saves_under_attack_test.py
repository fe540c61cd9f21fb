"""Each system call that a training makes on its folder fails in turn, and the training is killed at it.

After each fault the same command goes on from a whole checkpoint, its end is the undisturbed one's bit
for bit, nothing half-written is left, and what was said names the path and the cause. strace injects
the faults. HEED_ATTACK=all tries every call, HEED_ATTACK=650-722 the points from 650 to before 722;
without it a sample, spread over all of them.
"""

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import harness
from harness import HEED, Training

CALLS = ("openat", "mkdir", "write", "fsync", "ftruncate", "rename", "renameat2", "unlink", "rmdir")
ERRORS = ("ENOSPC", "EIO", "EINTR")
SAMPLE = 20
SKIPPED = 77

# Checkpoints that replace each other and are pruned, a best model, validations on and off their grid,
# an average at the end.
OPTIONS = {
    "training.max_steps": 9,
    "training.checkpoint_every": 3,
    "training.validate_every": 2,
    "training.report_every": 4,
    "training.average_checkpoints": 2,
    "training.batch_tokens": 200,
    "training.learning_rate": 0.02,
    "training.warmup_steps": 1,
    "output.keep_last": 1,
    "output.keep_best": 2,
    "evaluation.beam_size": 0,
    "tokenizer.type": "char",
}


def may_trace():
    if shutil.which("strace") is None:
        return False
    run = subprocess.run(["strace", "-qq", "-f", "true"], capture_output=True, check=False)
    return run.returncode == 0


class Call:
    """A call of the main thread: the `number`th of its name, on `path`."""

    def __init__(self, name, number, path):
        self.name, self.number, self.path = name, number, path


def thinned(calls):
    """Of the writes of one file the first, the last and one in between: they differ in nothing."""
    kept = []
    for i, call in enumerate(calls):
        same = [0 <= k < len(calls) and (calls[k].name, calls[k].path) == ("write", call.path)
                for k in (i - 2, i - 1, i + 1)]
        if call.name != "write" or not all(same):
            kept.append(call)
    return kept


def calls_in(log, folder):
    """What the main thread did to `folder`, of a log by strace -f -y."""
    counts, calls, main = {}, [], None
    for line in Path(log).read_text(errors="replace").split("\n"):
        match = re.match(r"(\d+) +(\w+)\((.*)", line)
        if not match or match[2] not in CALLS:
            continue
        main = main or match[1]
        if match[1] != main:
            continue
        counts[match[2]] = counts.get(match[2], 0) + 1
        paths = re.findall(rf"{re.escape(str(folder))}[^\">,]*", match[3])
        if paths:
            calls.append(Call(match[2], counts[match[2]], paths[-1]))
    return calls


def end_of(training):
    """All that a training leaves, without what tells the time."""
    model = training.model
    end = {"names": sorted(str(path.relative_to(model)) for path in model.rglob("*"))}
    for name in ("config.ini", "tokenizer.model", "model.safetensors"):
        end[name] = (model / name).read_bytes().replace(str(training.folder).encode(), b"")
    for step in training.steps():
        checkpoint = training.checkpoint(step)
        end[f"weights {step}"] = (checkpoint / "model.safetensors").read_bytes()
        end[f"optimizer {step}"] = harness.tensors(checkpoint / "training.safetensors")
        end[f"state {step}"] = harness.state_of(checkpoint)
    end["validations"] = [{**row, "seconds": 0} for row in training.validations()]
    # Of what a report sums up since the last one, a training that was stopped lacks a part.
    entries = map(harness.json.loads, harness.lines_of((model / "metrics.jsonl").read_bytes()))
    end["metrics"] = [(entry["kind"], entry["step"]) for entry in entries]
    return end


class AttackTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quick = Path("/dev/shm")
        if os.access(quick, os.W_OK):
            cls.folder = Path(tempfile.mkdtemp(prefix="heed-attack-", dir=quick))
            cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.log = cls.folder / "strace.log"
        cls.whole = cls.new_training("whole")
        result = cls.traced(cls.whole)
        assert result.returncode == 0, result.stderr.decode()
        cls.calls = calls_in(cls.log, cls.whole.model)
        cls.expected = end_of(cls.whole)

    @classmethod
    def new_training(cls, name):
        # Of one length, so that every path is as long as the undisturbed one's.
        training = Training(cls.folder / name.ljust(8, "-"), pairs=60, dev_pairs=6)
        training.options.update(OPTIONS)
        return training

    @classmethod
    def traced(cls, training, *inject):
        command = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", cls.log,
                   "-e", f"trace={','.join(CALLS)}", *inject,
                   HEED, "train", training.config, *training.overrides()]
        return subprocess.run(command, capture_output=True, timeout=harness.SECONDS_AT_MOST,
                              check=False)

    def attack(self, call, fault):
        """What is wrong after it, in words; nothing where all is well."""
        training = self.new_training("attacked")
        shutil.rmtree(training.model, ignore_errors=True)
        what = "signal=SIGKILL" if fault == "KILL" else f"error={fault}"
        first = self.traced(training, "-e", f"inject={call.name}:{what}:when={call.number}")
        hit = [line for line in self.log.read_text(errors="replace").split("\n")
               if "(INJECTED)" in line]
        if fault != "KILL" and not (len(hit) == 1 and str(training.model) in hit[0]):
            return f"missed: {hit}"
        # Where two folders cannot change places, two renames do the same, and there is nothing to say.
        unsaid = call.name == "renameat2" and first.returncode == 0
        problems = "" if unsaid else self.said_wrong(training, first, fault)
        again = training.train()
        if again.returncode != 0:
            return f"{problems} the same command ends with {again.returncode}: {again.stderr.decode()}"
        if b"cannot resume" in again.stderr:
            problems += f" it met a checkpoint that is not whole: {again.stderr.decode()}"
        end = end_of(training)
        for part, expected in self.expected.items():
            if part == "metrics" and "metrics.jsonl" in call.path:
                continue
            if end.get(part) != expected:
                problems += f" another {part}: {end.get(part)} and not {expected}"[:600]
        return problems + "".join(f" a {part} too many" for part in end.keys() - self.expected.keys())

    def said_wrong(self, training, result, fault):
        stderr = result.stderr.decode(errors="replace")
        if fault == "KILL":
            return "" if result.returncode in (-9, 137) else f"not killed: {result.returncode} {stderr}"
        if fault == "EINTR":
            return "" if result.returncode == 0 else f"exit {result.returncode}: {stderr}"
        cause = os.strerror(getattr(errno, fault))
        lines = [line for line in stderr.split("\n") if cause in line]
        if result.returncode not in (0, 1):
            return f"exit {result.returncode}: {stderr}"
        if not any(line.startswith(("error: ", "warning: ")) and str(training.model) in line
                   for line in lines):
            return f"exit {result.returncode}, and no word of path and cause: {stderr[-400:]}"
        return ""

    def test_without_exchanging_folders(self):
        """As on NFS: two renames in its place, and a kill before each."""
        refuse = ("-e", "inject=renameat2:error=EINVAL")
        renames = sum(call.name == "rename" for call in self.calls)
        training = self.new_training("attacked")
        step = 1 if os.environ.get("HEED_ATTACK") == "all" else renames // 6
        for number in range(renames // 3, 2 * renames, step):
            shutil.rmtree(training.model, ignore_errors=True)
            first = self.traced(training, *refuse, "-e", f"inject=rename:signal=SIGKILL:when={number}")
            killed = first.returncode in (-9, 137)
            again = self.ok(self.traced(training, *refuse) if killed else first)
            self.assertNotIn(b"cannot resume", again.stderr)
            self.assertEqual(end_of(training), self.expected, f"killed at rename {number}")
            if not killed:
                break
        self.assertGreater(number, renames, "no folder was to be exchanged")

    def test_every_call(self):
        self.assertGreater(len(self.calls), 150)
        points = [(call, fault) for i, call in enumerate(thinned(self.calls))
                  for fault in ("KILL", ERRORS[i % len(ERRORS)])]
        count, wanted = len(points), os.environ.get("HEED_ATTACK", "")
        if wanted == "":
            points = points[::len(points) // SAMPLE | 1]  # odd, so that kills and errors take turns
        elif wanted != "all":
            begin, end = wanted.split("-")
            points = points[int(begin):int(end)]
        wrong = []
        for call, fault in points:
            problem = self.attack(call, fault)
            if problem:
                wrong.append(f"{fault} at {call.name} {call.number} of {call.path}: {problem}")
                print(wrong[-1], file=sys.stderr, flush=True)
        print(f"{len(points)} of {count} faults at {len(self.calls)} calls, {len(wrong)} wrong",
              file=sys.stderr)
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    if not may_trace():
        print("strace is not here, or may not trace")
        sys.exit(SKIPPED)
    harness.main()
