"""What the scripts that write pages share: tables, and the machine's name."""

import os
import platform
import re
from pathlib import Path


def markdown(names, rows):
    """A table whose first column is text and whose others are numbers."""
    lines = [names, ["---"] + ["---:"] * (len(names) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines)


def processor():
    path = Path("/proc/cpuinfo")
    text = path.read_text() if path.exists() else ""
    name = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return name.group(1).strip() if name else platform.processor() or "unknown processor"


def machine():
    """Processor, cores and memory, as the system names them."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB"
