#!/usr/bin/env python3
"""Opens the attention page in headless Chromium and uses it as a reader would.

  attention_page_browser_test.py REPORT_TEST [--screenshots FOLDER]

REPORT_TEST is the report_test executable: it writes the pages. Exit code 77, "skipped", where
Chromium is not installed.
"""
import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from browser import SKIPPED, Browser, find_chromium  # noqa: E402


def axes(sentence, kind):
    source, target = sentence["source"], sentence["target"]
    return {"cross": (target, source), "encoder_self": (source, source)}[kind]


def average(sentence, kind, layer=0, head=0):
    """The mean of the chosen maps, [rows][columns]; 0 chooses all."""
    maps = [m["weights"] for m in sentence["maps"] if m["kind"] == kind and
            layer in (0, m["layer"]) and head in (0, m["head"])]
    return [[sum(cells) / len(maps) for cells in zip(*rows)] for rows in zip(*maps)]


def by_words(weights, rows, columns):
    merged = [[0.0] * len(columns["words"]) for _ in rows["words"]]
    for i, row in enumerate(rows["word_of_piece"]):
        for j, column in enumerate(columns["word_of_piece"]):
            merged[row][column] += weights[i][j] / rows["word_of_piece"].count(row)
    return merged


class AttentionPageTest(unittest.TestCase):
    browser = None
    pages = None

    def setUp(self):
        self.browser.complaints.clear()
        self.data = json.loads((self.pages / "sample.json").read_text())

    def tearDown(self):
        self.assertEqual(self.browser.complaints, [])

    def open(self, name, address="", **options):
        self.browser.open(self.pages / f"{name}.html", address, **options)

    def point(self, row, column):
        """Points at a cell with the mouse and returns the number that the page then gives."""
        self.browser.run("document.querySelector('.cells').scrollIntoView({block: 'center'})")
        box = self.browser.run("""(() => { const cells = document.querySelector(".cells");
            const box = cells.getBoundingClientRect();
            const matrix = document.querySelector(".matrix");
            return [box.left, box.top, box.width / matrix.ariaColCount,
                box.height / matrix.ariaRowCount]; })()""")
        self.browser.move(box[0] + (column + 0.5) * box[2], box[1] + (row + 0.5) * box[3])
        return float(self.browser.text("#readout .number"))

    def test_numbers_equal_the_json(self):
        for unit in ("pieces", "words"):
            for kind, layer, head in (("cross", 3, 1), ("cross", 0, 0), ("cross", 2, 0),
                                      ("encoder_self", 1, 2)):
                self.open("sample", f"#sentence=1&map={kind}.{layer}.{head}&unit={unit}")
                sentence = self.data["sentences"][0]
                rows, columns = axes(sentence, kind)
                weights = average(sentence, kind, layer, head)
                if unit == "words":
                    weights = by_words(weights, rows, columns)
                for row in range(0, len(weights), 3):
                    for column in range(0, len(weights[0]), 3):
                        self.assertAlmostEqual(self.point(row, column), weights[row][column],
                                               delta=0.00051)
                        self.assertIn(columns[unit][column].lstrip("▁"),
                                      self.browser.text("#readout"))

    def test_decoder_reads_the_shifted_target(self):
        self.open("sample", "#sentence=1&map=decoder_self.1.1&unit=pieces")
        labels = self.browser.run("[...document.querySelectorAll('.columns .label')]"
                                  ".map((label) => label.textContent)")
        self.assertEqual(labels, ["<s>", *self.data["sentences"][0]["target"]["pieces"][:-1]])

    def test_a_click_chooses_the_head(self):
        self.open("sample")
        self.assertIn("Average of all 12 heads", self.browser.text("#caption"))
        self.browser.click('.thumb:has(input[value="2.3"])')
        self.assertIn("Layer 2, head 3", self.browser.text("#caption"))
        self.assertIn("map=cross.2.3", self.browser.run("location.hash"))
        weights = by_words(average(self.data["sentences"][0], "cross", 2, 3),
                           *axes(self.data["sentences"][0], "cross"))
        self.assertAlmostEqual(self.point(2, 2), weights[2][2], delta=0.00051)
        self.browser.click('.thumb:has(input[value="0.0"])')
        self.assertIn("Average", self.browser.text("#caption"))

    def test_controls(self):
        self.open("sample")
        self.browser.click('.choice label:has([value="lines"])')
        self.assertGreater(self.browser.run("document.querySelectorAll('.lines path').length"), 5)
        self.browser.click('.choice label:has([value="pieces"])')
        tokens = self.browser.run("document.querySelectorAll('.tokens.first .token').length")
        self.assertEqual(tokens, len(self.data["sentences"][0]["source"]["pieces"]))
        self.browser.click('.choice label:has([value="encoder_self"])')
        self.assertIn("Encoder self-attention", self.browser.text("#caption"))
        self.browser.click("#next")
        self.assertEqual(self.browser.text("#source"), self.data["sentences"][1]["source"]["text"])

    def test_keyboard(self):
        self.open("sample")
        self.browser.run("document.querySelector('.matrix').focus()")
        for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp"):
            self.browser.key(key)
        sentence = self.data["sentences"][0]
        weights = by_words(average(sentence, "cross"), *axes(sentence, "cross"))
        spoken = self.browser.run(
            "document.getElementById(document.querySelector('.matrix')"
            ".getAttribute('aria-activedescendant')).textContent")
        self.assertEqual(spoken, f"Der ← man {weights[0][2]:.3f}")
        self.browser.key("End")
        self.assertIn("</s>", self.browser.text("#readout"))
        self.browser.key("h")
        self.assertIn("Layer 1, average of 4 heads", self.browser.text("#caption"))
        self.assertIn("</s>", self.browser.text("#readout"))  # still at the same cell
        self.browser.key("H", modifiers=8)
        self.assertIn("Average of all 12 heads", self.browser.text("#caption"))
        self.browser.key("n")
        self.assertEqual(self.browser.text("#count"), "2 of 6")
        self.browser.key("p")
        self.browser.key("v")
        self.browser.run("document.querySelector('.tokens.second .token').focus()")
        self.browser.key("ArrowRight")
        self.assertTrue(self.browser.text("#readout").startswith("alte ← old"))
        self.browser.key("ArrowUp")
        self.assertTrue(self.browser.text("#readout").startswith("old → alte"))

    def test_hostile_text_is_text(self):
        self.open("sample", "#sentence=3&unit=pieces")
        wanted = self.data["sentences"][2]["source"]["text"].replace("\u2028", "⟨U+2028⟩")
        self.assertEqual(self.browser.text("#source"), wanted)
        self.assertEqual(self.browser.run("document.title"), self.data["title"])
        self.assertEqual(self.browser.run("document.scripts.length"), 3)

    def test_right_to_left_is_isolated(self):
        self.open("sample", "#sentence=4&view=lines")
        direction = "getComputedStyle(document.querySelector('#source')).direction"
        self.assertEqual(self.browser.run(direction), "rtl")
        ends = """(axis) => [...document.querySelectorAll(".tokens.first .token")]
            .map((token) => token.getBoundingClientRect()[axis])
            .filter((_, i, all) => i === 0 || i === all.length - 1)"""
        first, last = self.browser.run(f"({ends})('top')")  # beside English: two lists, downwards
        self.assertLess(first, last)
        self.open("sample", "#sentence=4&view=lines&map=encoder_self.1.1")
        first, last = self.browser.run(f"({ends})('left')")  # two sentences, from right to left
        self.assertGreater(first, last)

    def test_theme(self):
        background = "getComputedStyle(document.body).backgroundColor"
        self.open("sample", scheme="dark")
        self.assertEqual(self.browser.run(background), "rgb(19, 22, 25)")
        self.browser.click("#theme")
        self.assertEqual(self.browser.text("#theme"), "Theme: light")
        self.assertEqual(self.browser.run(background), "rgb(253, 253, 251)")
        self.browser.click("#theme")
        self.browser.click("#theme")
        self.assertEqual(self.browser.text("#theme"), "Theme: system")

    def test_text_alternative(self):
        self.open("sample", "#sentence=1&map=cross.3.1")
        row = self.browser.run("document.querySelector('#table tbody tr:nth-child(2)').textContent")
        self.assertRegex(row, r"^alteold 0\.\d\d")

    def test_no_sideways_scrolling_on_a_phone(self):
        for sentence in range(1, 7):
            for view in ("matrix", "lines"):
                self.open("sample", f"#sentence={sentence}&view={view}", width=390, height=844,
                          touch=True)
                width = self.browser.run("document.documentElement.scrollWidth")
                self.assertEqual(width, 390, f"sentence {sentence}, {view}")

    def test_long_sentences_scroll_or_fit_whole(self):
        self.open("long")
        captions = set()
        for _ in range(5):
            self.browser.key("h")
            captions.add(self.browser.text("#caption"))
        self.assertEqual(len(captions), 5)
        fits = """document.querySelector(".matrix").offsetWidth <=
            document.querySelector("#plot").clientWidth"""
        self.assertFalse(self.browser.run(fits))  # readable by default, so it scrolls
        self.browser.click("#whole")
        self.assertTrue(self.browser.run(fits))

    def test_one_map_and_none(self):
        self.open("single")
        self.assertTrue(self.browser.run("document.querySelector('#heads').hidden"))
        self.open("empty")
        self.assertIn("no attention to show", self.browser.text("#plot"))

    def test_prints(self):
        self.open("sample", scheme="dark")
        pdf = self.browser.call("Page.printToPDF", printBackground=True)["data"]
        self.assertTrue(base64.b64decode(pdf).startswith(b"%PDF"))
        self.assertEqual(self.browser.run("document.documentElement.dataset.theme"), "dark")


