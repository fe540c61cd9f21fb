"""scripts/refresh_transcript.py, with a stand-in for heed."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/refresh_transcript.py"
PAGE = """Text.

```console
$ heed one > $TMP/kept; cat kept
{0}
$ heed two \\
    three
{1}
```

```
$ heed no transcript
```

```console fails
$ heed one; false
{0}
```
"""


class RefreshTranscript(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="heed-transcript-")
        self.addCleanup(held.cleanup)
        self.page, self.heed = Path(held.name, "page.md"), Path(held.name, "heed")
        self.heed.write_text('#!/bin/bash\necho "say $*   "\n')
        self.heed.chmod(0o755)

    def refresh(self, text):
        self.page.write_text(text)
        done = subprocess.run([sys.executable, "-B", SCRIPT, self.page, "--heed", self.heed],
                              capture_output=True, text=True, check=False)
        return done.returncode, self.page.read_text()

    def test_outputs_are_replaced_and_all_else_stays(self):
        self.assertEqual(self.refresh(PAGE.format("old\nolder", "old")),
                         (0, PAGE.format("say one", "say two three")))

    def test_a_command_that_ends_otherwise_than_it_should_leaves_the_page(self):
        for text in (PAGE.replace("; false", ""), PAGE.replace("heed two", "false two")):
            self.assertEqual(self.refresh(text), (1, text))

    def test_long_output_is_cut(self):
        code, text = self.refresh("```console\n$ seq 30\n```\n")
        self.assertEqual((code, text.split("\n")[24:]), (0, ["23", "24", "...", "```", ""]))


if __name__ == "__main__":
    unittest.main()
