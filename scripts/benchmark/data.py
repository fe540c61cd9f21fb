"""Text for the benchmarks: one vocabulary and one set of pieces for every toolkit, and made-up corpora of
exact vocabulary and length."""

import random
import shutil
import subprocess
from itertools import chain
from pathlib import Path

from measure import HEED, ROOT, say

CORPUS = ROOT / "multi30k"
PARTS = {"train": "train", "dev": "val", "test": "test_2016_flickr"}
# Characters that are letters to every tool and that no normalisation changes.
LETTERS = list(chain(range(0x4E00, 0x9FFF), range(0xAC00, 0xD7A4), range(0x20000, 0x2A6D0)))


def heed(*arguments):
    result = subprocess.run([HEED, *map(str, arguments)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"error: heed {' '.join(map(str, arguments))}: {result.stderr.strip()}")


def field(content, at):
    """Of a protocol buffer: the field's number, its bytes or None, and where the next one begins."""
    def number(at):
        value = shift = 0
        while True:
            value |= (content[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if content[at - 1] < 128:
                return value, at
    tag, at = number(at)
    if tag & 7 == 2:
        size, at = number(at)
        return tag >> 3, content[at:at + size], at + size
    if tag & 7 == 0:
        return tag >> 3, None, number(at)[1]
    return tag >> 3, None, at + {1: 8, 5: 4}[tag & 7]


def fields(content):
    at = 0
    while at < len(content):
        number, value, at = field(content, at)
        yield number, value


def pieces_of(model):
    """The pieces of a SentencePiece model: its field 1 repeated, each with its text in field 1."""
    return [next(value for number, value in fields(piece) if number == 1).decode()
            for number, piece in fields(model.read_bytes()) if number == 1]


def write_vocabularies(folder, pieces):
    """The pieces but for the special ones, which each toolkit adds itself: a line each, and as YAML."""
    plain = [piece for piece in pieces if piece not in ("<pad>", "<unk>", "<s>", "</s>")]
    (folder / "vocabulary.txt").write_text("".join(piece + "\n" for piece in plain), encoding="utf-8")
    quoted = ['"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in ["</s>", "<unk>", *plain]]
    (folder / "vocabulary.yml").write_text("".join(f"{piece}: {i}\n" for i, piece in enumerate(quoted)),
                                           encoding="utf-8")


def prepare(folder, size, model=None):
    """data/ (text), pieces/, vocabulary.* in the folder; the model is learned where none is given."""
    folder = Path(folder)
    if (folder / "complete").exists():
        return folder
    if not (CORPUS / "train.en").exists():
        raise SystemExit(f"error: {CORPUS} is not there: run scripts/get_multi30k.sh")
    say(f"preparing {folder}")
    for name in ("data", "pieces"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for part, name in PARTS.items():
        for language in ("en", "de"):
            shutil.copy(CORPUS / f"{name}.{language}", folder / f"data/{part}.{language}")
    vocabulary = folder / "vocabulary.model"
    if model:
        shutil.copy(model, vocabulary)
    else:
        heed("tokenize", "train", "-m", vocabulary, "--vocab-size", size, CORPUS / "train.en", CORPUS / "train.de")
    for file in sorted((folder / "data").iterdir()):
        heed("tokenize", "encode", "-m", vocabulary, "-i", file, "-o", folder / "pieces" / file.name)
    write_vocabularies(folder, pieces_of(vocabulary))
    (folder / "complete").touch()
    return folder


def target_tokens(pieces):
    """Pieces of a file, each line's end symbol counted."""
    return sum(len(line.split()) + 1 for line in Path(pieces).read_text(encoding="utf-8").splitlines())


def make_corpus(folder, vocabulary, length):
    """Lines of random letters, all of `vocabulary` pieces among them, each line `length` pieces long.

    A character is a piece, and SentencePiece puts one in front of each line: with the four special ones and
    that one, vocabulary - 5 letters. The model is folder/vocabulary.model.
    """
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(1)
    letters = [chr(code) for code in LETTERS[:vocabulary - 5]]
    size = length - 1
    lines = max(2000, -(-200_000 // length), -(-len(letters) // size))
    for language in ("en", "de"):
        text = letters + rng.choices(letters, k=lines * size - len(letters))
        rng.shuffle(text)
        content = ["".join(text[i:i + size]) for i in range(0, len(text), size)]
        (folder / f"train.{language}").write_text("\n".join(content) + "\n", encoding="utf-8")
        (folder / f"dev.{language}").write_text("\n".join(content[:8]) + "\n", encoding="utf-8")
    heed("tokenize", "train", "-m", folder / "vocabulary.model", "--type", "char", "--vocab-size", vocabulary,
         folder / "train.en", folder / "train.de")
    (folder / "complete").touch()
