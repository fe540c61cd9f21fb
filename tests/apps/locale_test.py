"""Whatever the user's locale: the same bytes out, the same numbers read."""

import subprocess
import unittest

import harness
from harness import heed, sample_lines, text

LOCALES = ("tr_TR", "de_DE", "ja_JP")


def make_locale(name, folder):
    """Makes a locale in `folder`; false where the system lacks the sources (Debian: locales)."""
    made = subprocess.run(["localedef", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"],
                          capture_output=True, check=False)
    return made.returncode == 0


class LocaleTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = cls.folder / "locales"
        cls.made.mkdir()
        if not all(make_locale(name, cls.made) for name in LOCALES):
            raise unittest.SkipTest("localedef cannot make the locales")
        cls.training = cls.learned("t", {"training.max_steps": 40, "training.validate_every": 20})
        cls.model = cls.training.model

    def environments(self):
        yield {"LC_ALL": "C", "LANG": "C"}
        for name in LOCALES:
            locale = f"{name}.UTF-8"
            yield {"LC_ALL": locale, "LANG": locale, "LOCPATH": str(self.made)}

    def test_the_locales_are_there(self):
        decimal = subprocess.run(["locale", "decimal_point"], capture_output=True, text=True, check=True,
                                 env={"LC_ALL": "de_DE.UTF-8", "LOCPATH": str(self.made)})
        self.assertEqual(decimal.stdout, ",\n")

    def same_everywhere(self, *arguments, stdin=b"", code=0):
        """The outputs under every locale, which are one."""
        results = [heed(*arguments, stdin=stdin, env=env) for env in self.environments()]
        for result in results:
            self.assertEqual(result.returncode, code, result.stderr)
            self.assertEqual((result.stdout, result.stderr), (results[0].stdout, results[0].stderr))
        return results[0]

    def test_translations_and_scores(self):
        lines = text([*sample_lines("dev.de", 5), "İstanbul ISPARTA 3.5 ½", ""])
        for flags in (("--scores", "--length-penalty", "0.5"), ("--format", "json"),
                      ("--n-best", 2, "--temperature", "0.75", "--seed", 3)):
            out = self.same_everywhere("translate", self.model, "--threads", 1, *flags, stdin=lines)
            self.assertNotEqual(out.stdout, b"")

    def test_evaluation(self):
        folder = self.new_folder()
        hypothesis = harness.write(folder / "h", "Die ISTANBUL 1.234,5 ½ x\nb c d e f g\n")
        reference = harness.write(folder / "r", "die istanbul 1,234.5 ½ x\nb c d e f g\n")
        out = self.same_everywhere("evaluate", "--hypothesis", hypothesis, "--reference", reference,
                                   "--metrics", "bleu,chrf++,ter", "--lowercase", "--smooth-method",
                                   "floor", "--smooth-value", "0.25")
        self.assertIn(b"smooth:floor[0.25]", out.stdout)

    def test_options_and_errors(self):
        self.same_everywhere("options", "--format", "ini")
        config = harness.write(self.new_folder() / "c.ini", "[TRAINING]\nlearning_rate = 0,5\n")
        self.same_everywhere("train", config, code=2)
        self.same_everywhere("translate", self.model, "--length-penalty", "0,5", code=2)

    def test_trainings_are_equal_to_the_bit(self):
        weights = []
        for env in self.environments():
            training = harness.Training(self.new_folder())
            self.ok(training.train({"training.learning_rate": "0.0125"}, env=env))
            self.assertIn("learning_rate = 0.0125", (training.model / "config.ini").read_text())
            weights.append(harness.tensors(training.model / "model.safetensors"))
        for other in weights[1:]:
            self.assertEqual(other, weights[0])


if __name__ == "__main__":
    harness.main()
