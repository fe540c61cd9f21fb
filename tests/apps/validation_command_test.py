"""training.validation_command: what it gets, what it decides, and what becomes of its failures."""

import harness
from harness import Training, lines_of

COMMAND = "training.validation_command"


class ValidationCommandTest(harness.HeedTest):
    def training(self, script=None):
        training = Training(self.new_folder())
        training.options.update({"training.validate_every": 2, "training.max_steps": 8,
                                 "training.stopping_metric": "command", "output.keep_best": 2})
        if script is not None:
            path = harness.write(training.folder / "metric.sh", "#!/bin/sh\n" + script)
            path.chmod(0o755)
            training.options[COMMAND] = path
        return training

    def test_its_number_chooses_the_best(self):
        # 1, 4, 9, 16 less for each run: the first is best, or the last.
        script = 'cd "$(dirname "$0")"; echo >> runs; wc -l < runs\n'
        for goal, best in (("minimize", "2"), ("maximize", "8")):
            training = self.training(script)
            self.said(self.ok(training.train({"training.validation_command_goal": goal})),
                      " | command 1 |", " | command 4 |")
            rows = training.validations()
            self.assertEqual([row["command"] for row in rows], ["1", "2", "3", "4"])
            self.assertEqual([row["step"] for row in rows if row["best"]], [best])
            self.assertEqual(harness.tensors(training.model / "model.safetensors"),
                             harness.tensors(training.checkpoint(int(best)) / "model.safetensors"))
            written = [harness.json.loads(line) for line
                       in lines_of((training.model / "metrics.jsonl").read_bytes())]
            self.assertEqual([entry["command"] for entry in written if entry["kind"] == "valid"],
                             [1, 2, 3, 4])

    def test_it_may_end_training(self):
        worse = 'n=$(cat "$0.n" 2>/dev/null || echo 9); echo $((n - 1)) > "$0.n"; echo $n\n'
        training = self.training(worse)
        self.ok(training.train({"training.patience": 2}))
        self.assertEqual([row["step"] for row in training.validations()], ["2", "4", "6"])

    def test_it_gets_the_translations(self):
        training = self.training('cat > "$0.stdin"; cat "$1" > "$0.file"; wc -l < "$1"\n')
        self.ok(training.train({"training.max_steps": 2}))
        given = (training.folder / "metric.sh.file").read_bytes()
        self.assertEqual(len(lines_of(given)), 20)
        self.assertEqual(given, (training.folder / "metric.sh.stdin").read_bytes())
        self.assertEqual(given, (training.model / "translations.txt").read_bytes())
        self.assertEqual(training.validations()[0]["command"], "20")

    def test_failures_are_told_and_three_in_a_row_end_what_it_decides(self):
        training = self.training("echo no model >&2; exit 7\n")
        result = training.train()
        error = self.refused(result, 1, "failed 3 times in a row", "metric.sh", "exit code 7: no model")
        self.said(result, "warning: validation_command: ", error[-20:])
        self.assertEqual(training.steps()[-1], 6)
        self.assertEqual([row["command"] for row in training.validations()], ["-"] * 3)
        self.assertFalse((training.model / "model.safetensors").exists())
        harness.write(training.folder / "metric.sh", "#!/bin/sh\necho 5\n")
        self.said(self.ok(training.train()), "resume: from")
        # The last one was saved before it was measured: it is measured again.
        self.assertEqual([row["command"] for row in training.validations()], ["-", "-", "5", "5"])
        self.assertTrue((training.model / "model.safetensors").exists())

    def test_failures_of_what_only_watches_are_told_alone(self):
        training = self.training("kill -9 $$\n")
        result = self.ok(training.train({"training.stopping_metric": "loss"}))
        self.assertEqual(result.stderr.count(b"exit code 137"), 4)
        self.assertEqual(training.validations()[-1]["command"], "-")

    def test_what_it_may_do_wrong(self):
        for script, words in (("sleep 60 & sleep 60\n", "not done after 1 seconds"),
                              ("yes\n", "wrote over 67,108,864 bytes"),
                              ("echo BLEU = 3\n", "no number: BLEU = 3"),
                              ("printf '\\377\\n'\n", "no number: \\xff"),
                              ("", "printed nothing")):
            training = self.training(script)
            result = self.ok(training.train({"training.stopping_metric": "loss",
                                             "training.validation_command_timeout":
                                             60 if "yes" in script else 1,
                                             "training.max_steps": 2}))
            self.assertIn(words.lower(), result.stderr.decode().lower())

    def test_configurations_that_cannot_be(self):
        self.refused(self.training().train(), 2, "stopping_metric = command", "validation_command")
        self.refused(self.training("echo 1\n").train({"evaluation.beam_size": 0}), 2,
                     "needs translations")


if __name__ == "__main__":
    harness.main()
