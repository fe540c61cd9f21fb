"""heed export: the other toolkits' files hold the same model, and what they cannot express is refused by name.

That CTranslate2 and transformers translate alike is checked by tests/scripts/exported_models_test.py, where they are.
"""

import json
import signal
import struct

import harness
from harness import ROOT, heed, tensors, write

GOLDEN = ROOT / "tests/exchange/golden"
EVERY = ("marian_post", "marian_pre", "hugging_face_tied", "hugging_face_separate", "hugging_face_half")


def read_ctranslate2(path):
    """Variables (type, shape, bytes) and aliases of a model.bin."""
    content, at = path.read_bytes(), 0

    def take(form):
        nonlocal at
        value = struct.unpack_from("<" + form, content, at)[0]
        at += struct.calcsize("<" + form)
        return value

    def string():
        nonlocal at
        length = take("H")
        value = content[at:at + length - 1].decode()
        assert content[at + length - 1] == 0
        at += length
        return value

    assert take("I") == 6 and string() == "TransformerSpec" and take("I") == 7
    variables = {}
    for _ in range(take("I")):
        name = string()
        shape = tuple(take("I") for _ in range(take("B")))
        kind, size = take("B"), take("I")
        variables[name] = (kind, shape, content[at:at + size])
        at += size
    aliases = {string(): string() for _ in range(take("I"))}
    assert at == len(content)
    return variables, aliases


