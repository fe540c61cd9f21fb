#!/usr/bin/env python3
"""Runs the commands of a page's shell transcripts again and puts their output in its place.

    scripts/refresh_transcript.py docs/translating.md       (after scripts/quickstart.sh)
    scripts/refresh_transcript.py docs/scoring.md

A transcript is a block that begins with ```console. Its lines that begin with "$ " are commands (a
line that ends in a backslash goes on). All other lines are output, stdout and stderr. bash runs the
commands in a folder that is thrown away; it holds the project's configs/, data/ and models/ (or the
models in --models). `heed` is in the PATH, and $TMP is that folder too. In a block that begins with ```console fails, every command must
fail; elsewhere none may: else the run ends and the page stays as it is.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_OUTPUT = 24  # lines shown of one command
FENCES = {"```console": False, "```console fails": True}  # whether its commands fail


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


def run(command, folder, env, fails):
    """The output of a command, as lines."""
    shell = "\n".join(command)[2:]
    result = subprocess.run(["bash", "-c", shell], cwd=folder, env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    if (result.returncode != 0) != fails:
        sys.exit(f"{shell}\nended with {result.returncode}:\n{result.stdout}")
    lines = [line.rstrip() for line in result.stdout.split("\n")[:-1]]
    return lines if len(lines) <= LONGEST_OUTPUT else [*lines[:LONGEST_OUTPUT], "..."]


def refreshed(lines, folder, env):
    out, block, fails = [], None, False
    for line in lines:
        if block is None:
            out.append(line)
            if line in FENCES:
                block, fails = [], FENCES[line]
        elif line == "```":
            for command in commands_of(block):
                out += [*command, *run(command, folder, env, fails)]
            out.append(line)
            block = None
        else:
            block.append(line)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--heed", type=Path, default=ROOT / "build/release/heed")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("configs", "data"):
            Path(folder, name).symlink_to(ROOT / name)
        Path(folder, "models").symlink_to(options.models.resolve())
        env = {**os.environ, "LC_ALL": "C.UTF-8", "TMP": folder,
               "PATH": f"{options.heed.resolve().parent}:{os.environ['PATH']}"}
        lines = options.page.read_text(encoding="utf-8").split("\n")
        text = "\n".join(refreshed(lines, folder, env))
    options.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
