"""Model folders and checkpoints: moved, read-only, damaged, or not what they should be."""

import os
import resource
import shutil
import struct
import subprocess

import harness
from harness import Training, heed, lines_of

LINES = "Emma, öffne die Flasche!\nLaura schläft.\n"


def header_of(tensors):
    text = harness.json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text


class ModelFolderTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.training = cls.learned("t", {"training.max_steps": 20, "training.validate_every": 10})
        cls.model = cls.training.model
        cls.expected = heed("translate", cls.model, "--threads", 1, stdin=LINES).stdout

    def translate(self, folder):
        return heed("translate", folder, "--threads", 1, stdin=LINES)

    def copy(self):
        folder = self.new_folder() / "copy"
        folder.mkdir()
        for name in ("config.ini", "tokenizer.model", "model.safetensors"):
            shutil.copy(self.model / name, folder / name)
        return folder

    def silence(self, weights):
        """As a file that does not say what it belongs to."""
        header, data = harness.parts_of_safetensors(weights)
        header.pop("__metadata__", None)
        weights.write_bytes(header_of(header) + data)

    def test_moved_and_read_only(self):
        self.assertEqual(len(lines_of(self.expected)), 2)
        folder = self.copy()
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        self.assertEqual(self.ok(self.translate(folder)).stdout, self.expected)
        folder.chmod(0o755)

    def test_relative_paths_and_trailing_slashes(self):
        result = heed("translate", "./t/model/", "--threads", 1, stdin=LINES, cwd=self.folder)
        self.assertEqual(self.ok(result).stdout, self.expected)

    def test_truncated_weights(self):
        folder = self.copy()
        weights = folder / "model.safetensors"
        whole = weights.read_bytes()
        for percent in (0, 1, 3, 10, 33, 50, 75, 99):
            weights.write_bytes(whole[:len(whole) * percent // 100])
            self.refused(self.translate(folder), 1, weights)
        weights.write_bytes(whole[:-1])
        self.refused(self.translate(folder), 1, weights, "not a whole safetensors file")

    def test_one_bit_flipped(self):
        folder = self.copy()
        weights = folder / "model.safetensors"
        whole = weights.read_bytes()
        length = struct.unpack("<Q", whole[:8])[0]
        for at in (0, 5, 9, 8 + length // 2, 8 + length, 8 + length + 1000, len(whole) - 1):
            damaged = bytearray(whole)
            damaged[at] ^= 4
            weights.write_bytes(damaged)
            self.refused(self.translate(folder), 1, weights)
        damaged = bytearray(whole)
        damaged[-1] ^= 1
        weights.write_bytes(damaged)
        self.refused(self.translate(folder), 1, weights, "damaged", "checksum", "expected")

    def test_other_things_in_its_place(self):
        folder = self.copy()
        weights = folder / "model.safetensors"
        absurd = [{"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}
                  for shape in ([1 << 40], [-1], [1 << 32, 1 << 32], [-4, -1])]
        contents = [b"\x89PNG\r\n\x1a\n" + bytes(100), b"\xff" * 8, struct.pack("<Q", 1 << 40) + b"{}",
                    header_of([1]), header_of({"a": 5}), header_of({})]
        contents += [header_of(header) + bytes(4) for header in absurd]
        for content in contents:
            weights.write_bytes(content)
            self.refused(self.translate(folder), 1, weights)
        weights.unlink()
        weights.mkdir()
        self.refused(self.translate(folder), 1, weights, "Is a directory")
        weights.rmdir()
        self.refused(self.translate(folder), 1, weights, "no such file")

    def rewrite(self, folder, change):
        """Writes the weights anew, without a checksum, as `change` leaves name -> entry."""
        content = harness.tensors(self.model / "model.safetensors")
        change(content)
        header, data = {}, b""
        for name, (kind, shape, part) in content.items():
            header[name] = {"dtype": kind, "shape": list(shape),
                            "data_offsets": [len(data), len(data) + len(part)]}
            data += part
        (folder / "model.safetensors").write_bytes(header_of(header) + data)

    def test_tensors_that_share_bytes(self):
        folder = self.copy()
        shared = {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]}
        weights = folder / "model.safetensors"
        weights.write_bytes(header_of({f"t{i}": shared for i in range(1000)}) + bytes(4000))
        self.refused(self.translate(folder), 1, weights, "claimed by two tensors")

    def test_names_that_would_command_a_terminal(self):
        folder = self.copy()
        name = "\x1b]0;owned\x07"
        self.rewrite(folder, lambda content: content.update({name: ("F32", (1,), bytes(4))}))
        error = self.refused(self.translate(folder), 1, "\\x1B]0;owned\\x07")
        self.assertNotIn("\x1b", error)

    def test_one_embedding_for_vocabularies_of_different_size(self):
        folder = self.copy()
        (folder / "tokenizer.model").rename(folder / "source.model")
        for size, pieces in ((180, "target.model"), (180, "source.model")):
            learned = self.new_folder() / pieces
            self.ok(heed("tokenize", "train", harness.ROOT / "data/dev.de", "-m", learned,
                         "--vocab-size", size))
            shutil.copy(learned, folder / pieces)
            other = {"target.model": "source.model", "source.model": "target.model"}[pieces]
            shutil.copy(self.model / "tokenizer.model", folder / other)

            # Shapes that an embedding of one side and a bias of the other would have.
            def change(content):
                for name, (kind, shape, data) in list(content.items()):
                    rows = {"vocabulary.source.weight": 250 if pieces == "target.model" else 180,
                            "vocabulary.output_bias": 180 if pieces == "target.model" else 250}
                    if name in rows:
                        kept = data[:len(data) // shape[0] * rows[name]]
                        content[name] = (kind, (rows[name], *shape[1:]), kept)

            self.rewrite(folder, change)
            self.refused(self.translate(folder), 1, "tie_source_target = true", "180", "250")

    def test_a_width_that_no_file_has_takes_no_memory(self):
        folder = self.copy()
        config = (folder / "config.ini").read_text()
        for old, new in (("hidden_size = 32", "hidden_size = 65536"), ("\nlayers = 1", "\nlayers = 128"),
                         ("feed_forward_size = 64", "feed_forward_size = 262144")):
            self.assertIn(old, config)
            config = config.replace(old, new)
        harness.write(folder / "config.ini", config)
        self.silence(folder / "model.safetensors")

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

        result = subprocess.run([harness.HEED, "translate", folder], input=LINES.encode(),
                                capture_output=True, preexec_fn=limit, check=False,
                                timeout=harness.SECONDS_AT_MOST)
        self.refused(result, 1, "[250, 32]", "[250, 65536]")

    def test_a_vocabulary_whose_rules_point_anywhere(self):
        path = self.new_folder() / "rules.model"
        self.ok(heed("tokenize", "train", harness.ROOT / "data/dev.de", "-m", path, "--vocab-size", 120,
                     "--normalization", "nmt_nfkc"))
        whole = path.read_bytes()
        refused = 0
        for at in range(len(whole) // 20, len(whole), len(whole) // 40):
            damaged = bytearray(whole)
            for i in range(at, min(at + 64, len(whole))):
                damaged[i] ^= 0x5A
            path.write_bytes(damaged)
            result = heed("tokenize", "encode", "-m", path, stdin="Ｔｈｅ ½ ﬁrst…\n")
            self.assertIn(result.returncode, (0, 1), result.stderr)  # no signal
            refused += result.returncode
        self.assertGreater(refused, 10)

    def test_a_number_type_that_cannot_be_read(self):
        folder = self.copy()
        weights = folder / "model.safetensors"
        weights.write_bytes(header_of({"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}})
                            + bytes(8))
        self.refused(self.translate(folder), 1, weights, "tensor a", "F64")

    def test_another_vocabulary(self):
        folder = self.copy()
        other = folder / "other.model"
        self.ok(heed("tokenize", "train", harness.ROOT / "data/dev.de", "-m", other, "--vocab-size",
                     250))
        other.rename(folder / "tokenizer.model")
        self.refused(self.translate(folder), 1, "model.safetensors", "another vocabulary",
                     "checksum")
        harness.write(folder / "tokenizer.model", "nonsense")
        self.refused(self.translate(folder), 1, folder / "tokenizer.model",
                     "not a SentencePiece model")

    def test_another_configuration(self):
        folder = self.copy()
        self.silence(folder / "model.safetensors")
        config = (folder / "config.ini").read_text()
        for old, new, words in (("hidden_size = 32", "hidden_size = 48", ("[250, 32]", "[250, 48]")),
                                ("\nlayers = 1", "\nlayers = 2", ("no tensor",)),
                                ("heads = 2", "heads = 5",
                                 ("config.ini: [model] heads = 5 does not divide",))):
            self.assertIn(old, config)
            harness.write(folder / "config.ini", config.replace(old, new))
            result = self.translate(folder)
            self.refused(result, result.returncode, *words)
            self.assertIn(result.returncode, (1, 2))

    def test_keys_that_no_shape_tells(self):
        folder = self.copy()
        config = (folder / "config.ini").read_text()
        for old, new, said in (("\nheads = 2", "\nheads = 4", "model.heads = 2; the configuration says 4"),
                               ("\nactivation = relu", "\nactivation = gelu", "model.activation = relu"),
                               ("\npositions = sinusoidal", "\npositions = rotary", "model.positions")):
            self.assertIn(old, config)
            harness.write(folder / "config.ini", config.replace(old, new))
            self.refused(self.translate(folder), 2, folder / "model.safetensors", said, "set it back")

    def test_weights_that_are_no_numbers(self):
        folder = self.copy()
        weights = folder / "model.safetensors"
        header, data = harness.parts_of_safetensors(weights)
        for name in [name for name in header if name.endswith("norm.weight")]:
            begin, end = header[name]["data_offsets"]
            data = data[:begin] + b"\x00\x00\xc0\x7f" * ((end - begin) // 4) + data[end:]
        del header["__metadata__"]
        weights.write_bytes(header_of(header) + data)
        for options in ((), ("--beam-size", 1), ("--temperature", 2), ("--no-repeat-ngram", 2)):
            result = heed("translate", folder, "--threads", 1, *options, stdin=LINES)
            self.refused(result, 1, "probability is no number", "not finite")
            self.assertEqual(result.stdout, b"")
        harness.write(folder / "pair", LINES)
        self.refused(heed("score", folder, "--source", folder / "pair", "--target", folder / "pair"), 1,
                     "probability is no number")

    def test_no_model_folder(self):
        self.refused(self.translate(self.folder / "none"), 1, self.folder / "none",
                     "no such model folder")
        self.refused(self.translate(self.model / "config.ini"), 1, "is a file")
        empty = self.new_folder()
        self.refused(self.translate(empty), 1, empty / "config.ini", "No such file or directory")

    def test_a_checkpoint_stands_for_a_model(self):
        last, first = self.training.checkpoint(20), self.training.checkpoint(10)
        folder = self.copy()
        for checkpoint in (first, last):
            shutil.copy(checkpoint / "model.safetensors", folder / "model.safetensors")
            expected = self.ok(self.translate(folder)).stdout
            self.assertEqual(self.ok(self.translate(checkpoint)).stdout, expected)
            self.assertEqual(self.ok(self.translate(f"{checkpoint}/")).stdout, expected)
        self.assertEqual(self.ok(heed("info", first)).stdout, self.ok(heed("info", last)).stdout)
        both = heed("translate", first, "--model", last, stdin=LINES)
        self.assertEqual(len(lines_of(self.ok(both).stdout)), 2)
        source, page = harness.write(self.new_folder() / "in", LINES), self.new_folder() / "page"
        self.ok(heed("score", first, "--source", source, "--target", source))
        self.ok(heed("inspect", first, "-i", source, "-o", page))
        self.ok(heed("evaluate", first, "--source", source, "--reference", source))

    def test_no_checkpoint(self):
        self.refused(self.translate(self.model / "checkpoints"), 1, "step-10 to step-20")
        shutil.copytree(self.training.checkpoint(10), lone := self.new_folder() / "step-10")
        self.refused(self.translate(lone), 1, "a checkpoint needs its model folder")
        gone = self.new_folder() / "gone"
        shutil.copytree(self.model, gone)
        (gone / "model.safetensors").unlink()
        self.refused(self.translate(gone), 1, "its newest checkpoint is", "step-20")
        shutil.copy(self.model / "model.safetensors", gone / "model.safetensors")
        shutil.rmtree(gone / "checkpoints")
        self.assertEqual(self.ok(self.translate(gone)).stdout, self.expected)

    def test_info_describes_it(self):
        out = self.ok(heed("info", self.model)).stdout.decode()
        self.assertRegex(out, r"(?m)^model +transformer$")
        self.assertRegex(out, r"(?m)^width +32$")
        self.assertRegex(out, r"(?m)^vocabulary +250 source, 250 target \(shared\)$")
        count = sum(len(harness.floats(entry))
                    for entry in harness.tensors(self.model / "model.safetensors").values())
        self.assertRegex(out, rf"(?m)^parameters +{count:,}$")

    def test_the_average_of_a_checkpoint_with_itself(self):
        one, other = self.training.checkpoint(10), self.training.checkpoint(20)
        out = self.new_folder() / "mean.safetensors"
        self.ok(heed("average", one, one / "model.safetensors", "-o", out))
        self.assertEqual(harness.tensors(out), harness.tensors(one / "model.safetensors"))
        self.ok(heed("average", one, other, "-o", out))
        first, second, mean = (harness.tensors(path) for path in
                               (one / "model.safetensors", other / "model.safetensors", out))
        self.assertNotEqual(first, mean)
        for name in mean:
            for a, b, c in zip(*(harness.floats(t[name]) for t in (first, second, mean))):
                self.assertAlmostEqual((a + b) / 2, c, delta=1e-6)
        folder = self.copy()
        shutil.copy(out, folder / "model.safetensors")
        self.assertEqual(len(lines_of(self.ok(self.translate(folder)).stdout)), 2)

    def test_the_average_of_different_models(self):
        other, foreign = (Training(self.new_folder()) for _ in range(2))
        self.ok(other.train({"training.max_steps": 1, "model.hidden_size": 32,
                             "tokenizer.model": self.training.model / "tokenizer.model"}))
        self.ok(foreign.train({"training.max_steps": 1, "tokenizer.vocab_size": 240}))
        out = self.new_folder() / "mean.safetensors"
        self.refused(heed("average", self.training.checkpoint(20), other.checkpoint(1), "-o", out), 1,
                     "different models", "tensor")
        self.refused(heed("average", self.training.checkpoint(20), foreign.checkpoint(1), "-o", out),
                     1, "different vocabularies")
        self.assertFalse(out.exists())
        self.refused(heed("average", self.folder / "none", "-o", out), 1, self.folder / "none")
        state = self.training.checkpoint(20) / "training.safetensors"
        self.refused(heed("average", state, state, "-o", out), 2, state, "not weights", "its model.safetensors")
        self.assertFalse(out.exists())

    def test_the_average_of_models_whose_shapes_alone_agree(self):
        for key, value, words in (("model.heads", 4, "model.heads = 2 and 4"),
                                  ("model.activation", "gelu", "model.activation = relu and gelu"),
                                  ("model.positions", "rotary", "model.positions = sinusoidal and rotary")):
            other = Training(self.new_folder())
            options = {"model.hidden_size": 32, "model.feed_forward_size": 64, key: value,
                       "training.max_steps": 1, "tokenizer.model": self.model / "tokenizer.model"}
            self.ok(other.train(options))
            out = self.new_folder() / "mean"
            self.refused(heed("average", self.training.checkpoint(20), other.checkpoint(1), "-o", out),
                         1, self.model / "config.ini", other.model / "config.ini", words)
            self.assertFalse(out.exists())

    def test_the_average_as_a_model_folder(self):
        one, other = self.training.checkpoint(10), self.training.checkpoint(20)
        folder, file = self.new_folder() / "mean", self.new_folder() / "mean.safetensors"
        for out in (folder, file, folder):  # twice: over its own
            self.ok(heed("average", one, other, "-o", out))
        self.assertEqual({path.name for path in folder.iterdir()} - {".lock"},
                         {"config.ini", "tokenizer.model", "model.safetensors"})
        self.assertEqual(harness.tensors(folder / "model.safetensors"), harness.tensors(file))
        self.assertEqual(len(lines_of(self.ok(self.translate(folder)).stdout)), 2)
        self.refused(heed("average", file, "-o", self.new_folder() / "bare"), 1, ".safetensors")
        taken = harness.write(self.new_folder() / "notes", "mine")
        self.refused(heed("average", one, "-o", taken), 1, taken, "is a file")
        foreign = self.new_folder()
        harness.write(foreign / "model.safetensors", "mine")
        self.refused(heed("average", one, "-o", foreign), 1, foreign / "model.safetensors")
        self.assertEqual([path.name for path in foreign.iterdir() if path.name != ".lock"],
                         ["model.safetensors"])

    def test_a_full_disk_leaves_nothing_of_an_average(self):
        one = self.training.checkpoint(10)
        new, empty = self.new_folder() / "new", self.new_folder()
        for out in (new, empty):
            result = harness.subprocess.run([harness.HEED, "average", one, "-o", out], check=False, capture_output=True,
                                            preexec_fn=lambda: harness.files_up_to(20000))
            self.refused(result, 1, "model.safetensors", "File too large")
        self.assertFalse(new.exists())
        self.assertEqual({path.name for path in empty.iterdir()} - {".lock"}, set())
        self.ok(heed("average", one, "-o", empty))
        self.refused(heed("average", one, "-o", "-"), 2, "-o -: weights cannot go to standard output")

    def test_no_average_in_the_place_of_anything_else(self):
        one, other = self.training.checkpoint(10), self.training.checkpoint(20)
        before = (other / "model.safetensors").read_bytes()
        for out in (other / "model.safetensors", other / "mean.safetensors"):
            self.refused(heed("average", one, other, "-o", out), 2, out, "checkpoint", "another place for the mean")
        link = self.new_folder() / "link.safetensors"
        for there in (other / "model.safetensors", other / "mean.safetensors"):
            link.symlink_to(there)
            self.refused(heed("average", one, other, "-o", link), 2, link, other, "another place for the mean")
            link.unlink()
        self.assertEqual((other / "model.safetensors").read_bytes(), before)
        self.assertFalse((other / "mean.safetensors").exists())
        self.refused(heed("average", one, "-o", ""), 2, "--output is an empty text")
        foreign = self.new_folder()
        harness.write(foreign / "README", "mine")
        self.refused(heed("average", one, "-o", foreign), 1, foreign, "README", "new folder")
        self.assertEqual([path.name for path in foreign.iterdir()], ["README"])

    def test_no_average_into_a_folder_where_a_training_is_at_work(self):
        training = Training(self.new_folder())
        process = training.start({"training.max_steps": 1000000, "training.patience": 0,
                                  "evaluation.beam_size": 0})
        training.wait_for_step(process, 10)
        for out in (training.model, training.model / "model.safetensors"):
            self.refused(heed("average", self.training.checkpoint(20), "-o", out), 1,
                         f"another training (process {process.pid})")
        harness.end(process)


class CheckpointTest(harness.HeedTest):
    """The newest checkpoint is damaged: the one before it goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.original = Training(cls.folder / "original")
        result = cls.original.train()
        assert result.returncode == 0, result.stderr.decode()
        cls.more = {"training.max_steps": 30}

    def copy(self):
        training = Training(self.new_folder())
        shutil.copytree(self.original.model, training.model)
        return training

    def damaged(self, name, damage):
        training = self.copy()
        path = training.checkpoint(20) / name
        path.write_bytes(damage(path.read_bytes()))
        return training

    def test_falls_back_with_a_warning(self):
        whole = self.copy()
        self.ok(whole.train(self.more))
        flipped = lambda content: content[:-9] + bytes([content[-9] ^ 16]) + content[-8:]
        for name in ("model.safetensors", "training.safetensors"):
            for damage in (lambda content: b"", lambda content: content[:len(content) // 2], flipped):
                training = self.damaged(name, damage)
                result = self.ok(training.train(self.more))
                self.said(result, "warning: cannot resume from", "step-20", name,
                          "resume: from", "step-10, step 10")
                self.assertEqual(harness.tensors(whole.checkpoint(30) / name),
                                 harness.tensors(training.checkpoint(30) / name))

    def test_a_damaged_newest_one_does_not_make_new_ones_go(self):
        training = self.damaged("model.safetensors", lambda content: b"")
        last = {"output.keep_last": 1, "training.checkpoint_every": 1,
                "training.validate_every": 100}
        result = self.ok(training.train({**last, "training.max_steps": 13}))
        self.said(result, "set aside as", "damaged-step-20")
        self.assertEqual(training.steps(), [13])
        self.assertTrue((training.model / "checkpoints/damaged-step-20").is_dir())
        result = self.ok(training.train({**last, "training.max_steps": 15}))
        self.said(result, "step-13, step 13")
        self.assertNotIn(b"warning", result.stderr)

    def test_a_hostile_state_is_refused(self):
        for key, value in (("batch", -1), ("batch", -(1 << 60)), ("epoch", -1), ("step", 1 << 60),
                           ("replicas", 0), ("former", 99), ("batch", 1.5), ("batch", "many")):
            training = self.copy()
            for step in (10, 20):
                path = training.checkpoint(step) / "training.safetensors"
                header, data = harness.parts_of_safetensors(path)
                state = harness.json.loads(header["__metadata__"]["state"])
                state[key] = value
                header["__metadata__"] = {"state": harness.json.dumps(state)}
                path.write_bytes(header_of(header) + data)
            message = self.refused(training.train(self.more), 1, "step-10/training.safetensors",
                                   f"its training state: {key}")
            self.assertNotIn("json.exception", message)

    def test_a_whole_checkpoint_beside_is_taken(self):
        # As a kill between two renames leaves it, where folders cannot change places in one go.
        training = self.copy()
        training.checkpoint(20).rename(training.model / "checkpoints/step-20.tmp")
        result = self.ok(training.train(self.more))
        self.said(result, "a whole checkpoint, taken from step-20.tmp", "step-20, step 20")
        whole = self.copy()
        self.ok(whole.train(self.more))
        self.assertEqual(harness.state_of(whole.checkpoint(30)),
                         harness.state_of(training.checkpoint(30)))

    def test_a_file_missing(self):
        training = self.copy()
        (training.checkpoint(20) / "training.safetensors").unlink()
        self.said(self.ok(training.train(self.more)), "cannot resume from", "step-10, step 10")

    def test_none_whole(self):
        training = self.copy()
        for step in (10, 20):
            (training.checkpoint(step) / "model.safetensors").write_bytes(b"")
        self.refused(training.train(self.more), 1, "none of the 2 checkpoints", "--fresh")
        self.ok(training.train({"training.max_steps": 2}, "--fresh"))

    def test_half_a_checkpoint_beside_is_removed(self):
        training = self.copy()
        harness.write(training.model / "checkpoints/step-25.tmp/model.safetensors", "half")
        result = self.ok(training.train(self.more))
        self.assertNotIn(b"warning", result.stderr)
        self.assertEqual(training.steps(), [20, 30])
        self.assertFalse((training.model / "checkpoints/step-25.tmp").exists())

    def test_a_moved_training_goes_on(self):
        training = self.copy()
        moved = training.folder / "elsewhere"
        training.model.rename(moved)
        result = self.ok(training.train({**self.more, "output.folder": moved}))
        self.said(result, "resume: from", "step 20")

    def test_a_full_disk_keeps_the_old_checkpoint(self):
        training = self.copy()
        size = (training.checkpoint(20) / "model.safetensors").stat().st_size
        result = harness.subprocess.run(
            [harness.HEED, "train", training.config, *training.overrides(self.more)],
            capture_output=True, preexec_fn=lambda: harness.files_up_to(size // 2), check=False)
        self.refused(result, 1, training.model / "checkpoints/step-30", "File too large")
        self.assertEqual(training.steps(), [10, 20])
        self.said(self.ok(training.train(self.more)), "step 20")


if __name__ == "__main__":
    os.umask(0o022)
    harness.main()
