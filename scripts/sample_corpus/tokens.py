"""Words of the two languages, and how a finished pair of sentences is put together.

A German word remembers the English words it comes from. Nothing guesses alignments afterwards.
"""


class Retry(Exception):
    """Raised when random choices clash (a noun twice, an ambiguous tense); the caller draws again."""


class En:
    """One English word. `sense` is (word, sense name) where the word has several translations."""

    __slots__ = ("text", "sense")

    def __init__(self, text, sense=None):
        self.text = text
        self.sense = sense


class De:
    """One German word and the English words it comes from."""

    __slots__ = ("text", "sources", "sense")

    def __init__(self, text, sources, sense=None):
        self.text = text
        self.sources = list(sources)
        self.sense = sense


def comma(words):
    """Puts a comma behind the last word, once."""
    if words and words[-1].text[-1] not in ",.?!:":
        words[-1].text += ","
    return words


def fixed(english, german, links=None):
    """A phrase that is listed whole. `links` are pairs 'e-g'; by default word by word where both sides are
    equally long, else all with all."""
    source = [En(text) for text in english.split()]
    texts = german.split()
    if links:
        pairs = [tuple(map(int, pair.split("-"))) for pair in links.split()]
    elif len(source) == len(texts):
        pairs = [(i, i) for i in range(len(source))]
    else:
        pairs = [(i, j) for i in range(len(source)) for j in range(len(texts))]
    target = [De(text, [source[e] for e, g in pairs if g == j]) for j, text in enumerate(texts)]
    return source, target


def upper_first(text):
    return text[0].upper() + text[1:]


class Pair:
    """A finished sentence pair."""

    def __init__(self, english, german, end, name):
        self.name = name  # the construction, for reading and for statistics
        self.english_words = english
        self.german_words = german
        for words in (english, german):
            words[-1].text = words[-1].text.rstrip(",") + end
            words[0].text = upper_first(words[0].text)
        self.english = " ".join(word.text for word in english)
        self.german = " ".join(word.text for word in german)

    def alignment(self):
        """Sorted pairs (English index, German index)."""
        index = {id(word): i for i, word in enumerate(self.english_words)}
        return sorted({(index[id(source)], j) for j, word in enumerate(self.german_words) for source in word.sources})

    def ambiguous(self):
        """(English index, word, sense, German forms present) for each ambiguous English word."""
        for i, word in enumerate(self.english_words):
            if word.sense:
                forms = [g.text.strip(",.?!:") for g in self.german_words if g.sense and word in g.sources]
                yield i, word.sense[0], word.sense[1], forms
