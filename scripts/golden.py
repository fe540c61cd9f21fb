"""What the makers of golden data share: where it goes, in which form, and which sacreBLEU makes it."""

import argparse
import importlib.metadata
import json
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
SACREBLEU = "2.6.0"


def parser(doc, layer):
    """Flags of a maker: --output, by default tests/LAYER/golden."""
    made = argparse.ArgumentParser(description=doc,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--output", type=Path, default=TESTS / layer / "golden", metavar="FOLDER")
    return made


def need_sacrebleu():
    """Ends the maker if sacreBLEU is another version than that of the golden data."""
    found = importlib.metadata.version("sacrebleu")
    if found != SACREBLEU:
        sys.exit(f"sacrebleu {found} is installed, golden data come from {SACREBLEU}: "
                 f"pip install sacrebleu=={SACREBLEU}")


def write(folder, name, data, by_line=False, **form):
    """Writes JSON: as short as can be, by json.dumps's arguments, or a line for each entry."""
    if by_line:
        text = "[\n" + ",\n".join(json.dumps(entry) for entry in data) + "\n]"
    else:
        text = json.dumps(data, ensure_ascii=False, **(form or {"separators": (",", ":")}))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{path}: {path.stat().st_size:,} bytes")
