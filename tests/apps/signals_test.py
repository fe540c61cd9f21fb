"""Signals and kills: a training stops with a checkpoint, and goes on from a whole one always."""

import os
import random
import signal
import time

import harness
from harness import Training, start

ENDLESS = {"training.max_steps": 1000000, "training.checkpoint_every": 3,
           "training.validate_every": 30, "training.patience": 0, "evaluation.beam_size": 0}


class SignalsTest(harness.HeedTest):
    def check_stop(self, sent, code):
        training = Training(self.new_folder())
        process = training.start(ENDLESS)
        training.wait_for_step(process, 3)
        returned, stderr = harness.end(process, sent)
        self.assertEqual(returned, code, stderr.decode())
        self.assertIn(f"stopped by signal {int(sent)}", stderr.decode())
        last = training.steps()[-1]
        self.assertEqual(harness.state_of(training.checkpoint(last))["step"], last)
        result = training.train({**ENDLESS, "training.max_steps": last + 4}, "--resume")
        self.said(self.ok(result), f"step {last}, epoch")
        self.assertEqual(training.steps()[-1], last + 4)

    def test_sigterm(self):
        self.check_stop(signal.SIGTERM, 143)

    def test_sigint(self):
        self.check_stop(signal.SIGINT, 130)

    def test_sighup(self):
        self.check_stop(signal.SIGHUP, 129)

    def test_a_limit_of_processor_time(self):
        self.check_stop(signal.SIGXCPU, 152)

    def test_sigxcpu_again_and_again_does_not_cut_the_saving_short(self):
        training = Training(self.new_folder())
        process = training.start({**ENDLESS, "training.accumulation": 50})
        training.wait_for_step(process, 3)
        for _ in range(3):
            process.send_signal(signal.SIGXCPU)
            time.sleep(0.01)
        returned, stderr = harness.end(process, signal.SIGXCPU)
        self.assertEqual(returned, 152, stderr.decode())
        self.assertIn(f"stopped by signal {int(signal.SIGXCPU)}", stderr.decode())

    def test_a_second_sighup_does_not_cut_the_saving_short(self):
        training = Training(self.new_folder())
        process = training.start({**ENDLESS, "training.accumulation": 50})
        training.wait_for_step(process, 3)
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        returned, stderr = harness.end(process, signal.SIGHUP)
        self.assertEqual(returned, 129, stderr.decode())
        self.assertIn("stopped by signal 1", stderr.decode())

    def test_sigusr_saves_and_goes_on(self):
        for sent in (signal.SIGUSR1, signal.SIGUSR2):
            training = Training(self.new_folder())
            process = training.start({**ENDLESS, "training.checkpoint_every": 1000000,
                                      "training.validate_every": 1000000})
            while b"train | step" not in process.stderr.readline():
                self.assertIsNone(process.poll())
            for _ in range(2):
                before = training.steps()
                process.send_signal(sent)
                while training.steps() == before:
                    self.assertIsNone(process.poll())
                    time.sleep(0.01)
            returned, stderr = harness.end(process, signal.SIGTERM)
            self.assertEqual(returned, 143, stderr.decode())
            self.ok(training.train({**ENDLESS, "training.max_steps": training.steps()[-1] + 1}))

    def test_sigusr_before_the_first_step_does_no_harm(self):
        training = Training(self.new_folder())
        process = training.start()
        while not (training.model / "train.log").exists():
            self.assertIsNone(process.poll())
        returned, stderr = harness.end(process, signal.SIGUSR1)
        self.assertEqual(returned, 0, stderr.decode())

    def test_what_is_ignored_from_outside_stays_ignored(self):
        training = Training(self.new_folder())  # as with nohup
        process = harness.start("train", training.config, *training.overrides(ENDLESS),
                                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        training.wait_for_step(process, 3)
        process.send_signal(signal.SIGHUP)
        training.wait_for_step(process, training.steps()[-1] + 6)
        returned, stderr = harness.end(process, signal.SIGTERM)
        self.assertEqual(returned, 143, stderr.decode())

    def check_cut_short(self, options):
        """A signal during a validation: it is made again, and the end is the same."""
        options = {"training.validate_every": 4, "training.checkpoint_every": 100,
                   "training.max_steps": 6, **options}
        training = Training(self.new_folder(), dev_pairs=1000)
        process = training.start(options)
        training.wait_for_step(process, 4)  # it is saved before it is validated
        returned, stderr = harness.end(process, signal.SIGTERM)
        self.assertEqual(returned, 143, stderr.decode())
        self.assertIn("the validation of step 4 is cut short", stderr.decode())
        self.assertFalse((training.model / "model.safetensors").exists())
        self.assertTrue(harness.state_of(training.checkpoint(4))["validation_owed"])
        self.ok(training.train(options))
        whole = Training(self.new_folder(), dev_pairs=1000)
        self.ok(whole.train(options))
        self.assertEqual([row["step"] for row in training.validations()], ["4", "6"])
        self.assertEqual(harness.state_of(whole.checkpoint(6)),
                         harness.state_of(training.checkpoint(6)))
        self.assertEqual((training.model / "model.safetensors").read_bytes(),
                         (whole.model / "model.safetensors").read_bytes())

    def test_sigterm_between_the_batches_of_an_update(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 4}))
        process = training.start({**ENDLESS, "training.accumulation": 1000000})
        while b"training: " not in process.stderr.readline():
            self.assertIsNone(process.poll())
        time.sleep(0.5)  # the update has begun
        returned, stderr = harness.end(process, signal.SIGTERM)
        self.assertEqual(returned, 143, stderr.decode())
        self.assertEqual(training.steps()[-1], 4)
        self.ok(training.train({"training.max_steps": 6}))
        whole = Training(self.new_folder())
        self.ok(whole.train({"training.max_steps": 4}))
        self.ok(whole.train({"training.max_steps": 6}))
        self.assertEqual(harness.tensors(whole.checkpoint(6) / "model.safetensors"),
                         harness.tensors(training.checkpoint(6) / "model.safetensors"))

    def test_sigterm_during_translating_a_dev_set(self):
        self.check_cut_short({"evaluation.beam_size": 8, "evaluation.batch_size": 4})

    def test_sigterm_during_the_last_average(self):
        training = Training(self.new_folder(), dev_pairs=1000)
        options = {"training.validate_every": 2, "training.checkpoint_every": 2,
                   "training.max_steps": 4, "training.average_checkpoints": 2, "output.keep_best": 2,
                   "evaluation.beam_size": 6, "evaluation.batch_size": 4}
        process = training.start(options)
        while b"valid | step 4" not in process.stderr.readline():
            self.assertIsNone(process.poll())
        time.sleep(0.3)  # the average has begun
        returned, stderr = harness.end(process, signal.SIGTERM)
        self.assertEqual(returned, 143, stderr.decode())
        self.assertFalse(harness.state_of(training.checkpoint(4))["finished"])
        self.said(self.ok(training.train(options)), "average of the 2 best checkpoints")

    def test_before_the_first_step_it_ends_at_once(self):
        training = Training(self.new_folder(), pairs=20000)
        process = training.start({**ENDLESS, "tokenizer.vocab_size": 4000})
        while not (training.model / "train.log").exists():
            self.assertIsNone(process.poll())
        returned, _ = harness.end(process, signal.SIGTERM)
        self.assertEqual(returned, 143)
        self.assertEqual(training.steps(), [])

    def test_a_stop_changes_nothing(self):
        training = Training(self.new_folder())
        process = training.start(ENDLESS)
        training.wait_for_step(process, 3)
        harness.end(process, signal.SIGTERM)
        last = training.steps()[-1] + 2
        self.ok(training.train({**ENDLESS, "training.max_steps": last}))
        whole = Training(self.new_folder())
        self.ok(whole.train({**ENDLESS, "training.max_steps": last}))
        for name in ("model.safetensors", "training.safetensors"):
            self.assertEqual(harness.tensors(whole.checkpoint(last) / name),
                             harness.tensors(training.checkpoint(last) / name))

    def test_twice_leaves_at_once_and_corrupts_nothing(self):
        training = Training(self.new_folder())
        # Steps of many batches: the first signal alone would wait for the step's end.
        options = {**ENDLESS, "training.accumulation": 3000, "training.checkpoint_every": 1}
        process = training.start(options)
        while b"training: " not in process.stderr.readline():
            self.assertIsNone(process.poll())
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # two signals at the same instant may become one
        returned, _ = harness.end(process, signal.SIGINT)
        self.assertEqual(returned, 130)
        self.assertNotIn(1, training.steps(), "it finished the step")
        self.ok(training.train({**ENDLESS, "training.max_steps": 4}))
        self.assertEqual(training.steps()[-1], 4)

    def test_killed_at_random_moments(self):
        training = Training(self.new_folder(), pairs=100)
        chance = random.Random(11)
        options = {**ENDLESS, "training.checkpoint_every": 1, "training.validate_every": 2}
        reached = 0
        # Many more rounds: HEED_KILLS=100.
        for _ in range(int(os.environ.get("HEED_KILLS", "8"))):
            process = training.start(options)
            training.wait_for_step(process, reached + 1)
            time.sleep(chance.random() * 0.1)
            _, stderr = harness.end(process)
            self.assertNotIn(b"warning: cannot resume", stderr)
            self.assertGreater(training.steps()[-1], reached)
            reached = training.steps()[-1]
        self.ok(training.train({**options, "training.max_steps": reached + 2}, "--resume"))
        self.assertEqual(training.steps()[-1], reached + 2)
        self.assertEqual([path.name for path in training.model.rglob("*tmp*")], [])
        self.assertEqual(sum(row["best"] == "*" for row in training.validations()), 1)

    def test_killed_between_the_first_checkpoint_and_its_model(self):
        # A checkpoint writes the model that its training did not come to write.
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 12}))
        model = training.model / "model.safetensors"
        checkpoint = training.checkpoint(10)
        expected = harness.tensors(checkpoint / "model.safetensors")
        model.unlink()
        harness.shutil.rmtree(training.checkpoint(12))
        self.ok(training.train({"training.max_steps": 11, "training.learning_rate": 1e-30}))
        self.assertTrue(model.is_file())
        self.assertEqual(harness.tensors(model), expected)

    def test_two_trainings_in_one_folder(self):
        training = Training(self.new_folder())
        process = training.start(ENDLESS)
        training.wait_for_step(process, 3)
        for flags in ((), ("--fresh",), ("--resume",)):
            self.refused(training.train({}, *flags), 1, f"another training (process {process.pid})",
                         training.model)
        returned, stderr = harness.end(process, signal.SIGTERM)
        self.assertEqual(returned, 143, stderr.decode())
        self.ok(training.train({**ENDLESS, "training.max_steps": training.steps()[-1] + 1}))

    def test_other_commands_end_at_once(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 10}))
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = start("translate", training.model, "--threads", 1)
            process.stdin.write("Emma!\n".encode())
            process.stdin.flush()
            self.assertTrue(process.stdout.readline().endswith(b"\n"))
            process.send_signal(sent)
            # stdin stays open: only the signal can end it.
            self.assertEqual(process.wait(timeout=60), code)
            process.stdin.close()
            process.stdout.close()
            process.stderr.close()


if __name__ == "__main__":
    harness.main()
