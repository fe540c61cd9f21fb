"""Trainings of many processes: the same whatever their number, and what happens when one is lost."""

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

import harness
from harness import ROOT, Training

ENDLESS = {"training.max_steps": 1000000, "training.checkpoint_every": 3,
           "training.validate_every": 30, "training.patience": 0, "evaluation.beam_size": 0}
# Four replicas in all, however many processes have them.
FOUR = {"training.max_steps": 8, "training.validate_every": 4, "training.checkpoint_every": 4,
        "training.batch_tokens": 400, "tokenizer.sampling_alpha": 0.1, "model.dropout": 0.2,
        "training.average_checkpoints": 2, "output.keep_best": 2}
LAUNCHER = re.compile("RANK|WORLD_SIZE|MASTER_|SLURM_|PMI_|MPI_|TORCHELASTIC_|GLOO_")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def environment(**variables):
    """This process's, without what a launcher of the test itself has set."""
    kept = {name: value for name, value in os.environ.items() if not LAUNCHER.search(name)}
    return {**kept, **{name: str(value) for name, value in variables.items()}}


class Group:
    """The processes of one training, started as torchrun does it."""

    def __init__(self, training, count, options=None, flags=(), per_rank=None):
        self.training = training
        port = free_port()
        self.processes = []
        for rank in range(count):
            own = {**(options or {}), **((per_rank or {}).get(rank, {}))}
            extras = own.pop("popen", {})
            env = environment(RANK=rank, WORLD_SIZE=count, LOCAL_RANK=rank,
                              MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
            self.processes.append(harness.start(
                "train", own.pop("config", training.config), *flags, *training.overrides(own),
                env=env, **extras))

    def wait_for_step(self, step):
        self.training.wait_for_step(self.processes[0], step)

    def end(self):
        """Exit codes and texts on stderr; whoever is still there in the end is killed."""
        try:
            texts = [process.communicate(timeout=120)[1].decode() for process in self.processes]
        finally:
            for process in self.processes:
                if process.poll() is None:
                    process.kill()
        return [process.returncode for process in self.processes], texts


class DistributedTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        info = harness.heed("info").stdout.decode()
        if "one (built without" in info:
            print("skipped: this heed was built without Gloo's headers", file=sys.stderr)
            sys.exit(77)

    def trained(self, count, options, training=None, replicas=4):
        """A training by `count` processes of `replicas` in all."""
        training = training or Training(self.new_folder(), pairs=120, dev_pairs=7)
        options = {**options, "training.replicas": replicas // count}
        codes, texts = Group(training, count, options).end()
        self.assertEqual(codes, [0] * count, "\n".join(texts))
        self.assertEqual(texts[1:], [""] * (count - 1), "only rank 0 writes the log")
        return training

    def same(self, one, other, step):
        for name in ("model.safetensors", "training.safetensors"):
            self.assertEqual(harness.tensors(one.checkpoint(step) / name),
                             harness.tensors(other.checkpoint(step) / name))
        self.assertEqual(harness.state_of(one.checkpoint(step)),
                         harness.state_of(other.checkpoint(step)))


class LayoutTest(DistributedTest):
    def test_the_same_by_any_number_of_processes(self):
        one, two = self.trained(1, FOUR), self.trained(2, FOUR)
        self.same(one, two, 8)
        self.assertEqual(harness.tensors(one.model / "model.safetensors"),
                         harness.tensors(two.model / "model.safetensors"))
        self.assertEqual(two.validations()[-1]["bleu"], one.validations()[-1]["bleu"])
        # And on from a checkpoint by four.
        four = self.trained(2, {**FOUR, "training.max_steps": 4})
        self.trained(4, FOUR, four)
        self.same(one, four, 8)

    def test_a_corpus_of_many_pools(self):
        options = {**FOUR, "data.pool_pairs": 1000, "training.batch_tokens": 4000}
        one, two = (self.trained(count, options, Training(self.new_folder(), 2500, 7))
                    for count in (1, 2))
        self.same(one, two, 8)

    def test_sizes_that_the_number_of_pairs_decides(self):
        trained = []
        for count in (1, 2):
            training = Training(self.new_folder(), pairs=120, dev_pairs=7)
            training.options = {"training.max_steps": 3, "training.threads": 1,
                                "training.precision": "float32"}
            trained.append(self.trained(count, {}, training, replicas=2))
        self.same(*trained, 3)
        codes, texts = Group(training, 2, {"training.replicas": 1, "training.max_steps": 4}).end()
        self.assertEqual(codes, [0, 0], texts)
        self.assertIn("size: as this training began", texts[0])

    def test_rounded_sums_stay_near(self):
        # Not Adam, which makes large steps of what rounding leaves of a zero.
        options = {**FOUR, "training.accumulation": 2, "training.average_checkpoints": 1,
                   "training.optimizer": "sgd", "training.learning_rate": 0.5}
        one, two = self.trained(1, options), self.trained(2, options)
        rounded = self.trained(2, {**options, "training.reduce_precision": "bfloat16"})
        again = self.trained(2, {**options, "training.reduce_precision": "bfloat16"})
        self.same(rounded, again, 8)

        def distance(training):
            pairs = [(harness.tensors(t.checkpoint(8) / "model.safetensors")) for t in
                     (one, training)]
            return max(abs(a - b) for name in pairs[0] for a, b in
                       zip(*(harness.floats(tensors[name]) for tensors in pairs)))

        self.assertLess(distance(two), 1e-5)
        self.assertLess(distance(rounded), 0.01)
        self.assertGreater(distance(rounded), distance(two))


class RefusalTest(DistributedTest):
    def refused_by_all(self, per_rank, *words, code=2):
        training = Training(self.new_folder(), pairs=60, dev_pairs=4)
        codes, texts = Group(training, 2, {}, per_rank=per_rank).end()
        self.assertEqual(codes, [code] * 2, "\n".join(texts))
        for text in texts:
            for word in words:
                self.assertIn(word, text)
        self.assertEqual(training.steps(), [])
        return texts

    def test_another_configuration(self):
        self.refused_by_all({1: {"training.learning_rate": 0.5}},
                            "rank 1: training.learning_rate = 0.5 (rank 0 has 0.01)")

    def test_other_data(self):
        other = Training(self.new_folder(), pairs=61, dev_pairs=4)
        self.refused_by_all({1: {"config": other.config}},
                            "rank 1: pairs of data.train_source and train_target = 61")

    def test_as_many_pairs_but_others(self):
        other = Training(self.new_folder(), pairs=60, dev_pairs=4,
                         train_target=harness.text(harness.sample_lines("train.en", 60, skip=1)))
        texts = self.refused_by_all({1: {"config": other.config}},
                                    "rank 1: pairs of data.train_source and train_target = 60 (")
        self.assertNotIn("learned", texts[0])

    def test_what_can_be_read_once_only(self):
        training = Training(self.new_folder(), pairs=60, dev_pairs=4)
        codes, texts = Group(training, 2, {"data.train_source": "-"}).end()
        self.assertEqual(codes, [2, 2], "\n".join(texts))
        for text in texts:
            self.assertIn("standard input (-) can be read once only", text)

    def test_what_is_wrong_with_one_ends_all(self):
        training = Training(self.new_folder(), pairs=60, dev_pairs=4)
        per_rank = {1: {"data.dev_source": "/no/such/file"}}
        codes, texts = Group(training, 2, {}, per_rank=per_rank).end()
        self.assertEqual(codes, [1, 1], "\n".join(texts))
        self.assertIn("error: rank 1 of 2", texts[0])
        self.assertIn("/no/such/file", texts[0])
        self.assertIn("error: rank 1: ", texts[1])

    def test_variables_that_cannot_be(self):
        training = Training(self.new_folder(), pairs=60, dev_pairs=4)
        result = training.train({}, env=environment(RANK=2, WORLD_SIZE=2, MASTER_ADDR="127.0.0.1"))
        self.refused(result, 2, "RANK = '2'")


class WaitTest(DistributedTest):
    def test_a_process_says_what_it_waits_for(self):
        training = Training(self.new_folder(), pairs=60, dev_pairs=4)
        port = free_port()
        env = environment(RANK=0, WORLD_SIZE=2, MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
        process = harness.start("train", training.config, *training.overrides(), env=env)
        try:
            self.assertEqual(process.stderr.readline().decode(),
                             f"waiting for all 2 processes at 127.0.0.1:{port}, up to 300 s\n")
        finally:
            process.kill()
            process.communicate()


class FaultTest(DistributedTest):
    def started(self, count, options=None, per_rank=None):
        training = Training(self.new_folder(), pairs=120, dev_pairs=4)
        group = Group(training, count, {**ENDLESS, "training.timeout": 20, **(options or {})},
                      per_rank=per_rank)
        group.wait_for_step(3)
        return training, group

    def goes_on(self, training):
        """From its last checkpoint, which is whole."""
        last = training.steps()[-1]
        codes, texts = Group(training, 2, {**ENDLESS, "training.max_steps": last + 2},
                             ["--resume"]).end()
        self.assertEqual(codes, [0, 0], "\n".join(texts))
        self.assertEqual(training.steps()[-1], last + 2)

    def test_a_signal_to_one_stops_all(self):
        training, group = self.started(3)
        group.processes[1].send_signal(signal.SIGTERM)
        group.processes[1].send_signal(signal.SIGTERM)  # as launchers pass it on once more
        codes, texts = group.end()
        self.assertEqual(codes, [143] * 3, "\n".join(texts))
        self.assertIn("stopped by signal 15", texts[0])
        self.goes_on(training)

    def test_a_signal_cuts_a_validation_short(self):
        # Which takes a minute: the model has learned nothing, so that no translation ends early.
        slow = {"training.validate_every": 3, "evaluation.beam_size": 10,
                "evaluation.batch_size": 1, "decoding.max_length_ratio": 20}
        training = Training(self.new_folder(), pairs=120, dev_pairs=400)
        group = Group(training, 3, {**ENDLESS, **slow})
        group.wait_for_step(3)
        time.sleep(0.5)
        group.processes[1].send_signal(signal.SIGTERM)
        codes, texts = group.end()
        self.assertEqual(codes, [143] * 3, "\n".join(texts))
        self.assertIn("the validation of step 3 is cut short", texts[0])
        self.assertEqual(training.steps(), [3])

    def test_a_job_that_is_stopped_as_a_whole_goes_on(self):
        training, group = self.started(2, {"training.timeout": 3})
        for stop in (signal.SIGSTOP, signal.SIGCONT):
            for process in group.processes:
                process.send_signal(stop)
            time.sleep(5 if stop == signal.SIGSTOP else 0)
        group.wait_for_step(training.steps()[-1] + 30)
        group.processes[0].send_signal(signal.SIGTERM)
        codes, texts = group.end()
        self.assertEqual(codes, [143] * 2, "\n".join(texts))

    def test_killed(self):
        for rank in (1, 0):
            training, group = self.started(2)
            group.processes[rank].kill()
            codes, texts = group.end()
            self.assertEqual(codes[rank], -signal.SIGKILL)
            self.assertEqual(codes[1 - rank], 1, texts[1 - rank])
            self.assertRegex(texts[1 - rank],
                             rf"error: .*rank {rank} of 2 \(.*\) is lost since step \d+")
            if rank == 1:
                self.assertRegex((training.model / "train.log").read_text(), "rank 1 of 2 .* is lost")
        self.goes_on(training)

    def test_stopped(self):
        training, group = self.started(2, {"training.timeout": 6})
        group.processes[1].send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.assertEqual(group.processes[0].wait(timeout=60), 1)
        self.assertLess(time.monotonic() - began, 60)
        group.processes[1].kill()
        _, texts = group.end()
        self.assertRegex(texts[0], r"rank 1 of 2 \(.*\) is lost since step \d+: no sign of life")
        self.assertRegex((training.model / "train.log").read_text(), "rank 1 of 2 .* is lost")

    def test_out_of_disk(self):
        # Files of rank 0 may have so many bytes: a vocabulary has fewer, a checkpoint more.
        most = 400_000
        limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
                 "restore_signals": False}
        wide = {**ENDLESS, "model.hidden_size": 64, "model.feed_forward_size": 256}
        training = Training(self.new_folder(), pairs=120, dev_pairs=4)
        codes, texts = Group(training, 2, wide, per_rank={0: {"popen": limit}}).end()
        self.assertEqual(codes, [1, 1], "\n".join(texts))
        self.assertIn("File too large", texts[0])
        self.assertRegex(texts[1], "error: rank 1: rank 0 of 2 .* ended at step 3: .*File too large")


class NetworkTest(DistributedTest):
    def test_cut_off(self):
        if os.geteuid() != 0 or not shutil.which("ip") or not os.path.exists("/dev/net/tun"):
            self.skipTest("namespaces need root, iproute2 and /dev/net/tun")
        name = f"heed{os.getpid()}"
        training = Training(self.new_folder(), pairs=120, dev_pairs=4)
        process = subprocess.Popen(
            [str(ROOT / "scripts/two_hosts.sh"), "--name", name, harness.HEED, "train",
             str(training.config), *training.overrides({**ENDLESS, "training.timeout": 6})],
            env=environment(), stderr=subprocess.PIPE)
        training.wait_for_step(process, 3)
        subprocess.run(["ip", "-n", f"{name}-1", "link", "set", "link0", "down"], check=True)
        text = process.communicate(timeout=120)[1].decode()
        self.assertEqual(process.returncode, 1, text)
        self.assertRegex(text, r"error: rank 1 of 2 \(.*\) is lost since step \d+")
        self.assertRegex(text, r"error: rank 1: the store of rank 0 at 10.77.0.1:29500 "
                               r".*: rank 0 of 2 \(.*\) is lost since step \d+")
        self.assertNotIn(name, subprocess.run(["ip", "netns"], capture_output=True, check=True,
                                              text=True).stdout)


class LauncherTest(DistributedTest):
    """By the real ones, where they are installed."""

    def same_as_alone(self, launcher, env=None):
        options = {**FOUR, "training.replicas": 2}
        training = Training(self.new_folder(), pairs=120, dev_pairs=7)
        command = [*launcher, harness.HEED, "train", str(training.config),
                   *training.overrides(options)]
        result = subprocess.run(command, env=environment(**(env or {})), capture_output=True,
                                timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertIn("processes 2 x replicas 2", result.stderr.decode())
        self.assertNotIn("TCPStore", result.stderr.decode())
        self.same(self.trained(1, FOUR), training, 8)

    def test_mpirun(self):
        if not shutil.which("mpirun"):
            self.skipTest("no mpirun here")
        mine = {"OMPI_ALLOW_RUN_AS_ROOT": 1, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": 1}
        self.same_as_alone(["mpirun", "-n", "2", "--oversubscribe", "-x",
                            f"MASTER_PORT={free_port()}"], mine)

    def test_srun(self):
        info = shutil.which("sinfo") and subprocess.run(["sinfo", "-h"], capture_output=True,
                                                        check=False)
        if not info or info.returncode != 0 or not info.stdout:
            self.skipTest("no Slurm here")
        slurm = {name: value for name, value in os.environ.items() if name == "SLURM_CONF"}
        self.same_as_alone(["srun", "-n", "2"], slurm)


class TorchrunTest(DistributedTest):
    def test_starts_again_from_the_last_checkpoint(self):
        torchrun = shutil.which("torchrun") or str(ROOT / ".deps/venv/bin/torchrun")
        if not os.access(torchrun, os.X_OK):
            self.skipTest("no torchrun here")
        options = {**ENDLESS, "training.replicas": 1, "training.max_steps": 3000}
        training = Training(self.new_folder(), pairs=120, dev_pairs=4)
        training.options["training.max_steps"] = 3000
        process = subprocess.Popen(
            [torchrun, "--nproc-per-node", "2", "--max-restarts", "1", "--master-port",
             str(free_port()), "--no-python", harness.HEED, "train", str(training.config),
             *training.overrides(options)], env=environment(), stderr=subprocess.PIPE)
        training.wait_for_step(process, 3)
        workers = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)],
                                 capture_output=True, check=True).stdout.split()
        os.kill(int(workers[-1]), signal.SIGKILL)
        log = training.model / "train.log"
        while "resume: from" not in log.read_text():
            self.assertIsNone(process.poll())
            time.sleep(0.05)
        seen = training.steps()[-1]
        training.wait_for_step(process, seen + 3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        last = training.steps()[-1]
        self.assertRegex(log.read_text(), "stopped by signal 15")
        whole = self.trained(2, {**options, "training.max_steps": last},
                             Training(self.new_folder(), pairs=120, dev_pairs=4), replicas=2)
        for name in ("model.safetensors", "training.safetensors"):
            self.assertEqual(harness.tensors(whole.checkpoint(last) / name),
                             harness.tensors(training.checkpoint(last) / name))


if __name__ == "__main__":
    harness.main()
