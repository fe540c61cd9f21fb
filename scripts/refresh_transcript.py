#!/usr/bin/env python3
"""Runs the commands of a page's shell transcripts again and puts their output in its place.

    scripts/refresh_transcript.py docs/translating.md

A transcript is a block that begins with ```console. Its lines that begin with "$ " are commands (a
line that ends in a backslash goes on), run by bash in the project's folder with build/release in the
PATH; all other lines are output, stdout and stderr. A command that fails ends the run, and the page
stays as it is.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def commands_of(block):
    """The commands of a transcript's lines, each as its own lines."""
    command = []
    for line in block:
        if command and command[-1].endswith("\\"):
            command.append(line)
        elif line.startswith("$ "):
            if command:
                yield command
            command = [line]
    if command:
        yield command


def run(command, env):
    """The output of a command, as lines."""
    shell = "\n".join(command)[2:]
    result = subprocess.run(["bash", "-c", shell], cwd=ROOT, env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{shell}\nended with {result.returncode}:\n{result.stdout}")
    return result.stdout.splitlines()


def refreshed(lines, env):
    out, block = [], None
    for line in lines:
        if block is None:
            out.append(line)
            block = [] if line == "```console" else None
        elif line == "```":
            for command in commands_of(block):
                out += [*command, *run(command, env)]
            out.append(line)
            block = None
        else:
            block.append(line)
    return out


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    page = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "PATH": f"{ROOT}/build/release:{os.environ['PATH']}", "TMP": scratch}
        text = "\n".join(refreshed(page.read_text(encoding="utf-8").split("\n"), env))
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
