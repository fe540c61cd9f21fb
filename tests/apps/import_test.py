"""heed import: models of Marian and Hugging Face say in heed what they say at home, and bad files are named.

The models and what their makers say of them are golden data: scripts/make_import_golden.py.
"""

import json
import shutil
import struct
import zipfile

import harness
from harness import ROOT, floats, heed, lines_of, tensors, text, write

GOLDEN = ROOT / "tests/exchange/golden"
MARIAN = ("marian_post", "marian_pre")
HUGGING_FACE = ("hugging_face_tied", "hugging_face_separate", "hugging_face_half")
FLOAT32 = ("--precision", "float32", "--threads", 1, "--quiet")


def npz_members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def write_zip(path, members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


class ImportTest(harness.HeedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = {}
        for name in MARIAN + HUGGING_FACE:
            cls.models[name] = cls.folder / name
            result = heed("import", GOLDEN / name, "-o", cls.models[name])
            assert result.returncode == 0, result.stderr.decode()

    def rows(self, model, lines, *flags):
        """(text, log P, pieces) of each line."""
        result = self.ok(heed("translate", model, "--format", "tabs", *FLOAT32, *flags, stdin=text(lines)))
        rows = [line.split("\t") for line in lines_of(result.stdout)]
        return [(row[5], float(row[3]), int(row[4])) for row in rows]

    def expected(self, name):
        return json.loads((GOLDEN / name / "expected.json").read_text())

    def test_marians_translations(self):
        said = self.expected("marian_post")
        for beam in (1, 6):
            found = self.rows(self.models["marian_post"], said["lines"], "--beam-size", beam)
            same = 0
            for (own, log_p, pieces), (theirs, their_log_p) in zip(found, said[f"beam_{beam}"], strict=True):
                if own == theirs:
                    same += 1
                    self.assertAlmostEqual(log_p / pieces, their_log_p / pieces, delta=1e-4)
            # Rounding decides between equals; and heed's beam looks on while something live scores better.
            self.assertGreaterEqual(same, len(said["lines"]) * (0.9 if beam == 1 else 0.5), beam)

    def test_marians_scores(self):
        for name in MARIAN:
            said = self.expected(name)
            source = write(self.folder / "lines", text(said["lines"]))
            target = write(self.folder / "targets", text(said["targets"]))
            result = self.ok(heed("score", self.models[name], "--source", source, "--target", target, *FLOAT32))
            for line, expected in zip(lines_of(result.stdout), said["scores"], strict=True):
                log_p, pieces = (float(x) for x in line.split("\t")[1:3])
                self.assertAlmostEqual(log_p / pieces, expected / pieces, delta=1e-4)

    def test_trained_positions_are_those_of_both_sides(self):
        folder = self.new_folder() / "in"
        shutil.copytree(GOLDEN / "marian_pre", folder)
        members = npz_members(folder / "model.npz")
        rows = [[float(row * 16 + i) for i in range(16)] for row in range(3)]
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 16), }"
        header += b" " * (117 - len(header)) + b"\n"
        members["Wpos.npy"] = (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header +
                               struct.pack("<48f", *sum(rows, [])))
        write_zip(folder / "model.npz", members)
        out = folder.parent / "out"
        self.ok(heed("import", folder, "-o", out))
        config = (out / "config.ini").read_text()
        for line in ("positions = learned", "scale_embeddings = false", "max_length = 3"):
            self.assertIn(line, config)
        for side in ("source", "target"):
            entry = tensors(out / "model.safetensors")[f"{side}_embedding.positions"]
            count, width = entry[1]
            values = floats(entry)
            own = [list(values[row * width:(row + 1) * width]) for row in range(count)]
            self.assertEqual(own, rows + [rows[-1]] * (count - 3))
        self.rows(out, ["Lief er?"])

    def test_hugging_faces_translations(self):
        for name in HUGGING_FACE:
            said = self.expected(name)
            limit = said["limit"]
            found = self.rows(self.models[name], said["lines"], "--beam-size", 1, "--max-length", limit,
                              "--max-length-ratio", 1000)
            self.assertEqual([row[0] for row in found], said["greedy"], name)

    def test_a_zip_is_the_folder(self):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            members = {f"opus/{path.name}": path.read_bytes() for path in (GOLDEN / "marian_pre").iterdir()}
            archive = write_zip(self.new_folder() / "opus.zip", members, method)
            out = archive.parent / "out"
            self.ok(heed("import", archive, "-o", out))
            for path in self.models["marian_pre"].iterdir():
                self.assertEqual((out / path.name).read_bytes(), path.read_bytes(), path.name)

    def test_an_ordinary_model_folder(self):
        for name in MARIAN + HUGGING_FACE:
            model = self.models[name]
            lines = self.expected(name)["lines"][:6]
            source = write(self.folder / "source", text(lines))
            translated = self.rows(model, lines, "--beam-size", 1, "--max-length", 20)
            target = write(self.folder / "target", text(row[0] for row in translated))
            self.ok(heed("score", model, "--source", source, "--target", target, *FLOAT32))
            for precision in ("bfloat16", "int8"):
                result = self.ok(heed("translate", model, "--precision", precision, "--quiet", stdin=text(lines)))
                self.assertEqual(len(lines_of(result.stdout)), len(lines))
            self.ok(heed("inspect", model, "-i", source, "-o", self.folder / "page.html", "--quiet"))
            info = self.ok(heed("info", model)).stdout.decode()
            self.assertIn("transformer", info)
            average = self.folder / "average.safetensors"
            self.ok(heed("average", model, model, "-o", average))
            self.assertEqual(tensors(average), tensors(model / "model.safetensors"))
            ensemble = self.rows(model, lines, "--model", model, "--beam-size", 1, "--max-length", 20)
            self.assertEqual([row[0] for row in ensemble], [row[0] for row in translated])

    def test_the_unknown_piece_is_not_produced(self):
        config = (self.models["marian_post"] / "config.ini").read_text()
        self.assertIn("allow_unknown = false", config)
        said = self.expected("marian_post")
        for row in self.rows(self.models["marian_post"], said["lines"] + ["\u65e5\u672c \u8a9e"]):
            self.assertNotIn("\u2047", row[0])

    def test_a_padding_row_that_is_not_zero_is_the_begin_symbol(self):
        folder = self.new_folder() / "tuned"
        shutil.copytree(GOLDEN / "hugging_face_tied", folder)
        content = (folder / "model.safetensors").read_bytes()
        length = struct.unpack("<Q", content[:8])[0]
        entry = json.loads(content[8:8 + length])["model.shared.weight"]
        end = 8 + length + entry["data_offsets"][1]
        write(folder / "model.safetensors", content[:end - 4] + struct.pack("<f", 0.5) + content[end:])
        out = folder.parent / "out"
        self.ok(heed("import", folder, "-o", out))
        self.assertIn("decoder_start = begin", (out / "config.ini").read_text())
        self.assertIn("<pad>", (out / "source.vocabulary").read_text())
        rows, width = tensors(out / "model.safetensors")["vocabulary.source.weight"][1]
        self.assertEqual(floats(tensors(out / "model.safetensors")["vocabulary.source.weight"])[rows * width - 1], 0.5)
        self.rows(out, ["Lief er?"], "--max-length", 10)

    def test_another_vocabulary_is_refused(self):
        out = self.new_folder() / "model"
        shutil.copytree(self.models["marian_post"], out)
        pieces = (out / "source.vocabulary").read_text().split("\n")
        pieces[5], pieces[6] = pieces[6], pieces[5]
        write(out / "source.vocabulary", "\n".join(pieces))
        self.refused(heed("translate", out, stdin="a\n"), 1, "trained with another vocabulary")


