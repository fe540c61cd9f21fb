"""heed inspect: the page, and the numbers beside it."""

import json
import re
import subprocess

import harness
from harness import heed, sample_lines, text


def words_of(pieces):
    """The places of each word's pieces; the end symbol is none."""
    words = []
    for place, piece in enumerate(pieces):
        if piece == "</s>":
            continue
        if not words or piece.startswith("\u2581"):
            words.append([])
        words[-1].append(place)
    return words


# What stands before and behind a sentence: characters that normalisation removes or makes spaces of,
# that become several, and that the model does not know.
HOSTILE = (("´Haus´", "´"), ("a\u00a0b \u00a0", "b\u00a0"), ("a\u200bb \u200b", "\u200b"), ("a  b ", "  "),
           ("\u2581 a\u2581", "\u2581"), ("\u3000a\u3000b \u3000", "\u3000"), ("½ ﷺ", "a½"),
           ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f\u200d\U0001f308"),
           ("\u05e9\u05dc\u05d5\u05dd", "\u05e2\u05d5\u05dc \u200f"), ("日本語", "。"))


def raw_words(line):
    """The words of a raw line: what ASCII white space separates."""
    return [word for word in re.split("[ \t-\r]+", line) if word]


class InspectTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("transformer", {"tokenizer.normalization": "nmt_nfkc"}).model
        folder = cls.folder / "texts"
        cls.count = 12
        cls.source = harness.write(folder / "source", text(sample_lines("train.de", cls.count)))
        cls.target = harness.write(folder / "target", text(sample_lines("train.en", cls.count)))
        # The corpus aligns English with German; here German is the source.
        turned = [" ".join("-".join(reversed(link.split("-"))) for link in line.split())
                  for line in sample_lines("train.align", cls.count)]
        cls.gold = harness.write(folder / "gold", text(turned))

    def inspect(self, *flags, **options):
        return heed("inspect", self.model, "--threads", 1, *flags, **options)

    def report(self, *flags):
        return json.loads(self.ok(self.inspect("--report", "-", *flags)).stdout)

    def average(self, report, kind="cross"):
        found = [head for head in report["heads"]
                 if (head["kind"], head["layer"], head["head"]) == (kind, 0, 0)]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_the_page_goes_to_standard_output_by_default(self):
        page = self.ok(self.inspect("-i", self.source)).stdout.decode()
        self.assertTrue(page.startswith("<!doctype html>"))
        self.assertNotIn("entropy", page[-200:])

    def test_a_page_in_a_file_leaves_room_for_the_table(self):
        page = self.new_folder() / "page.html"
        table = self.ok(self.inspect("-i", self.source, "-o", page)).stdout.decode()
        self.assertTrue(page.read_text().startswith("<!doctype html>"))
        rows = table.split("\n")
        self.assertEqual(rows[0].split()[:3], ["attention", "layer", "head"])
        self.assertEqual(rows[1].split()[:3], ["cross", "mean", "mean"])
        self.assertNotIn("AER", table)

    def test_the_report_adds_up(self):
        report = self.report("-i", self.source, "--target", self.target, "--alignment", self.gold)
        self.assertEqual(report["sentences"], self.count)
        self.assertEqual(report["target"], str(self.target))
        head = self.average(report)
        self.assertAlmostEqual(head["mass"], 1, places=4)
        self.assertEqual(head["empty_rows"], 0)
        self.assertLess(0, head["entropy_share"])
        self.assertLess(head["entropy_share"], 1)
        self.assertLess(head["top1"], head["top3"])
        alignment = head["alignment"]
        links = sum(len(line.split()) for line in sample_lines("train.align", self.count))
        words = sum(len(line.split()) for line in sample_lines("train.en", self.count))
        self.assertEqual(alignment["sure"], links)
        self.assertEqual(alignment["links"], words)  # one for each target word
        matched = alignment["precision"] * words
        self.assertAlmostEqual(matched, alignment["recall"] * links, places=6)
        self.assertAlmostEqual(alignment["error_rate"], 1 - 2 * matched / (words + links), places=6)

    def test_numbers_agree_with_the_page_s_own_maps(self):
        # From the JSON page, worked out here: two ways to one number.
        page = self.new_folder() / "page.json"
        result = self.inspect("-i", self.source, "--target", self.target, "-o", page, "--format",
                              "json", "--alignment", self.gold, "--report", "-")
        report = json.loads(self.ok(result).stdout)
        sentences = json.loads(page.read_text())["sentences"]
        gold = [{tuple(map(int, link.split("-"))) for link in line.split()}
                for line in self.gold.read_text().split("\n")[:-1]]
        top, rows, links, matched = 0, 0, 0, 0
        for sentence, sure in zip(sentences, gold, strict=True):
            maps = [m["weights"] for m in sentence["maps"] if m["kind"] == "cross"]
            mean = [[sum(cells) / len(maps) for cells in zip(*rows_of)] for rows_of in zip(*maps)]
            top += sum(map(max, mean))
            rows += len(mean)
            sources, targets = (words_of(sentence[side]["pieces"]) for side in ("source", "target"))
            mass = [[sum(mean[i][j] for i in row for j in column) for column in sources]
                    for row in targets]
            found = {(row.index(max(row)), i) for i, row in enumerate(mass)}
            links += len(found)
            matched += len(found & sure)
        head = self.average(report)
        self.assertEqual(head["rows"], rows)
        self.assertAlmostEqual(head["top1"], top / rows, places=2)
        self.assertEqual(head["alignment"]["links"], links)
        # The page rounds to thousandths, which may turn a near tie.
        self.assertAlmostEqual(head["alignment"]["precision"], matched / links, delta=0.02)

    def test_batches_change_nothing(self):
        flags = ("-i", self.source, "--target", self.target, "--alignment", self.gold)
        one, many = (self.average(self.report(*flags, "--batch-size", size)) for size in (1, 64))
        self.assertEqual(one["alignment"], many["alignment"])
        for key in ("entropy", "top1", "monotonicity", "coverage"):
            self.assertAlmostEqual(one[key], many[key], places=4)

    def test_the_models_own_translation_without_a_target(self):
        result = self.inspect("-i", self.source, "--alignment", self.gold, "--report", "-")
        self.said(self.ok(result), "--target FILE")
        self.assertIsNone(json.loads(result.stdout)["target"])

    def test_a_translation_that_was_cut_has_one_end(self):
        page = json.loads(self.ok(self.inspect("-i", self.source, "--max-length", 2, "--format",
                                               "json")).stdout)
        for sentence in page["sentences"]:
            self.assertEqual(sentence["target"]["pieces"].count("</s>"), 1)
            self.assertLessEqual(len(sentence["target"]["pieces"]), 3)

    def test_word_senses(self):
        header = "line\tword\ttoken\tsense\tforms\twrong_forms\n"
        page = self.new_folder() / "page.json"
        self.ok(self.inspect("-i", self.source, "-o", page, "--format", "json"))
        first, second = [sentence["target"]["text"].split()[1].strip(".,!?")
                         for sentence in json.loads(page.read_text())["sentences"][:2]]
        words = harness.write(self.new_folder() / "words.tsv", header +
                              f"1\tone\t0\ta\t{first}\tnothing\n"
                              f"2\ttwo\t1\ta\tnothing\t{second}\n"
                              "3\tthree\t0\ta\tnothing\tneither\n")
        for flags in ((), ("--target", self.target)):  # judged on the model's own either way
            senses = self.report("-i", self.source, "--ambiguous", words, *flags)["senses"]
            self.assertEqual([senses[key] for key in ("words", "right", "wrong", "neither")],
                             [3, 1, 1, 1])
        head = self.average(self.report("-i", self.source, "--ambiguous", words))
        for verdict in ("right", "wrong"):
            self.assertEqual(head["senses"][verdict]["words"], 1)
            mass = head["senses"][verdict]["own"] + head["senses"][verdict]["rest"]
            self.assertLessEqual(mass, 1.0001)
            self.assertGreater(mass, 0)

    def test_the_page_holds_the_first_sentences_and_says_so(self):
        page = self.new_folder() / "page.json"
        flags = ("-i", self.source, "-o", page, "--format", "json")
        result = self.inspect(*flags, "--sentences", 3)
        self.said(self.ok(result), "first 3 of 12 sentences")
        self.assertEqual(len(json.loads(page.read_text())["sentences"]), 3)

    def test_one_head_as_a_picture(self):
        line = self.source.read_text().split("\n")[0] + "\n"
        picture = self.ok(self.inspect("--format", "svg", stdin=line)).stdout.decode()
        self.assertTrue(picture.startswith("<svg"))
        head = self.ok(self.inspect("--format", "svg", "--layer", 1, "--head", 1, stdin=line))
        self.assertIn("layer 1, head 1", head.stdout.decode())
        self.refused(self.inspect("--format", "svg", "--layer", 9, stdin=line), 1, "no map", "layer 9")
        self.refused(self.inspect("--layer", 1, stdin=line), 2, "--layer", "--format svg")

    def test_blank_lines_are_left_out(self):
        source, target, gold = (harness.write(self.new_folder() / name, content) for name, content in (
            ("s", "\n" + text(sample_lines("train.de", 2)) + "Laura.\n"),
            ("t", "x\n" + text(sample_lines("train.en", 2)) + "\n"),
            ("a", "\n" + text(self.gold.read_text().split("\n")[:2]) + "\n")))
        result = self.inspect("-i", source, "--target", target, "--alignment", gold, "--report", "-")
        self.assertEqual(json.loads(self.ok(result).stdout)["sentences"], 2)
        self.said(result, "2 lines with a blank side")

    def test_over_long_sentences_are_cut_with_a_warning(self):
        source, target = (harness.write(self.new_folder() / name, "Laura schläft. " * 200 + "\n")
                          for name in "st")
        gold = harness.write(self.new_folder() / "gold", "0-0 399-399\n")
        result = self.inspect("-i", source, "--target", target, "--alignment", gold, "--report", "-")
        self.ok(result)
        self.said(result, "2 sentences cut to 100 pieces", "1 sentences have links to words that the "
                  "model did not see or write")

    def test_reads_what_translate_wrote_of_hostile_text(self):
        folder = self.new_folder()
        lines = [f"{begin} {line} {end}" for line in sample_lines("train.de", 3)
                 for begin, end in HOSTILE] + ["", "\u200b"]
        source, out, links = harness.write(folder / "in", text(lines)), folder / "out", folder / "links"
        for flags in ((), ("--split-sentences", "--split-long"), ("--replace-unknown",)):
            self.ok(heed("translate", self.model, "-i", source, "-o", out, "--alignment", links,
                         "--threads", 1, *flags))
            pairs = [[tuple(map(int, link.split("-"))) for link in line.split()]
                     for line in links.read_text().split("\n")[:-1]]
            targets = out.read_text().split("\n")[:-1]
            self.assertEqual(len(pairs), len(lines))
            for line, target, found in zip(lines, targets, pairs, strict=True):
                sources, words = len(raw_words(line)), len(raw_words(target))
                self.assertTrue(all(s < sources and t < words for s, t in found), (line, target, found))
            report = self.report("-i", source, "--target", out, "--alignment", links)
            self.assertEqual(self.average(report)["alignment"]["sure"], sum(map(len, pairs)))
            # The model attends to the same words as it reads its translations again.
            if not flags:
                self.assertGreater(self.average(report)["alignment"]["precision"], 0.9)

    def test_links_beyond_the_models_own_translation_are_counted(self):
        source = harness.write(self.new_folder() / "s", text(sample_lines("train.de", 3)))
        gold = harness.write(self.new_folder() / "gold", "0-0\n0-0 0-99\n0-0\n")
        result = self.ok(self.inspect("-i", source, "--alignment", gold, "--report", "-"))
        self.said(result, "1 sentences have links to words that the model did not see or write")

    def test_what_does_not_fit_is_refused(self):
        short = harness.write(self.new_folder() / "short", "0-0\n")
        outside = harness.write(self.new_folder() / "outside", "0-0 1-99\n" + "\n" * 11)
        self.refused(self.inspect("-i", self.source, "--alignment", short), 1, short, 12, 1)
        self.refused(self.inspect("-i", self.source, "--target", short), 1, short, 12, 1)
        self.refused(self.inspect("-i", self.source, "--target", self.target, "--alignment",
                                  outside), 1, f"{outside}:1", "1-99", "count from 0")
        self.refused(self.inspect("-i", self.source, "-o", "-", "--report", "-"), 2,
                     "standard output (-)")
        self.refused(self.inspect("-i", self.source, "--report", "-", "--format", "svg"), 2, "-o")
        self.refused(self.inspect("-i", self.source, "--format", "svg"), 1, "one sentence", 12)
        self.refused(self.inspect(stdin="\n \n"), 1, "no line to translate")
        self.refused(self.inspect("-i", self.source, "--ambiguous", short), 1, short)
        self.refused(self.inspect("-i", self.source, "-o", "/dev/full"), 1, "/dev/full")

    def test_a_page_is_there_whole_or_as_it_was(self):
        page = harness.write(self.new_folder() / "page.html", "old")
        result = subprocess.run([harness.HEED, "inspect", self.model, "-i", self.source, "-o", page], check=False,
                                capture_output=True, preexec_fn=lambda: harness.files_up_to(1024))
        self.refused(result, 1, page, "File too large")
        self.assertEqual(page.read_text(), "old")
        self.assertEqual([path.name for path in page.parent.iterdir()], ["page.html"])


if __name__ == "__main__":
    harness.main()
