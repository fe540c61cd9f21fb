"""A training that has met its shapes makes no new code: counted, not timed."""

import re
import subprocess

import harness

WARM, STEPS = 300, 400


class SteadyTest(harness.HeedTest):
    def test_hardly_anything_is_compiled(self):
        training = harness.Training(self.new_folder(), pairs=1500)
        training.options.update({
            "training.precision": "bfloat16", "training.max_steps": STEPS, "training.report_every": 1,
            "training.validate_every": 10 * STEPS, "training.checkpoint_every": 10 * STEPS,
            "training.batch_tokens": 1024, "decoding.max_length": 2})
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
