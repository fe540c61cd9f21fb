"""heed translate and heed score: one line out for every line in, whatever the line."""

import itertools
import random
import re
import shutil
import subprocess

import harness
from harness import heed, lines_of, sample_lines, text


class TranslateTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("transformer").model
        cls.recurrent = cls.learned(
            "recurrent", {"model.architecture": "recurrent", "model.attention_score": "additive",
                          "model.decoder_order": "bahdanau"}).model
        cls.sources = sample_lines("train.de", 40)

    def translate(self, lines, *flags, model=None):
        stdin = lines if isinstance(lines, bytes) else text(lines).encode()
        threads = () if "--threads" in flags else ("--threads", 1)
        return self.ok(heed("translate", model or self.model, *threads, *flags, stdin=stdin))

    def translations(self, lines, *flags, model=None):
        return lines_of(self.translate(lines, *flags, model=model).stdout)

    def test_translations_depend_on_the_source(self):
        # What the tests below compare would be worth nothing if all translations were the same.
        for model in (self.model, self.recurrent):
            self.assertGreater(len(set(self.translations(self.sources, model=model))), 10)

    def test_blank_lines_stay_in_place(self):
        blank = ["", "   ", "\u3000\u3000", "\t", "\u00a0"]
        lines = [self.sources[0], *blank, self.sources[1]]
        alone = self.translations(self.sources[:2])
        self.assertEqual(self.translations(lines), [alone[0], *[""] * len(blank), alone[1]])

    def test_nothing_in_nothing_out(self):
        self.assertEqual(self.translate(b"").stdout, b"")
        self.assertEqual(self.translate(b"\n").stdout, b"\n")

    def test_only_newlines_end_lines(self):
        for inside in ("\u2028", "\u0085", "\v", "\f", "\u2029", "\r"):
            line = f"Laura hat{inside}geschlafen."
            self.assertEqual(len(self.translations([line, "Emma!"])), 2, repr(inside))

    def test_windows_line_ends_and_a_byte_order_mark_change_nothing(self):
        plain = self.translations(self.sources[:5])
        windows = "\ufeff" + "".join(line + "\r\n" for line in self.sources[:5])
        self.assertEqual(self.translations(windows.encode()), plain)

    def test_a_last_line_without_newline_counts(self):
        plain = self.translations(self.sources[:3])
        self.assertEqual(self.translations(text(self.sources[:3]).encode()[:-1]), plain)

    def test_invalid_bytes_are_replaced_with_one_warning(self):
        stdin = b"Laura schl\xe4ft.\nEmma!\nein\x00s\n\xff\xfe\n"
        result = self.translate(stdin)
        self.assertEqual(len(lines_of(result.stdout)), 4)
        self.assertEqual(lines_of(result.stdout)[1], self.translations(["Emma!"])[0])
        self.said(result, "invalid UTF-8 or NUL bytes in 3 lines, the first is line 1")
        self.assertEqual(result.stderr.count(b"invalid UTF-8"), 1)

    def test_huge_lines_and_words_are_cut_and_the_rest_come_out(self):
        words = "viele Wörter " * (1 << 16)
        word = "x" * (1 << 20) + "äöü"
        gigantic = "y" * (3 << 20)
        lines = [self.sources[0], words, word, self.sources[1], gigantic, self.sources[2]]
        result = self.translate(lines)
        out = lines_of(result.stdout)
        self.assertEqual(len(out), 6)
        self.assertEqual([out[0], out[3], out[5]], self.translations(self.sources[:3]))
        self.said(result, "warning: standard input:2: ", "pieces, cut to 100 (data.max_length)",
                  "warning: standard input:3: ", "standard input:5: the line has over 1048576 bytes")

    def test_a_text_of_few_pieces_is_cut_aloud(self):
        line = "Laura schläft." + " " * 70_000 + "Emma!"
        result = self.translate([line, self.sources[0]])
        self.assertEqual(lines_of(result.stdout)[0], self.translations(["Laura schläft."])[0])
        self.said(result, "warning: standard input:1: 70,020 bytes, cut to 65,536")
        self.assertNotIn(b"input:2", result.stderr)

    def test_control_symbols_and_separators_are_plain_text(self):
        special = ["a ||| b", "<s>", "</s>", "<unk> <pad>", "a\tb", "▁", "▁▁▁ x", "0 ||| ||| |||",
                   "</s> Laura schläft. </s>"]
        result = self.translations([*special, self.sources[0]])
        self.assertEqual(len(result), len(special) + 1)
        self.assertEqual(result[-1], self.translations(self.sources[:1])[0])
        lists = self.translations(special, "--n-best", 2)
        for line in lists:
            self.assertEqual(len(line.split(" ||| ")), 4, line)

    def test_batch_size_threads_and_order_change_nothing(self):
        for model in (self.model, self.recurrent):
            expected = self.translations(self.sources, "--batch-size", 64, "--scores", model=model)
            for flags in (("--batch-size", 1), ("--batch-size", 7), ("--threads", 2)):
                # Two threads on a busy core take their time: fewer lines show as much.
                lines = self.sources[:12 if "--threads" in flags else None]
                got = self.translations(lines, "--scores", *flags, model=model)
                self.assertEqual([line.split("\t")[1] for line in got],
                                 [line.split("\t")[1] for line in expected[:len(lines)]], flags)
                for a, b in zip(got, expected):
                    self.assertAlmostEqual(float(a.split("\t")[0]), float(b.split("\t")[0]),
                                           delta=2e-4)
            order = list(range(len(self.sources)))
            random.Random(5).shuffle(order)
            shuffled = self.translations([self.sources[i] for i in order], "--batch-size", 7,
                                         model=model)
            self.assertEqual(shuffled, [expected[i].split("\t")[1] for i in order])

    def test_n_best_lists(self):
        best = self.translations(self.sources[:6], "--beam-size", 4)
        lists = self.translations(self.sources[:6], "--beam-size", 4, "--n-best", 4)
        field = re.compile(r"^(\d+) \|\|\| (.*) \|\|\| logprob=(-[\d.]+) length=(\d+) \|\|\| (-[\d.]+)$")
        found = [field.match(line) for line in lists]
        self.assertTrue(all(found), lists)
        for i in range(6):
            rows = [match for match in found if int(match[1]) == i]
            self.assertGreater(len(rows), 1)
            self.assertLessEqual(len(rows), 4)
            self.assertEqual(rows[0][2], best[i])
            scores = [float(match[5]) for match in rows]
            self.assertEqual(scores, sorted(scores, reverse=True))
            for match in rows:
                self.assertAlmostEqual(float(match[3]) / int(match[4]), float(match[5]), delta=1e-3)
        ids = [int(match[1]) for match in found]
        self.assertEqual(ids, sorted(ids))

    def test_more_than_the_beam_is_refused(self):
        self.refused(heed("translate", self.model, "--n-best", 5, "--beam-size", 4, stdin="Emma!\n"),
                     2, "--n-best 5", "beam of 4", "--beam-size 5")

    def test_blank_lines_in_n_best_lists_and_scores(self):
        lists = self.translations(["", "Emma!"], "--n-best", 2)
        self.assertEqual(sorted({line.split(" ||| ")[0] for line in lists}), ["0", "1"])
        self.assertEqual(self.translations([""], "--scores"), ["0.0000\t"])

    def score(self, sources, targets, *flags, model=None):
        folder = self.new_folder()
        source = harness.write(folder / "source", text(sources))
        target = harness.write(folder / "target", text(targets))
        result = self.ok(heed("score", model or self.model, "--source", source, "--target", target,
                              "--threads", 1, *flags))
        return [tuple(map(float, line.split("\t"))) for line in lines_of(result.stdout)]

    def test_score_of_an_output_is_the_printed_score(self):
        for model in (self.model, self.recurrent):
            for penalty in (1, 0.5):
                flags = ("--length-penalty", penalty)
                lines = self.translations(self.sources[:20], "--scores", *flags, model=model)
                printed = [line.split("\t", 1) for line in lines]
                scored = self.score(self.sources[:20], [t for _, t in printed], *flags, model=model)
                # A text that the model wrote in other pieces than its tokenizer does has another
                # probability.
                near = sum(abs(float(a) - b[0]) < 1e-3 for (a, _), b in zip(printed, scored))
                self.assertGreater(near, 10, list(zip(printed, scored)))
                for _, log_probability, length in scored:
                    self.assertLess(log_probability, 0)
                    self.assertGreater(length, 0)
                for score, log_probability, length in scored:
                    self.assertAlmostEqual(score, log_probability / length**penalty, delta=1e-3)

    def test_score_of_nothing_and_of_too_much(self):
        # A blank source is no reason to be sure of anything.
        (_, blank, _), (_, text_of_it, _) = self.score(["", self.sources[0]], ["Emma!", "Emma!"])
        self.assertLess(blank, -1)
        self.assertLess(text_of_it, 0)
        folder = self.new_folder()
        source = harness.write(folder / "s", text(self.sources[:2]))
        target = harness.write(folder / "t", text(["Emma!", "viele Wörter " * 1000]))
        result = self.ok(heed("score", self.model, "--source", source, "--target", target,
                              "--beam-size", 3))
        self.said(result, f"{source}:2: a target of ", "cut to 210",
                  "decoding.beam_size = 3: says nothing to score")
        self.assertEqual([line.split("\t")[2] for line in lines_of(result.stdout)][1], "211")

    def test_no_output_takes_the_place_of_an_input(self):
        folder = self.new_folder()
        content = text(self.sources[:3])
        source = harness.write(folder / "source", content)
        link = folder / "link"
        link.symlink_to(source)
        for path in (source, link, f"{folder}/../{folder.name}/source"):
            for flags in (("-o", path), ("--alignment", path), ("--prefix", source, "-o", path)):
                self.refused(heed("translate", self.model, "-i", source, *flags), 2, path,
                             "overwritten while it is read")
        self.refused(heed("translate", self.model, "-o", folder / "new", "--alignment",
                          folder / "new", stdin=content), 2, "two things would be written")
        with open(source, "rb") as stdin:
            result = subprocess.run([harness.HEED, "translate", self.model, "-o", source], stdin=stdin,
                                    capture_output=True, check=False)
        self.refused(result, 2, source, "overwritten while it is read")
        self.assertEqual(source.read_text(), content)
        self.refused(heed("translate", self.model, "--alignment", "-", stdin=content), 2,
                     "standard output (-)")
        self.refused(heed("translate", self.model, "--prefix", "-", stdin=content), 2,
                     "standard input (-) can be read once only")
        self.refused(heed("score", self.model, "--source", source, "--target", source, "-o", source),
                     2, "overwritten")
        self.refused(heed("evaluate", self.model, "--source", source, "--reference", source, "-o",
                          f"{folder}/"), 2, "overwritten")
        self.assertEqual(source.read_text(), content)

    def test_markup_is_told_or_refused(self):
        """A translation keeps line for line and says so; what is scored or inspected as text is refused."""
        page = harness.write(self.new_folder() / "x.tmx", '<?xml version="1.0"?>\n<tmx>\n')
        result = self.ok(heed("translate", self.model, "-i", page))
        self.said(result, f"{page}:1: ", "begins SGM or XML")
        self.assertEqual(len(lines_of(result.stdout)), 2)
        plain = harness.write(page.parent / "plain", "a\nb\n")
        for arguments in (("score", self.model, "--source", plain, "--target", page),
                          ("score", self.model, "--source", page, "--target", plain),
                          ("inspect", self.model, "-i", page, "-o", page.parent / "page.html"),
                          ("tokenize", "train", page, "-m", page.parent / "v.model")):
            self.refused(heed(*arguments), 1, f"{page}:1: ", "begins SGM or XML")

    def test_nothing_is_written_over_the_model(self):
        """Neither its own files, nor those of the checkpoint that is translated with."""
        step = next((self.model / "checkpoints").iterdir())
        source = harness.write(self.new_folder() / "source", "Ein Mann.\n")
        for name in ("model.safetensors", "config.ini", "tokenizer.model", "metrics.jsonl"):
            before = (self.model / name).read_bytes()
            for command, *flags in (("translate", self.model, "-i", source),
                                    ("translate", step, "-i", source),
                                    ("score", self.model, "--source", source, "--target", source),
                                    ("inspect", self.model, "-i", source),
                                    ("evaluate", self.model, "--source", source, "--reference", source)):
                self.refused(heed(command, *flags, "-o", self.model / name), 2, name,
                             "would be overwritten")
            self.refused(heed("translate", self.model, "-i", source, "--alignment", self.model / name), 2,
                         name, "would be overwritten")
            self.assertEqual((self.model / name).read_bytes(), before)
        self.refused(heed("translate", step, "-i", source, "-o", step / "training.safetensors"), 2,
                     "would be overwritten")

    def test_nothing_is_written_over_another_model(self):
        """A file of a trained model is refused to every command, and a name that the model would look at."""
        folder = self.new_folder()
        model = folder / "model"
        shutil.copytree(self.model, model)
        source = harness.write(folder / "source", "Ein Mann.\n")
        link = folder / "link"
        link.symlink_to(model / "tokenizer.model")
        learn = ("tokenize", "train", harness.ROOT / "data/dev.de", "--vocab-size", 180, "-m")
        encode = ("tokenize", "encode", "-m", self.model / "tokenizer.model", "-i", source, "-o")
        before = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
        for command in (learn, encode, ("translate", self.recurrent, "-i", source, "-o")):
            for path in (model / "tokenizer.model", model / "model.safetensors", model / "source.model", link):
                self.refused(heed(*command, path), 2, path, "a file of the model", "would be overwritten")
        # By a link to a name that is not there yet, or from within; and where the model's own file is a link.
        link.unlink()
        link.symlink_to(model / "source.model")
        for command in (learn, encode):
            self.refused(heed(*command, link), 2, link, "a file of the model", "would be overwritten")
        inside = heed("tokenize", "encode", "-m", self.model / "tokenizer.model", "-i", source, "-o", "source.model",
                      cwd=model)
        self.refused(inside, 2, "source.model: a file of the model")
        store = folder / "store"
        (model / "tokenizer.model").rename(store)
        (model / "tokenizer.model").symlink_to(store)
        link.unlink()
        link.symlink_to(model / "tokenizer.model")
        for path in (model / "tokenizer.model", link):
            self.refused(heed(*encode, path), 2, path, "a file of the model", "would be overwritten")
        (model / "tokenizer.model").unlink()
        store.rename(model / "tokenizer.model")
        # A training that has not come to a model yet has its vocabulary too.
        (model / "model.safetensors").unlink()
        self.refused(heed(*learn, model / "tokenizer.model"), 2, "would be overwritten")
        after = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
        self.assertEqual({**after, model / "model.safetensors": before[model / "model.safetensors"]}, before)
        # Beside it, and in the folder of a training that has not begun, there is room.
        shutil.rmtree(model / "checkpoints")
        self.ok(heed(*learn, model / "other.model"))
        self.ok(heed(*learn, model / "tokenizer.model"))

    def test_score_refuses_files_of_different_length(self):
        folder = self.new_folder()
        source = harness.write(folder / "s", "a\nb\n")
        target = harness.write(folder / "t", "a\n")
        self.refused(heed("score", self.model, "--source", source, "--target", target), 1,
                     f"{source} has 2 lines", f"{target} has 1")

    def test_an_ensemble_of_a_model_with_itself_is_itself(self):
        for model in (self.model, self.recurrent):
            alone = self.translations(self.sources[:10], "--scores", model=model)
            both = self.translations(self.sources[:10], "--scores", "--model", model, model=model)
            for a, b in zip(alone, both, strict=True):
                self.assertEqual(a.split("\t")[1], b.split("\t")[1])
                self.assertAlmostEqual(float(a.split("\t")[0]), float(b.split("\t")[0]), delta=2e-4)

    def test_an_ensemble_of_different_models(self):
        one, other = (self.translations(self.sources[:10], model=m)
                      for m in (self.model, self.recurrent))
        both = self.translations(self.sources[:10], "--model", self.recurrent)
        self.assertEqual(len(both), 10)
        self.assertNotEqual(both, one)
        self.assertNotEqual(both, other)

    def test_members_of_an_ensemble_may_read_the_source_in_pieces_of_their_own(self):
        pieces = self.new_folder() / "source.model"
        self.ok(heed("tokenize", "train", harness.ROOT / "data/dev.de", "-m", pieces, "--vocab-size", 180))
        other = self.learned("other_source", {
            "tokenizer.source_model": pieces, "tokenizer.target_model": self.model / "tokenizer.model",
            "model.tie_source_target": "false"}).model
        one, two = (self.translations(self.sources[:10], model=m) for m in (self.model, other))
        both = self.translations(self.sources[:10], "--model", other)
        self.assertEqual(len(both), 10)
        self.assertNotEqual(both, one)
        self.assertNotEqual(both, two)

    def test_an_ensemble_needs_one_vocabulary(self):
        other = self.learned("other_words", {"tokenizer.vocab_size": 220, "training.max_steps": 2,
                                             "training.validate_every": 2}).model
        self.refused(heed("translate", self.model, "--model", other, stdin="a\n"), 1,
                     "different target vocabularies", self.model, other)

    def test_alignments(self):
        for model in (self.model, self.recurrent):
            path = self.new_folder() / "alignment"
            lines = [*self.sources[:8], "", "   "]
            out = self.translations(lines, "--alignment", path, model=model)
            alignments = lines_of(path.read_bytes())
            self.assertEqual(len(alignments), len(lines))
            self.assertEqual(alignments[-2:], ["", ""])
            for source, target, pairs in zip(lines[:8], out, alignments):
                found = [tuple(map(int, pair.split("-"))) for pair in pairs.split()]
                self.assertTrue(found)
                for s, t in found:
                    self.assertLess(s, len(source.split()))
                    self.assertLess(t, max(1, len(target.split())), repr(target))

    def test_files_for_input_and_output(self):
        folder = self.new_folder()
        source = harness.write(folder / "in", text(self.sources[:3]))
        result = self.ok(heed("translate", self.model, "-i", source, "-o", folder / "out",
                              "--threads", 1))
        self.assertEqual(result.stdout, b"")
        self.assertEqual(lines_of((folder / "out").read_bytes()),
                         self.translations(self.sources[:3]))

    def test_streaming_answers_before_the_input_ends(self):
        process = harness.start("translate", self.model, "--threads", 1)
        for line in self.sources[:3]:
            process.stdin.write(text([line]).encode())
            process.stdin.flush()
            # A reader that waited for more would hang here until ctest ends the test.
            self.assertEqual(process.stdout.readline().decode(),
                             text(self.translations([line])))
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"")
        self.assertEqual(process.wait(), 0)
        process.stdout.close()
        process.stderr.close()

    def test_a_reader_that_has_had_enough(self):
        source = harness.write(self.new_folder() / "in", text(self.sources * 4))
        with harness.start("translate", self.model, "-i", source, "--batch-size", 1, "--quiet",
                           "--threads", 1) as process:
            self.assertNotEqual(process.stdout.readline(), b"")
            process.stdout.close()
            stderr = process.stderr.read()
            self.assertEqual(process.wait(), 0, stderr)
        self.assertNotIn(b"error", stderr)
        self.assertNotIn(b"terminate", stderr)

    def test_a_full_disk_is_named(self):
        self.refused(heed("translate", self.model, "-o", "/dev/full", "--threads", 1,
                          stdin="Emma!\n"), 1, "/dev/full", "No space left on device")
        with open("/dev/full", "wb") as full:
            result = subprocess.run([harness.HEED, "translate", self.model, "--threads", "1"], stdout=full,
                                    input=b"Emma!\n", stderr=subprocess.PIPE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"standard output: No space left on device", result.stderr)

    def test_missing_input_and_folders_in_its_place(self):
        missing = self.folder / "missing"
        self.refused(heed("translate", self.model, "-i", missing), 1, missing,
                     "No such file or directory")
        self.refused(heed("translate", self.model, "-i", self.folder), 1, self.folder,
                     "Is a directory")
        self.refused(heed("translate", self.model, "-o", missing / "out"), 1, missing / "out",
                     "No such file or directory")

    def test_wrong_flags(self):
        for flags in (("--beam-size", 0), ("--beam-size", "2x"), ("--batch-size", -1),
                      ("--precision", "half"), ("--no-such-flag",), ("--length-penalty", "nan")):
            result = heed("translate", self.model, *flags, stdin="Emma!\n")
            self.assertEqual(result.returncode, 2, flags)
            self.assertIn(flags[0], result.stderr.decode())
            self.assertEqual(result.stdout, b"")

    def test_workers_change_no_byte(self):
        for model in (self.model, self.recurrent):
            expected = self.translate(self.sources, "--batch-size", 3, "--scores", model=model)
            found = self.translate(self.sources, "--batch-size", 3, "--scores", "--threads", 3,
                                   model=model)
            self.assertEqual(found.stdout, expected.stdout)

    def test_fewer_bits_translate_much_the_same_whatever_the_batch(self):
        for model, bits in itertools.product((self.model, self.recurrent), ("int8", "bfloat16")):
            exact = self.translations(self.sources, model=model)
            found = self.translations(self.sources, "--precision", bits, model=model)
            same = sum(a == b for a, b in zip(exact, found, strict=True))
            # Near ties may fall either way; a mistake in the arithmetic would leave hardly a line.
            self.assertGreater(same, len(exact) / 2)
            alone = self.translations(self.sources[:8], "--precision", bits, "--batch-size", 1,
                                      model=model)
            self.assertEqual(alone, found[:8])
        chosen = self.translate(self.sources[:1], "--precision", "auto")
        self.said(chosen, "precision: ", "this CPU")

    def test_a_gpu_that_is_not_there(self):
        env = {"CUDA_VISIBLE_DEVICES": ""}
        for device in ("cuda", "cuda:7"):
            self.refused(heed("translate", self.model, "--device", device, stdin="Emma!\n", env=env),
                         2, f"device = {device}", "no GPU", "cpu or auto")
        self.refused(heed("translate", self.model, "--device", "gpu", stdin="Emma!\n"), 2,
                     "device = gpu", "cuda:N")
        auto = heed("translate", self.model, "--device", "auto", "--threads", 1, stdin="Emma!\n",
                    env=env)
        self.assertEqual(self.ok(auto).stdout, self.translate(["Emma!"]).stdout)

    def test_alignments_of_every_translation_printed(self):
        path = self.new_folder() / "alignment"
        out = self.translations(self.sources[:4], "--n-best", 2, "--alignment", path)
        alignments = lines_of(path.read_bytes())
        self.assertEqual(len(alignments), len(out))
        best = self.new_folder() / "best"
        self.translations(self.sources[:4], "--alignment", best)
        first = [line for line, printed in zip(alignments, out)
                 if printed.split(" ||| ")[0] not in
                 [before.split(" ||| ")[0] for before in out[:out.index(printed)]]]
        self.assertEqual(first, lines_of(best.read_bytes()))

    def test_characters_that_the_vocabulary_lacks_are_told(self):
        result = self.ok(self.translate(["Emma kauft einen \U0001F34E.", "Emma!", "\u4f60\u597d"]))
        self.said(result, "standard input:1: the vocabulary does not have \U0001F34E",
                  "standard input:3: the vocabulary does not have \u4f60\u597d")
        self.assertNotIn("input:2:", result.stderr.decode())
        # A carriage return is white space that a reader must see.
        self.said(self.ok(self.translate(["Emma \rkauft"])), "the vocabulary does not have \\x0D: ")
        many = self.ok(self.translate(["\U0001F34E"] * 12))
        self.assertEqual(many.stderr.decode().count("the vocabulary does not have \U0001F34E"), 10)
        self.said(many, "12 lines in all have characters that the vocabulary does not have")

    def test_greedy_and_beam_limits(self):
        self.assertEqual(self.translations(self.sources[:5], "--beam-size", 1),
                         self.translations(self.sources[:5], "--beam-size", 1, "--batch-size", 1))
        result = self.translate(self.sources[:5], "--max-length", 1, "--scores")
        self.assertEqual(len(lines_of(result.stdout)), 5)
        self.said(result, "translations were cut at the length limit")


if __name__ == "__main__":
    harness.main()
