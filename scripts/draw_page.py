#!/usr/bin/env python3
"""The picture of heed serve's page, docs/page.png: a translation, and the source words that one of its words
attends to.

    scripts/draw_page.py models/quickstart      (after scripts/quickstart.sh)

It serves the model and photographs the page in headless Chromium, where "pngquant" is installed with fewer colours
and so a smaller file.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402

WIDTH, HEIGHT = 825, 420  # of the window; the picture has twice as many points
MOST_BYTES = 120 * 1024
TEXT = """Sophie has bought a sofa, but it was too big.
The wedding is on the 5th of June.
The teacher who has already lent his aunt the bicycle is hungry."""


def until(page, condition, what):
    """Waits for a condition in the page, a minute at most."""
    reached = page.run(f"""new Promise((done) => {{
        const end = Date.now() + 60000;
        const look = () => {condition} ? done(true)
          : Date.now() > end ? done(false) : setTimeout(look, 20);
        look(); }})""")
    if not reached:
        sys.exit(f"draw_page: waited in vain for {what}; the page says: {page.text('#message')}")


def point_at(page, word):
    """Moves the mouse to the first such word of the translation."""
    place = page.run(f"""(() => {{
        const words = [...document.querySelectorAll('#result .word')];
        const found = words.find((one) => one.textContent === {json.dumps(word)});
        if (!found) return words.map((one) => one.textContent);
        const box = found.getBoundingClientRect();
        return {{x: box.left + box.width / 2, y: box.top + box.height / 2}}; }})()""")
    if isinstance(place, list):
        sys.exit(f"draw_page: --word {word}: the translation does not have it: {' '.join(place)}")
    page.move(place["x"], place["y"])
    page.settle()
    until(page, "[...document.querySelectorAll('main .word')].some((one) => "
          "Number(one.style.getPropertyValue('--light')) > 0)", "a source word that lights up")


def photograph(base, options, folder):
    chromium = browser.find_chromium()
    if chromium is None:
        sys.exit("draw_page: Chromium is not installed (Debian's package chromium)")
    page = browser.Browser(chromium, folder / "profile", allowed=(base, "data:", "about:"))
    try:
        page.open(base, "?" + urllib.parse.urlencode({"q": options.text}), width=WIDTH, height=HEIGHT)
        until(page, "document.querySelectorAll('#result .word').length > 0 && "
              "!document.querySelector('#result p.waiting')", "the translation")
        page.run("document.activeElement.blur()")
        point_at(page, options.word)
        page.screenshot(options.output, full=False)
    finally:
        page.close()


def shrink(path):
    """With 64 colours, where there is pngquant."""
    if pngquant := shutil.which("pngquant"):
        subprocess.run([pngquant, "--force", "--strip", "--speed", "1", "--output", path, "64", path],
                       check=True)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"draw_page: {path}: {path.stat().st_size} bytes, over {MOST_BYTES}; install pngquant")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("model")
    parser.add_argument("--heed", default=ROOT / "build/release/heed")
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--word", default="Fahrrad", help="of the translation, to point at")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs/page.png")
    options = parser.parse_args()
    server = subprocess.Popen([options.heed, "serve", options.model, "--port", "0"], text=True,
                              stderr=subprocess.PIPE)
    try:
        said = []
        for line in server.stderr:
            said.append(line)
            if found := re.match(r"serving at (\S+)", line):
                break
        else:
            sys.exit("draw_page: heed serve did not start:\n" + "".join(said))
        with tempfile.TemporaryDirectory() as folder:
            photograph(found[1].rstrip("/") + "/", options, Path(folder))
    finally:
        server.terminate()
        server.communicate()
    shrink(options.output)


if __name__ == "__main__":
    main()
