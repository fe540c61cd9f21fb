"""heed evaluate prints what sacreBLEU's command line prints.

The cases are recorded by scripts/make_evaluate_golden.py. What differs on purpose: the version names
heed too, lines of several metrics are not aligned at "=", and the meaning of a paired test is told
in other words.
"""

import json
import re

import harness
from harness import ROOT, heed

GOLDEN = json.loads((ROOT / "tests/apps/golden/evaluate.json").read_text(encoding="utf-8"))


def metric_names(case):
    return ",".join(case["metrics"])


def arguments_of(case):
    files = [("--hypothesis", name) for name in case["hypotheses"]]
    files += [("--reference", name) for name in case["references"]]
    arguments = [word for pair in files for word in pair]
    arguments += ["--metrics", metric_names(case), "--quiet"]
    # What heed and sacreBLEU have other defaults for.
    for flag, default in (("--width", "1"), ("--format", "text")):
        if flag not in case["flags"]:
            arguments += [flag, default]
    return [*arguments, *case["flags"]]


def comparable(output, case):
    output = re.sub(r"\+heed\.[0-9.]+", "", output)
    if "json" in case["flags"] and "--score-only" not in case["flags"]:
        return output
    lines = [line.lstrip(" ") for line in output.split("\n")]
    if not lines[0].startswith("╒"):
        return lines
    return [line for line in lines if line.startswith(("╒", "│", "╞", "├", "╘")) or "version" in line
            or "|v:" in line]


class EvaluateGoldenTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, content in GOLDEN["files"].items():
            harness.write(cls.folder / name, content)

    def check(self, case):
        result = self.ok(heed("evaluate", *arguments_of(case), cwd=self.folder))
        self.assertEqual(comparable(result.stdout.decode(), case), comparable(case["output"], case))
        for line in result.stderr.decode().splitlines():  # of the texts themselves, which are awkward
            self.assertRegex(line, r"^warning: \S+: .* lines? ")

    def check_all(self, wanted):
        count = 0
        for case in GOLDEN["cases"]:
            kind = [flag for flag in ("--confidence", "--paired-bs", "--paired-ar",
                                      "--sentence-level") if flag in case["flags"]]
            if (kind or [None])[0] == wanted:
                count += 1
                with self.subTest(arguments=" ".join(arguments_of(case))):
                    self.check(case)
        return count

    def test_scores(self):
        self.assertGreater(self.check_all(None), 60)

    def test_sentences(self):
        self.assertGreater(self.check_all("--sentence-level"), 10)

    def test_confidence(self):
        self.assertGreater(self.check_all("--confidence"), 10)

    def test_paired_bootstrap(self):
        self.assertGreater(self.check_all("--paired-bs"), 4)

    def test_paired_randomization(self):
        self.assertGreater(self.check_all("--paired-ar"), 3)


if __name__ == "__main__":
    harness.main()
