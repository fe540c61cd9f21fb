#!/usr/bin/env python3
"""Draws docs/benchmarks.svg, heed's speed beside other toolkits', from the tables of docs/benchmarks.md.

    scripts/draw_benchmarks.py [--page docs/benchmarks.md] [-o docs/benchmarks.svg]
"""

import argparse
import re
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS, OTHERS = "#0072b2", "#9aa5b1"
BAR, GAP, LEFT, WIDTH = 18, 6, 150, 330  # pixels
# Heading in the page, title of the panel, what its numbers are.
PANELS = (
    ("### Transformer", "Training a Transformer", "target tokens a second"),
    ("### Recurrent model", "Training a recurrent model", "target tokens a second"),
    ("### multi30k-transformer, beam 5, batch 64, 1000 sentences", "Translating with beam 5", "sentences a second"),
    ("### multi30k-transformer, beam 1, batch 64, 1000 sentences", "Translating greedily", "sentences a second"),
)


def rows_of(page, heading):
    """The first two columns of the first table behind a heading: [(name, number)], the best number of
    each name; how many workers and threads it took is left out, as is what chooses among fewer pieces."""
    behind = page.split(f"\n{heading}\n", 1)
    if len(behind) < 2:
        raise SystemExit(f"draw_benchmarks: no heading '{heading}' in the page")
    best = {}
    for line in behind[1].split("\n#", 1)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 1 and re.fullmatch(r"[\d,.]+", cells[1]) and "shortlist" not in cells[0]:
            name = re.sub(r", \d+ x \d+$", "", cells[0])
            best[name] = max(best.get(name, 0), float(cells[1].replace(",", "")))
    if not best:
        raise SystemExit(f"draw_benchmarks: no table with numbers under '{heading}'")
    return sorted(best.items(), key=lambda row: -row[1])


def panel(rows, title, unit, x, y):
    """One group of bars, the longest as wide as the panel."""
    most = rows[0][1]
    out = [f'<text x="{x}" y="{y}" class="title">{escape(title)}</text>',
           f'<text x="{x}" y="{y + 16}" class="unit">{escape(unit)}</text>']
    for i, (name, number) in enumerate(rows):
        top = y + 28 + i * (BAR + GAP)
        length = WIDTH * number / most
        colour = OURS if name.startswith("heed") else OTHERS
        out.append(f'<text x="{x + LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>')
        out.append(f'<rect x="{x + LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colour}"/>')
        out.append(f'<text x="{x + LEFT + length + 6:.1f}" y="{top + 13}">{number:,.0f}</text>')
    return out


def draw(page):
    """The panels two beside each other."""
    tables = [(rows_of(page, heading), title, unit) for heading, title, unit in PANELS]
    column = LEFT + WIDTH + 70
    body, top = [], 22
    for i in range(0, len(tables), 2):
        pair = tables[i : i + 2]
        for j, (rows, title, unit) in enumerate(pair):
            body += panel(rows, title, unit, 8 + j * column, top)
        top += 60 + max(len(rows) for rows, _, _ in pair) * (BAR + GAP)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {column * 2} {top - 22}" role="img" '
        'aria-label="Speed of heed beside other toolkits" font-family="sans-serif" font-size="14">',
        "<style>text{fill:#24292f}.title{font-weight:bold;font-size:16px}.unit{fill:#57606a}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.unit{fill:#9198a1}}</style>",
        *body, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--page", type=Path, default=ROOT / "docs/benchmarks.md")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs/benchmarks.svg")
    args = parser.parse_args()
    args.output.write_text(draw(args.page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
