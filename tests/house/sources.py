"""What the house-keeping tests share: the project's sources, and their text without comments."""

import re
import sys
from pathlib import Path

EXTENSIONS = {".h", ".cpp", ".cu", ".cuh"}

# A raw string, a comment, a string, a character; a digit separator (1'000) is none of them.
TOKEN = re.compile(
    r'R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'
    r"|//(?:\\\n|[^\n])*"
    r"|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def source_files(root, folders=("src", "apps")):
    """The C++ files below these folders, in order."""
    files = []
    for folder in folders:
        for path in sorted((Path(root) / folder).rglob("*")):
            if path.suffix in EXTENSIONS and path.is_file():
                files.append(path)
    return files


def read(path):
    return Path(path).read_text(encoding="utf-8")


def without_comments(text):
    """`text` with comments and the insides of strings blanked; lines stay where they are."""

    def blank(match):
        newlines = "\n" * match.group(0).count("\n")
        return ('""' if match.group(0)[0] in "\"RuUL'" else " ") + newlines

    return TOKEN.sub(blank, text)


def main(check):
    """Runs `check(root)`, which returns the faults; prints them and gives the exit code."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    if not source_files(root):
        print(f"{root}: no sources below src/ or apps/")
        return 1
    faults = check(root)
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} faults")
    return 1 if faults else 0
