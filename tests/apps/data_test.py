"""Every form that training data may come in, and corpora larger than the pool."""

import bz2
import gzip
import lzma
import re
import shutil
import signal
import struct
import subprocess
import zipfile

import harness
from harness import HEED, Training, heed, sample_lines, text


def zstd(content):
    """A frame of zstd whose blocks are stored as they are."""
    out = b"\x28\xB5\x2F\xFD\xA0" + struct.pack("<I", len(content))
    parts = [content[at:at + 100000] for at in range(0, len(content), 100000)] or [b""]
    for number, part in enumerate(parts):
        header = len(part) << 3 | (number + 1 == len(parts))
        out += struct.pack("<I", header)[:3] + part
    return out


COMPRESSIONS = {"gz": gzip.compress, "xz": lzma.compress, "zst": zstd}


class DataTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = Training(cls.folder / "plain")
        cls.options = {"training.max_steps": 8, "training.validate_every": 4,
                       "evaluation.beam_size": 1}
        result = cls.plain.train(cls.options)
        assert result.returncode == 0, result.stderr.decode()

    def trained(self, keys, *, shell="", stdin=b""):
        """A training on the same pairs, given by `keys`; or its result where heed lacks a library."""
        training = Training(self.new_folder())
        harness.write(training.config, "[output]\nfolder = model\n")
        flags = " ".join(f"'--{key}={value}'" for key, value in
                         {**training.options, **self.options}.items())
        command = f"'{HEED}' train '{training.config}' {flags} {shell} " + " ".join(
            f"'--data.{key}={value}'" for key, value in keys.items())
        result = subprocess.run(["bash", "-c", command], input=stdin, capture_output=True,
                                timeout=harness.SECONDS_AT_MOST, check=False)
        return training, result

    def same_model(self, training, result):
        self.ok(result)
        self.assertEqual(harness.tensors(training.model / "model.safetensors"),
                         harness.tensors(self.plain.model / "model.safetensors"))
        self.assertEqual([row["bleu"] for row in training.validations()],
                         [row["bleu"] for row in self.plain.validations()])
        names = {path.name for path in training.model.iterdir()}
        self.assertFalse(any(name.startswith("heed-") for name in names), names)

    def paths(self, change=lambda path: path):
        return {f"{part}_{side}": change(self.plain.folder / f"{part}.{language}")
                for part in ("train", "dev")
                for side, language in (("source", "de"), ("target", "en"))}

    def pairs(self, part):
        lines = zip(*(sample_lines(f"{part}.{language}", {"train": 300, "dev": 20}[part])
                      for language in ("de", "en")))
        return text("\t".join(pair) for pair in lines)

    def test_compressed_files(self):
        for ending, compress in COMPRESSIONS.items():
            folder = self.new_folder()

            def packed(path, folder=folder, ending=ending, compress=compress):
                return harness.write(folder / f"{path.name}.{ending}", compress(path.read_bytes()))
            training, result = self.trained(self.paths(packed))
            if b"was built without its library" in result.stderr:
                self.refused(result, 1, "decompress it first")
                continue
            self.same_model(training, result)

    def test_pipes(self):
        shell = " ".join(f"--data.{key}=<(cat '{path}')" for key, path in self.paths().items())
        self.same_model(*self.trained({}, shell=shell))

    def test_one_file_for_both_sides(self):
        train = harness.write(self.new_folder() / "train.tsv", self.pairs("train"))
        dev = harness.write(self.new_folder() / "dev.tsv.gz",
                            gzip.compress(self.pairs("dev").encode()))
        self.same_model(*self.trained({"train": train, "dev": dev}))

    def test_tags_of_one_file_for_both_sides(self):
        tags = {"tags": "<de>", "dev_tag": "<de>"}
        files, result = self.trained({**self.paths(), **tags})
        self.ok(result)
        folder = self.new_folder()
        columns, result = self.trained({**tags, **{
            part: harness.write(folder / part, self.pairs(part)) for part in ("train", "dev")}})
        self.ok(result)
        for name in ("model.safetensors", "tokenizer.model"):
            self.assertEqual((files.model / name).read_bytes(), (columns.model / name).read_bytes())
        self.assertNotEqual((files.model / "tokenizer.model").read_bytes(),
                            (self.plain.model / "tokenizer.model").read_bytes())
        _, result = self.trained({"train": folder / "train", "dev": folder / "dev",
                                  "tags": "<de>, <en>"})
        self.refused(result, 2, "tags names 2 tags and train 1 files")

    def test_standard_input(self):
        dev = {key: path for key, path in self.paths().items() if key.startswith("dev")}
        self.same_model(*self.trained({"train": "-", **dev}, stdin=self.pairs("train").encode()))

    def test_standard_input_is_read_once(self):
        _, result = self.trained({"train": "-", "dev": "-"})
        self.refused(result, 2, "standard input (-) is named 2 times")

    def test_columns_that_are_none(self):
        lines = self.pairs("train").split("\n")
        lines[6] += "\tmore"
        _, result = self.trained({**self.paths(), "train_source": "", "train_target": "", "train":
                                  harness.write(self.new_folder() / "p.tsv", "\n".join(lines))})
        self.refused(result, 1, "p.tsv:7: has 2 TABs")
        _, result = self.trained({**self.paths(), "train": "p.tsv"})
        self.refused(result, 2, "[data] train has both sides")

    def test_patterns(self):
        folder = self.new_folder()
        for language in ("de", "en"):
            lines = sample_lines(f"train.{language}", 300)
            for number, (begin, end) in enumerate(((0, 100), (100, 150), (150, 300))):
                harness.write(folder / f"part{number}.{language}", text(lines[begin:end]))
        keys = {**self.paths(), "train_source": f"{folder}/*.de", "train_target": f"{folder}/*.en"}
        training, result = self.trained(keys)
        self.same_model(training, result)
        self.said(result, f"data: train: {folder}/part1.de and {folder}/part1.en: 50 pairs, weight 1")
        (folder / "part1.en").rename(folder / "part3.en")
        _, result = self.trained(keys)
        self.refused(result, 2, "part1.de", "part2.en", "is a file missing?")
        _, result = self.trained({**keys, "train_source": f"{folder}/*.fr"})
        self.refused(result, 2, "*.fr: no file matches")

    def test_weights(self):
        training = Training(self.new_folder())
        folder = training.folder
        keys = {"data.train_source": f"{folder}/train.de,{folder}/dev.de",
                "data.train_target": f"{folder}/train.en,{folder}/dev.en"}
        steps = {}
        for weights in ("1,1", "1,15"):
            result = self.ok(training.train({**keys, "data.weights": weights,
                                             "training.max_epochs": 1,
                                             "training.max_steps": 1000}, "--fresh"))
            steps[weights] = int(re.search(rb"finished: (\d+) steps", result.stderr)[1])
        self.said(result, f"{folder}/dev.en: 20 pairs, weight 15")
        # 320 pairs and 600.
        self.assertGreater(steps["1,15"], 1.6 * steps["1,1"])
        self.assertLess(steps["1,15"], 2.2 * steps["1,1"])
        self.refused(training.train({**keys, "data.weights": "1"}), 2, "1 numbers for 2")
        self.refused(training.train({**keys, "data.weights": "1,0"}), 2, "weights", "got \"1,0\"")

    def test_a_pair_of_files_that_differ_in_length(self):
        training = Training(self.new_folder())
        extra = harness.write(training.folder / "extra.de", "ein\nzwei\n")
        result = training.train({"data.train_source": f"{training.folder}/train.de,{extra}",
                                 "data.train_target": f"{training.folder}/train.en,"
                                 f"{training.folder}/dev.en"})
        self.refused(result, 1, extra, "2 lines", training.folder / "dev.en", "has 20")


