"""A script that has a line for its interpreter can be run by its name, and so can what pages tell to run."""

import os
import re
import sys
from pathlib import Path

import sources


def is_script(path):
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def told_to_run(root):
    """(page, script) of each line in a block of commands that begins with a script's name."""
    pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))]
    for page in (page for page in pages if page.exists()):
        for name in re.findall(r"^(scripts/[\w/.]+)", page.read_text(encoding="utf-8"), re.MULTILINE):
            yield page, root / name


def check(root):
    faults = []
    for path in sorted(Path(root / "scripts").rglob("*")):
        if path.is_file() and path.suffix in (".py", ".sh") and path.name != "lib.sh" and is_script(path):
            if not os.access(path, os.X_OK):
                faults.append(f"{path.relative_to(root)}: cannot be run by its name: chmod +x")
    for page, path in told_to_run(root):
        if not path.exists() or not is_script(path):
            faults.append(f"{page.relative_to(root)}: {path.relative_to(root)} is no script")
    return faults


if __name__ == "__main__":
    sys.exit(sources.main(check))