class BadInputTest(harness.HeedTest):
    """One line that names the file and what is wrong, and nothing left behind."""

    def copy(self, name):
        folder = self.new_folder() / "in"
        shutil.copytree(GOLDEN / name, folder)
        return folder

    def bad(self, source, *words):
        out = self.new_folder() / "out"
        self.refused(heed("import", source, "-o", out), 1, *words)
        self.assertEqual(list(out.parent.iterdir()), [])

    def change(self, folder, file, old, new):
        content = (folder / file).read_text()
        self.assertIn(old, content)
        write(folder / file, content.replace(old, new))
        return folder

    def change_options(self, old, new, name="marian_post"):
        """Of the network; the text keeps its length."""
        folder = self.copy(name)
        members = npz_members(folder / "model.npz")
        content = members["special:model.yml.npy"]
        self.assertIn(old.encode(), content)
        members["special:model.yml.npy"] = content.replace(old.encode(), new.ljust(len(old)).encode())
        self.assertEqual(len(members["special:model.yml.npy"]), len(content), "longer than before")
        write_zip(folder / "model.npz", members)
        return folder

    def test_what_is_neither_form(self):
        folder = self.new_folder()
        self.bad(folder, folder, "neither a model as Marian writes it", "nor one as Hugging Face has it", "no file")
        write(folder / "a.txt", "1")
        self.bad(folder, "it holds a.txt")
        self.bad(folder / "a.txt", "a.txt: not a whole zip file (1 bytes)")
        self.bad(folder / "none", folder / "none", "no such folder or zip file")
        write(folder / "model.deen.intgemm.alphas.bin", "1")
        self.bad(folder, "a quantised model of Firefox or bergamot")
        self.bad(GOLDEN / "marian_post/model.npz", "name the folder that holds it")

    def test_the_output_is_there(self):
        out = self.new_folder()
        self.refused(heed("import", GOLDEN / "marian_post", "-o", out), 1, out, "is there already")
        self.assertEqual(list(out.iterdir()), [])

    def test_missing_files(self):
        for name, file in (("marian_post", "vocab.yml"), ("marian_pre", "target.vocab.yml"),
                           ("marian_post", "source.spm"), ("marian_post", "target.spm"),
                           ("hugging_face_tied", "source.spm"), ("hugging_face_tied", "vocab.json"),
                           ("hugging_face_tied", "model.safetensors")):
            folder = self.copy(name)
            (folder / file).unlink()
            self.bad(folder, folder, f"no file {file}")
        write(folder / "pytorch_model.bin", "1")
        self.bad(folder, "pytorch_model.bin: a pickle", "save_pretrained")
        folder = self.copy("marian_post")
        (folder / "source.spm").rename(folder / "source.bpe")
        self.bad(folder, "source.bpe holds codes of subword-nmt")

    def test_options_that_heed_has_not_got(self):
        for old, new, *words in (
                ("type: transformer", "type: s2s", "type = s2s"),
                ("transformer-decoder-autoreg: self-attention", "transformer-decoder-autoreg: rnn",
                 "transformer-decoder-autoreg = rnn"),
                ("transformer-ffn-activation: swish", "transformer-ffn-activation: tanh", "= tanh"),
                ("transformer-postprocess: dan", "transformer-postprocess: da", '-postprocess = "da"'),
                ("transformer-ffn-depth: 2", "transformer-ffn-depth: 3", "transformer-ffn-depth = 3"),
                ("lemma-dim-emb: 0", "lemma-dim-emb: 8", "lemma-dim-emb = 8")):
            self.bad(self.change_options(old, new), "model.npz", *words)
        for old, new, *words in (
                ('"model_type": "marian"', '"model_type": "m2m_100"', "model_type = m2m_100"),
                ('"activation_function": "swish"', '"activation_function": "gelu_new"', "gelu_new"),
                ('"decoder_attention_heads": 2', '"decoder_attention_heads": 4', "decoder_attention_heads = 4"),
                ('"d_model": 16', '"normalize_before": true, "d_model": 16', "normalize_before")):
            self.bad(self.change(self.copy("hugging_face_tied"), "config.json", old, new), "config.json", *words)

    def test_sizes_that_disagree(self):
        self.bad(self.change_options("dim-emb: 16", "dim-emb: 32"), "Wemb has shape", "want [", ", 32]")
        self.bad(self.change_options("dec-depth: 1", "dec-depth: 2"), "no tensor decoder_l2_self_Wq")
        self.bad(self.change_options("transformer-heads: 2", "transformer-heads: 3"), "heads = 3")
        self.bad(self.change_options("transformer-heads: 2", "transformer-heads: 0"), "heads")
        folder = self.copy("marian_post")
        lines = (folder / "vocab.yml").read_text().split("\n")[:-2]
        write(folder / "vocab.yml", text(lines))
        self.bad(folder, "Wemb has shape [", f"16], its options and vocabularies want [{len(lines)}, 16]")
        for old, new, *words in (('"d_model": 16', '"d_model": 32', "want ["),
                                 ('"encoder_layers": 1', '"encoder_layers": 2', "no tensor model.encoder.layers.1."),
                                 ('"encoder_layers": 1', '"encoder_layers": "x"', 'encoder_layers = "x"'),
                                 ('"encoder_layers": 1', '"encoder_layers": 1.5', 'encoder_layers = 1.5'),
                                 ('"encoder_layers": 1', '"encoder_layers": 1000000000', "generation_config.json: its layers"),
                                 ('"encoder_layers": 1', '"encoder_layers": -1', "generation_config.json: its layers"),
                                 ('"eos_token_id": 0', '"eos_token_id": 1',
                                  "eos_token_id = 1: the vocabulary has <unk> there, not </s>"),
                                 ('"eos_token_id": 0', '"eos_token_id": 999', "the vocabulary has nothing there"),
                                 ('_token_id": 198', '_token_id": 7', "pad_token_id = 7: the vocabulary has ")):
            self.bad(self.change(self.copy("hugging_face_tied"), "config.json", old, new), *words)

    def test_tensors_too_many_and_not_finite(self):
        folder = self.copy("marian_post")
        members = npz_members(folder / "model.npz")
        extra = {**members, "decoder_l1_rnn_W.npy": members["encoder_l1_self_Wq.npy"]}
        write_zip(folder / "model.npz", extra)
        self.bad(folder, "decoder_l1_rnn_W has no place")
        nan = members["encoder_l1_self_Wq.npy"][:-4] + struct.pack("<f", float("nan"))
        write_zip(folder / "model.npz", {**members, "encoder_l1_self_Wq.npy": nan})
        self.bad(folder, "encoder_0.self_attention.query_key_value.weight holds numbers that are not finite")

    def test_broken_yaml_json_and_npy(self):
        folder = self.copy("marian_post")
        write(folder / "vocab.yml", "</s>: 0\n<unk>: 1\n\"broken: 2\n")
        self.bad(folder, "vocab.yml:3: ")
        write(folder / "vocab.yml", "a: 0\nb: 1\n")
        self.bad(folder, "vocab.yml: no piece </s>")
        self.bad(self.change(self.copy("marian_post"), "decoder.yml", "beam-size: 6", "beam-size"), "decoder.yml:7: ")
        self.bad(self.change(self.copy("marian_post"), "decoder.yml", "beam-size: 6", "beam-size: many"), "many")
        self.bad(self.change(self.copy("marian_post"), "decoder.yml", "- model.npz", "- a.npz\n  - b.npz"),
                 "2 networks")
        self.bad(self.change(self.copy("hugging_face_tied"), "config.json", "{", "["), "config.json (")
        self.bad(self.change(self.copy("hugging_face_tied"), "vocab.json", '"</s>": 0', '"</s>": 1'), "vocab.json: ")
        self.bad(self.change(self.copy("hugging_face_tied"), "vocab.json", '"</s>": 0', '"</s>": 1e99'), "vocab.json")
        folder = self.copy("marian_post")
        members = npz_members(folder / "model.npz")
        broken = members["Wemb.npy"].replace(b"'descr'", b"'broke'")
        write_zip(folder / "model.npz", {**members, "Wemb.npy": broken})
        self.bad(folder, "model.npz, Wemb: no NumPy array: its header is damaged")
        content = (GOLDEN / "marian_post/model.npz").read_bytes()
        write(folder / "model.npz", content[:len(content) // 2])
        self.bad(folder, "model.npz: not a whole zip file")
        folder = self.copy("hugging_face_tied")
        content = (folder / "model.safetensors").read_bytes()
        write(folder / "model.safetensors", content[:-10])
        self.bad(folder, "model.safetensors (", "not a whole safetensors file")
        folder = self.copy("marian_post")
        write(folder / "source.spm", "nonsense")
        self.bad(folder, "source.spm: not a SentencePiece model")

    def test_damaged_files_are_told_in_heeds_own_words(self):
        deep = "[" * 1000000 + "]" * 1000000
        for file in ("config.json", "vocab.json", "target_vocab.json", "generation_config.json"):
            whole = (GOLDEN / "hugging_face_separate" / file).read_bytes()
            for content, *words in ((b"", "(0 bytes): not JSON: it is empty", "get it again"),
                                    (whole[:-20], "not JSON: it ends too early, in line "),
                                    (b"\xff" + whole, 'line 1, column 1: "\\xFF" cannot stand there'),
                                    (b'{"a": 1e400}', "line 1, column 11: the number before it is too large"),
                                    (b"[1]", "expected a JSON object, {...}, got array"),
                                    (f'{{"d_model": {deep}}}'.encode(), "nested more than 100 deep")):
                folder = self.copy("hugging_face_separate")
                write(folder / file, content)
                self.bad(folder, folder / file, *words)
        for name, file in (("hugging_face_separate", "source.spm"), ("marian_post", "target.spm")):
            folder = self.copy(name)
            for content, word in ((b"", "it is empty"), (b"\x0a\x00", "its pieces or settings are damaged")):
                write(folder / file, content)
                self.bad(folder, folder / file, f"not a SentencePiece model ({len(content)} bytes): {word}",
                         "get the file again")

    def test_hostile_zip_files(self):
        members = {path.name: path.read_bytes() for path in (GOLDEN / "marian_post").iterdir()}
        outside = self.new_folder()
        archive = write_zip(outside / "m.zip", {**members, "../evil": b"x"})
        self.bad(archive, "m.zip: its member ../evil leads outside of the archive")
        self.assertEqual([path.name for path in outside.iterdir()], ["m.zip"])
        bomb = {**members, "vocab.yml": b"a" * (64 << 20)}
        self.bad(write_zip(outside / "bomb.zip", bomb, zipfile.ZIP_DEFLATED), "vocab.yml: claims 67108864 bytes")
        self.bad(write_zip(outside / "two.zip", {**members, "a/vocab.yml": b"x"}), "holds two files vocab.yml")
        folder = {path.name: path.read_bytes() for path in (GOLDEN / "hugging_face_tied").iterdir()}
        self.bad(write_zip(outside / "hf.zip", folder), "unpack it")

    def test_usage(self):
        self.refused(heed("import", GOLDEN / "marian_post", "-o", ""), 2, "--output is an empty text")
        self.assertEqual(heed("import").returncode, 2)
        self.assertEqual(heed("import", GOLDEN).returncode, 2)


if __name__ == "__main__":
    harness.main()
