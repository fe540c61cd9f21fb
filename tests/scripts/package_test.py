"""`cmake --install`: a tree that works wherever it is put, a manual, completions, and find_package(heed)."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1]).resolve().parent
CLEAN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Beside the build, on the same disk: LibTorch's libraries are hundreds of megabytes.
        cls.folder = Path(tempfile.mkdtemp(dir=BUILD, prefix="package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        done = run("cmake", "--install", BUILD, "--prefix", cls.folder / "first")
        assert done.returncode == 0, done.stderr
        cls.tree = cls.folder / "moved here"
        os.rename(cls.folder / "first", cls.tree)

    def test_the_moved_tree_runs_with_its_own_libtorch(self):
        heed = self.tree / "bin/heed"
        self.assertRegex(run(heed, "--version", env=CLEAN).stdout, r"^heed \d")
        self.assertIn("LibTorch", run(heed, "info", env=CLEAN).stdout)
        libraries = run("ldd", next(self.tree.glob("lib*/**/heed-torch")), env=CLEAN).stdout
        self.assertIn(str(self.tree), [line for line in libraries.splitlines() if "libtorch_cpu" in line][0])

    def test_heed_alone_needs_no_libtorch_and_finds_what_does(self):
        heed = self.tree / "bin/heed"
        self.assertNotIn("torch", run("ldd", heed, env=CLEAN).stdout)
        link = self.folder / "linked"
        link.symlink_to(heed)
        self.assertIn("LibTorch", run(link, "info", env=CLEAN).stdout)
        torch = next(self.tree.glob("lib*/**/heed-torch"))
        away = torch.rename(torch.with_name("away"))
        try:
            self.assertRegex(run(heed, "--version", env=CLEAN).stdout, r"^heed \d")
            done = run(heed, "translate", "model", env=CLEAN)
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(torch.parent), done.stderr)
        finally:
            away.rename(torch)

    def test_the_manual_names_each_command_and_each_key(self):
        page = (self.tree / "share/man/man1/heed.1").read_text()
        for words in (".SS heed train", ".SS heed translate", "batch_tokens = ", "\\-\\-beam\\-size"):
            self.assertIn(words, page)
        if shutil.which("man"):
            self.assertEqual(run("man", "--warnings", "-E", "UTF-8", "-l", self.tree / "share/man/man1/heed.1").returncode, 0)

    def test_bash_completes_commands_flags_and_keys(self):
        script = self.tree / "share/bash-completion/completions/heed"

        def complete(*words):
            line = " ".join(f"'{word}'" for word in ("heed", *words))
            asked = f"source '{script}'; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _heed; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            return run("bash", "-c", asked).stdout.split()

        self.assertEqual(complete("transl"), ["translate"])
        self.assertIn("--beam-size", complete("translate", "--beam"))
        self.assertEqual(complete("train", "--model.feed_forward_s"), ["--model.feed_forward_size="])

    def test_a_program_of_ones_own_trains_and_translates(self):
        build = self.folder / "embed"
        done = run("cmake", "-S", ROOT / "examples/embed", "-B", build, f"-DCMAKE_PREFIX_PATH={self.tree}",
                   "-DCMAKE_BUILD_TYPE=Release")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run("cmake", "--build", build)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for side in ("en", "de"):
            lines = (ROOT / f"data/train.{side}").read_text().splitlines(keepends=True)[:200]
            (self.folder / side).write_text("".join(lines))
        done = run(build / "embed", self.folder / "en", self.folder / "de", self.folder / "model", "A man sings.")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertTrue((self.folder / "model/model.safetensors").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
