"""Every C++ file stands as clang-format leaves it. Skipped where there is no clang-format."""

import shutil
import subprocess
import sys

import sources

SKIPPED = 77
SHOWN_LINES = 60


def check(root):
    files = [str(path) for path in sources.source_files(root, ("src", "apps", "tests"))]
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", "--style=file", *files],
                            capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return []
    lines = (result.stderr + result.stdout).splitlines()
    return [*lines[:SHOWN_LINES], "run clang-format -i on the files named above"]


if __name__ == "__main__":
    if shutil.which("clang-format") is None:
        print("no clang-format here")
        sys.exit(SKIPPED)
    sys.exit(sources.main(check))