def take_screenshots(browser, pages, folder):
    """Every view that a person should look at after a change."""
    folder.mkdir(parents=True, exist_ok=True)
    phone = {"width": 390, "height": 844, "touch": True}
    shots = {
        "matrix": ("sample", "#sentence=1&map=cross.3.1", {}),
        "matrix-average-pieces": ("sample", "#sentence=1&unit=pieces", {}),
        "matrix-dark": ("sample", "#sentence=2&map=cross.0.0", {"scheme": "dark"}),
        "lines": ("sample", "#sentence=1&map=cross.3.1&view=lines", {}),
        "lines-dark": ("sample", "#sentence=2&view=lines", {"scheme": "dark"}),
        "decoder": ("sample", "#sentence=1&map=decoder_self.2.0", {}),
        "hostile": ("sample", "#sentence=3&unit=pieces&map=cross.3.1", {}),
        "rtl": ("sample", "#sentence=4&map=cross.3.1", {}),
        "rtl-lines": ("sample", "#sentence=4&map=cross.3.1&view=lines", {}),
        "emoji": ("sample", "#sentence=5&map=cross.3.1&unit=words", {}),
        "chinese": ("sample", "#sentence=6&map=cross.3.1", {}),
        "phone": ("sample", "#sentence=1&map=cross.3.1", phone),
        "phone-lines-dark": ("sample", "#sentence=1&map=cross.3.1&view=lines",
                             {**phone, "scheme": "dark"}),
        "phone-long": ("long", "#sentence=2&map=cross.3.1", phone),
        "long": ("long", "#sentence=1&map=cross.3.1&unit=pieces", {}),
        "long-lines": ("long", "#sentence=2&map=cross.3.1&view=lines", {}),
        "single": ("single", "", {}),
        "empty": ("empty", "", {}),
    }
    for name, (page, address, options) in shots.items():
        browser.open(pages / f"{page}.html", address, **options)
        browser.screenshot(folder / f"{name}.png")
    browser.open(pages / "sample.html", "#sentence=1&map=cross.3.1")
    browser.run("document.querySelector('.matrix').focus()")
    for key in ("ArrowDown", "ArrowRight"):
        browser.key(key)
    browser.screenshot(folder / "matrix-focus.png")
    browser.key("v")
    browser.run("document.querySelectorAll('.tokens.second .token')[9].focus()")
    browser.screenshot(folder / "lines-focus.png")
    browser.open(pages / "sample.html", "#sentence=1&view=lines", **phone)
    browser.run("document.querySelectorAll('.tokens.second .token')[9].focus()")
    browser.screenshot(folder / "phone-lines-focus.png")
    browser.open(pages / "long.html", "#sentence=1&map=cross.3.1&unit=pieces")
    browser.click("#whole")
    browser.screenshot(folder / "long-whole.png")
    for name, page, address in (("print", "sample", "#sentence=1&map=cross.3.1"),
                                ("print-lines", "sample", "#sentence=2&view=lines"),
                                ("print-long", "long", "#sentence=1&map=cross.3.1")):
        browser.open(pages / f"{page}.html", address, scheme="dark")
        pdf = browser.call("Page.printToPDF", printBackground=True, paperWidth=8.27,
                           paperHeight=11.69, preferCSSPageSize=False)["data"]
        (folder / f"{name}.pdf").write_bytes(base64.b64decode(pdf))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("report_test", help="the report_test executable, which writes the pages")
    parser.add_argument("--screenshots", metavar="FOLDER", type=pathlib.Path,
                        help="only take pictures of every view, for a person to look at")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        print("skipped: Chromium is not installed (on Debian: apt-get install chromium)")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="heed-browser-") as folder:
        pages = pathlib.Path(folder) / "pages"
        subprocess.run([options.report_test, "--gtest_brief=1",
                        "--gtest_filter=AttentionPage.WritesPagesForTheBrowser"],
                       env={**os.environ, "HEED_PAGES": str(pages)}, check=True)
        browser = Browser(chromium, folder + "/profile")
        try:
            if options.screenshots:
                take_screenshots(browser, pages, options.screenshots)
                return 0
            AttentionPageTest.browser, AttentionPageTest.pages = browser, pages
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(AttentionPageTest)
            return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
