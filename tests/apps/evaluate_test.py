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

    def test_text_without_spaces_between_words(self):
        chinese = "".join(line + "\n" for line in ("我们今天去公园。", "他买了三本书。", "你好"))
        hypothesis, reference, japanese, english = self.files(
            h=chinese, r=chinese, j="今日は公園に行きます。\n彼は本を買った。\nはい\n", e="One.\nTwo.\nOne two.\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference)
        result = self.ok(heed(*arguments))
        self.assertIn(b" = 0.00 ", result.stdout)  # sacreBLEU's number
        self.said(result, "without spaces between words", "--tokenize zh")
        for flags in (("--tokenize", "zh"), ("--tokenize", "char"), ("--language-pair", "en-zh"),
                      ("-l", "en-zh"), ("--force",)):
            self.assertEqual(self.ok(heed(*arguments, *flags)).stderr, b"", flags)
        for flags in (("--tokenize", "zh"), ("--language-pair", "en-zh")):
            self.assertIn(b"|tok:zh|", heed(*arguments, *flags).stdout)
            self.assertIn(b" = 100.00 ", heed(*arguments, *flags).stdout)
        self.said(heed("evaluate", "--hypothesis", japanese, "--reference", japanese), "--tokenize char")
        self.assertEqual(self.ok(heed("evaluate", "--hypothesis", english, "--reference", english)).stderr,
                         b"")

    def test_language_pairs(self):
        hypothesis, reference = self.files(h="a b c d\n", r="a b c d\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference, "-l")
        for pair, tokenizer in (("de-en", "13a"), ("en-zh", "zh"), ("zh-en", "13a")):
            self.assertIn(f"|tok:{tokenizer}|".encode(), self.ok(heed(*arguments, pair)).stdout)
        self.assertIn(b"|tok:intl|", self.ok(heed(*arguments, "en-zh", "--tokenize", "intl")).stdout)
        for pair in ("en-ja", "en-ko"):
            self.refused(heed(*arguments, pair), 2, f"--language-pair {pair}", "-mecab", "--tokenize char")
        for pair in ("en", "en-", "en-zh-x", "EN-ZH"):
            self.assertEqual(heed(*arguments, pair).returncode, 2)

    def test_blank_lines_of_a_reference_are_told(self):
        hypothesis, one, two, whole = self.files(
            h="a b c d e f\ng h i j\n", r="x b c d e y z z\ng h i k\n", s="a b\n\n", w="a b\ng h\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", one, "--reference")
        self.said(heed(*arguments, two), f"warning: {two}: 1 of 2 lines are blank, the first is line 2",
                  "other references")
        self.assertEqual(self.ok(heed(*arguments, whole)).stderr, b"")

    def test_sgm_and_xml_are_refused(self):
        plain, sgm, xml = self.files(
            p="a\nb\n", s='<refset setid="x" srclang="any" trglang="de">\n<seg id="1">a</seg>\n',
            x='<?xml version="1.0"?>\n<dataset id="x">\n')
        for markup in (sgm, xml):
            for pair in ((plain, markup), (markup, plain)):
                self.refused(heed("evaluate", "--hypothesis", pair[0], "--reference", pair[1]), 1,
                             f"{markup}:1: ", "SGM or XML", "plain text")

    def test_segments_without_their_set_are_refused(self):
        plain, sgm = self.files(p="a\nb\n", s='<seg id="1">a</seg>\n<seg id="2">b</seg>\n')
        for pair in ((plain, sgm), (sgm, plain)):
            self.refused(heed("evaluate", "--hypothesis", pair[0], "--reference", pair[1]), 1,
                         f"{sgm}:1: ", "SGM or XML")

    def test_columns_are_told(self):
        plain, table, one = self.files(p="a\nb\nc\n", t="x\ta\nx\tb\n\n", o="a\tb\nb\nc\n")
        for pair in ((plain, table), (table, plain)):
            result = self.ok(heed("evaluate", "--hypothesis", pair[0], "--reference", pair[1]))
            self.said(result, f"warning: {table}: 2 of 3 lines hold a TAB, the first is line 1", "cut -f 1")
        self.assertNotIn(b"TAB", self.ok(heed("evaluate", "--hypothesis", plain, "--reference", one)).stderr)

    def test_forms_that_are_no_texts_are_told(self):
        cues = "1\n00:00:01,000 --> 00:00:02,500\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb\nc\n\n"
        for form, words, advice in (
                ("0 ||| a ||| logprob=-1 length=2 ||| -0.5\n1 ||| b ||| ||| -1\nc\n", "2 of 3 lines are of the form",
                 "without --n-best"),
                ('{"line":0,"text":"a"}\n{"line":1,"text":"b"}\n\n', "2 of 3 lines are JSON objects", "jq -r .text"),
                (cues, "2 of 9 lines are the times of subtitles, the first is line 2", "both sides")):
            odd, plain = self.files(o=form, p="a\n" * form.count("\n"))
            for pair in ((odd, plain), (plain, odd)):
                result = self.ok(heed("evaluate", "--hypothesis", pair[0], "--reference", pair[1]))
                self.said(result, f"warning: {odd}: {words}", advice)
                self.assertEqual(result.stderr.count(b"scored as a text"), 1)
        odd, plain = self.files(o="{a}\n{b}\n5 ||| 6\n1\nfrom 1:00 --> 2:00\n", p="a\n" * 5)
        result = self.ok(heed("evaluate", "--hypothesis", odd, "--reference", plain))
        self.assertNotIn(b"scored as a text", result.stderr)

    def test_numbers_of_flags_are_whole_and_in_their_range(self):
        hypothesis, = self.files(h="a\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", hypothesis)
        for flag, most in (("--threads", 4096), ("--width", 15), ("--chrf-char-order", 16)):
            for value in ("1.5", "1e1", "x", "2 3", "-"):
                self.refused(heed(*arguments, f"{flag}={value}"), 2, flag,
                             f"{value} is no whole number; give one from 0 to {most}")
            for value in ("-1", str(most + 1), "9" * 30):
                self.refused(heed(*arguments, f"{flag}={value}"), 2, flag, f"{value} is not in the range from 0 to {most}")
            self.ok(heed(*arguments, f"{flag}={most}"))

    def test_a_smoothing_beyond_all_counts_is_refused(self):
        hypothesis, reference = self.files(h="a b c d\n", r="a b c d\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference, "--format", "json",
                     "--smooth-method", "add-k", "--smooth-value")
        self.refused(heed(*arguments, "1e308"), 2, "smooth_value = 1e+308", "from 0 to 1000000000")
        self.assertEqual(json.loads(self.ok(heed(*arguments, "1e9")).stdout)["score"], 100.0)

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

    def model(self):
        """A model that all tests of the class share."""
        folder = self.folder / "model" / "model"
        return folder if folder.exists() else self.learned("model").model

    def test_translating_first_is_translating_and_scoring(self):
        model = self.model()
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

    def test_several_test_sets(self):
        model = self.model()
        one, one_ref, two, two_ref = self.files(**{
            "one.de": text(sample_lines("train.de", 12)), "one.en": text(sample_lines("train.en", 12)),
            "two.de": text(sample_lines("dev.de", 7)), "two.en": text(sample_lines("dev.en", 7))})
        out = self.new_folder() / "kept"
        arguments = ("evaluate", model, "--source", one, "--source", two, "--reference", one_ref,
                     "--reference", two_ref, "--metrics", "bleu,ter", "--threads", 1)
        table = self.ok(heed(*arguments, "-o", f"{out}/")).stdout.decode()
        found = json.loads(self.ok(heed(*arguments, "--format", "json")).stdout)
        self.assertEqual([(entry["test_set"], entry["name"]) for entry in found],
                         [(str(path), name) for path in (one, two) for name in ("BLEU", "TER")])
        for i, (source, reference) in enumerate(((one, one_ref), (two, two_ref))):
            alone = json.loads(self.ok(heed("evaluate", "--hypothesis", out / source.name,
                                            "--reference", reference, "--metrics", "bleu,ter",
                                            "--format", "json")).stdout)
            for entry, score in zip(found[2 * i:2 * i + 2], alone):
                self.assertEqual(entry, {"test_set": str(source), **score})
                self.assertIn(f" {score['score']:.2f} ", table)
        self.assertIn("Test set", table)
        self.assertEqual(table.count("nrefs:1|"), 2)
        both = (*arguments, "--reference", two_ref)
        self.refused(heed(*both), 2, "2 sources and 3 references")
        self.refused(heed(*arguments, "--sentence-level"), 2, "scores one text; 2 are given")
        self.refused(heed(*arguments, "-o", one), 2, one, "2 test sets need a folder")
        self.refused(heed(*arguments[:-4], "--source", one, "--reference", one_ref, "-o", out), 2,
                     out / one.name, "rename one source")

    def test_references_are_shared_out_among_sources_in_order(self):
        model = self.model()
        lines = sample_lines("train.de", 4)
        one, two, right, wrong, short = self.files(
            one=text(lines), two=text(lines[:3]), right=text(sample_lines("train.en", 4)),
            wrong="x\n" * 4, short="y\n" * 3)
        references = [word for path in (right, wrong, short, short) for word in ("--reference", path)]
        result = self.ok(heed("evaluate", model, "--source", one, "--source", two, *references,
                              "--format", "json"))
        first, second = json.loads(result.stdout)
        self.assertEqual((first["nrefs"], second["nrefs"]), ("2", "2"))
        self.assertGreater(first["score"], second["score"])

    def test_a_source_that_can_be_read_only_once(self):
        source, reference = text(sample_lines("train.de", 5)), self.files(
            r=text(sample_lines("train.en", 5)))[0]
        given, = self.files(s=source)
        arguments = ("evaluate", self.model(), "--reference", reference, "--source")
        piped = self.ok(heed(*arguments, "-", stdin=source)).stdout
        self.assertEqual(piped, self.ok(heed(*arguments, given)).stdout)
        self.refused(heed("evaluate", "--hypothesis", "-", "--reference", "-", stdin=source), 2,
                     "standard input (-) can be read once only")

    def test_a_model_after_the_flags_is_taken_for_a_reference(self):
        model, (reference,) = self.model(), self.files(r="a\n")
        self.refused(heed("evaluate", "--source", reference, "--reference", reference, model), 2, model,
                     "a model goes before the flags")

    def test_what_needs_a_model(self):
        reference, = self.files(r="a\n")
        arguments = ("evaluate", "--hypothesis", reference, "--reference", reference)
        self.refused(heed(*arguments, "-o", reference), 2, "--output needs a model")
        self.refused(heed(*arguments, "--source", reference), 2, "--source needs a model")

    def test_sentencepiece_as_tokeniser(self):
        lines = text(sample_lines("dev.en", 30))
        model, hypothesis, reference = self.files(m="", h=lines.replace("a", "e"), r=lines)
        self.ok(heed("tokenize", "train", hypothesis, reference, "-m", model, "--vocab-size", 200))
        pieces = []
        for path in (hypothesis, reference):
            pieces += self.files(p=self.ok(heed("tokenize", "encode", "-m", model, "-i", path)).stdout)
        arguments = ("evaluate", "--format", "json", "--hypothesis")
        found = json.loads(self.ok(heed(*arguments, hypothesis, "--reference", reference, "--tokenize",
                                        f"spm:{model}")).stdout)
        by_hand = json.loads(self.ok(heed(*arguments, pieces[0], "--reference", pieces[1], "--tokenize",
                                          "none", "--force")).stdout)
        self.assertEqual(found["verbose_score"], by_hand["verbose_score"])
        self.assertRegex(found["tok"], r"^spm\[[0-9a-f]{16}\]$")
        # Characters that the model does not know are not all one word.
        one, other = self.files(a="日\n", b="本\n")
        unknown = heed("evaluate", "--hypothesis", one, "--reference", other, "--tokenize",
                       f"spm:{model}", "--score-only", "--metrics", "bleu", "--smooth-method", "none")
        same = heed("evaluate", "--hypothesis", one, "--reference", one, "--tokenize", f"spm:{model}",
                    "--score-only", "--effective-order")
        self.assertEqual(self.ok(unknown).stdout, b"0.00\n")
        self.assertEqual(self.ok(same).stdout, b"100.00\n")
        self.refused(heed(*arguments, one, "--reference", one, "--tokenize", f"spm:{one}"), 1, one,
                     "not a SentencePiece model")

    def test_text_that_looks_tokenised(self):
        many, few = self.files(m="a b .  \n" * 100, f="a b .\n" * 99 + "c\n")
        arguments = ("evaluate", "--metrics", "bleu,chrf", "--hypothesis")
        warned = self.ok(heed(*arguments, many, "--reference", many))
        self.said(warned, "100 of 100 hypotheses end in a tokenised period", "--force")
        self.assertEqual(warned.stderr.count(b"warning"), 1)
        for quiet in ((few, "--reference", few), (many, "--reference", many, "--force")):
            self.assertEqual(self.ok(heed(*arguments, *quiet)).stderr, b"")

    def test_white_space_at_line_ends_is_no_text(self):
        hypothesis, reference = self.files(h="a b c d \u3000\t\ne\n", r="a b c d\ne \x1c\n")
        out = self.ok(heed("evaluate", "--hypothesis", hypothesis, "--reference", reference,
                           "--metrics", "chrf", "--chrf-whitespace", "--score-only")).stdout
        self.assertEqual(out, b"100.00\n")

    def test_sentences_with_several_metrics(self):
        hypothesis, reference = self.files(h="the cat\nb c\n", r="the cat\nx y\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference, "--metrics",
                     "bleu,ter", "--sentence-level")
        rows = lines_of(self.ok(heed(*arguments, "--score-only")).stdout)
        self.assertEqual(rows, ["100.00", "0.00", "0.00", "100.00"])
        found = [json.loads(row) for row in lines_of(self.ok(heed(*arguments, "--format",
                                                                  "json")).stdout)]
        self.assertEqual([entry["name"] for entry in found], ["BLEU", "TER", "BLEU", "TER"])
        self.assertEqual(found[0]["eff"], "yes")

    def test_a_baseline_named_again_is_left_out(self):
        base, other, reference = self.files(b="a b c d\ne f g h\n", o="a b c x\ne f g h\n",
                                            r="a b c d\ne f g i\n")
        arguments = ("evaluate", "--reference", reference, "--hypothesis", base, other)
        result = self.ok(heed(*arguments, base, "--paired-ar", "--paired-ar-n", 20, "--format", "json"))
        self.assertEqual([row["system"] for row in json.loads(result.stdout)],
                         [f"Baseline: {base}", str(other)])
        self.said(result, base, "is the baseline")
        self.refused(heed(*arguments, other, "--paired-ar"), 2, other, "given twice")
        self.refused(heed(*arguments, other), 2, other, "given twice")

    def test_a_seed_of_ones_own(self):
        hypothesis, reference = self.files(h=text(sample_lines("dev.en", 9)).replace("a", "e"),
                                           r=text(sample_lines("dev.en", 9)))
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference, "--confidence",
                     "--confidence-n", 40)
        usual = self.ok(heed(*arguments)).stdout
        self.assertEqual(usual, self.ok(heed(*arguments, "--seed", 12345)).stdout)
        other = self.ok(heed(*arguments, "--seed", 7)).stdout.decode()
        self.assertIn("|bs:40|seed:7|", other)
        self.assertNotEqual(usual.decode().split("μ")[1], other.split("μ")[1])

    def test_flags_that_contradict_each_other(self):
        one, two = self.files(a="a\n", b="b\n")
        arguments = ("evaluate", "--reference", one, "--hypothesis", one)
        for flags, words in (
                (("--paired-bs",), "two or more --hypothesis"),
                ((two, "--paired-bs", "--paired-ar"), "not both"),
                ((two, "--confidence"), "use --paired-bs for 2"),
                ((two, "--confidence", "--paired-bs"), "--confidence is for one system"),
                ((two, "--sentence-level"), "scores one text; 2 are given"),
                (("--sentence-level", "--confidence"), "no confidence intervals"),
                (("--smooth-value", "0.5"), "--smooth-method exp takes no value"),
                (("--metrics", "chrf++", "--chrf-word-order", "1"), "always has word order 2"),
                (("--metrics", "bleu,bleu"), "bleu is named twice")):
            with self.subTest(flags=flags):
                self.refused(heed(*arguments, *flags), 2, words)
        for flags in (("--confidence-n", "1"), ("--width", "-1"), ("--tokenize", "spm:"),
                      ("--seed", "-1"), ("--smooth-value", "x")):
            self.assertEqual(heed(*arguments, *flags).returncode, 2, flags)

    def test_flags_that_say_nothing_are_told(self):
        one, = self.files(a="a b\n")
        arguments = ("evaluate", "--reference", one, "--hypothesis", one)
        self.said(self.ok(heed(*arguments, "--beam-size", 3, "--split-long", "--source-tag", "x")),
                  "warning: decoding.beam_size, --split-long, --source-tag: nothing is translated")
        ter = ("--ter-no-punct", "--ter-normalized")
        self.said(self.ok(heed(*arguments, *ter, "--chrf-beta", 3)),
                  "warning: --chrf-beta, --ter-normalized, --ter-no-punct: say nothing to --metrics bleu")
        self.said(self.ok(heed(*arguments, "--metrics", "ter", "--lowercase", *ter)),
                  "warning: --lowercase: says nothing to --metrics ter")
        for metric in ("bleu", "chrf", "chrf++"):
            self.assertEqual(self.ok(heed(*arguments, "--metrics", metric, "--lowercase")).stderr, b"")
        for flag, needed in (("--confidence-n", "--confidence"), ("--paired-bs-n", "--paired-bs"),
                             ("--paired-ar-n", "--paired-ar")):
            self.refused(heed(*arguments, flag, 10), 2, f"{flag} requires {needed}")

    def test_word_orders_of_chrf(self):
        hypothesis, reference = self.files(h="the cat sat\n", r="the cat sits\n")
        arguments = ("evaluate", "--hypothesis", hypothesis, "--reference", reference, "--score-only",
                     "--metrics")
        plus = self.ok(heed(*arguments, "chrf++")).stdout
        self.assertEqual(self.ok(heed(*arguments, "chrf", "--chrf-word-order", 2)).stdout, plus)
        several = self.ok(heed(*arguments, "chrf,chrf++", "--chrf-word-order", 1)).stdout
        self.assertEqual(len(set(several.split())), 2)
        self.assertEqual(several.split()[1:], plus.split())


if __name__ == "__main__":
    harness.main()
