"""The files of configs/cluster: the manifest by Kubernetes' schema, the Slurm script by what it does with exit codes."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CLUSTER = Path(__file__).resolve().parents[2] / "configs/cluster"

try:
    import kubernetes_validate  # and PyYAML with it
    import yaml
except ImportError:
    kubernetes_validate = None


class SlurmTest(unittest.TestCase):
    def run_script(self, code):
        """Its exit code and the calls that it made, where srun ends with `code`."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for program, result in (("srun", code), ("scontrol", 0)):
                path = folder / program
                path.write_text(f'#!/bin/sh\necho {program} "$@" >>{folder}/calls\nexit {result}\n')
                path.chmod(0o755)
            env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "SLURM_JOB_ID": "17"}
            done = subprocess.run(["bash", CLUSTER / "slurm.sh", "my.ini"], env=env, check=False)
            return done.returncode, (folder / "calls").read_text().splitlines()

    def test_a_stopped_training_goes_back_into_the_queue(self):
        code, calls = self.run_script(143)
        self.assertEqual(code, 143)
        self.assertEqual(calls, ["srun --kill-on-bad-exit=0 heed train my.ini",
                                 "scontrol requeue 17"])

    def test_one_that_is_done_or_has_failed_does_not(self):
        for code in (0, 1, 2):
            self.assertEqual(self.run_script(code),
                             (code, ["srun --kill-on-bad-exit=0 heed train my.ini"]))


@unittest.skipUnless(kubernetes_validate, "no kubernetes-validate here")
class KubernetesTest(unittest.TestCase):
    def setUp(self):
        text = (CLUSTER / "kubernetes.yaml").read_text(encoding="utf-8")
        self.service, self.job = yaml.safe_load_all(text)

    def test_the_schema(self):
        for resource in (self.service, self.job):
            kubernetes_validate.validate(resource, "1.37", strict=True)

    def test_what_the_schema_does_not_say(self):
        job, pod = self.job["spec"], self.job["spec"]["template"]["spec"]
        env = {entry["name"]: entry["value"] for entry in pod["containers"][0]["env"]}
        self.assertEqual(env["WORLD_SIZE"], str(job["completions"]))
        self.assertEqual(job["completions"], job["parallelism"])
        # Pods are named by the job and their number, and found by the headless service.
        self.assertEqual(env["MASTER_ADDR"],
                         f"{self.job['metadata']['name']}-0.{pod['subdomain']}")
        self.assertEqual(pod["subdomain"], self.service["metadata"]["name"])
        labels = job["template"]["metadata"]["labels"]
        self.assertLessEqual(self.service["spec"]["selector"].items(), labels.items())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
