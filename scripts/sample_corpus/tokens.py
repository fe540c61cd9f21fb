"""Words of the two languages, and how a finished pair of sentences is put together.

A German word remembers the English words it comes from. Nothing guesses alignments afterwards.
"""


class Retry(Exception):
    """Random choices clash (a noun twice, an ambiguous tense); the caller draws again."""


class En:
    """One English word. `sense` is (word, sense name) where the word has several translations."""

    __slots__ = ("text", "sense")

    def __init__(self, text, sense=None):
        self.text, self.sense = text, sense


class De:
    """One German word and the English words it comes from."""

    __slots__ = ("text", "sources", "sense")

    def __init__(self, text, sources, sense=None):
        self.text, self.sources, self.sense = text, list(sources), sense


def rows(text, mark):
    """The lines of a table as lists of cells, which the mark divides."""
    return [[cell.strip() for cell in line.split(mark)]
            for line in text.split("\n") if line.strip()]


class Entry:
    """A row of the lexicon: key | English | German. A key with a dot is one sense of an ambiguous
    word."""

    def __init__(self, key):
        self.key = key
        self.word, _, self.sense = key.partition(".")

    def en_word(self, text):
        """An English word that is marked with the sense."""
        return En(text, self.sense and (self.word, self.sense))

    @classmethod
    def read(cls, text):
        return {row[0]: cls(*row) for row in rows(text, "|")}


def comma(words):
    """Puts a comma behind the last word, once."""
    if words and words[-1].text[-1] not in ",.?!:":
        words[-1].text += ","
    return words


class Text:
    """The same words in both languages. a + b puts them one after the other on both sides."""

    def __init__(self, en, de, end="."):
        self.en, self.de, self.end = en, de, end

    def __add__(self, other):
        return Text(self.en + other.en, self.de + other.de, other.end)

    def comma(self):
        return Text(comma(self.en), comma(self.de))

    def german_comma(self):
        return Text(self.en, comma(self.de))

    def ending(self, end):
        return Text(self.en, self.de, end)


NOTHING = Text([], [])


def fixed(english, german, links=None):
    """A phrase that is listed whole. `links` are pairs 'e-g'; by default word by word where both
    sides are equally long, else all with all."""
    source, texts = [En(text) for text in english.split()], german.split()
    if links:
        pairs = [tuple(map(int, pair.split("-"))) for pair in links.split()]
    elif len(source) == len(texts):
        pairs = [(i, i) for i in range(len(source))]
    else:
        pairs = [(i, j) for i in range(len(source)) for j in range(len(texts))]
    return Text(source, [De(text, [source[e] for e, g in pairs if g == j])
                         for j, text in enumerate(texts)])


def upper_first(word):
    word.text = word.text[0].upper() + word.text[1:]


class Pair:
    """A finished sentence pair. `name` is its construction, for reading and for statistics."""

    def __init__(self, text, name):
        self.name, self.english_words, self.german_words = name, text.en, text.de
        for words in (text.en, text.de):
            words[-1].text = words[-1].text.rstrip(",") + text.end
            upper_first(words[0])
        self.english, self.german = (" ".join(word.text for word in words)
                                     for words in (text.en, text.de))

    def alignment(self):
        """Sorted pairs (English index, German index)."""
        index = {id(word): i for i, word in enumerate(self.english_words)}
        return sorted({(index[id(source)], j) for j, word in enumerate(self.german_words)
                       for source in word.sources})

    def ambiguous(self):
        """(English index, word, sense, German forms present) for each ambiguous English word."""
        for i, word in enumerate(self.english_words):
            if word.sense:
                yield i, *word.sense, [g.text.strip(",.?!:") for g in self.german_words
                                       if g.sense and word in g.sources]
