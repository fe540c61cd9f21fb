"""The page of heed serve, used as a reader would in headless Chromium.

Each test runs against a stand-in, tests/server/mock_server.py, which also fails on request; where
the executable has `heed serve`, those that need no certain answer run against it too.
"""

import json
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

import harness

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "server")]
import browser  # noqa: E402
import mock_server  # noqa: E402


class Page(harness.HeedTest):
    """A browser and the page of a server at `self.base`; subclasses start one."""

    texts = ()  # three lines that the server translates
    source = target = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chromium = browser.find_chromium()
        if chromium is None:
            raise unittest.SkipTest("Chromium is not installed")
        cls.base = cls.start_server()
        cls.page = browser.Browser(chromium, cls.folder / "profile",
                                   allowed=(cls.base, "data:", "about:"))
        cls.addClassCleanup(cls.page.close)
        cls.page.call("Browser.grantPermissions", origin=cls.base.rstrip("/"),
                      permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])

    def setUp(self):
        self.page.call("Page.navigate", url=self.base)
        self.until("document.readyState === 'complete'")
        self.page.run("localStorage.clear()")
        self.page.complaints.clear()

    def tearDown(self):
        self.assertEqual(self.page.complaints, [])

    def open(self, text="", source=None, target=None, **options):
        query = {"source": source or self.source, "target": target or self.target, "q": text}
        self.page.open(self.base, "?" + urllib.parse.urlencode(query), **options)
        self.until("!document.querySelector('#languages').hidden")
        if text:
            self.translated()

    def until(self, condition):
        end = time.monotonic() + 60
        while not self.page.run(f"Boolean({condition})"):
            self.assertLess(time.monotonic(), end, f"waited in vain for {condition}")
            time.sleep(0.02)

    def translated(self):
        """Waits for the translation of all that has been typed."""
        self.until("""[...document.querySelectorAll('#result p')].every((p, i) =>
            p.className !== 'waiting') && document.querySelector('#result').textContent !== ''
            && document.querySelector('#output').ariaBusy === 'false'""")

    def type(self, text):
        self.page.run("document.querySelector('#source_text').focus()")
        self.page.call("Input.insertText", text=text)

    def result(self):
        return self.page.run("[...document.querySelectorAll('#result p')].map(p => p.textContent)")

    def ask(self, path, **fields):
        request = urllib.request.Request(self.base + path, json.dumps(fields).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def translations(self, *lines, **fields):
        return self.ask("v1/translate", q=list(lines), source=self.source, target=self.target,
                        beam_size=4, n_best=4, alignment=True, attention=True,
                        **fields)["translations"]

    def point_at(self, word):
        """Moves the mouse to a word of the translation."""
        x, y = self.page.run(f"""(() => {{
            const box = document.querySelectorAll('#result .word')[{word}].getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2]; }})()""")
        self.page.move(x, y)
        self.page.settle()

    def lights(self, where):
        """How strongly each word is lit up, 0 to 1."""
        return self.page.run(f"""[...document.querySelectorAll('{where} .word')]
            .map((word) => Number(word.style.getPropertyValue('--light')))""")

    def menu(self):
        self.until("document.querySelector('#menu [role=menuitem]')")
        return self.page.run("[...document.querySelectorAll('#menu [role=menuitem]')]"
                             ".map((item) => item.textContent)")

    # ---- What holds with any server --------------------------------------------------------------

    def test_translates_while_typing(self):
        self.open()
        self.type(self.texts[0])
        self.translated()
        first = self.translations(self.texts[0])[0]["text"]
        self.assertEqual(self.result(), [first])
        self.until(f"document.querySelector('#spoken').textContent === {json.dumps(first)}")
        self.type("\n\n" + self.texts[1])
        self.until("document.querySelectorAll('#result p').length === 3")
        self.translated()
        self.assertEqual(self.result(), [first, "", self.translations(self.texts[1])[0]["text"]])

    def test_pointing_at_a_word_lights_up_its_source_words(self):
        self.open(self.texts[0])
        attention = self.translations(self.texts[0])[0]["attention"]
        for word in range(min(3, len(attention))):
            self.point_at(word)
            lights = self.lights("#mirror")
            self.assertEqual(len(lights), len(attention[word]))
            for light, weight in zip(lights, attention[word]):
                self.assertAlmostEqual(light, 0 if weight < 0.06 else weight ** 0.7, delta=0.01)
        self.page.move(2, 2)
        self.page.settle()
        self.assertEqual(set(self.lights("#mirror")), {0})

    def test_the_caret_lights_up_the_words_that_attend_to_its_word(self):
        self.open(self.texts[0])
        self.page.run("""(() => { const field = document.querySelector('#source_text');
            field.focus(); field.setSelectionRange(1, 1); })()""")
        self.page.settle()
        weights = [row[0] for row in self.translations(self.texts[0])[0]["attention"]]
        for light, weight in zip(self.lights("#result"), weights):
            self.assertAlmostEqual(light, 0 if weight < 0.06 else weight ** 0.7, delta=0.01)

    def test_another_word_is_taken_and_the_rest_follows(self):
        self.open(self.texts[0])
        before = self.result()
        self.page.click("#result .word:nth-of-type(1)")
        items = self.menu()
        alternatives = self.ask("v1/alternatives", q=self.texts[0], source=self.source,
                                target=self.target, prefix="")["alternatives"]
        shown = [other for other in alternatives if other["word"] != before[0].split()[0]]
        self.assertEqual(len(items), len(shown))
        self.assertIn(shown[0]["word"], items[0])
        self.page.key("Enter")
        self.until("!document.querySelector('#undo').hidden")
        self.assertTrue(self.result()[0].startswith(shown[0]["word"]), self.result())
        self.assertTrue(self.page.run("Boolean(document.querySelector('#result .chosen'))"))
        self.page.click("#undo")
        self.assertEqual(self.result(), before)

    def test_the_keyboard_alone(self):
        self.open(self.texts[0])
        for _ in range(20):  # from the text to the words, as Tab goes
            self.page.key("Tab")
            if self.page.run("document.activeElement.classList.contains('word')"):
                break
        focused = "[...document.querySelectorAll('#result .word')].indexOf(document.activeElement)"
        self.assertEqual(self.page.run(focused), 0)
        self.page.key("ArrowRight")
        self.assertEqual(self.page.run(focused), 1)
        self.page.key("Home")
        self.page.key("Enter")
        self.menu()
        self.page.key("ArrowDown")
        self.page.key("Escape")
        self.assertTrue(self.page.run("document.querySelector('#menu').hidden"))
        self.assertEqual(self.page.run(focused), 0)

    def test_other_translations_and_the_attention_matrix(self):
        self.open(self.texts[0])
        translation = self.translations(self.texts[0])[0]
        others = [other["text"] for other in translation["n_best"]
                  if other["text"] != translation["text"]]
        shown = self.page.run("[...document.querySelectorAll('#n_best button')]"
                              ".map((button) => button.textContent)")
        self.assertEqual(shown, others)
        self.page.click("#matrix_switch")
        self.assertEqual(self.page.run("document.querySelector('#matrix_switch').ariaPressed"),
                         "true")
        cells = self.page.run("[...document.querySelectorAll('#matrix tbody tr')].map((row) =>"
                              "[...row.querySelectorAll('td')].map((cell) => cell.textContent))")
        self.assertEqual([len(row) for row in cells],
                         [len(translation["source_words"])] * len(translation["target_words"]))
        for row, weights in zip(cells, translation["attention"]):
            for cell, weight in zip(row, weights):
                self.assertAlmostEqual(float(cell), weight, delta=0.0051)

    def test_history_stays_in_the_browser(self):
        self.open(self.texts[0])
        self.until("(localStorage.getItem('heed-history') || '[]') !== '[]'")
        self.page.click("#clear")
        self.assertEqual(self.page.run("document.querySelector('#source_text').value"), "")
        self.page.click("#history_open")
        self.page.click("#history_list button")
        self.translated()
        self.assertEqual(self.page.run("document.querySelector('#source_text').value"),
                         self.texts[0])
        self.page.click("#history_open")
        self.page.click("#history_clear")
        self.assertIsNone(self.page.run("localStorage.getItem('heed-history')"))
        self.page.key("Escape")
        self.assertFalse(self.page.run("document.querySelector('#history').open"))

    def test_a_document_is_translated(self):
        self.open()
        document = harness.write(self.new_folder() / "text.txt", self.texts[0] + "\n")
        self.page.call("DOM.enable")
        root = self.page.call("DOM.getDocument")["root"]["nodeId"]
        node = self.page.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        self.page.call("DOM.setFileInputFiles", nodeId=node, files=[str(document)])
        self.until("document.querySelector('#document_list a')")
        text = self.page.run("fetch(document.querySelector('#document_list a').href)"
                             ".then((answer) => answer.text())")
        said = self.ask("translate", q=self.texts[0], source=self.source, target=self.target)
        self.assertEqual(text.strip(), said["translatedText"])

    def test_dark_and_light(self):
        desk = "getComputedStyle(document.body).backgroundColor"
        self.open(scheme="dark")
        self.assertEqual(self.page.run(desk), "rgb(17, 20, 23)")
        self.page.click("#theme")
        self.assertEqual(self.page.run(desk), "rgb(244, 245, 244)")
        self.open(scheme="dark")  # the choice is kept
        self.assertEqual(self.page.run(desk), "rgb(244, 245, 244)")
        self.page.click("#theme")
        self.assertEqual(self.page.run(desk), "rgb(17, 20, 23)")

    def test_a_phone_and_400_percent_zoom(self):
        for width, height in ((390, 844), (320, 256)):  # 1280 x 1024 at 400 %
            self.open("\n".join(self.texts), width=width, height=height, touch=True)
            self.page.click("#matrix_switch")
            self.assertLessEqual(self.page.run("document.documentElement.scrollWidth"), width)
            self.page.run("[...document.querySelectorAll('#result .word')].at(-1).click()")
            self.menu()
            left, right = self.page.run(
                "(() => { const box = document.querySelector('#menu').getBoundingClientRect();"
                "return [box.left, box.right]; })()")
            self.assertGreaterEqual(left, 0)
            self.assertLessEqual(right, width)

    def test_everything_has_a_name(self):
        self.open(self.texts[0])
        nameless = self.page.run("""[...document.querySelectorAll(`button, select, input, textarea,
            [role=button], [role=group], section, dialog`)].filter((node) => node.checkVisibility()
            && !(node.ariaLabel || node.getAttribute('aria-labelledby') || node.textContent.trim()
            || node.labels?.length)).map((node) => node.outerHTML)""")
        self.assertEqual(nameless, [])


class MockPageTest(Page):
    """Against the stand-in, which can be made to fail."""

    texts = ("The house is old and small and the man reads a very good book.", "Good morning",
             "A dog sees the house.")
    source, target = "en", "de"

    @classmethod
    def start_server(cls):
        cls.server = mock_server.start()
        cls.addClassCleanup(cls.server.shutdown)
        return f"http://127.0.0.1:{cls.server.server_address[1]}/"

    def setUp(self):
        super().setUp()
        mock_server.Handler.requests.clear()
        mock_server.Handler.was_busy = False

    def complained(self, *words):
        """The browser's console has said so; that is all right."""
        for word in words:
            self.assertTrue(any(word in text for text in self.page.complaints),
                            self.page.complaints)
        self.page.complaints.clear()

    def asked(self):
        return [fields["q"] for path, fields in mock_server.Handler.requests
                if path == "/v1/translate"]

    def test_waits_for_a_pause_and_asks_for_what_changed_alone(self):
        self.open()
        for letter in "The dog":
            self.type(letter)
        self.translated()
        self.assertEqual(self.asked(), [["The dog"]])
        self.type("\nGood morning")
        self.until("document.querySelectorAll('#result p').length === 2")
        self.translated()
        self.assertEqual(self.asked()[1:], [["Good morning"]])

    def test_a_stale_answer_does_not_appear(self):
        self.open()
        self.type("slow")
        time.sleep(0.5)  # the request is under way
        self.page.run("document.querySelector('#source_text').value = ''")
        self.type("The dog")
        self.translated()
        self.assertEqual(self.result(), ["das Hund"])
        time.sleep(1)
        self.assertEqual(self.result(), ["das Hund"])

    def test_a_fault_is_explained(self):
        self.open()
        self.type("fault")
        self.until("!document.querySelector('#message').hidden")
        self.assertIn("the model met a fault", self.page.text("#message"))
        self.assertIn("try again", self.page.text("#message"))
        self.complained("500")
        self.page.run("document.querySelector('#source_text').value = ''")
        self.type("The dog")
        self.translated()
        self.assertTrue(self.page.run("document.querySelector('#message').hidden"))

    def test_a_busy_server_is_asked_again(self):
        self.open()
        self.type("busy dog")
        self.until("!document.querySelector('#message').hidden")
        self.assertIn("in 1 s", self.page.text("#message"))
        self.translated()
        self.assertEqual(self.result(), ["BUSY Hund"])
        self.complained("429")

    def test_a_server_that_is_gone_and_comes_back(self):
        self.open("The dog")
        offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.page.call("Network.emulateNetworkConditions", offline=True, **offline)
        self.addCleanup(self.page.call, "Network.emulateNetworkConditions", offline=False,
                        **offline)
        self.type(" sees")
        self.until("!document.querySelector('#message').hidden")
        self.assertIn("does not answer", self.page.text("#message"))
        self.assertEqual(self.page.run("document.querySelector('#source_text').value"),
                         "The dog sees")
        self.page.call("Network.emulateNetworkConditions", offline=False, **offline)
        self.translated()
        self.assertEqual(self.result(), ["das Hund sieht"])
        self.assertTrue(self.page.run("document.querySelector('#message').hidden"))
        self.complained()

    def test_languages_are_found_and_swapped(self):
        self.open("Haus und Buch", source="auto", target="en")
        self.assertEqual(self.result(), ["house and book"])
        self.assertEqual(self.page.text("#auto"), "Detected: German")
        self.page.click("#swap")
        self.translated()
        self.assertEqual(self.result(), ["Haus und Buch"])
        self.assertEqual(self.page.run("[document.querySelector('#source').value,"
                                       "document.querySelector('#target').value]"), ["en", "de"])
        targets = "[...document.querySelector('#target').options].map((option) => option.value)"
        self.assertEqual(self.page.run(targets), ["de", "ar"])
        self.open(source="en", target="ar")
        self.assertTrue(self.page.run("document.querySelector('#swap').disabled"))

    def test_chosen_words_outlive_a_change_of_another_line(self):
        self.open("The dog sees")
        self.page.click("#result .word:nth-of-type(1)")
        self.menu()
        self.page.key("Enter")
        self.until("!document.querySelector('#undo').hidden")
        self.assertEqual(self.result(), ["der Hund sieht"])
        self.page.run("""(() => { const field = document.querySelector('#source_text');
            field.setSelectionRange(field.value.length, field.value.length); })()""")
        self.type("\nGood morning")
        self.until("document.querySelectorAll('#result p').length === 2")
        self.translated()
        self.assertEqual(self.result(), ["der Hund sieht", "gut Morgen"])
        self.page.click("#undo")
        self.assertEqual(self.result(), ["das Hund sieht", "gut Morgen"])

    def test_right_to_left(self):
        self.open("Good book", target="ar")
        self.assertEqual(self.result(), ["جيد كتاب"])
        self.assertEqual(self.page.run(
            "getComputedStyle(document.querySelector('#result p')).direction"), "rtl")
        self.page.run("document.querySelector('#result .word').focus()")
        self.page.key("ArrowLeft")  # onwards
        self.assertEqual(self.page.run("document.activeElement.textContent"), "كتاب")

    def test_hostile_text_is_text(self):
        self.open()
        self.type('<img src=x onerror="window.hurt = 1"> & </p>')
        self.translated()
        self.assertIsNone(self.page.run("window.hurt || null"))
        self.assertEqual(self.page.run("document.querySelectorAll('main img').length"), 0)

    def test_a_document_of_another_kind_is_refused_here(self):
        self.open()
        self.page.run("""(() => { const data = new DataTransfer();
            data.items.add(new File(["x"], "picture.png"));
            data.items.add(new File(["fault"], "b.txt"));
            for (const kind of ["dragenter", "drop"]) {
              document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true,
                cancelable: true}));
            } })()""")
        self.until("document.querySelectorAll('#document_list .failed').length === 2")
        self.assertIn(".txt, .srt", self.page.text("#document_list"))
        self.assertIn("the document cannot be read", self.page.text("#document_list"))
        self.assertTrue(self.page.run("document.querySelector('#drop').hidden"))
        self.complained("400")

    def test_copying(self):
        self.open("The dog\nGood morning")
        self.page.click("#copy")
        self.until("document.querySelector('#copy').textContent === 'Copied'")
        self.assertEqual(self.page.run("navigator.clipboard.readText()"), "das Hund\ngut Morgen")
        # A page that did not come by HTTPS has no clipboard to write to.
        self.page.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
        self.type("!")
        self.translated()
        self.until("document.querySelector('#copy').textContent === 'Copy'")
        self.page.click("#copy")
        self.until("document.querySelector('#copy').textContent === 'Copied'")
        self.assertEqual(self.page.run("navigator.clipboard.readText()"),
                         self.result()[0] + "\n" + self.result()[1])


class ServedPageTest(Page):
    """Against heed serve and a small model."""

    texts = tuple(harness.sample_lines("dev.de", 3))
    source, target = "de", "en"

    @classmethod
    def start_server(cls):
        if b"serve" not in harness.heed("--help").stdout:
            raise unittest.SkipTest("this heed has no serve")
        model = cls.learned("served").model
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = harness.start("serve", model, "--port", port, stdout=None, stderr=None)
        cls.addClassCleanup(process.communicate)
        cls.addClassCleanup(process.terminate)
        cls.model = model
        base = f"http://127.0.0.1:{port}/"
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(base + "health", timeout=5).close()
                return base
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.1)

    def test_the_picture_of_the_docs_is_drawn(self):
        picture = self.folder / "picture.png"

        def draw(word):
            return subprocess.run(
                [sys.executable, harness.ROOT / "scripts/draw_page.py", self.model, "--heed", harness.HEED,
                 "--text", self.texts[0], "--word", word, "-o", picture], capture_output=True, text=True)

        word = self.translations(self.texts[0])[0]["text"].split()[0]
        done = draw(word)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(struct.unpack(">II", picture.read_bytes()[16:24]), (1650, 840))
        self.assertIn("the translation does not have it", draw("Fahrradschlauch").stderr)


del Page  # no test by itself

if __name__ == "__main__":
    harness.main()
