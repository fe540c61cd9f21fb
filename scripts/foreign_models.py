"""Small models that other toolkits make and judge: Marian's, trained here, and MarianMTModels of random weights.

Marian's need pymarian, the others transformers and torch; all need sentencepiece and numpy.
"""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

# Marian's options by kind: as OPUS-MT has them; and as far from that as heed imports. (What the last one asks for,
# Marian 1.12 has not got: its network looks for an option of another name, and positions stay sinusoids.)
KINDS = {
    "post": ("--tied-embeddings-all --transformer-ffn-activation swish --transformer-postprocess dan "
             "--transformer-postprocess-emb d"),
    "pre": ("--tied-embeddings --transformer-ffn-activation gelu --transformer-preprocess n "
            "--transformer-postprocess da --transformer-postprocess-top n --transformer-postprocess-emb nd "
            "--transformer-train-position-embeddings"),
}
SHARED = {"post": True, "pre": False}  # one vocabulary for both sides
BEAM, NORMALIZE, LONGEST = 6, 1, 100
TAG = ">>eng<<"  # a piece of MarianMTModel's vocabularies


def read_lines(path):
    return Path(path).read_text(encoding="utf-8").split("\n")[:-1]


def write_lines(path, lines):
    Path(path).write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")


def learn_pieces(corpus, folder, size, **options):
    """source.spm and target.spm of the two files of a corpus; SentencePiece's processors. From lines in memory, for a
    model that is learned from a file holds its path."""
    import sentencepiece
    processors = []
    for side, path in zip(("source", "target"), corpus, strict=True):
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(read_lines(path)), model_writer=model,
                                                 vocab_size=size, num_threads=1, minloglevel=2, **options)
        (folder / f"{side}.spm").write_bytes(model.getvalue())
        processors.append(sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()))
    return processors


def train_marian(kind, corpus, folder, work, size, options, learn=None):
    """Leaves model.npz, decoder.yml, vocabularies and SentencePiece models in `folder`. By a process of its own, for
    Marian's trainer keeps its state; it makes the vocabularies, from pieces in the folder `work`."""
    folder.mkdir(parents=True)
    work.mkdir(parents=True, exist_ok=True)
    processors = learn_pieces(corpus, folder, size, **(learn or {}))
    for side, path, processor in zip(("source", "target"), corpus, processors, strict=True):
        write_lines(work / side, [" ".join(processor.encode(line, out_type=str)) for line in read_lines(path)])
    vocabularies = ["vocab.yml"] * 2 if SHARED[kind] else ["source.vocab.yml", "target.vocab.yml"]
    command = (f"--type transformer {KINDS[kind]} {options} --train-sets {work}/source {work}/target "
               f"--vocabs {folder}/{vocabularies[0]} {folder}/{vocabularies[1]} --model {folder}/model.npz "
               f"--max-length {LONGEST} --cpu-threads 1 --seed 1 --quiet --overwrite --shuffle-in-ram "
               "--optimizer-params 0.9 0.98 1e-09 --label-smoothing 0.1 --clip-norm 1 --cost-type ce-mean-words "
               "--save-freq 1000000 --disp-freq 100")
    subprocess.run([sys.executable, "-c", "import sys, pymarian; pymarian.Trainer(sys.argv[1]).train()", command],
                   check=True)
    for path in folder.glob("model.npz.*"):
        path.unlink()
    (folder / "decoder.yml").write_text(
        "relative-paths: true\nmodels:\n  - model.npz\nvocabs:\n" +
        "".join(f"  - {name}\n" for name in vocabularies) + f"beam-size: {BEAM}\nnormalize: {NORMALIZE}\n",
        encoding="utf-8")
    return processors


def vocabularies_of(folder):
    shared = folder / "vocab.yml"
    return [shared, shared] if shared.exists() else [folder / "source.vocab.yml", folder / "target.vocab.yml"]


def encoded(folder, side, lines):
    """Lines as Marian reads them: pieces with spaces between them."""
    import sentencepiece
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.spm"))
    return [" ".join(processor.encode(line, out_type=str)) for line in lines]


def marian_pieces(folder, lines, beam):
    """[(pieces, log P)] of the best translation of each line."""
    import pymarian
    names = " ".join(str(path) for path in vocabularies_of(folder))
    translator = pymarian.Translator(
        f"--models {folder}/model.npz --vocabs {names} --beam-size {beam} --normalize {NORMALIZE} --mini-batch 1 "
        "--maxi-batch 1 --cpu-threads 1 --quiet --quiet-translation --n-best --max-length-factor 3 --workspace 400")
    best = {}
    for answer in "\n".join(translator.translate(encoded(folder, "source", lines))).split("\n"):
        number, pieces, features, _ = answer.split(" ||| ")
        best.setdefault(int(number), (pieces.split(" "), float(features.split("=")[1])))
    return [best[i] for i in range(len(lines))]


