"""A training that has met its shapes makes no new code and asks for no new memory: counted, not timed."""

import re
import subprocess
from pathlib import Path

import harness

WARM, STEPS = 300, 400


def page_faults(process):
    """Pages that the system has given this process so far, none of them read from a disk."""
    stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
    return int(stat.rsplit(") ", 1)[1].split()[7])  # minflt of proc(5)


class SteadyTest(harness.HeedTest):
    def training(self, precision):
        training = harness.Training(self.new_folder(), pairs=1500)
        training.options.update({
            "training.precision": precision, "training.max_steps": STEPS, "training.report_every": 1,
            "training.validate_every": 10 * STEPS, "training.checkpoint_every": 10 * STEPS,
            "training.batch_tokens": 1024, "decoding.max_length": 2})
        return training

    def test_hardly_any_pages_come_from_the_system(self):
        training = self.training("float32")
        faults = {}
        with subprocess.Popen([harness.HEED, "train", training.config, *training.overrides()],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            for line in process.stderr:
                if report := re.search(r"train \| step (\d+)/", line):
                    if int(report.group(1)) < STEPS:
                        faults[int(report.group(1))] = page_faults(process)
        self.assertEqual(process.returncode, 0)
        steps = [step for step in faults if step >= WARM]
        a_step = (faults[steps[-1]] - faults[steps[0]]) / (steps[-1] - steps[0])
        # A step has some MiB of tensors, hundreds of pages, were they new to the process.
        self.assertLess(a_step, 8, f"page faults by step: {faults}")

    def test_hardly_anything_is_compiled(self):
        training = self.training("bfloat16")
        ended = subprocess.run([harness.HEED, "train", training.config, *training.overrides()],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
                               env={**harness.os.environ, "ONEDNN_VERBOSE": "profile_create"}).stdout.decode()
        made, step = [0] * (STEPS + 1), 0
        for line in ended.split("\n"):
            if report := re.search(r"train \| step (\d+)/", line):
                step = int(report.group(1))
            made[step] += "create:cache_miss" in line
        # An epoch's last batch has a size of its own now and then.
        late = [count for count in made[WARM:STEPS] if count > 0]
        self.assertLess(len(late), (STEPS - WARM) / 20, f"primitives of oneDNN by step: {made}")


if __name__ == "__main__":
    harness.main()
