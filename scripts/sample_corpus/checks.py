"""Checks on the written files, and the forms of ambiguous words."""

import re
from collections import Counter

from . import english, german
from .nouns import NOUNS
from .verbs import VERBS
from .words import ADJECTIVE

AMBIGUOUS_COLUMNS = ["line", "word", "token", "sense", "lemma", "forms", "wrong_forms"]
ALIGNED = ("test", "train")  # sets whose word alignment is written
STRIP = ",.?!"


def entries(word):
    """(sense, entry) for all senses of an ambiguous word."""
    return [(entry.sense, entry) for table in (NOUNS, ADJECTIVE, VERBS) for entry in table.values()
            if entry.word == word and entry.sense]


def lemma(word, sense):
    return dict(entries(word))[sense].lemma()


def wrong_forms(word, sense):
    """The forms of the word's other senses."""
    right, found = dict(entries(word))[sense].forms(), []
    for other, entry in entries(word):
        if other != sense:
            found += [form for form in entry.forms() if form not in right + found]
    return found


def read(folder, name):
    text = (folder / name).read_bytes().decode("utf-8")
    assert text.endswith("\n") and "\r" not in text, f"{name}: lines must end in \\n"
    return text.split("\n")[:-1]


def words(line):
    return [token.strip(STRIP) for token in line.split(" ")]


NUMERALS = {english.number(n) for n in range(13, 100)} | {german.number(n) for n in range(13, 100)}


def ordinary_words(line):
    """The words of a line in lower case, without numbers."""
    found = [word.lower() for word in words(line)]
    return [word for word in found if word not in NUMERALS and not re.search(r"\d", word)]


def check_text(name, en, de, size):
    faults = []
    if not len(en) == len(de) == size:
        faults.append(f"{name}: {len(en)} English and {len(de)} German lines, {size} wanted")
    for number, pair in enumerate(zip(en, de), 1):
        for line in pair:
            well_made = line and line == " ".join(line.split()) and line[0].isupper()
            if not well_made or line[-1] not in ".?!":
                faults.append(f"{name}:{number}: odd line: {line!r}")
    return faults


def check_align(name, rows, en, de):
    faults = []
    if len(rows) != len(en):
        return [f"{name}: {len(rows)} lines for {len(en)} sentences"]
    for number, (row, source, target) in enumerate(zip(rows, en, de), 1):
        pairs = [tuple(map(int, pair.split("-"))) for pair in row.split()]
        sides = len(source.split()), len(target.split())
        if any(e >= sides[0] or g >= sides[1] for e, g in pairs):
            faults.append(f"{name}:{number}: index out of range: {row}")
        for side, texts in ((0, source.split()), (1, target.split())):
            linked = {pair[side] for pair in pairs}
            missing = [text for i, text in enumerate(texts) if i not in linked]
            if missing:
                faults.append(f"{name}:{number}: not aligned: {missing} in {source} / {target}")
    return faults


def check_ambiguous(rows, en, de):
    faults = []
    for number, row in enumerate(rows[1:], 2):
        line, word, token, sense, _, forms, wrong = row.split("\t")
        source, target = words(en[int(line) - 1]), words(de[int(line) - 1])
        present = [form.lower() for form in forms.split("|")]
        lowered = [form.lower() for form in target]
        if not forms or any(form not in lowered for form in present):
            faults.append(f"test.ambiguous.tsv:{number}: {forms!r} not in {de[int(line) - 1]}")
        others = [r for r in rows[1:] if r.split("\t")[:2] == [line, word]]
        if len(others) == 1 and any(form in target for form in wrong.split("|")):
            faults.append(f"test.ambiguous.tsv:{number}: a wrong form of {word} in "
                          f"{de[int(line) - 1]}")
        if int(token) >= len(source):
            faults.append(f"test.ambiguous.tsv:{number}: no token {token}")
    return faults


def check_vocabulary(train, test, name):
    """Every word of the test set occurs in train, but for numbers."""
    known = Counter(word for line in train for word in ordinary_words(line))
    unseen = sorted({word for line in test for word in ordinary_words(line) if word not in known})
    rare = sorted((count, word) for word, count in known.items() if count < 20)
    tokens = [len(line.split()) for line in train]
    print(f"{name}: {len(known)} types without numbers, {sum(tokens)} tokens, "
          f"{sum(tokens) / len(train):.2f} words a sentence, {min(tokens)} to {max(tokens)}; "
          f"{len(rare)} types rarer than 20, such as {rare[:8]}")
    return [f"{name}: in test but not in train: {unseen}"] if unseen else []


def run(folder, sizes):
    text = {name: (read(folder, f"{name}.en"), read(folder, f"{name}.de")) for name in sizes}
    faults = []
    for name, size in sizes.items():
        faults += check_text(name, *text[name], size)
        for side in (0, 1):
            if len(set(text[name][side])) != len(text[name][side]):
                faults.append(f"{name}: a sentence twice")
            for other in sizes:
                if other < name and set(text[name][side]) & set(text[other][side]):
                    faults.append(f"{name} and {other} share a sentence")
    for name in ALIGNED:
        faults += check_align(f"{name}.align", read(folder, f"{name}.align"), *text[name])
    rows = read(folder, "test.ambiguous.tsv")
    faults += check_ambiguous(rows, *text["test"])
    for side, name in ((0, "English"), (1, "German")):
        held = text["test"][side] + text["dev"][side]
        faults += check_vocabulary(text["train"][side], held, name)
    senses = Counter(tuple(row.split("\t")[1:4:2]) for row in rows[1:])
    print("ambiguous in test:", dict(sorted(senses.items())))
    for fault in faults[:40]:
        print("fault:", fault)
    return 1 if faults else 0
