"""Every test that docs/reliability.md names is there, and every row names one."""

import re
import sys
from pathlib import Path


def check(root):
    root = Path(root)
    tests = {str(path.relative_to(root / "tests")): path.read_text(encoding="utf-8")
             for path in sorted((root / "tests").rglob("*_test.*"))}
    every = "\n".join(tests.values())
    faults = []
    for number, line in enumerate((root / "docs/reliability.md").read_text().split("\n"), 1):
        cells = line.split(" | ")
        if not line.startswith("| ") or len(cells) < 3 or cells[0] == "| fault":
            continue
        where = f"docs/reliability.md:{number}"
        named = re.findall(r"`([\w/]+_test\.(?:py|cpp)|test_\w+|[A-Z][a-z]\w*)`", cells[-1])
        if not named:
            faults.append(f"{where}: names no test")
        faults += [f"{where}: there is no {name}" for name in named
                   if name not in tests and not re.search(rf"\b{name}\b", every)]
    return faults


if __name__ == "__main__":
    found = check(sys.argv[1])
    print("\n".join(found))
    sys.exit(1 if found else 0)