class ExportTest(harness.HeedTest):
    def imported(self, name):
        out = self.new_folder() / name
        self.ok(heed("import", GOLDEN / name, "-o", out))
        return out

    def export(self, model, form):
        out = self.new_folder() / "out"
        return out, heed("export", model, "--format", form, "-o", out)

    def test_what_came_from_hugging_face_goes_back(self):
        for name in ("hugging_face_tied", "hugging_face_separate"):
            out, result = self.export(self.imported(name), "huggingface")
            self.ok(result)
            theirs = tensors(GOLDEN / name / "model.safetensors")
            own = tensors(out / "model.safetensors")
            for tensor, (kind, shape, data) in theirs.items():
                self.assertEqual(own[tensor], (kind, shape, data), tensor)
            more = {tensor.split(".")[-2] for tensor in set(own) - set(theirs)}
            self.assertEqual(more, {"embed_positions"})
            for file in ("source.spm", "target.spm"):
                self.assertEqual((out / file).read_bytes(), (GOLDEN / name / file).read_bytes())
            self.assertEqual(json.loads((out / "vocab.json").read_text()),
                             json.loads((GOLDEN / name / "vocab.json").read_text()))
            config, their_config = (json.loads((path / "config.json").read_text()) for path in (out, GOLDEN / name))
            for key in ("d_model", "vocab_size", "decoder_vocab_size", "pad_token_id", "decoder_start_token_id",
                        "scale_embedding", "activation_function", "encoder_layers", "eos_token_id",
                        "share_encoder_decoder_embeddings", "tie_word_embeddings"):
                self.assertEqual(config[key], their_config[key], key)
            again = self.new_folder() / "again"
            self.ok(heed("import", out, "-o", again))
            self.assertEqual((again / "model.safetensors").read_bytes(),
                             (self.imported(name) / "model.safetensors").read_bytes())

    def test_ctranslate2s_file(self):
        for name in EVERY:
            model = self.imported(name)
            out, result = self.export(model, "ctranslate2")
            self.ok(result)
            variables, aliases = read_ctranslate2(out / "model.bin")
            own = tensors(model / "model.safetensors")
            at_home = {data for _, _, data in own.values()}
            taken = {data for _, _, data in variables.values()}
            self.assertEqual({len(data) for data in at_home - taken}, set(), name)
            tied = name in ("marian_post", "hugging_face_tied", "hugging_face_half")
            self.assertEqual("decoder/embeddings/weight" in aliases, tied, name)
            self.assertEqual(variables["decoder/start_from_zero_embedding"][2], b"\x01")
            self.assertEqual(variables["encoder/pre_norm"][2], b"\x01" if name == "marian_pre" else b"\x00")
            self.assertEqual("encoder/layernorm_embedding/gamma" in variables, name == "marian_pre")
            config = json.loads((out / "config.json").read_text())
            self.assertEqual(config["eos_token"], "</s>")
            self.assertEqual(config["layer_norm_epsilon"], 1e-6 if "marian" in name else 1e-5)
            files = {path.name for path in out.iterdir()}
            vocabularies = ({"shared_vocabulary.json"} if tied else
                            {"source_vocabulary.json", "target_vocabulary.json"})
            self.assertEqual(files, {"model.bin", "config.json", "source.model", "target.model"} | vocabularies)

    def test_a_model_trained_here(self):
        training = harness.Training(self.new_folder())
        training.options["model.norm"] = "post"
        self.ok(training.train())
        for form in ("ctranslate2", "huggingface"):
            out, result = self.export(training.model, form)
            self.ok(result)
        config = json.loads((out / "config.json").read_text())
        self.assertEqual((config["decoder_start_token_id"], config["pad_token_id"], config["eos_token_id"]), (2, 0, 3))
        never = json.loads((out / "generation_config.json").read_text())["bad_words_ids"]
        self.assertEqual(never, [[2], [0]])

    def test_limits_of_a_search_go_along(self):
        model = self.imported("hugging_face_tied")
        config = model / "config.ini"
        self.assertIn("\nmax_length = 128\n", config.read_text())
        config.write_text(config.read_text().replace("\nmin_length = 0\n", "\nmin_length = 3\n")
                          .replace("\nno_repeat_ngram = 0\n", "\nno_repeat_ngram = 2\n"))
        out, result = self.export(model, "huggingface")
        self.ok(result)
        generation = json.loads((out / "generation_config.json").read_text())
        self.assertEqual([generation[key] for key in ("max_length", "min_length", "no_repeat_ngram_size")], [128, 4, 2])
        again = self.new_folder() / "again"
        self.ok(heed("import", out, "-o", again))
        for line in ("max_length = 128", "min_length = 3", "no_repeat_ngram = 2"):
            self.assertIn(f"\n{line}\n", (again / "config.ini").read_text())

    def test_a_decoder_that_starts_from_zero_comes_back(self):
        model = self.new_folder() / "t"
        training = harness.Training(model)
        training.options.update({**harness.LEARNED, "model.norm": "post", "model.decoder_start": "zero", "model.sinusoids": "interleaved",
                                 "model.norm_epsilon": 1e-5})
        self.ok(training.train())
        out, result = self.export(training.model, "huggingface")
        self.ok(result)
        config = json.loads((out / "config.json").read_text())
        vocabulary = json.loads((out / "vocab.json").read_text())
        self.assertEqual(config["vocab_size"], len(vocabulary))
        self.assertEqual(vocabulary["<<pad>>"], config["pad_token_id"])
        self.assertEqual(json.loads((out / "tokenizer_config.json").read_text())["pad_token"], "<<pad>>")
        never = json.loads((out / "generation_config.json").read_text())["bad_words_ids"]
        self.assertEqual(never, [[config["pad_token_id"]], [2], [0]])
        again = self.new_folder() / "again"
        self.ok(heed("import", out, "-o", again))
        for line in ("decoder_start = zero", "sinusoids = interleaved"):
            self.assertIn(line, (again / "config.ini").read_text())
        lines = harness.text(harness.sample_lines("dev.de", 20))
        # heed never chooses <s>, and in what comes back it is a piece like others.
        flags = ("--precision", "float32", "--max-length-ratio", 2, "--beam-size", 1)
        before, after = (self.ok(heed("translate", path, *flags, stdin=lines)).stdout
                         for path in (training.model, again))
        self.assertEqual(before, after)

    def test_a_signal_leaves_nothing(self):
        model = self.imported("marian_post")
        for sent, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            for command in (("export", model, "--format", "ctranslate2"),
                            ("import", GOLDEN / "marian_post"), ("average", model, model)):
                folder = self.new_folder()
                name = "out.safetensors" if command[0] == "average" else "out"
                process = harness.start(*command, "-o", folder / name)
                while process.poll() is None and not list(folder.iterdir()):
                    pass
                returned, stderr = harness.end(process, sent)
                self.assertIn(returned, (0, code), stderr)
                left = {path.name for path in folder.iterdir()}
                self.assertIn(left, ({name}, set()) if returned else ({name},), command)

    def test_what_a_format_has_not_got_is_refused_by_name(self):
        model = self.imported("marian_pre")
        out, result = self.export(model, "huggingface")
        self.refused(result, 1, "[model] norm = pre: MarianMTModel has not got it")
        self.assertEqual(list(out.parent.iterdir()), [])
        for key, value in (("architecture", "recurrent"), ("self_attention", "local"), ("positions", "rotary"),
                           ("attention_weights", "entmax15"), ("attention_score", "additive")):
            training = harness.Training(self.new_folder(), pairs=60)
            self.ok(training.train({f"model.{key}": value, "training.max_steps": 2, "training.validate_every": 2,
                                    "tokenizer.vocab_size": 120}))
            for form, toolkit in (("ctranslate2", "CTranslate2"), ("huggingface", "MarianMTModel")):
                out, result = self.export(training.model, form)
                self.refused(result, 1, f"[model] {key} = {value}: {toolkit} has not got it")
                self.assertEqual(list(out.parent.iterdir()), [])

    def test_bad_folders(self):
        out, result = self.export(self.folder / "none", "ctranslate2")
        self.refused(result, 1, "no such model folder")
        self.refused(heed("export", self.imported("marian_post"), "--format", "ctranslate2", "-o", self.folder), 1,
                     self.folder, "is there already")
        model = self.imported("marian_post")
        content = (model / "model.safetensors").read_bytes()
        write(model / "model.safetensors", content[:-1] + bytes([content[-1] ^ 1]))
        out, result = self.export(model, "ctranslate2")
        self.refused(result, 1, "model.safetensors", "damaged")
        self.assertEqual(list(out.parent.iterdir()), [])
        self.assertEqual(heed("export", model, "--format", "onnx", "-o", out).returncode, 2)


if __name__ == "__main__":
    harness.main()
