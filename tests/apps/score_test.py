"""heed score --n-best: a feature for each translation of a list, and lists ordered anew."""

import json

import harness
from harness import heed, lines_of, sample_lines, text


class ScoreListTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.learned("m").model
        cls.sources = sample_lines("dev.de", 6)
        cls.source = harness.write(cls.folder / "source", text(cls.sources))

    def n_best(self, *flags):
        return lines_of(self.ok(heed("translate", self.model, "-i", self.source, "--beam-size", 4,
                                     "--n-best", 4, *flags)).stdout)

    def score(self, lines, *flags):
        path = harness.write(self.new_folder() / "list", text(lines))
        return heed("score", self.model, "--source", self.source, "--n-best", path, *flags)

    def scored(self, lines, *flags):
        return lines_of(self.ok(self.score(lines, *flags)).stdout)

    def test_lists_stay_as_they_are_with_one_more_feature(self):
        lines = self.n_best()
        scored = self.scored(lines)
        texts = [line.split(" ||| ")[1] for line in lines]
        sources = [self.sources[int(line.split(" ||| ")[0])] for line in lines]
        target = harness.write(self.new_folder() / "target", text(texts))
        source = harness.write(self.new_folder() / "source", text(sources))
        plain = lines_of(self.ok(heed("score", self.model, "--source", source, "--target",
                                      target)).stdout)
        for before, after, alone in zip(lines, scored, plain, strict=True):
            number, words, features, score = before.split(" ||| ")
            value = alone.split("\t")[0]
            self.assertEqual(after, f"{number} ||| {words} ||| {features} heed={value} ||| {score}")

    def test_texts_of_few_pieces_are_cut_aloud(self):
        long = "a" + " " * 70_000 + "b"
        target = harness.write(self.new_folder() / "target", text(["a", long]))
        source = harness.write(self.new_folder() / "source", text([long, "a"]))
        result = self.ok(heed("score", self.model, "--source", source, "--target", target))
        self.said(result, f"{source}:1: 70,002 bytes, cut to 65,536", f":2: 70,002 bytes, cut to 65,536")

    def test_json_is_scored_by_its_pieces(self):
        lines = self.n_best("--format", "json")
        for before, after in zip(lines, self.scored(lines, "--feature", "again"), strict=True):
            before, after = json.loads(before), json.loads(after)
            self.assertAlmostEqual(after.pop("again"), before["score"], delta=1e-4)
            self.assertEqual(before, after)
        # In other pieces than the tokenizer's own the same text is less probable.
        entry = json.loads(lines[0])
        entry["pieces"] = [*"▁" + entry["text"].replace(" ", "▁"), "</s>"]
        again = json.loads(self.scored([json.dumps(entry)])[0])["heed"]
        entry["pieces"].pop()  # a list of another program may leave the end symbol out
        self.assertEqual(json.loads(self.scored([json.dumps(entry)])[0])["heed"], again)
        self.assertLess(again, entry["score"] - 0.1)

    def test_pieces_that_do_not_spell_the_text_are_left_out_aloud(self):
        entry = json.loads(self.n_best("--format", "json")[0])
        text_alone = {key: value for key, value in entry.items() if key != "pieces"}
        expected = json.loads(self.scored([json.dumps(text_alone)])[0])["heed"]
        pieces = entry["pieces"]
        others = [pieces[:1] + ["</s>"], *([piece] + pieces for piece in ("<unk>", "<s>", "</s>", "<pad>"))]
        result = self.ok(self.score([json.dumps(entry | {"pieces": other}) for other in others]))
        self.said(result, '5 translations of the list have "pieces" that do not spell their "text"')
        for line in lines_of(result.stdout):
            self.assertAlmostEqual(json.loads(line)["heed"], expected, delta=1e-4)
        self.assertNotIn(b"spell", self.ok(self.score([json.dumps(entry)])).stderr)

    def test_weights_order_each_line_anew(self):
        lines = self.n_best()
        self.assertEqual([line.split(" ||| ")[:2] for line in self.scored(lines, "--weight", 0)],
                         [line.split(" ||| ")[:2] for line in lines])
        turned = self.scored(lines, "--weight", -3, "--feature", "f")
        self.assertEqual(sorted(line.split(" ||| ")[1] for line in turned),
                         sorted(line.split(" ||| ")[1] for line in lines))
        old = {tuple(line.split(" ||| ")[:2]): float(line.split(" ||| ")[3]) for line in lines}
        last = (-1, 0)
        for line in turned:
            number, words, features, score = line.split(" ||| ")
            value = float(features.rpartition(" f=")[2])
            self.assertAlmostEqual(float(score), old[number, words] - 3 * value, delta=1e-3)
            if int(number) == last[0]:
                self.assertLessEqual(float(score), last[1])
            last = int(number), float(score)

    def test_a_lines_translations_stand_together_where_their_best_is_found(self):
        lines = self.n_best()
        error = self.refused(self.score(lines + lines, "--weight", 1), 1, f"list:{len(lines) + 1}: line 0 comes again",
                             "must stand together")
        self.assertIn("was in line 4 of the list", error)
        self.assertEqual(len(self.scored(lines + lines)), 2 * len(lines))

    def test_json_is_ranked_anew(self):
        turned = [json.loads(line) for line in self.scored(self.n_best("--format", "json"), "--weight", -3)]
        self.assertEqual([entry["rank"] for entry in turned], [0, 1, 2, 3] * len(self.sources))

    def test_backward_scores_the_source_given_the_translation(self):
        lines = self.n_best()[:3]
        scored = self.scored(lines, "--backward")
        target = harness.write(self.new_folder() / "target", text(self.sources[:1] * 3))
        source = harness.write(self.new_folder() / "source",
                               text([line.split(" ||| ")[1] for line in lines]))
        plain = lines_of(self.ok(heed("score", self.model, "--source", source, "--target",
                                      target)).stdout)
        self.assertEqual([line.split(" ||| ")[2].rpartition("=")[2] for line in scored],
                         [line.split("\t")[0] for line in plain])

    def test_lists_that_are_none(self):
        self.refused(self.score(["0 ||| a ||| ||| -1", "6 ||| a ||| ||| -1"]), 1, "list:2: line 6",
                     "has 6 lines")
        self.refused(self.score(["0 ||| a"]), 1, "list:1: ", "2 fields")
        self.refused(self.score(["-1 ||| a ||| b ||| 1"]), 1, "list:1: line -1")
        self.refused(self.score(["0 ||| a ||| b"], "--weight", 1), 1, "list:1: no score")
        for weight in ("nan", "inf", "1e308"):
            self.refused(self.score(["0 ||| a ||| b ||| -1"], "--weight", weight), 2, "--weight", "from -1000000 to 1000000")
        self.refused(self.score(["0 ||| a ||| f=1 ||| -1"], "--feature", "f"), 1, '"f" already')
        self.assertEqual(self.scored([]), [])

    def test_flags_that_do_not_go_together(self):
        self.refused(heed("score", self.model, "--source", self.source), 2, "--target", "--n-best")
        self.refused(self.score([], "--target", self.source), 2, "either --target")
        self.refused(self.score([], "--feature", "a=b"), 2, "--feature")
        result = heed("score", self.model, "--source", self.source, "--target", self.source,
                      "--backward")
        self.refused(result, 2, "of an n-best list")


if __name__ == "__main__":
    harness.main()