def translate_marian(folder, lines, beam):
    """[(text, log P)] of the best translation of each line."""
    return [(text_of(pieces), log_p) for pieces, log_p in marian_pieces(folder, lines, beam)]


def score_by_marian(folder, lines, targets, work, *flags):
    """What Marian's scorer prints of each target, whose pieces have spaces between them. By a process, for it writes to
    stdout."""
    names = [work / "score.source", work / "score.target"]
    write_lines(names[0], encoded(folder, "source", lines))
    write_lines(names[1], targets)
    done = subprocess.run(
        [sys.executable, "-c", "import sys, _pymarian; _pymarian.main(sys.argv[1:])", "score", "--model",
         folder / "model.npz", "--vocabs", *vocabularies_of(folder), "--train-sets", *names, "--cpu-threads", "1",
         "--workspace", "400", "--max-length", "1000", "--quiet", *flags], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def score_marian_pieces(folder, lines, targets, work):
    """log P of each target, by teacher forcing."""
    return [float(line) for line in score_by_marian(folder, lines, targets, work)]


def score_marian_words(folder, lines, targets, work):
    """Those of each target's pieces and of the end symbol."""
    texts = [" ".join(pieces) for pieces in targets]
    printed = score_by_marian(folder, lines, texts, work, "--word-scores")
    return [[float(word) for word in line.split(" ||| ")[1].split("=")[1].split()] for line in printed]


def score_marian(folder, lines, targets, work):
    """The same of targets that are text."""
    return score_marian_pieces(folder, lines, encoded(folder, "target", targets), work)


def translate_ctranslate2(folder, sources, limit):
    """Pieces of greedy translations, at most `limit`, by a model in its form; sources are pieces."""
    import ctranslate2
    translator = ctranslate2.Translator(str(folder), compute_type="float32", intra_threads=1)
    return [one.hypotheses[0] for one in translator.translate_batch(sources, beam_size=1, max_batch_size=50,
                                                                    max_decoding_length=limit, disable_unk=True)]


def random_hugging_face(folder, corpus, size, width, layers, heads, inner=None, vocabulary=0, separate=False,
                        half=False, activation="swish", learn=None, seed=1):
    """A MarianMTModel of random weights with its tokenizer's files: large enough weights that translations differ.
    Its vocabularies are filled up to so many pieces."""
    import torch
    from transformers import MarianConfig, MarianMTModel
    folder.mkdir(parents=True)
    processors = learn_pieces(corpus, folder, size, **(learn or {}))
    pieces = [[p.id_to_piece(i) for i in range(p.get_piece_size())] for p in processors]
    specials = ["</s>", "<unk>", TAG]
    joint = sorted(set(pieces[0] + pieces[1]) - {*specials, "<s>"})
    lists = ([specials + [x for x in one if x not in {*specials, "<s>"}] + ["<pad>"] for one in pieces] if separate
             else [specials + joint + ["<pad>"]] * 2)
    lists = [[*one[:-1], *(f"<unused {i}>" for i in range(vocabulary - len(one))), one[-1]] for one in lists]
    pad = len(lists[1]) - 1
    names = ["vocab.json", "target_vocab.json"] if separate else ["vocab.json"]
    for name, one in zip(names, lists):
        (folder / name).write_text(json.dumps({piece: i for i, piece in enumerate(one)}, ensure_ascii=False),
                                   encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "MarianTokenizer", "separate_vocabs": separate, "eos_token": "</s>",
         "unk_token": "<unk>", "pad_token": "<pad>", "model_max_length": 512}), encoding="utf-8")
    torch.manual_seed(seed)
    config = MarianConfig(
        vocab_size=len(lists[0]), decoder_vocab_size=len(lists[1]), d_model=width, encoder_layers=layers,
        decoder_layers=layers, encoder_attention_heads=heads, decoder_attention_heads=heads,
        encoder_ffn_dim=inner or 2 * width, decoder_ffn_dim=inner or 2 * width, activation_function=activation,
        scale_embedding=True, max_position_embeddings=128, pad_token_id=pad, decoder_start_token_id=pad,
        eos_token_id=0, forced_eos_token_id=0, share_encoder_decoder_embeddings=not separate, bad_words_ids=None)
    model = MarianMTModel(config).eval()
    with torch.no_grad():
        # An output of its own would see the last norm's noise alone: the same piece at every step.
        kept = ("embed_positions", "layer_norm") if separate else ("embed_positions",)
        for name, parameter in model.named_parameters():
            if not any(part in name for part in kept):
                parameter.add_(torch.randn_like(parameter) * 2 / width**0.5)
        for table in {model.get_encoder().embed_tokens.weight, model.get_decoder().embed_tokens.weight,
                      model.lm_head.weight}:
            table[-1] = 0
        model.final_logits_bias[0, :-1] = torch.randn(pad) * 0.5
    model.generation_config.bad_words_ids = [[pad]]
    model.generation_config.num_beams = 4
    model.generation_config.max_length = 128
    if half:
        model = model.half()
    model.save_pretrained(folder)
    return folder


