"""What heed translate can do beyond the best line for a line: each flag changes the output as it says."""

import json
import select
import shutil

import harness
from harness import heed, lines_of, sample_lines, text


class TranslateModesTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("transformer").model
        cls.sources = sample_lines("train.de", 12)

    def translate(self, lines, *flags):
        threads = () if "--threads" in flags else ("--threads", 1)
        return self.ok(heed("translate", self.model, *threads, *flags, stdin=text(lines)))

    def translations(self, lines, *flags):
        return lines_of(self.translate(lines, *flags).stdout)

    def beside(self, *lines):
        return harness.write(self.new_folder() / "beside", text(lines))

    def test_samples_repeat_and_do_not_depend_on_their_batch(self):
        lines = [self.sources[0]] * 12
        flags = ("--sampling-top-k", 20, "--seed", 3)
        samples = self.translations(lines, *flags)
        self.assertGreater(len(set(samples)), 3)  # the line's number counts
        for more in (("--batch-size", 1), ("--batch-size", 5)):
            self.assertEqual(self.translations(lines, *flags, *more), samples, more)
        self.assertEqual(self.translations(lines[:3], *flags, "--threads", 2), samples[:3])
        self.assertNotEqual(self.translations(lines, "--sampling-top-k", 20, "--seed", 4), samples)

    def test_sampling_of_the_likeliest_piece_is_greedy(self):
        greedy = self.translations(self.sources, "--beam-size", 1)
        for flags in (("--sampling-top-k", 1), ("--sampling-top-p", 0.0001),
                      ("--temperature", "0.000001")):
            self.assertEqual(self.translations(self.sources, *flags), greedy, flags)
        self.assertNotEqual(self.translations(self.sources, "--temperature", 3), greedy)

    def test_several_samples_begin_with_the_first(self):
        lists = self.translations(self.sources[:3], "--sampling-top-p", 1, "--n-best", 7)
        self.assertEqual(len(lists), 21)  # more than the beam: samples are not found, but drawn
        firsts = [line.split(" ||| ")[1] for line in lists[::7]]
        self.assertEqual(firsts, self.translations(self.sources[:3], "--sampling-top-p", 1))

    def test_diverse_groups_share_fewer_first_words(self):
        def first_words(*flags):
            lists = self.translations(self.sources, "--n-best", 4, "--beam-size", 4, *flags)
            return len({tuple(line.split(" ||| ")[:1] + line.split(" ||| ")[1].split()[:1])
                        for line in lists})
        self.assertGreater(first_words("--beam-groups", 4, "--diversity-penalty", 5),
                           first_words())

    def test_prefixes(self):
        prefixes = ["The", "", "A child", "Yes"]
        lines = [*self.sources[:3], ""]
        found = self.translations(lines, "--prefix", self.beside(*prefixes))
        for prefix, line in zip(prefixes[:3], found):
            self.assertTrue(line.startswith(prefix), (prefix, line))
        self.assertEqual(found[1], self.translations(lines)[1])
        self.assertEqual(found[3], "")

    def test_demands_of_blank_lines_are_left_out_aloud(self):
        for flag, words in (("--prefix", ["Yes"]), ("--constraints", ["Yes", "No"])):
            beside = self.beside("", "\t".join(words), "")
            result = self.translate([self.sources[0], "", ""], flag, beside)
            self.assertEqual(lines_of(result.stdout)[1:], ["", ""])
            for word in words:
                self.said(result, f'{beside}:2: "{word}" is left out: its source has nothing to translate')
            self.assertEqual(result.stderr.count(b"is left out"), len(words))

    def test_constraints(self):
        found = self.translations(self.sources[:3], "--beam-size", 5, "--constraints",
                                  self.beside("the house\tAnna", "", "book"))
        plain = self.translations(self.sources[:3], "--beam-size", 5)
        self.assertIn("the house", found[0])
        self.assertIn("Anna", found[0])
        self.assertEqual(found[1], plain[1])
        self.assertIn("book", found[2])

    def test_a_shortlist_is_learned_once_and_kept_in_the_model_folder(self):
        folder = self.new_folder() / "moved"
        shutil.copytree(self.model, folder)
        translate = ("translate", folder, "--threads", 1)
        first = self.ok(heed(*translate, "--shortlist", 200, stdin=text(self.sources)))
        self.said(first, "lexicon: learning from")
        self.assertTrue((folder / "lexicon.txt").exists())
        again = self.ok(heed(*translate, "--shortlist", 200, stdin=text(self.sources)))
        self.assertNotIn(b"learning", again.stderr)
        self.assertEqual(first.stdout, again.stdout)
        # 200 translations of each piece are all that a small corpus has.
        same = sum(a == b for a, b in zip(lines_of(first.stdout), self.translations(self.sources)))
        self.assertGreaterEqual(same, len(self.sources) * 3 // 4)
        narrow = lines_of(self.ok(heed(*translate, "--shortlist", 1, stdin=text(self.sources))).stdout)
        self.assertEqual(len(narrow), len(self.sources))
        self.refused(heed(*translate, "--shortlist", 9, "--temperature", 2, stdin=b"a\n"), 2,
                     "shortlist = 9: not with sampling")
        harness.write(folder / "lexicon.txt", "something else\n")
        self.refused(heed(*translate, "--shortlist", 9, stdin=b"a\n"), 1, "is no lexicon of this model")

    def test_files_beside_the_input_have_as_many_lines(self):
        for lines, words in (((), "has 0 lines and standard input has more"),
                             (("a", "b", "c"), "has more: line i of one belongs to line i of the other")):
            path = self.beside(*lines)
            result = heed("translate", self.model, "--threads", 1, "--constraints", path,
                          stdin=text(self.sources[:2]))
            self.assertEqual(result.returncode, 1)
            self.said(result, path, words)

    def test_minimum_bayes_risk(self):
        flags = ("--beam-size", 8, "--n-best", 8)
        lists = self.translations(self.sources[:3], *flags)
        for metric in ("chrf", "bleu"):
            risk = self.translations(self.sources[:3], *flags, "--mbr", metric)
            self.assertEqual(sorted(line.split(" ||| ")[1] for line in risk),
                             sorted(line.split(" ||| ")[1] for line in lists))
            utilities = [float(line.split("utility=")[1].split()[0]) for line in risk[:8]]
            self.assertEqual(utilities, sorted(utilities, reverse=True))
        samples = self.translations(self.sources[:3], "--mbr", "chrf", "--sampling-top-p", 1)
        self.assertEqual(len(samples), 3)

    def test_exact_stopping_and_coverage_print_the_score_of_score(self):
        flags = ("--coverage-penalty", 0.3, "--early-stopping", "exact", "--beam-size", 4)
        printed = [line.split("\t") for line in self.translations(self.sources, *flags, "--scores")]
        folder = self.new_folder()
        source = harness.write(folder / "source", text(self.sources))
        target = harness.write(folder / "target", text([line[1] for line in printed]))
        result = self.ok(heed("score", self.model, "--source", source, "--target", target,
                              "--threads", 1, *flags))
        scored = [line.split("\t") for line in lines_of(result.stdout)]
        # A text that the model wrote in other pieces than its tokenizer does has another score.
        near = sum(abs(float(a[0]) - float(b[0])) < 1e-3 for a, b in zip(printed, scored))
        self.assertGreater(near, 5)
        plain = [line.split("\t")[0] for line in self.translations(self.sources, "--scores")]
        self.assertNotEqual([line[0] for line in printed], plain)

    def test_json_lines(self):
        lines = [*self.sources[:3], ""]
        objects = [json.loads(line) for line in self.translations(lines, "--format", "json")]
        self.assertEqual([entry["text"] for entry in objects], self.translations(lines))
        self.assertEqual([entry["line"] for entry in objects], [0, 1, 2, 3])
        for entry in objects[:3]:
            self.assertAlmostEqual(entry["log_probability"] / entry["length"], entry["score"], 6)
            self.assertEqual(len(entry["pieces"]), entry["length"])
            self.assertEqual([len(row) for row in entry["attention"]],
                             [len(entry["source_pieces"])] * entry["length"])
            for row in entry["attention"]:
                self.assertAlmostEqual(sum(row), 1, delta=1e-2)
        both = self.translations(lines, "--format", "json", "--n-best", 2)
        self.assertEqual([json.loads(line)["rank"] for line in both], [0, 1, 0, 1, 0, 1, 0])

    def test_tables(self):
        rows = [line.split("\t") for line in
                self.translations(self.sources[:2], "--format", "tabs", "--n-best", 2)]
        self.assertEqual([row[:2] for row in rows], [["0", "0"], ["0", "1"], ["1", "0"], ["1", "1"]])
        for _, _, score, log_probability, length, _ in rows:
            self.assertAlmostEqual(float(score), float(log_probability) / int(length), delta=1e-3)

    def test_alignments_of_pieces(self):
        paths = {unit: self.new_folder() / unit for unit in ("word", "piece")}
        for unit, path in paths.items():
            entries = [json.loads(line) for line in self.translations(
                self.sources, "--alignment", path, "--alignment-unit", unit, "--format", "json")]
            pairs = [[list(map(int, pair.split("-"))) for pair in line.split()]
                     for line in lines_of(path.read_bytes())]
            self.assertEqual([entry["alignment"] for entry in entries], pairs)
        for entry, found in zip(entries, pairs):
            self.assertEqual([target for _, target in found], list(range(entry["length"] - 1)))
            for source, target in found:
                row = entry["attention"][target][:-1]
                self.assertEqual(row[source], max(row))

    def test_long_lines_in_parts(self):
        line = " ".join(self.sources)
        cut, split = self.translate([line] * 2), self.translate([line] * 2, "--split-long")
        self.said(cut, "cut to 100 (data.max_length)")
        self.assertNotIn(b"cut to", split.stderr)
        self.assertGreater(len(lines_of(split.stdout)[0]), len(lines_of(cut.stdout)[0]))
        # Beyond what SentencePiece is given at once, too.
        large, twice = (len(self.translate([" ".join([line] * (size // len(line)))], "--split-long",
                                           "--beam-size", 1, "--max-length", 3).stdout)
                        for size in (80000, 160000))
        self.assertGreater(twice, 1.8 * large)

    def test_no_temperature_leaves_lines_empty(self):
        lines = ["Emma schläft.", "Laura kauft ein Buch."]
        greedy = self.translations(lines, "--beam-size", 1)
        for temperature in ("1e-40", "1e-300"):
            self.assertEqual(self.translations(lines, "--temperature", temperature), greedy)

    def test_a_demand_changes_no_digit_of_its_neighbours(self):
        lines = sample_lines("dev.de", 6)
        plain = lines_of(self.ok(heed("translate", self.model, "--format", "json", "--threads", 1,
                                      stdin=text(lines))).stdout)
        for flag, demand in (("--prefix", "The"), ("--constraints", "house")):
            path = harness.write(self.new_folder() / "demands", f"\n{demand}\n\n\n\n\n")
            found = lines_of(self.ok(heed("translate", self.model, "--format", "json", "--threads", 1,
                                          flag, path, stdin=text(lines))).stdout)
            self.assertEqual(found[:1] + found[2:], plain[:1] + plain[2:])
            self.assertNotEqual(found[1], plain[1])

    def test_sentences_one_by_one(self):
        pair = self.sources[:2]
        self.assertTrue(all(line[-1] in ".?!" for line in pair), pair)
        self.assertEqual(self.translations([" ".join(pair), ""], "--split-sentences"),
                         [" ".join(self.translations(pair)), ""])

    def test_flags_that_contradict_each_other(self):
        phrases = self.beside("house")
        for flags, words in (
                (("--split-long", "--n-best", 2), "--split-long"),
                (("--n-best", 2, "--format", "text"), "moses, tabs or json"),
                (("--scores", "--format", "json"), "--scores goes with"),
                (("--beam-groups", 2, "--beam-size", 3), "beam_groups = 2 does not divide"),
                (("--beam-groups", 2, "--beam-size", 4, "--sampling-top-k", 5), "or the other"),
                (("--constraints", phrases, "--sampling-top-k", 5), "sampling_top_k = 5, sampling_top_p = 0"),
                (("--constraints", phrases, "--sampling-top-p", 1, "--mbr", "chrf"), "or the other"),
                (("--constraints", phrases, "--temperature", 2), "temperature = 2 ask for samples"),
                (("--mbr", "chrf", "--beam-size", 1), "beam_size = 1: set it to 2"),
                (("--min-length", 9, "--max-length", 5), "min_length = 9 is above"),
                (("--temperature", 0), "--temperature"), (("--mbr", "ter"), "--mbr")):
            self.refused(heed("translate", self.model, *flags, stdin="Emma!\n"), 2, words)

    def test_unknown_words(self):
        # A prefix makes the model say the unknown piece; it looks at some word of the source.
        words = ["Laura", "schläft"]
        flags = ("--prefix", self.beside("狐狸"))
        self.assertIn("⁇", self.translations([" ".join(words)], *flags)[0])
        copied = self.translations([" ".join(words)], *flags, "--replace-unknown")[0]
        self.assertNotIn("⁇", copied)
        self.assertTrue(copied.startswith(tuple(words)), copied)
        dictionary = self.beside(*(f"{word}\tfound" for word in words))
        found = self.translations([" ".join(words)], *flags, "--replace-unknown", dictionary)[0]
        self.assertTrue(found.startswith("found"), found)

    def test_a_dictionary_without_tabs_is_refused(self):
        path = self.beside("Hund dog")
        self.refused(heed("translate", self.model, "--replace-unknown", path, stdin="Emma!\n"), 1,
                     f"{path}:1: no TAB")

    def answer(self, process, milliseconds):
        """A line that comes within so long, or None."""
        ready, _, _ = select.select([process.stdout], [], [], milliseconds / 1000)
        return process.stdout.readline() if ready else None

    def test_lines_wait_for_others_as_long_as_latency_says(self):
        with harness.start("translate", self.model, "--threads", 1, "--latency", 3600000) as process:
            process.stdin.write(text(self.sources[:1]).encode())
            process.stdin.flush()
            self.assertIsNone(self.answer(process, 1500))
            process.stdin.write(text(self.sources[1:2]).encode())
            process.stdin.close()
            self.assertEqual(lines_of(process.stdout.read()), self.translations(self.sources[:2]))
            process.stderr.read()

    def test_half_a_line_keeps_no_whole_one_waiting(self):
        with harness.start("translate", self.model, "--threads", 1) as process:
            process.stdin.write(text(self.sources[:1]).encode() + self.sources[1].encode()[:3])
            process.stdin.flush()
            # A reader that waited for the rest would hang here until ctest ends the test.
            first = process.stdout.readline().decode()
            process.stdin.write(self.sources[1].encode()[3:])
            process.stdin.close()
            self.assertEqual(first + process.stdout.read().decode(),
                             text(self.translations(self.sources[:2])))
            process.stderr.read()


if __name__ == "__main__":
    harness.main()
