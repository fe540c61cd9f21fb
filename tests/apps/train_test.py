"""heed train: exact resume, refusals, bad data, what it leaves behind."""

import gzip
import json
import os
import shutil
import unittest

import harness
from harness import Training, heed, lines_of, sample_lines, text

# Everything that has a state of its own: generators, moments, averages, a place within an epoch.
DEMANDING = {
    "model.dropout": 0.3,
    "training.accumulation": 2,
    "training.average_decay": 0.9,
    "training.batch_tokens": 200,
    "training.validate_every": 10,
    "tokenizer.sampling_alpha": 0.1,
}
RECURRENT = {"model.architecture": "recurrent", "model.cell": "lstm"}


class ResumeTest(harness.HeedTest):
    def same_checkpoints(self, one, other):
        for name in ("model.safetensors", "training.safetensors"):
            self.assertEqual(harness.tensors(one / name), harness.tensors(other / name), name)
        self.assertEqual(harness.state_of(one), harness.state_of(other))

    def check_resume(self, options):
        whole = Training(self.new_folder())
        self.ok(whole.train({**options, "training.max_steps": 20}))
        parts = Training(self.new_folder())
        self.ok(parts.train({**options, "training.max_steps": 10}))
        before = harness.tensors(parts.checkpoint(10) / "model.safetensors")
        result = self.ok(parts.train({**options, "training.max_steps": 20}))
        self.said(result, "resume: from", "step 10", "training.max_steps = 20 as given now, it was 10")
        self.assertNotEqual(harness.state_of(parts.checkpoint(10))["batch"], 0, "not mid-epoch")
        self.assertNotEqual(before, harness.tensors(parts.checkpoint(20) / "model.safetensors"))
        self.same_checkpoints(whole.checkpoint(20), parts.checkpoint(20))
        self.assertEqual(harness.tensors(whole.model / "model.safetensors"),
                         harness.tensors(parts.model / "model.safetensors"))

    def test_transformer(self):
        self.check_resume(DEMANDING)

    def test_recurrent(self):
        self.check_resume({**DEMANDING, **RECURRENT})

    def test_unigram_sampling_and_plateau(self):
        self.check_resume({**DEMANDING, "tokenizer.type": "unigram", "training.schedule": "plateau",
                           "training.plateau_patience": 1, "training.average_decay": 0})

    def test_bfloat16(self):
        self.check_resume({**DEMANDING, "training.precision": "bfloat16"})

    def test_replicas(self):
        self.check_resume({**DEMANDING, "training.replicas": 3})

    def test_another_number_of_replicas_is_told(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5, "training.replicas": 2}))
        result = self.ok(training.train({"training.max_steps": 6, "training.replicas": 1}))
        self.said(result, "training.replicas = 1 as given now, it was 2", "replicas 1 now, 2 before")

    def test_a_batch_size_is_found_once(self):
        automatic = {"training.batch_tokens": "auto", "training.validate_every": 3}
        whole = Training(self.new_folder())
        result = self.ok(whole.train({**automatic, "training.max_steps": 6}))
        self.said(result, "batch_tokens = auto: 25,000", "25000 tokens a batch")
        parts = Training(self.new_folder())
        self.ok(parts.train({**automatic, "training.max_steps": 3}))
        result = self.ok(parts.train({**automatic, "training.max_steps": 6}))
        self.assertNotIn(b"batch_tokens = auto", result.stderr)
        self.same_checkpoints(whole.checkpoint(6), parts.checkpoint(6))

    def test_no_batch_fits(self):
        training = Training(self.new_folder())
        self.refused(training.train({"training.batch_tokens": "auto", "training.memory_limit": 10}),
                     1, "batch of 512 tokens already takes", "training.memory_limit is 10 MiB")

    def test_sgd(self):
        self.check_resume({**DEMANDING, "training.optimizer": "sgd"})

    def test_averaging_checkpoints_at_the_end_of_the_first_part(self):
        # The mean of the best checkpoints is a model to keep, not weights to go on from.
        averaging = {**DEMANDING, "training.average_decay": 0, "training.average_checkpoints": 2,
                     "output.keep_best": 2, "training.validate_every": 5,
                     "training.checkpoint_every": 5}
        whole = Training(self.new_folder())
        self.ok(whole.train({**averaging, "training.max_steps": 20}))
        parts = Training(self.new_folder())
        result = self.ok(parts.train({**averaging, "training.max_steps": 10}))
        self.said(result, "average of the 2 best checkpoints")
        self.ok(parts.train({**averaging, "training.max_steps": 20}))
        self.same_checkpoints(whole.checkpoint(20), parts.checkpoint(20))

    def test_the_same_seed_gives_the_same_model_and_another_another(self):
        models = []
        for seed in (1, 1, 2):
            training = Training(self.new_folder())
            self.ok(training.train({"training.max_steps": 5, "training.seed": seed}))
            models.append(harness.tensors(training.model / "model.safetensors"))
        self.assertEqual(models[0], models[1])
        self.assertNotEqual(models[0], models[2])

    def test_what_is_fixed_cannot_change(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        for key, value, old in (("model.hidden_size", 32, "16"), ("training.seed", 7, "1"),
                                ("tokenizer.vocab_size", 300, "250"),
                                ("training.optimizer", "adamw", "adam"),
                                ("data.max_length", 50, "100")):
            self.refused(training.train({key: value}), 2, f"{key} = {value}", f"began with {old}",
                         "--fresh")
        self.refused(training.train({"model.layers": 2, "model.heads": 4}), 2, "model.layers = 2",
                     "model.heads = 4")
        # A refusal must leave the folder as it was.
        self.ok(training.train({"training.max_steps": 6}))

    def test_what_may_change_is_told(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        result = self.ok(training.train({"training.max_steps": 8, "training.learning_rate": 0.002,
                                         "training.batch_tokens": 300}))
        self.said(result, "learning_rate = 0.002 as given now, it was 0.01",
                  "batch_tokens = 300 as given now, it was 256", "batches are made anew")
        self.assertEqual(training.steps()[-1], 8)

    def test_averaging_may_be_switched_on_and_off(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        plain = harness.tensors(training.checkpoint(5) / "model.safetensors")
        # With a learning rate of next to nothing the masters, and so their average, stand still.
        still = {"training.learning_rate": 1e-30, "training.max_steps": 6}
        result = self.ok(training.train({**still, "training.average_decay": 0.5}))
        self.assertNotIn(b"warning: cannot resume", result.stderr)
        self.assertEqual(harness.tensors(training.checkpoint(6) / "model.safetensors"), plain)
        self.ok(training.train({"training.max_steps": 9, "training.average_decay": 0.5}))
        header, data = harness.parts_of_safetensors(
            training.checkpoint(9) / "training.safetensors")
        masters = data[slice(*header["master"]["data_offsets"])]
        self.ok(training.train({**still, "training.max_steps": 10}))
        weights = harness.tensors(training.checkpoint(10) / "model.safetensors")
        # Optimizer.weights() of a training without an average are its masters.
        for name, (_, _, content) in weights.items():
            self.assertIn(content, masters, name)

    def test_a_stop_between_two_validations_changes_nothing(self):
        # Neither the best, nor patience, nor the plateau knows of the validation at the first end.
        options = {**DEMANDING, "training.validate_every": 4, "training.checkpoint_every": 5,
                   "training.schedule": "plateau", "training.plateau_patience": 1,
                   "training.learning_rate": 0.03, "training.patience": 3}
        whole, parts = Training(self.new_folder()), Training(self.new_folder())
        self.ok(whole.train({**options, "training.max_steps": 26}))
        for steps in (10, 14, 26):
            self.ok(parts.train({**options, "training.max_steps": steps}))
            self.assertEqual(parts.validations()[-1]["step"], str(steps))
        self.same_checkpoints(whole.checkpoint(26), parts.checkpoint(26))
        untimed = lambda training: [{**row, "seconds": 0} for row in training.validations()]
        self.assertEqual(untimed(whole), untimed(parts))

    def test_a_kill_after_another_batch_size_does_not_hide_it(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        other = {"training.batch_tokens": 300, "training.checkpoint_every": 1000,
                 "training.validate_every": 1000, "training.max_steps": 100000}
        process = training.start(other)
        while b"training: " not in process.stderr.readline():
            self.assertIsNone(process.poll())
        harness.end(process)
        self.assertEqual(training.steps(), [5])
        result = self.ok(training.train({**other, "training.max_steps": 6}))
        self.said(result, "batches are made anew: going on at the start of epoch 2")

    def test_changed_data_are_noticed(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        for language in ("de", "en"):
            harness.write(training.folder / f"train.{language}",
                          text(sample_lines(f"train.{language}", 320)))
        learn = ("translate", training.model, "--threads", 1, "--shortlist", 50)
        self.said(self.ok(heed(*learn, stdin="Emma!\n")), "lexicon: learning from")
        result = self.ok(training.train({"training.max_steps": 8}))
        self.said(result, "warning: resume: the training data has changed since step 5")
        self.said(self.ok(heed(*learn, stdin="Emma!\n")), "lexicon: learning from", "320 of 320 pairs")

    def test_a_folder_that_is_moved_while_its_training_runs(self):
        training = Training(self.new_folder())
        process = training.start({"training.max_steps": 1000000, "training.patience": 0})
        training.wait_for_step(process, 10)
        moved = training.folder / "elsewhere"
        training.model.rename(moved)
        stderr = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 1, stderr)
        self.assertFalse(training.model.exists())
        words = f"{training.model}: was moved to {moved} while its training was at step "
        self.assertIn(words, stderr)
        step = int(stderr.split(words)[1].split(":")[0])
        result = self.ok(training.train({"output.folder": moved, "training.max_steps": step}))
        self.said(result, f"resume: from {moved}/checkpoints/step-{step}")

    def test_a_folder_that_is_removed_while_its_training_runs(self):
        training = Training(self.new_folder())
        rarely = {"training.max_steps": 1000000, "training.patience": 0, "training.report_every": 1000000,
                  "training.validate_every": 200, "training.checkpoint_every": 200}
        process = training.start(rarely)
        training.wait_for_step(process, 200)
        while not (training.model / "validations.tsv").exists():  # what is written last
            self.assertIsNone(process.poll())
        shutil.rmtree(training.model)
        stderr = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 1, stderr)
        self.assertIn(f"{training.model}: was removed while its training was at step 400", stderr)
        self.assertFalse(training.model.exists())

    def test_a_finished_training_says_so(self):
        training = Training(self.new_folder())
        self.ok(training.train())
        before = (training.model / "model.safetensors").read_bytes()
        result = self.ok(training.train())
        self.said(result, "training is finished: 20 steps", "raise training.max_steps")
        self.assertEqual((training.model / "model.safetensors").read_bytes(), before)

    def test_early_stopping_counts_on_across_a_restart(self):
        # A learning rate of next to nothing: no validation after the first is better.
        still = {"training.learning_rate": 1e-30, "training.validate_every": 2,
                 "training.patience": 5, "training.checkpoint_every": 2}
        training = Training(self.new_folder())
        self.ok(training.train({**still, "training.max_steps": 6}))
        self.ok(training.train({**still, "training.max_steps": 100}))
        self.assertEqual(training.steps()[-1], 12)

    def test_fresh_and_resume(self):
        training = Training(self.new_folder())
        self.refused(training.train({}, "--resume"), 1, "--resume", "no checkpoint")
        self.ok(training.train({"training.max_steps": 5}))
        result = training.train({}, "--fresh", "--resume")
        self.assertEqual(result.returncode, 2)
        self.ok(training.train({"training.max_steps": 6}, "--resume"))
        self.ok(training.train({"training.max_steps": 4, "model.hidden_size": 32}, "--fresh"))
        self.assertEqual(training.steps(), [4])
        self.assertEqual([row["step"] for row in training.validations()], ["4"])

    def test_fresh_keeps_the_old_model_until_the_new_training_can_start(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        self.refused(training.train({"data.train_source": "missing.de"}, "--fresh"), 1,
                     "missing.de", "No such file or directory")
        self.refused(training.train({"training.device": "cuda"}, "--fresh",
                                    env={"CUDA_VISIBLE_DEVICES": ""}), 2, "no GPU")
        # Faults that show only when the text is read.
        short = harness.write(training.folder / "short.en", text(sample_lines("train.en", 9)))
        for options, words in (({"data.train_target": short}, "has 9"),
                               ({"data.dev_target": short}, "has 9"),
                               ({"training.guided_alignment": short}, "line i of one belongs to line i of the other"),
                               ({"tokenizer.vocab_size": 30000}, "vocab_size")):
            self.refused(training.train(options, "--fresh"), 1, words)
        self.assertEqual(training.steps(), [5])
        for name in ("model.safetensors", "tokenizer.model", "config.ini", "validations.tsv"):
            self.assertTrue((training.model / name).is_file(), name)
        self.ok(training.train({"training.max_steps": 6}))

    def test_a_fresh_training_may_take_the_vocabulary_of_its_own_folder(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        own = training.model / "tokenizer.model"
        before = own.read_bytes()
        self.ok(training.train({"training.max_steps": 4, "tokenizer.model": own}, "--fresh"))
        self.assertEqual(training.steps(), [4])
        self.assertEqual(own.read_bytes(), before)

    def test_a_configuration_of_ones_own_is_not_written_over(self):
        training = Training(self.new_folder())
        content = training.config.read_bytes().replace(b"folder = model", b"folder = .")
        training.config.write_bytes(content)
        (training.folder / "checkpoints/mine").mkdir(parents=True)  # of somebody else
        for flags in ((), ("--fresh",)):
            self.refused(training.train({}, *flags), 2, training.config, "give yours another name")
            self.assertEqual(training.config.read_bytes(), content)

    def test_a_vocabulary_that_has_moved(self):
        training = Training(self.new_folder())
        here, there = training.folder / "words.model", training.folder / "moved.model"
        self.ok(heed("tokenize", "train", training.folder / "train.de", "-m", here, "--vocab-size",
                     250))
        self.ok(training.train({"training.max_steps": 3, "tokenizer.model": here}))
        here.rename(there)
        self.ok(training.train({"training.max_steps": 4, "tokenizer.model": there}))
        self.ok(training.train({"training.max_steps": 5}))
        other = training.folder / "other.model"
        self.ok(heed("tokenize", "train", training.folder / "train.en", "-m", other, "--vocab-size",
                     250))
        self.refused(training.train({"tokenizer.model": other}), 2, "another vocabulary")
        # Nor may it change behind the training's back.
        other.rename(training.model / "tokenizer.model")
        self.refused(training.train({"training.max_steps": 6}), 1, "trained with another vocabulary")

    def test_a_model_without_checkpoints_is_not_overwritten(self):
        training = Training(self.new_folder())
        harness.write(training.model / "model.safetensors", "precious")
        self.refused(training.train(), 1, "no checkpoint to go on from", "--fresh")
        self.assertEqual((training.model / "model.safetensors").read_bytes(), b"precious")

    def test_without_its_configuration_a_folder_does_not_go_on(self):
        training = Training(self.new_folder())
        self.ok(training.train())
        (training.model / "config.ini").unlink()
        self.refused(training.train({"training.max_steps": 30, "training.optimizer": "sgd"}), 1,
                     "config.ini is gone", f"training.initial_model = {training.checkpoint(20)}")
        self.assertFalse((training.model / "config.ini").exists())


class HistoryTest(harness.HeedTest):
    """What validations are compared with, across restarts."""

    STILL = {"training.learning_rate": 1e-30, "training.validate_every": 2,
             "training.checkpoint_every": 2}

    def other_dev_set(self, training):
        for language in ("de", "en"):
            harness.write(training.folder / f"dev.{language}",
                          text(sample_lines(f"dev.{language}", 20, skip=100)))

    def best(self, training):
        return [row["step"] for row in training.validations() if row["best"] == "*"]

    def test_another_dev_set_begins_a_new_history(self):
        training = Training(self.new_folder())
        self.ok(training.train())
        self.other_dev_set(training)
        result = self.ok(training.train({"training.max_steps": 30, "training.learning_rate": 1e-4}))
        self.said(result, "the dev set changed since step 20: a new history begins")
        self.assertEqual([row["step"] for row in training.validations()], ["10", "20", "30"])
        self.assertEqual(self.best(training), ["30"])
        self.assertEqual(harness.tensors(training.model / "model.safetensors"),
                         harness.tensors(training.checkpoint(30) / "model.safetensors"))
        self.assertNotIn(b"new history", training.train({"training.max_steps": 31}).stderr)

    def test_another_dev_set_after_patience_goes_on(self):
        training = Training(self.new_folder())
        still = {**self.STILL, "training.patience": 2, "training.max_steps": 100}
        self.said(self.ok(training.train(still)),
                  "training is finished: 6 steps", "patience = 2: no validation was better than that of step 2")
        self.said(self.ok(training.train(still)), "training is finished: 6 steps, patience = 2")
        self.other_dev_set(training)
        self.ok(training.train(still))
        self.assertEqual(training.steps()[-1], 12)

    def test_another_metric_or_tokenizer_of_bleu_begins_a_new_history(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 4, **self.STILL}))
        for options, words in (({"training.stopping_metric": "bleu"}, "training.stopping_metric"),
                               ({"training.stopping_metric": "bleu", "evaluation.tokenize": "char"},
                                "BLEU (char, beam 1, it was auto, beam 1)")):
            step = training.steps()[-1] + 2
            result = self.ok(training.train({**self.STILL, **options, "training.max_steps": step}))
            self.said(result, words, "a new history begins")
            self.assertEqual(self.best(training), [str(step)])

    def test_bleu_of_zero_does_not_win_by_coming_first(self):
        training = Training(self.new_folder())
        result = self.ok(training.train({"training.stopping_metric": "bleu", "training.patience": 2,
                                         "training.validate_every": 5}))
        rows = training.validations()
        self.assertEqual({row["bleu"] for row in rows}, {"0.00"}, "the test needs a BLEU of 0.00")
        self.said(result, "training is finished: 20 steps", "max_steps = 20")
        self.assertEqual(self.best(training), [min(rows, key=lambda row: float(row["loss"]))["step"]])

    def test_going_on_never_replaces_the_model_by_a_worse_one(self):
        training = Training(self.new_folder())
        options = {"training.average_checkpoints": 3, "output.keep_best": 3, "training.validate_every": 2,
                   "training.learning_rate": 0.05}
        self.said(self.ok(training.train(options)), "kept as the model")
        average = (training.model / "model.safetensors").read_bytes()
        # Worse than the average, better than all validations of the history: it is not yet there.
        self.ok(training.train({**options, "training.max_steps": 22, "training.learning_rate": 1e-30}))
        self.assertEqual((training.model / "model.safetensors").read_bytes(), average)

    def test_a_model_that_somebody_removed_is_made_again(self):
        training = Training(self.new_folder())
        self.ok(training.train())
        model = training.model / "model.safetensors"
        before = model.read_bytes()
        model.unlink()
        self.ok(training.train())
        self.assertEqual(model.read_bytes(), before)


class ForeignFilesTest(harness.HeedTest):
    """A training removes what a training made, and nothing else."""

    NAMES = ("lexicon.txt", "source.model", "target.model", "tokenizer.model", "metrics.jsonl",
             "validations.tsv", "config.ini")

    def test_files_under_our_names_are_refused_and_stay(self):
        for name in self.NAMES:
            training = Training(self.new_folder())
            harness.write(training.model / name, "# mine\n")
            for flags in ((), ("--fresh",)):
                self.refused(training.train({}, *flags), 1, training.model / name, "move it away")
                self.assertEqual((training.model / name).read_bytes(), b"# mine\n")

    def test_names_that_only_begin_like_ours_stay(self):
        training = Training(self.new_folder())
        names = ("config.ini.tmpl", "lexicon.txt.tmp-notes", "model.safetensors.tmp",
                 "tokenizer.model.tmp.7", "checkpoints/step-5.tmpl", "checkpoints/notes.tmp")
        for name in names:
            harness.write(training.model / name, "mine")
        self.ok(training.train({"training.max_steps": 3}))
        self.ok(training.train({"training.max_steps": 2}, "--fresh"))
        for name in names:
            self.assertEqual((training.model / name).read_bytes(), b"mine", name)

    def test_a_vocabulary_given_from_the_folder_is_only_read(self):
        training = Training(self.new_folder())
        own = training.model / "tokenizer.model"
        own.parent.mkdir()
        self.ok(heed("tokenize", "train", training.folder / "train.de", "-m", own, "--vocab-size",
                     250))
        before = own.read_bytes(), own.stat().st_mtime_ns
        for flags in ((), ("--fresh",)):
            self.ok(training.train({"training.max_steps": 2, "tokenizer.model": own}, *flags))
            self.assertEqual((own.read_bytes(), own.stat().st_mtime_ns), before)

    def test_comments_in_the_folders_own_configuration_are_not_lost(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 2}))
        config = training.model / "config.ini"
        own = config.read_text().replace("[training]", "[training] # my notes")
        config.write_text(own)
        self.ok(heed("train", config))
        self.assertEqual(config.read_text(), own)
        self.ok(heed("train", config, "--training.max_steps=3"))
        self.assertIn("max_steps = 3\n", config.read_text())
        self.assertEqual((training.model / "config.ini.edited").read_text(), own)

    def test_notes_within_a_checkpoint_outlive_it(self):
        training = Training(self.new_folder())
        often = {"training.checkpoint_every": 1, "training.validate_every": 50}
        self.ok(training.train({**often, "training.max_steps": 2}))
        harness.write(training.checkpoint(1) / "notes", "mine")
        self.ok(training.train({**often, "training.max_steps": 6}))
        found = list(training.model.rglob("notes"))
        self.assertEqual([path.read_bytes() for path in found], [b"mine"])


class FolderTest(harness.HeedTest):
    """What a training leaves behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.training = Training(cls.folder / "t")
        cls.result = cls.training.train({"training.validate_every": 5})

    def test_files(self):
        self.ok(self.result)
        self.assertEqual(self.result.stdout, b"")
        names = {path.name for path in self.training.model.iterdir()} - {".lock"}
        self.assertEqual(names, {"checkpoints", "config.ini", "metrics.jsonl", "model.safetensors",
                                 "tokenizer.model", "train.log", "validations.tsv"})

    def test_validations_have_one_star_at_the_lowest_loss(self):
        rows = self.training.validations()
        self.assertEqual([row["step"] for row in rows], ["5", "10", "15", "20"])
        starred = [row for row in rows if row["best"] == "*"]
        self.assertEqual(len(starred), 1)
        self.assertEqual(float(starred[0]["loss"]), min(float(row["loss"]) for row in rows))
        self.assertLess(float(rows[-1]["loss"]), float(rows[0]["loss"]), "it does not learn")

    def test_metrics_are_json_lines(self):
        entries = [json.loads(line)
                   for line in lines_of((self.training.model / "metrics.jsonl").read_bytes())]
        steps = {kind: [entry["step"] for entry in entries if entry["kind"] == kind]
                 for kind in ("train", "valid")}
        self.assertEqual(steps, {"train": [5, 10, 15, 20], "valid": [5, 10, 15, 20]})
        for entry in entries:
            self.assertGreater(entry["loss"], 0)
            self.assertEqual("tokens_per_second" in entry, entry["kind"] == "train")

    def test_broken_metrics_are_left_out(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        with open(training.model / "metrics.jsonl", "ab") as file:
            file.write(b'{"step": "five"}\n{"step": {}}\n\xff\n[1]\n')
        self.ok(training.train({"training.max_steps": 10}))
        entries = [json.loads(line)
                   for line in lines_of((training.model / "metrics.jsonl").read_bytes())]
        self.assertEqual([e["step"] for e in entries if e["kind"] == "train"], [5, 10])

    def test_a_file_in_place_of_the_checkpoints_is_named(self):
        training = Training(self.new_folder())
        harness.write(training.model / "checkpoints", "mine")
        self.refused(training.train(), 1, training.model / "checkpoints", "Not a directory")

    def test_metrics_do_not_repeat_after_a_resume(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 10}))
        self.ok(training.train({"training.max_steps": 20}))
        entries = [json.loads(line)
                   for line in lines_of((training.model / "metrics.jsonl").read_bytes())]
        self.assertEqual([e["step"] for e in entries if e["kind"] == "train"], [5, 10, 15, 20])

    def test_checkpoints_kept(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.checkpoint_every": 2, "training.validate_every": 20,
                                "output.keep_last": 3}))
        self.assertEqual(training.steps(), [16, 18, 20])

    def test_the_model_is_the_best_checkpoint(self):
        best = [row for row in self.training.validations() if row["best"] == "*"][0]
        self.assertEqual(
            harness.tensors(self.training.model / "model.safetensors"),
            harness.tensors(self.training.checkpoint(best["step"]) / "model.safetensors"))

    def test_the_log_holds_what_stderr_said_and_quiet_silences_stderr_alone(self):
        training = Training(self.new_folder())
        result = self.ok(training.train({"training.max_steps": 5}, "--quiet"))
        self.assertEqual(result.stderr, b"")
        self.assertIn("training is finished", (training.model / "train.log").read_text())

    def test_the_log_tells_what_ended_a_training(self):
        training = Training(self.new_folder())
        self.refused(training.train({"data.max_length": 1}), 1, "no pair to use")
        self.assertIn("no pair to use", (training.model / "train.log").read_text())

    def test_a_last_validation_after_the_last_checkpoint(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 8, "training.checkpoint_every": 4,
                                "training.validate_every": 100}))
        self.assertEqual([row["best"] for row in training.validations()], ["*"])
        self.assertEqual(harness.tensors(training.model / "model.safetensors"),
                         harness.tensors(training.checkpoint(8) / "model.safetensors"))

    def test_a_moved_folder_goes_on_by_its_own_configuration(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 3}))
        moved = training.folder / "moved"
        training.model.rename(moved)
        result = self.ok(heed("train", moved / "config.ini", "--training.max_steps=5"))
        self.said(result, f"resume: from {moved}/checkpoints/step-3")
        self.assertFalse(training.model.exists())

    def test_the_saved_configuration_trains_the_same_model(self):
        # It stands for the training whole: its data paths are absolute or relative to it.
        other = self.new_folder() / "other"
        self.ok(heed("train", self.training.model / "config.ini", f"--output.folder={other}"))
        self.assertEqual(harness.tensors(other / "model.safetensors"),
                         harness.tensors(self.training.model / "model.safetensors"))

    def test_a_gpu_that_is_not_there(self):
        training = Training(self.new_folder())
        self.refused(training.train({}, "--device", "cuda", env={"CUDA_VISIBLE_DEVICES": ""}), 2,
                     "device = cuda", "no GPU")

    def test_the_locale_changes_nothing(self):
        for locale in ("C", "de_DE.UTF-8"):
            training = Training(self.new_folder())
            self.ok(training.train({"training.validate_every": 5},
                                   env={"LC_ALL": locale, "LANG": locale}))
            self.assertEqual((training.model / "tokenizer.model").read_bytes(),
                             (self.training.model / "tokenizer.model").read_bytes())
            self.assertEqual(harness.tensors(training.model / "model.safetensors"),
                             harness.tensors(self.training.model / "model.safetensors"))


class DataTest(harness.HeedTest):
    """Faults of the parallel text."""

    def training(self, source=None, target=None, **others):
        encoded = {"train_source": source, "train_target": target, **others}
        return Training(self.new_folder(), **{k: v for k, v in encoded.items() if v is not None})

    def test_sides_of_different_length(self):
        training = self.training(text(sample_lines("train.de", 1000)),
                                 text(sample_lines("train.en", 999)))
        self.refused(training.train(), 1, training.folder / "train.de", "1,000", "999",
                     training.folder / "train.en")
        training = self.training(dev_source=text(sample_lines("dev.de", 20)),
                                 dev_target=text(sample_lines("dev.en", 21)))
        self.refused(training.train(), 1, training.folder / "dev.de", "20 lines", "has 21")
        self.assertFalse((training.model / "tokenizer.model").exists())

    def test_a_dev_set_is_looked_at_before_the_vocabulary_is_learned(self):
        for dev, words in ((text(sample_lines("dev.en", 21)), ("20 lines", "has 21")),
                           ("", ("20 lines", "has 0"))):
            training = self.training(dev_source=text(sample_lines("dev.de", 20)), dev_target=dev)
            result = training.train()
            self.refused(result, 1, *words)
            self.assertNotIn(b"learned", result.stderr)

    def test_a_one_sided_blank_line_goes_with_its_pair(self):
        source, target = sample_lines("train.de", 200), sample_lines("train.en", 200)
        holes = self.training(text(source[:50] + [""] + source[51:]),
                              text(target[:90] + [" \u3000"] + target[91:]))
        pairs = [i for i in range(200) if i not in (50, 90)]
        without = self.training(text(source[i] for i in pairs), text(target[i] for i in pairs))
        # One vocabulary for both, so that the models can be compared.
        vocabulary = self.new_folder() / "words.model"
        self.ok(heed("tokenize", "train", holes.folder / "train.de", holes.folder / "train.en", "-m",
                     vocabulary, "--vocab-size", 250))
        options = {"tokenizer.model": vocabulary, "training.max_steps": 5}
        result = self.ok(holes.train(options))
        self.said(result, "200 pairs read, 198 kept; dropped: 2 blank on a side")
        self.ok(without.train(options))
        self.assertEqual(harness.state_of(holes.checkpoint(5))["corpus"],
                         harness.state_of(without.checkpoint(5))["corpus"])

    def test_no_pair_or_one(self):
        self.refused(self.training("", "").train(), 1, "train.de", "no text")
        self.refused(self.training("\n \n", "a\nb\n").train({"tokenizer.vocab_size": 8}), 1,
                     "train.de")
        one = self.training(text(sample_lines("train.de", 1)), text(sample_lines("train.en", 1)))
        self.refused(one.train({"tokenizer.vocab_size": 40}), 1, "at least 2 pairs", "1 pairs read")

    def test_every_pair_filtered(self):
        self.refused(self.training().train({"data.max_length": 1}), 1, "no pair to use",
                     "300 pairs read, 0 kept", "300 over 1 pieces")

    def test_an_empty_dev_set(self):
        training = self.training(dev_source="", dev_target="")
        self.refused(training.train(), 1, "dev.de", "no pair to use", "0 pairs read")

    def test_gzip_is_as_plain(self):
        plain, packed = self.training(), self.training()
        for language in ("de", "en"):
            path = packed.folder / f"train.{language}"
            harness.write(f"{path}.gz", gzip.compress(path.read_bytes()))
        options = {"training.max_steps": 5}
        self.ok(plain.train(options))
        self.ok(packed.train({**options, "data.train_source": packed.folder / "train.de.gz",
                              "data.train_target": packed.folder / "train.en.gz"}))
        self.assertEqual(harness.tensors(plain.model / "model.safetensors"),
                         harness.tensors(packed.model / "model.safetensors"))

    def test_paths_that_no_configuration_can_hold(self):
        for name in (b"a\nb", b"a\xffb"):
            folder = os.path.join(self.new_folder(), os.fsdecode(name))
            training = Training(self.new_folder())
            shutil.copytree(training.folder, folder)
            result = heed("train", "config.ini", *training.overrides(), cwd=folder)
            self.refused(result, 2, "[data] train_source", "config.ini could not hold this path")
            self.assertFalse(os.path.exists(os.path.join(folder, "model")))
            # With data of other places: what lies in the folder could not be read from elsewhere.
            absolute = [f"--data.{part}_{side}={training.folder}/{part}.{language}" for part in ("train", "dev")
                        for side, language in (("source", "de"), ("target", "en"))]
            result = heed("train", "config.ini", *training.overrides(), *absolute, cwd=folder)
            self.refused(result, 2, "[output] folder", "config.ini could not hold this path")
            self.assertFalse(os.path.exists(os.path.join(folder, "model")))

    def test_line_ends_marks_and_a_missing_last_newline_change_nothing(self):
        source, target = (sample_lines(f"train.{language}", 200) for language in ("de", "en"))
        plain = self.training(text(source), text(target))
        windows = self.training("\ufeff" + "\r\n".join(source), "\r\n".join(target) + "\r\n")
        for training in (plain, windows):
            self.ok(training.train({"training.max_steps": 3}))
        self.assertEqual(harness.state_of(plain.checkpoint(3))["corpus"],
                         harness.state_of(windows.checkpoint(3))["corpus"])

    def test_unicode_line_ends_are_text(self):
        source, target = (sample_lines(f"train.{language}", 200) for language in ("de", "en"))
        source[7] = source[7][:9] + "\u2028" + source[7][9:] + "\v\f\u0085x"
        result = self.ok(self.training(text(source), text(target)).train({"training.max_steps": 2}))
        self.said(result, "200 pairs read, 200 kept")

    def test_invalid_bytes_are_counted(self):
        source = text(sample_lines("train.de", 200)).encode().split(b"\n")
        source[4] += b"\xff"
        source[9] += b"\0"
        training = self.training(b"\n".join(source), text(sample_lines("train.en", 200)))
        result = self.ok(training.train({"training.max_steps": 2}))
        self.said(result, "200 pairs read, 200 kept",
                  "invalid UTF-8 or NUL bytes in 2 lines, the first is line 5")

    def test_a_vocabulary_larger_than_the_text_allows(self):
        error = self.refused(self.training().train({"tokenizer.vocab_size": 30000}), 1,
                             "vocab_size = 30000", "at most")
        limit = int(error.split("set vocab_size = ")[1].split()[0])
        training = self.training()
        self.refused(training.train({"tokenizer.vocab_size": limit + 1}), 1, f"at most {limit}")
        self.ok(training.train({"tokenizer.vocab_size": limit, "training.max_steps": 2}))

    def test_a_missing_file_and_a_folder_in_its_place(self):
        training = self.training()
        for key in ("data.train_source", "data.train_target", "data.dev_source", "data.dev_target"):
            self.refused(training.train({key: training.folder / "none"}), 1,
                         training.folder / "none", "No such file or directory")
            self.refused(training.train({key: training.folder}), 1, training.folder,
                         "Is a directory")

    def test_several_files_a_side(self):
        training = self.training()
        whole = (training.folder / "train.de", training.folder / "train.en")
        options = {"data.train_source": f"{whole[0]},{whole[0]}",
                   "data.train_target": f"{whole[1]},{whole[1]}", "training.max_steps": 2}
        self.said(self.ok(training.train(options)), "600 pairs read, 600 kept")
        self.refused(training.train({"data.train_source": f"{whole[0]},{whole[0]}"}), 2, "2 files",
                     "train_target 1")


class UnreadableTest(harness.HeedTest):
    def test_what_the_system_would_not_read_is_not_set_aside(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 10, "training.checkpoint_every": 5, "output.keep_last": 2}))
        weights = training.checkpoint(10) / "model.safetensors"
        kept = weights.rename(self.new_folder() / "kept")
        weights.symlink_to(weights)  # too many levels of links: as a disk that fails for a moment
        self.refused(training.train({"training.max_steps": 12}), 1, weights, "is not known",
                     "to go on from the one before")
        self.assertEqual(training.steps(), [5, 10])
        weights.unlink()
        kept.rename(weights)
        self.said(self.ok(training.train({"training.max_steps": 12})), "from", "step-10")


class NotFiniteTest(harness.HeedTest):
    """A learning rate far too high."""

    def test_skipped_then_stopped_and_never_best(self):
        training = Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5, "training.validate_every": 5}))
        good = (training.model / "model.safetensors").read_bytes()
        result = training.train({"training.max_steps": 60, "training.learning_rate": 1e30,
                                 "training.validate_every": 5, "training.warmup_steps": 0})
        self.refused(result, 1, "training stopped at step", "20 updates in a row", "learning_rate",
                     "the last good checkpoint: ")
        self.said(result, "the gradient is not finite", "the update is skipped")
        self.assertEqual([row["step"] for row in training.validations() if row["best"]], ["5"])
        self.assertEqual((training.model / "model.safetensors").read_bytes(), good)
        self.assertEqual(training.steps()[-1], 5)  # none was made of weights that are no good
        self.said(result, "the last good checkpoint: ", "step-5")

    def test_weights_that_are_not_finite_are_not_saved(self):
        training = Training(self.new_folder())
        result = training.train({"training.max_steps": 5, "training.validate_every": 5,
                                 "training.learning_rate": 1e308, "training.warmup_steps": 0})
        self.refused(result, 1, "training is finished and there is no model", "no validation had a finite loss")
        self.said(result, "no checkpoint is made of weights")
        self.assertEqual(training.steps(), [])

    def test_no_validation_with_a_value_is_no_model(self):
        training = Training(self.new_folder())
        result = training.train({"training.max_steps": 5, "training.validate_every": 5,
                                 "training.stopping_metric": "command", "training.validation_command": "false"})
        self.refused(result, 1, "there is no model", "validation_command")

    def test_stopped_at_once(self):
        training = Training(self.new_folder())
        self.refused(training.train({"training.learning_rate": 1e30, "training.warmup_steps": 0,
                                     "training.on_nan": "stop"}), 1, "1 updates in a row")
        self.assertFalse(any(path.name == "model.safetensors"
                             for path in training.model.iterdir()))


if __name__ == "__main__":
    unittest.TestCase.shortDescription = lambda self: None
    harness.main()