def text_of(pieces):
    """As Marian's own postprocessing has it."""
    return "".join(pieces).replace("\u2581", " ").lstrip(" ")


class HuggingFaceJudge:
    """A folder as transformers reads it, in float32."""

    def __init__(self, folder):
        import torch
        from transformers import MarianMTModel, MarianTokenizer
        self.torch = torch
        self.tokenizer = MarianTokenizer.from_pretrained(folder)
        self.model = MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()

    def pieces(self, ids):
        """Target pieces of ids, without what begins, ends and pads them."""
        never = {self.tokenizer.eos_token_id, self.tokenizer.pad_token_id, self.model.config.decoder_start_token_id}
        return [self.tokenizer.decoder[i] for i in ids if i not in never]

    def greedy_pieces(self, lines, limit, batch=50):
        """Translations by greedy search, of at most `limit` pieces."""
        found = []
        for first in range(0, len(lines), batch):
            inputs = self.tokenizer(lines[first:first + batch], return_tensors="pt", padding=True)
            with self.torch.no_grad():
                rows = self.model.generate(**inputs, num_beams=1, do_sample=False, max_new_tokens=limit,
                                           max_length=None, forced_eos_token_id=None)
            found += [self.pieces(row.tolist()) for row in rows]
        return found

    def greedy(self, lines, limit):
        return [text_of(pieces) for pieces in self.greedy_pieces(lines, limit)]

    def marian_beam(self, line, beam):
        """Pieces of what Marian's beam search, which loses a place with each hypothesis that ends, finds with this
        network; a translation is cut at three times the source's pieces."""
        torch, config = self.torch, self.model.config
        for module in self.model.modules():
            if isinstance(module, torch.nn.LayerNorm):
                module.eps = 1e-6  # Marian's
        inputs = self.tokenizer([line], return_tensors="pt")
        never = [config.pad_token_id, self.tokenizer.unk_token_id]
        live, ended, places = [([config.decoder_start_token_id], 0.0)], [], beam
        with torch.no_grad():
            states = self.model.get_encoder()(**inputs).last_hidden_state
            for length in range(1, 3 * inputs["input_ids"].shape[1] + 1):
                out = self.model(encoder_outputs=(states.expand(len(live), -1, -1),),
                                 attention_mask=inputs["attention_mask"].expand(len(live), -1),
                                 decoder_input_ids=torch.tensor([ids for ids, _ in live]))
                log_p = torch.log_softmax(out.logits[:, -1], -1) + torch.tensor([[total] for _, total in live])
                log_p[:, never] = -float("inf")
                best = torch.topk(log_p.flatten(), places)
                rows = [(live[at // log_p.shape[1]][0] + [at % log_p.shape[1]], total)
                        for at, total in zip(best.indices.tolist(), best.values.tolist())]
                last = length == 3 * inputs["input_ids"].shape[1]
                ended += [(total / length**NORMALIZE, ids) for ids, total in rows
                          if last or ids[-1] == config.eos_token_id]
                live = [(ids, total) for ids, total in rows if ids[-1] != config.eos_token_id]
                places = len(live)
                if not live:
                    break
        return self.pieces(max(ended)[1])

    def logits(self, line, ids):
        """Of each target piece of `ids` and of the end, [T + 1, V]."""
        inputs = self.tokenizer([line], return_tensors="pt")
        start = [self.model.config.decoder_start_token_id]
        with self.torch.no_grad():
            out = self.model(**inputs, decoder_input_ids=self.torch.tensor([start + ids]))
        return out.logits[0]

    def log_p(self, line, before, piece):
        """Of a piece behind the pieces before it."""
        ids = {piece: i for i, piece in self.tokenizer.decoder.items()}
        row = self.logits(line, [ids[one] for one in before])[-1]
        return self.torch.log_softmax(row[:-1], -1)[ids[piece]].item()

    def forced(self, lines, targets):
        """The logits of given targets, but for the padding symbol's, as expected.json has them."""
        return [{"line": line, "target": target,
                 "logits": [[round(x, 5) for x in row] for row in self.logits(line, target)[:, :-1].tolist()]}
                for line, target in zip(lines, targets)]


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
    return folder