class OtherFormsTest(harness.HeedTest):
    """What is no UTF-8 text is named for what it is, by every command that reads text."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.training = Training(cls.folder / "model")
        result = cls.training.train({"training.max_steps": 2})
        assert result.returncode == 0, result.stderr.decode()

    def commands(self, bad):
        good, model = self.training.folder / "dev.en", self.training.model
        yield "train", self.training.config, f"--data.train_source={bad}", "--output.folder=" + str(
            self.new_folder() / "m"), *self.training.overrides()
        yield "train", self.training.config, f"--data.dev_target={bad}", "--output.folder=" + str(
            self.new_folder() / "m"), *self.training.overrides()
        yield "translate", model, "-i", bad
        yield "translate", model, "-i", good, "--prefix", bad
        yield "evaluate", "--hypothesis", good, "--reference", bad
        yield "evaluate", model, "--source", bad, "--reference", good
        yield "score", model, "--source", bad, "--target", good
        yield "inspect", model, "-i", bad, "-o", self.new_folder() / "page.html"
        yield "tokenize", "train", bad, "-m", self.new_folder() / "m"
        yield "tokenize", "encode", "-m", model / "tokenizer.model", "-i", bad

    def test_wide_encodings(self):
        content = text(sample_lines("dev.de", 20))
        for encoding, name in (("utf-16", "UTF-16 (little-endian)"),
                               ("utf-16-be", "UTF-16 (big-endian)"),
                               ("utf-32-le", "UTF-32 (little-endian)")):
            bad = harness.write(self.new_folder() / "bad", content.encode(encoding))
            for command in self.commands(bad):
                self.refused(heed(*command), 1, bad, name, "iconv")

    def test_other_compressions(self):
        content = text(sample_lines("dev.de", 20)).encode()
        folder = self.new_folder()
        with zipfile.ZipFile(folder / "bad.zip", "w") as archive:
            archive.writestr("dev.de", content)
        harness.write(folder / "bad.bz2", bz2.compress(content))
        for command in self.commands(folder / "bad.zip"):
            self.refused(heed(*command), 1, folder / "bad.zip", "is a zip archive")
        for command in self.commands(folder / "bad.bz2"):
            self.refused(heed(*command), 1, folder / "bad.bz2", "is a bzip2 file")

    def test_damaged_compressions(self):
        content = text(sample_lines("train.de", 3000)).encode()
        for ending, compress in COMPRESSIONS.items():
            whole = compress(content)
            for bad in (whole[:len(whole) // 2], whole[:500] + b"\xFF" * 8 + whole[508:]):
                if ending == "zst" and len(bad) == len(whole):
                    continue  # stored as it is, with no checksum: the text alone is another
                path = harness.write(self.new_folder() / f"bad.{ending}", bad)
                result = heed("tokenize", "encode", "-m",
                              self.training.model / "tokenizer.model", "-i", path, "-o", "/dev/null")
                if b"was built without" not in result.stderr:
                    self.refused(result, 1, path, "byte")


class StreamTest(harness.HeedTest):
    """A corpus of more pairs than a pool has."""

    OPTIONS = {"data.pool_pairs": 1000, "training.batch_tokens": 2000,
               "training.validate_every": 1000, "training.checkpoint_every": 1000,
               "training.accumulation": 2}

    def training(self, pairs=3000):
        training = Training(self.new_folder(), pairs=pairs)
        training.options.update(self.OPTIONS)
        return training

    def test_pools_and_what_is_dropped(self):
        source = sample_lines("train.de", 3000)
        source[1500] = ""
        source[2000] = "x y z " * 100
        training = self.training()
        harness.write(training.folder / "train.de", text(source))
        result = self.ok(training.train({"training.max_epochs": 2, "training.max_steps": 1000}))
        self.said(result, "3,000 pairs, more than data.pool_pairs = 1,000: read in 3 pools an epoch",
                  "epoch 1: 3,000 pairs read, 2,998 kept; dropped: 1 blank on a side, 1 over 100",
                  "epoch 2: 3,000 pairs read, 2,998 kept")

    def test_two_halves_are_a_whole(self):
        whole = self.training()
        self.ok(whole.train({"training.max_steps": 60}))
        epoch = harness.state_of(whole.checkpoint(60))["epoch"]
        self.assertGreaterEqual(epoch, 1)
        for steps in (7, 31):
            parts = self.training()
            self.ok(parts.train({"training.max_steps": steps}))
            result = self.ok(parts.train({"training.max_steps": 60}))
            self.assertNotIn(b"has changed", result.stderr)
            self.assertEqual(harness.tensors(whole.checkpoint(60) / "model.safetensors"),
                             harness.tensors(parts.checkpoint(60) / "model.safetensors"), steps)

    def test_another_pool_makes_the_batches_anew(self):
        training = self.training()
        self.ok(training.train({"training.max_steps": 5}))
        result = self.ok(training.train({"training.max_steps": 7, "data.pool_pairs": 1500}))
        self.said(result, "batches are made anew: going on at the start of epoch 2")
        self.assertNotIn(b"training data has changed", result.stderr)

    def test_a_corpus_that_is_read_whole_now_has_not_changed(self):
        training = self.training()
        self.ok(training.train({"training.max_steps": 5}))
        for steps, pool in ((6, 5000), (7, 1000)):
            result = self.ok(training.train({"training.max_steps": steps, "data.pool_pairs": pool}))
            self.said(result, "batches are made anew")
            self.assertNotIn(b"training data has changed", result.stderr)
        lines = sample_lines("train.de", 3000)
        harness.write(training.folder / "train.de", text(lines[:-1] + ["Etwas anderes ."]))
        result = self.ok(training.train({"training.max_steps": 8, "data.pool_pairs": 5000}))
        self.said(result, "the training data has changed since step 7")

    def test_other_weights_make_the_batches_anew(self):
        training = self.training()
        self.ok(training.train({"training.max_steps": 5}))
        result = self.ok(training.train({"training.max_steps": 7, "data.weights": "1"}))
        self.assertNotIn(b"made anew", result.stderr)
        result = self.ok(training.train({"training.max_steps": 9, "data.weights": "2"}))
        self.said(result, "batches are made anew: going on at the start of epoch 2")

    def test_other_data_is_told(self):
        training = self.training()
        self.ok(training.train({"training.max_steps": 5}))
        lines = sample_lines("train.de", 3000)
        harness.write(training.folder / "train.de", text(lines[:-1] + ["Etwas anderes ."]))
        result = self.ok(training.train({"training.max_steps": 7}))
        self.said(result, "the training data has changed since step 5")

    def test_a_vocabulary_of_a_sample(self):
        training = self.training()
        result = self.ok(training.train({"training.max_steps": 2,
                                         "tokenizer.max_training_lines": 2000}))
        used, total = (int(number.replace(",", "")) for number in re.search(
            r"pieces from ([\d,]+) lines of ([\d,]+)", result.stderr.decode()).groups())
        self.assertEqual(total, 6000)
        self.assertTrue(1000 <= used <= 2000, used)

    def test_a_batch_size_that_is_found(self):
        training = self.training()
        self.ok(training.train({"training.batch_tokens": "auto", "training.max_steps": 2,
                                "training.accumulation": 1}))

    def test_links_are_read_with_their_pairs(self):
        training = self.training()
        links = harness.write(training.folder / "links", text(sample_lines("train.align", 3000)))
        # The sample corpus's links go from English to German.
        options = {"training.guided_alignment": links, "training.max_steps": 3,
                   "data.train_source": training.folder / "train.en",
                   "data.train_target": training.folder / "train.de"}
        self.ok(training.train(options))

    def test_alignments_without_a_link_are_told(self):
        training = harness.Training(self.new_folder())
        links = harness.write(training.folder / "links", "\n" * 300)
        result = self.ok(training.train({"training.guided_alignment": links, "training.max_steps": 1}))
        self.said(result, f"{links}: none of ", "pairs has a link: there is nothing to guide attention by")


class ShardTest(harness.HeedTest):
    """heed translate on many machines: parts of an input, each of which may be interrupted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("transformer").model
        cls.source = harness.write(cls.folder / "in.de", text(sample_lines("test.de", 200)))

    def translate(self, *flags, source=None):
        return heed("translate", self.model, "-i", source or self.source, "--precision", "float32",
                    "--threads", 1, "--quiet", *flags)

    def test_shards_one_after_another_are_the_whole(self):
        packed = harness.write(self.folder / "in.gz", gzip.compress(self.source.read_bytes()))
        for flags in ((), ("--n-best", 2), ("--sampling-top-k", 5, "--seed", 3),
                      ("--format", "json")):
            whole = self.ok(self.translate(*flags)).stdout
            for source in (self.source, packed):
                shards = [self.ok(self.translate(*flags, "--shard", f"{number}/3", source=source))
                          .stdout for number in (1, 2, 3)]
                self.assertEqual(b"".join(shards), whole, flags)
                self.assertTrue(all(shards))

    def test_files_beside_the_input_go_along(self):
        prefixes = harness.write(self.folder / "prefixes",
                                 text("The" if i % 3 == 0 else "" for i in range(200)))
        whole = self.ok(self.translate("--prefix", prefixes)).stdout
        shards = [self.ok(self.translate("--prefix", prefixes, "--shard", f"{number}/2")).stdout
                  for number in (1, 2)]
        self.assertEqual(b"".join(shards), whole)

    def test_what_is_no_shard(self):
        for shard in ("0/3", "4/3", "1", "a/b"):
            self.refused(self.translate("--shard", shard), 2, f"--shard {shard}", "K/N")
        self.refused(heed("translate", self.model, "--shard", "1/2"), 2, "-i", "standard input")

    def test_killed_again_and_again(self):
        for flags in ((), ("--shard", "2/2"), ("--n-best", 2)):
            folder = self.new_folder()
            outputs = folder / "out", folder / "links"
            whole = folder / "whole", folder / "whole.links"
            self.ok(self.translate(*flags, "-o", whole[0], "--alignment", whole[1]))
            kills = 0
            for attempt in range(100):
                process = harness.start(
                    "translate", self.model, "-i", self.source, "--precision", "float32",
                    "--threads", 1, "--batch-size", 4, *map(str, flags), "-o", outputs[0],
                    "--alignment", outputs[1], "--resume", stdin=subprocess.DEVNULL)
                try:
                    _, stderr = process.communicate(timeout=0.15 * 1.1 ** attempt)
                    self.assertEqual(process.returncode, 0, stderr.decode())
                    break
                except subprocess.TimeoutExpired:
                    kills += 1
                    harness.end(process, signal.SIGKILL)
            for output, expected in zip(outputs, whole):
                self.assertEqual(output.read_bytes(), expected.read_bytes(), (flags, kills))

    def test_links_are_cut_with_their_hypotheses(self):
        flags = "--n-best", 2
        folder = self.new_folder()
        whole = folder / "whole", folder / "whole.links"
        self.ok(self.translate(*flags, "-o", whole[0], "--alignment", whole[1]))
        contents = [file.read_bytes() for file in whole]
        lines = [content.splitlines(keepends=True) for content in contents]
        self.assertEqual(len(lines[0]), len(lines[1]))
        for kept in ((101, 101), (400, 399), (60, 101), (101, 0), (101, 60), (7, 8)):
            left = [harness.write(folder / name, b"".join(file[:count]) + b"torn"[:count % 5])
                    for name, file, count in zip(("out", "links"), lines, kept)]
            self.ok(self.translate(*flags, "-o", left[0], "--alignment", left[1], "--resume"))
            for output, expected in zip(left, contents):
                self.assertEqual(output.read_bytes(), expected, kept)

    def test_a_torn_line_is_cut_off(self):
        whole = self.ok(self.translate()).stdout
        for size in (0, 1, len(whole) // 2, len(whole) - 1, len(whole)):
            output = harness.write(self.new_folder() / "out", whole[:size])
            self.ok(self.translate("-o", output, "--resume"))
            self.assertEqual(output.read_bytes(), whole, size)

    def test_resume_wants_its_own_output(self):
        self.refused(self.translate("--resume"), 2, "--resume", "-o", "standard output")
        output = harness.write(self.new_folder() / "out", text(["line"] * 201))
        self.refused(self.translate("-o", output, "--resume"), 1, self.source, "201", "200")
        self.refused(self.translate("-o", output, "--resume", "--n-best", 2), 1, output,
                     "is no output of line 0")
        self.assertEqual(output.read_text().count("\n"), 201)

    def test_resume_wants_the_form_that_is_there(self):
        text_alone = ()
        for before, now, words in (
                (("--scores",), text_alone, "have the form of --scores, and plain text is to follow"),
                (("--format", "json"), text_alone, "have the form of --format json"),
                (text_alone, ("--scores",), "does not have the form of this output"),
                (("--format", "moses"), ("--format", "tabs"), "does not have the form of this output"),
                (("--n-best", 2), ("--format", "moses"), "--n-best is 1"),
                (text_alone, ("--alignment", self.folder / "no.links"), "has left no alignment there")):
            with self.subTest((before, now)):
                whole = self.ok(self.translate(*before)).stdout
                output = harness.write(self.new_folder() / "out", b"".join(whole.splitlines(True)[:60]))
                content = output.read_bytes()
                self.refused(self.translate(*now, "-o", output, "--resume"), 1, output, words)
                self.assertEqual(output.read_bytes(), content)
                self.ok(self.translate(*before, "-o", output, "--resume"))
                self.assertEqual(output.read_bytes(), whole)


if __name__ == "__main__":
    assert shutil.which("bash")
    harness.main()
