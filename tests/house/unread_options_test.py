"""Every option is read somewhere outside src/config/: none is only parsed and printed.

The keys come from configs/reference.ini, which another test compares with the option table. A key
counts as read where its field is taken of a variable that holds its section's struct.
"""

import re
import sys
from pathlib import Path

import sources

SECTION = re.compile(r"^\[([a-z]+)\]$")
# A key without a default stands commented out, with nothing after the =.
KEY = re.compile(r"^(?:# (?=\w+ =$))?([a-z][a-z0-9_]*) =")
PROJECT_INCLUDE = re.compile(r'#\s*include\s*"([^"]+)"')


def option_names(root):
    """Pairs of section and key."""
    names, section = [], None
    for line in sources.read(Path(root) / "configs" / "reference.ini").splitlines():
        if match := SECTION.match(line):
            section = match.group(1)
        elif match := KEY.match(line):
            names.append((section, match.group(1)))
    return names


def texts(root):
    """Of each source file: its text, and the same with the headers it includes, which declare the
    names in it."""
    code = {path: sources.without_comments(sources.read(path))
            for path in sources.source_files(root)
            if "config" not in path.relative_to(root).parts[:2]}
    pairs = []
    for path, text in code.items():
        bases = (Path(root) / "src", path.parent)
        headers = [code[base / included] for included in PROJECT_INCLUDE.findall(sources.read(path))
                   for base in bases if base / included in code]
        pairs.append((text, "\n".join([text, *headers])))
    return pairs


def structs(section, pairs):
    """The section's struct and those that hold all of it by deriving from it."""
    struct = section.capitalize() + "Config"
    derived = {name for text, _ in pairs
               for name in re.findall(rf"\bstruct (\w+) : {struct}\b", text)}
    return {struct} | derived


def holders(section, structs_, declarations):
    """Names that stand for one of the section's structs in a file with these declarations."""
    names = {section, section + "_"}
    struct = "|".join(sorted(structs_))
    names |= set(re.findall(rf"\b(?:{struct})\b(?:\s+const\b)?\s*[&*]?\s*(\w+)", declarations))
    names |= set(re.findall(rf"\b(\w+)\s*=\s*[^\s=;]*[.>]{section}_?\s*;", declarations))
    return names


def keys_read(section, pairs):
    """Every field that is taken of the section's struct, in any file."""
    keys, structs_ = set(), structs(section, pairs)
    for text, declarations in pairs:
        names = "|".join(sorted(holders(section, structs_, declarations)))
        # An assignment alone is no reading.
        # Looks ahead, since config.training.key holds two accesses.
        access = rf"(?=\b(?:{names})(?:\(\))?\s*(?:\.|->)\s*(\w+)\b(?!\s*=[^=]))"
        keys.update(re.findall(access, text))
        keys.update(re.findall(rf"\b{section.capitalize()}Config::(\w+)", text))
    return keys


def check(root):
    names = option_names(root)
    if not names:
        return ["configs/reference.ini: no keys found"]
    pairs = texts(root)
    read = {section: keys_read(section, pairs) for section in dict(names)}
    return [f"[{section}] {key}: nothing outside src/config/ reads it"
            for section, key in names if key not in read[section]]


if __name__ == "__main__":
    sys.exit(sources.main(check))
