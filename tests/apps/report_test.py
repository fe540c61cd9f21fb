"""heed report: the page of trainings, kept fresh while they run, and TensorBoard's event files."""

import json
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import harness
from harness import heed, lines_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import browser  # noqa: E402

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    EventAccumulator = None


def data_of(page):
    """What the page carries for its script."""
    return json.loads(re.search(r'<script type="application/json" id="report">(.*?)</script>',
                                page, re.DOTALL).group(1))


def wait_for(condition):
    end = time.monotonic() + harness.SECONDS_AT_MOST
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.05)


class ReportTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = harness.Training(cls.folder / "one")
        cls.other = harness.Training(cls.folder / "other")
        cls.other.options["model.hidden_size"] = 32
        for training in (cls.one, cls.other):
            training.options["training.report_every"] = 1
            training.options["output.tensorboard"] = "true"
            training.write_config()
            result = training.train()
            assert result.returncode == 0, result.stderr.decode()

    def report(self, *models, **options):
        return heed("report", *models, **options)

    def copied(self):
        """A copy of a trained folder, to be damaged."""
        model = self.new_folder() / "model"
        shutil.copytree(self.one.model, model)
        return model

    def test_a_page_holds_what_training_wrote(self):
        page = self.ok(self.report(self.one.model)).stdout.decode()
        data = data_of(page)
        self.assertEqual(data["title"], "model")
        run, = data["runs"]
        metrics = [json.loads(line)
                   for line in lines_of((self.one.model / "metrics.jsonl").read_bytes())]
        train = [entry for entry in metrics if entry["kind"] == "train"]
        self.assertEqual(run["training"]["step"], list(range(1, 21)))
        for key in ("loss", "learning_rate", "gradient_norm", "tokens_per_second", "peak_memory",
                    "waiting", "seconds"):
            for entry, shown in zip(train, run["training"][key]):
                self.assertAlmostEqual(shown, entry[key], delta=1e-5 * abs(entry[key]), msg=key)
        self.assertTrue(all(0 <= entry["waiting"] <= 1 for entry in train))
        self.assertTrue(all(entry["gradient_norm"] > 0 for entry in train))
        table = [line.split("\t") for line in
                 lines_of((self.one.model / "validations.tsv").read_bytes())]
        self.assertEqual([str(step) for step in run["validations"]["step"]],
                         [row[0] for row in table[1:]])
        self.assertEqual([str(run["validations"]["best"])],
                         [row[0] for row in table[1:] if row[-1] == "*"])
        self.assertEqual(len(run["samples"]), 3)  # evaluation.samples
        self.assertIn(run["samples"][0]["source"],
                      harness.sample_lines("dev.de", self.one_dev_lines()))
        self.assertNotIn("http", page.replace("http-equiv", "").replace("http://www.w3.org", ""))

    def one_dev_lines(self):
        return len(lines_of((self.one.folder / "dev.de").read_bytes()))

    def test_options_that_differ(self):
        page = self.new_folder() / "page.html"
        result = self.ok(
            self.report(self.one.model, self.other.model, "-o", page, "--title", "<b>"))
        self.assertEqual(result.stdout, b"")
        data = data_of(page.read_text())
        self.assertEqual(data["title"], "<b>")
        self.assertEqual([run["name"] for run in data["runs"]], ["one/model", "other/model"])
        differ = {option["name"]: option["values"] for option in data["options"]}
        self.assertEqual(differ.pop("model.hidden_size"), ["16", "32"])
        self.assertTrue(all(name.startswith("data.") for name in differ), differ)

    def test_a_checkpoint_stands_for_its_training(self):
        page = self.ok(self.report(f"{self.one.model}/checkpoints/step-20/")).stdout.decode()
        self.assertEqual(data_of(page)["runs"][0]["training"]["step"][-1], 20)

    def test_damaged_lines_are_named_and_left_out(self):
        model = self.copied()
        metrics = model / "metrics.jsonl"
        lines = metrics.read_bytes().split(b"\n")
        lines[2] = b'{"kind":"train","step'
        metrics.write_bytes(b"\n".join(lines))
        (model / "validations.tsv").write_bytes(b"\xff" * 10)
        result = self.ok(self.report(model))
        self.said(result, f"warning: {metrics}:3: expected a JSON object",
                  f"warning: {model}/validations.tsv:1: ")
        data = data_of(result.stdout.decode())
        self.assertEqual(len(data["runs"][0]["training"]["step"]), 19)
        self.assertEqual(len([w for w in data["warnings"] if "metrics.jsonl:3" in w]), 1)

    def test_what_is_no_training_is_refused(self):
        empty = self.new_folder()
        self.refused(self.report(empty), 1, empty, "metrics.jsonl and config.ini missing",
                     "output.folder")
        (empty / "config.ini").write_text("[model]\n")
        error = self.refused(self.report(self.one.model, empty), 1, "metrics.jsonl missing")
        self.assertNotIn("and config.ini", error)
        self.refused(self.report(empty / "gone"), 1, "no such model folder")
        self.refused(self.report(self.one.config), 1, "is a file")
        self.assertEqual(self.report().returncode, 2)
        self.refused(self.report(self.one.model, "--watch"), 2, "-o PAGE.html")
        self.refused(self.report(self.one.model, "-o", self.one.model / "train.log"), 2, "train.log")
        self.refused(self.report(self.one.model, "-o", self.one.model / "metrics.jsonl"), 2,
                     "would be overwritten")
        self.refused(self.report(self.one.model, "-o", empty / "no/page.html"), 1,
                     "cannot write", "No such file")

    def test_watching_follows_a_training_until_a_signal(self):
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            model = self.copied()
            metrics = model / "metrics.jsonl"
            whole = metrics.read_bytes()
            metrics.unlink()  # a training that has reported nothing yet
            page = self.new_folder() / "page.html"
            process = harness.start("report", model, "--watch", "-o", page)
            wait_for(page.exists)
            data = data_of(page.read_text())
            self.assertEqual(data["runs"][0]["training"]["step"], [])
            self.assertGreater(data["reload_seconds"], 0)
            metrics.write_bytes(whole)
            wait_for(lambda: data_of(page.read_text())["runs"][0]["training"]["step"])
            returned, stderr = harness.end(process, sent)
            self.assertEqual(returned, code, stderr)
            self.assertEqual(data_of(page.read_text())["reload_seconds"], 0)
            self.assertEqual([path.name for path in page.parent.iterdir()], ["page.html"])

    # ---- Event files ---------------------------------------------------------------------------

    def events(self, model):
        return sorted(Path(model).glob("events.out.tfevents.*"))

    def test_tensorboard_reads_the_numbers_of_metrics(self):
        if EventAccumulator is None:
            self.skipTest("tensorboard is not installed")
        events = EventAccumulator(str(self.one.model)).Reload()
        wanted = {}
        for line in lines_of((self.one.model / "metrics.jsonl").read_bytes()):
            entry = json.loads(line)
            for key, value in entry.items():
                if key != "step" and type(value) in (int, float):
                    wanted.setdefault(f"{entry['kind']}/{key}", []).append((entry["step"], value))
        self.assertEqual(set(events.Tags()["scalars"]), set(wanted))
        for tag, points in wanted.items():
            read = events.Scalars(tag)
            self.assertEqual([event.step for event in read], [step for step, _ in points])
            for event, (_, value) in zip(read, points):
                self.assertAlmostEqual(event.value, value, delta=1e-6 * abs(value), msg=tag)
                self.assertLess(abs(event.wall_time - time.time()), 24 * 3600)

    def test_a_link_stays_one(self):
        folder = self.new_folder()
        lines = harness.write(folder / "lines", harness.text(harness.sample_lines("dev.en", 50)))
        for name, command in (("page", ("report", self.one.model, "-o")),
                              ("mean.safetensors", ("average", self.one.model, "-o")),
                              ("tokenizer", ("tokenize", "train", lines, "--vocab-size", 80, "-m"))):
            link, file = folder / name, folder / f"{name}.file"
            link.symlink_to(file.name)  # which is not there yet
            for _ in range(2):
                self.ok(harness.heed(*command, link))
                self.assertTrue(link.is_symlink(), name)
                self.assertGreater(file.stat().st_size, 0)
                file.write_bytes(b"")

    def test_a_resumed_training_appends_a_file_and_its_steps_go_on(self):
        training = harness.Training(self.new_folder())
        training.options.update({"output.tensorboard": "true", "training.report_every": 1})
        training.write_config()
        self.ok(training.train({"training.max_steps": 10}))
        self.assertEqual(len(self.events(training.model)), 1)
        # What a killed training had reported beyond its last checkpoint comes again.
        checkpoint = training.model / "checkpoints"
        kept = self.new_folder() / "checkpoints"
        shutil.copytree(checkpoint, kept)
        self.ok(training.train({"training.max_steps": 15}))
        shutil.rmtree(checkpoint)
        shutil.copytree(kept, checkpoint)
        self.ok(training.train({"training.max_steps": 20}))
        self.assertEqual(len(self.events(training.model)), 3)
        if EventAccumulator is not None:
            read = EventAccumulator(str(training.model)).Reload().Scalars("train/loss")
            self.assertEqual([event.step for event in read], list(range(1, 21)))
        self.ok(training.train({"training.max_steps": 5}, "--fresh"))
        self.assertEqual(len(self.events(training.model)), 1)

    def test_no_event_file_without_asking(self):
        training = harness.Training(self.new_folder())
        self.ok(training.train({"training.max_steps": 5}))
        self.assertEqual(self.events(training.model), [])

    # ---- In a browser --------------------------------------------------------------------------

    def browser(self):
        chromium = browser.find_chromium()
        if chromium is None:
            self.skipTest("Chromium is not installed")
        page = browser.Browser(chromium, self.new_folder() / "profile")
        self.addCleanup(page.close)
        return page

    def opened(self, *models, **options):
        page = self.browser()
        path = self.new_folder() / "page.html"
        self.ok(self.report(*models, "-o", path))
        page.open(path, **options)
        return page

    def hover(self, page, chart, share):
        """Points into a chart at a share of its width."""
        page.run(f"document.querySelector('#chart_{chart}').scrollIntoView({{block: 'center'}})")
        left, top, width = page.run(
            f"(() => {{ const box = document.querySelector('#chart_{chart} .plot')"
            ".getBoundingClientRect(); return [box.left, box.top, box.width]; })()")
        page.move(left + 58 + share * (width - 72), top + 80)

    def test_hovering_shows_values(self):
        page = self.opened(self.one.model)
        loss = data_of(self.ok(self.report(self.one.model)).stdout.decode())["runs"][0]["training"]
        self.hover(page, "loss", 10 / 20)
        self.assertIn("step 10", page.text("#tip"))
        self.assertIn(f"{loss['loss'][9]:.4f}", page.text("#tip"))
        self.assertIn(f"{loss['tokens_per_second'][9]:,.0f}"[:-1],
                      page.text("#chart_tokens_per_second .now"))
        page.click('#axis label:has([value="time"])')
        self.hover(page, "loss", 1)
        self.assertNotIn("step", page.text("#tip"))
        self.assertIn("axis=time", page.run("location.hash"))
        self.assertEqual(page.complaints, [])

    def test_a_legend_entry_hides_its_lines(self):
        page = self.opened(self.one.model, self.other.model)
        lines = "document.querySelectorAll('#chart_loss .line[d]').length"
        before = page.run(lines)
        page.click('#runs label:has([value="1"])')
        self.assertFalse(page.run("Boolean(document.querySelector('#charts [data-run=\"1\"]'))"))
        self.assertLess(page.run(lines), before)
        self.assertIn("hidden=1", page.run("location.hash"))
        page.click('#runs label:has([value="1"])')
        self.assertEqual(page.run(lines), before)
        self.assertIn("model.hidden_size", page.text("#options"))
        self.assertEqual(page.complaints, [])

    def test_the_keyboard_reads_values(self):
        page = self.opened(self.one.model)
        page.run("document.querySelector('#chart_gradient_norm .plot').focus()")
        page.key("Home")
        page.key("ArrowRight")
        self.assertTrue(page.text("#spoken").startswith("step 2: "), page.text("#spoken"))
        page.key("End")
        self.assertTrue(page.text("#spoken").startswith("step 20: "))
        self.assertEqual(page.complaints, [])

    def test_a_watched_page_renews_itself(self):
        page = self.browser()
        model = self.copied()
        metrics = model / "metrics.jsonl"
        lines = metrics.read_bytes().split(b"\n")
        metrics.write_bytes(b"\n".join(lines[:5]) + b"\n")
        path = self.new_folder() / "page.html"
        process = harness.start("report", model, "--watch", "-o", path)
        self.addCleanup(harness.end, process)
        wait_for(path.exists)
        page.open(path, "#axis=time")
        reports = "JSON.parse(document.querySelector('#report')?.textContent || '{}')" \
            ".runs?.[0].training.step.length"
        before = page.run(reports)
        self.assertLess(before, 20)
        metrics.write_bytes(b"\n".join(lines))
        wait_for(lambda: page.run(reports) == 20)
        self.assertIn("axis=time", page.run("location.hash"))

    def test_a_phone_and_a_zoomed_page_scroll_one_way(self):
        for width in (390, 320):  # 320 is 1280 at 400 %
            page = self.opened(self.one.model, self.other.model, width=width, height=700,
                               touch=True)
            self.assertLessEqual(page.run("document.documentElement.scrollWidth"), width)
            page.close()

    def test_dark_and_light(self):
        paper = "getComputedStyle(document.body).backgroundColor"
        page = self.opened(self.one.model, scheme="dark")
        self.assertEqual(page.run(paper), "rgb(19, 22, 25)")
        page.click("#theme")
        self.assertEqual(page.run(paper), "rgb(253, 253, 251)")


if __name__ == "__main__":
    harness.main()
