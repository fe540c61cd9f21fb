"""heed evaluate: what it prints, and what it refuses."""

import json

import harness
from harness import heed, lines_of, sample_lines, text


class EvaluateTest(harness.HeedTest):
    def files(self, **contents):
        folder = self.new_folder()
        return [harness.write(folder / name, content) for name, content in contents.items()]

    def test_score_of_equal_texts(self):
        lines = text(sample_lines("dev.en", 20))
        hypothesis, reference = self.files(h=lines, r=lines)
        out = self.ok(heed("evaluate", "--hypothesis", hypothesis, "--reference", reference,
                           "--metrics", "bleu,chrf,chrf++,ter")).stdout.decode()
        rows = out.split("\n")[:-1]
        self.assertEqual(len(rows), 4)
        for row, (name, score) in zip(rows, (("BLEU|", "100.0"), ("chrF2|", "100.0"),
                                             ("chrF2++|", "100.0"), ("TER|", "0.0"))):
            self.assertTrue(row.startswith(name + "nrefs:1|"), row)
            self.assertIn(f" = {score}", row)
            self.assertIn("version:", row)

    def test_a_score_worked_out_by_hand(self):
        # Matches of 1- to 4-grams: 5/6, 3/5, 2/4, 1/3; lengths are equal, so no brevity penalty.
        hypothesis, reference = self.files(h="the cat sat on the mat\n", r="the dog sat on the mat\n")
        expected = 100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference)
        found = json.loads(self.ok(heed(*arguments, "--format", "json")).stdout)
        self.assertEqual(found["name"], "BLEU")
        self.assertAlmostEqual(found["score"], expected, delta=0.05)
        several = json.loads(self.ok(heed(*arguments, "--format", "json", "--metrics",
                                          "bleu,ter")).stdout)
        self.assertEqual([entry["name"] for entry in several], ["BLEU", "TER"])
        self.assertAlmostEqual(several[1]["score"], 100 / 6, delta=0.05)

    def test_several_references(self):
        hypothesis, one, two = self.files(h="a b c d e\n", r="a b x d e\n", s="a b c d e\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--format", "json", "--reference")
        single = json.loads(self.ok(heed(*arguments, one)).stdout)
        both = json.loads(self.ok(heed(*arguments, one, "--reference", two)).stdout)
        self.assertLess(single["score"], 100)
        self.assertAlmostEqual(both["score"], 100, delta=0.05)
        self.assertIn("nrefs:2", json.dumps(both))

    def test_case_and_tokenisers(self):
        hypothesis, reference = self.files(h="The Cat sat on it\n", r="the cat sat on it\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference)
        lower = self.ok(heed(*arguments, "--lowercase")).stdout.decode()
        self.assertIn("case:lc", lower)
        self.assertIn(" = 100.0", lower)
        for name in ("13a", "intl", "char", "zh", "none"):
            out = self.ok(heed(*arguments, "--tokenize", name)).stdout.decode()
            self.assertIn(f"tok:{name}|", out)
            self.assertNotIn(" = 100.0", out)
        self.assertEqual(heed(*arguments, "--tokenize", "14a").returncode, 2)
        self.refused(heed(*arguments, "--metrics", "blue"), 2, "blue", "bleu, chrf, chrf++, ter")

    def test_counts_that_differ(self):
        hypothesis, reference, more = self.files(h="a\nb\n", r="a\nb\nc\n", m="a\nb\n")
        self.refused(heed("evaluate", "--hypothesis", hypothesis, "--reference", more, "--reference",
                          reference), 1, f"{hypothesis} has 2 lines", f"{reference} has 3")

    def test_missing_files(self):
        hypothesis, = self.files(h="a\n")
        missing = self.folder / "missing"
        for pair in ((hypothesis, missing), (missing, hypothesis)):
            self.refused(heed("evaluate", "--hypothesis", pair[0], "--reference", pair[1]), 1,
                         missing, "No such file or directory")

    def test_empty_hypotheses_and_empty_files(self):
        hypothesis, reference, nothing = self.files(h="\n\n", r="a b c d\ne f g h\n", n="")
        out = self.ok(heed("evaluate", "--hypothesis", hypothesis, "--reference", reference)).stdout
        self.assertIn(b" = 0.00 0.0", out)
        self.refused(heed("evaluate", "--hypothesis", nothing, "--reference", reference), 1,
                     "has 0 lines", "has 2")

    def test_line_ends_that_are_text(self):
        hypothesis, reference = self.files(h="a\u2028b c d\r\ne\n", r="\ufeffa\u2028b c d\ne")
        out = self.ok(heed("evaluate", "--hypothesis", hypothesis, "--reference", reference,
                           "--metrics", "chrf")).stdout
        self.assertIn(b" = 100.0", out)

    def test_what_to_score_must_be_clear(self):
        reference, = self.files(r="a\n")
        for arguments in ((), ("model", "--hypothesis", reference)):
            self.refused(heed("evaluate", *arguments, "--reference", reference), 2, "one of the two")
        self.refused(heed("evaluate", "model", "--reference", reference), 2, "--source")

    def test_translating_first_is_translating_and_scoring(self):
        model = self.learned("model").model
        source, reference = self.files(s=text(sample_lines("train.de", 30)),
                                       r=text(sample_lines("train.en", 30)))
        out = self.new_folder() / "out"
        whole = self.ok(heed("evaluate", model, "--source", source, "--reference", reference, "-o",
                             out, "--metrics", "bleu,chrf", "--threads", 1))
        translated = self.ok(heed("translate", model, "-i", source, "--threads", 1))
        self.assertEqual(lines_of(out.read_bytes()), lines_of(translated.stdout))
        scored = self.ok(heed("evaluate", "--hypothesis", out, "--reference", reference, "--metrics",
                              "bleu,chrf"))
        self.assertEqual(whole.stdout, scored.stdout)
        self.assertEqual(len(lines_of(whole.stdout)), 2)


if __name__ == "__main__":
    harness.main()
