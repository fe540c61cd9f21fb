"""Noun phrases and prepositional phrases: English words once, German words on demand for a case.

A specification is a short string: `the|a red|green apple of the garden`, that is: determiner,
adjectives, noun, and perhaps a genitive. '|' separates choices, '||' whole specifications.
Determiners: the a this every which, `poss` (the subject's), `any` (my, his, ...), `num` a number,
`few` a number up to twelve, `-` none, `the0` (English the, no German article); a '+' after one asks
for the plural. `@name` is a class of nouns, `$person $city $country` are names; '!' in the place of
an adjective forbids adjectives.
"""

from . import english, german
from .nouns import CLASSES, NOUNS
from .tokens import De, En, Retry, Text, fixed
from .words import ADJECTIVE, CITIES, COUNTRIES, GROUPS, MEN, SURNAMES, WOMEN

POSSESSIVES = {"I": ("my", "mein"), "we": ("our", "unser"), "he": ("his", "sein"),
               "she": ("her", "ihr"), "they": ("their", "ihr"), "you": ("your", "dein"),
               "You": ("your", "Ihr"), "it": ("its", "sein"), "itf": ("its", "ihr")}
DER_WORDS = {"this": "dies", "every": "jed", "which": "welch"}

PREPOSITIONS = {
    "with": "mit.dat", "without": "ohne.acc", "for": "für.acc", "from": "von.dat",
    "about": "über.acc", "by": "von.dat", "in": "in.dat", "into": "in.acc", "on": "auf.dat",
    "on+": "auf.acc", "under": "unter.dat", "under+": "unter.acc", "behind": "hinter.dat",
    "behind+": "hinter.acc", "next_to": "neben.dat", "next_to+": "neben.acc",
    "in_front_of": "vor.dat", "through": "durch.acc", "above": "über.dat", "after": "nach.dat",
    "before": "vor.dat",
}

# Where people are (dative) and where they go. One right preposition for each place.
PLACES = {
    "station": ("at>an.dat the station", "to>zu.dat the station"),
    "airport": ("at>an.dat the airport", "to>zu.dat the airport"),
    "park": ("in the park", "to>in.acc the park"),
    "garden": ("in the garden", "into the garden"),
    "kitchen": ("in the kitchen", "into the kitchen"),
    "living_room": ("in the living_room", "into the living_room"),
    "bedroom": ("in the bedroom", "into the bedroom"),
    "library": ("in the library", "to>in.acc the library"),
    "school": ("at>in.dat - ! school", "to>in.acc - ! school"),
    "university": ("at>an.dat the ! university", "to>zu.dat the ! university"),
    "hospital": ("in the hospital", "to>in.acc the hospital"),
    "office": ("in the office", "to>in.acc the office"),
    "market": ("at>auf.dat the market", "to>auf.acc the market"),
    "supermarket": ("in the supermarket", "to>in.acc the supermarket"),
    "restaurant": ("in the restaurant", "to>in.acc the restaurant"),
    "cafe": ("in the cafe", "to>in.acc the cafe"),
    "museum": ("in the museum", "to>in.acc the museum"),
    "theatre": ("in the theatre", "to>in.acc the theatre"),
    "cinema": ("in the cinema", "to>in.acc the cinema"),
    "church": ("in the church", "to>in.acc the church"),
    "hotel": ("in the hotel", "to>in.acc the hotel"),
    "bakery": ("in the bakery", "to>zu.dat the bakery"),
    "beach": ("at>an.dat the beach", "to>an.acc the beach"),
    "lake": ("at>an.dat the lake", "to>an.acc the lake"),
    "forest": ("in the forest", "into the forest"),
    "zoo": ("in the zoo", "to>in.acc the zoo"),
    "playground": ("at>auf.dat the playground", "to>auf.acc the playground"),
    "castle": ("in the castle", "to>zu.dat the castle"),
    "farm": ("on the farm", "to>auf.acc the farm"),
    "home": ("=at home>zu Hause", "=home>nach Hause"),
    "train": ("on>in.dat the ! train", None),
    "bed": ("in>in.dat - ! bed", "to>in.acc - ! bed"),
}
# English leaves the article out here, German does not.
HIDDEN_ARTICLE = ("school", "bed", "spring.season")


class Context:
    """Random choices for one sentence, and what it has used so far."""

    def __init__(self, rng, adjective_rate=None):
        self.rng, self.adjective_rate = rng, adjective_rate
        self.used, self.owner = [], None

    def pick(self, choices):
        if not choices:
            raise Retry
        return choices[int(self.rng.random() * len(choices))]

    def chance(self, probability):
        return self.rng.random() < probability

    def number(self, lowest, count):
        """One of `count` numbers from the lowest on."""
        return lowest + int(self.rng.random() * count)

    def weighted(self, pairs):
        """Choice among (weight, value)."""
        mark = self.rng.random() * sum(weight for weight, _ in pairs)
        for weight, value in pairs:
            mark -= weight
            if mark < 0:
                return value
        return pairs[-1][1]

    def use(self, key):
        if key in self.used:
            raise Retry
        self.used.append(key)


class NounPhrase:
    """agreement (English I, he, they), person (German), gender, who (whose possessive it takes)."""

    pronoun = indefinite = plural = False
    adjectives = ()

    def en(self):
        return self.words

    def text(self, case, negation=None):
        return Text(self.en(), self.de(case, negation))


class Name(NounPhrase):
    agreement, person = "he", "er"

    def __init__(self, text, gender, translation=None):
        self.gender = gender
        self.who = "he" if gender == "m" else "she"
        self.words = [En(part) for part in text.split()]
        self.texts = (translation or text).split()

    def de(self, case, negation=None):
        return [De("Herrn" if text == "Herr" and case != "nom" else text, [source])
                for text, source in zip(self.texts, self.words)]


class Pronoun(NounPhrase):
    """I he she we they you You(formal) as subject; `it`, as object too, takes the gender of what
    it stands for."""

    pronoun = True

    def __init__(self, who, gender=None):
        self.who = who
        self.gender = gender or {"he": "m", "she": "f", "they": "p"}.get(who)
        self.words = [En(who.lower() if who == "You" else who)]
        self.plural = self.gender == "p" or who == "we"
        self.agreement = {"I": "I", "he": "he", "she": "he", "it": "he"}.get(who, "they")
        self.person = {"I": "ich", "we": "wir", "you": "du", "You": "Sie", "they": "sie"}.get(
            who, "er")

    def de(self, case, negation=None):
        forms = german.PERSONAL.get(self.person)
        return [De(forms[case] if forms else german.PRONOUN[case, self.gender], self.words)]


class Both(NounPhrase):
    """Two names: Anna and Paul."""

    agreement, person, gender, who, plural = "they", "sie", "p", "they", True

    def __init__(self, first, second):
        self.first, self.second, self.link = first, second, fixed("and", "und")
        self.words = first.en() + self.link.en + second.en()

    def de(self, case, negation=None):
        return self.first.de(case) + self.link.de + self.second.de(case)


class Phrase(NounPhrase):
    """Determiner, number, adjectives, noun, and what follows it."""

    def __init__(self, noun, determiner, plural, adjectives=(), possessor=None, count=None):
        # German may have only a plural (Hausaufgaben) where English has a mass noun.
        self.noun, self.determiner, self.plural = noun, determiner, plural
        self.german_plural = plural or noun.de == "-"
        self.gender = "p" if self.german_plural else noun.gender
        self.agreement = "they" if plural else "he"
        self.person = "sie" if self.german_plural else "er"
        self.indefinite = determiner in ("a", "-", "num", "the0")
        self.who = self._who()
        self.possessor, self.count = possessor, count
        self.adjectives = [(adjective, adjective.en_word(adjective.en)) for adjective in adjectives]
        self.after = Text([], [])
        text = noun.plural if plural else noun.singular
        if text is None:
            raise Retry
        self.noun_words = [noun.en_word(part) for part in text.split()]
        following = [word for _, word in self.adjectives] + self.noun_words
        self.determiner_words = [En(word) for word in self._determiner_en(following[0].text)]
        self.words = self.determiner_words + following

    def _who(self):
        if self.plural:
            return "they"
        if "man" in self.noun.classes:
            return "he"
        if "animal" in self.noun.classes:
            return "itf" if self.gender == "f" else "it"
        return "she" if "woman" in self.noun.classes else None

    def _determiner_en(self, following):
        name = self.determiner
        if name == "-":
            return []
        return [{"a": english.article(following),
                 "num": english.number(self.count or 0),
                 "poss": POSSESSIVES.get(self.possessor, ("",))[0],
                 "name": f"{self.possessor}'s",
                 "the0": "the",
                 "this": "these" if self.plural else "this"}.get(name, name)]

    def en(self):
        return self.words + self.after.en

    def _determiner_de(self, case, negation):
        """German determiner and the adjective endings that follow it."""
        words, column, name = self.determiner_words, (case, self.gender), self.determiner
        if negation:
            return [De("kein" + german.EIN_ENDING[column], [negation] + words)], german.MIXED
        if name == "the" or self.noun.key in HIDDEN_ARTICLE and name == "-":
            return [De(german.DEFINITE[column], words or self.noun_words)], german.WEAK
        if name in DER_WORDS:
            return [De(DER_WORDS[name] + german.DER_ENDING[column], words)], german.WEAK
        if name in ("a", "poss"):
            stem = "ein" if name == "a" else POSSESSIVES[self.possessor][1]
            return [De(stem + german.EIN_ENDING[column], words)], german.MIXED
        if name in ("name", "num"):
            text = self.possessor + "s" if name == "name" else german.number(self.count)
            return [De(text, words)], german.STRONG
        return [], german.STRONG

    def de(self, case, negation=None):
        out, endings = self._determiner_de(case, negation)
        for adjective, word in self.adjectives:
            out.append(De(adjective.stem + endings[case, self.gender], [word], adjective.sense))
        sources = (self.determiner_words if self.determiner == "the0" else []) + self.noun_words
        out.append(De(self.noun.german(case, self.german_plural), sources, self.noun.sense))
        return out + self.after.de

    def follow(self, text):
        self.after += text


def choose_noun(ctx, text):
    choices = []
    for part in text.split("|"):
        choices += CLASSES[part[1:]] if part.startswith("@") else [NOUNS[part]]
    return ctx.pick([noun for noun in choices if noun.key not in ctx.used])


def attributes(noun):
    """Adjectives that make sense with the noun."""
    return [ADJECTIVE[key] for name in noun.adjectives
            for key in (GROUPS[name] if name.startswith("$") else [name])]


def choose_adjectives(ctx, parts, noun):
    if parts == ["!"]:
        return []
    if parts:
        return [ADJECTIVE[ctx.pick(part.split("|"))] for part in parts]
    choices = attributes(noun)
    return [ctx.pick(choices)] if choices and ctx.chance(ctx.adjective_rate) else []


def suitable(determiners, noun):
    """Relatives are somebody's; most other people are nobody's."""
    owned = [d for d in determiners if d.rstrip("+") in ("poss", "any")]
    free = [d for d in determiners if d not in owned]
    if noun.is_a("kin", "friend", "parents"):
        return owned or free
    if noun.is_a("job", "kid", "adult", "tourist") and noun.key not in ("doctor", "teacher"):
        return free or owned
    return determiners


def possessor(ctx, determiner):
    if determiner == "any":
        return ctx.pick(["I", "we", "he", "she", "they"])
    return ctx.owner.who if ctx.owner else None


def noun_phrase(ctx, spec, noun=None):
    """Draws a noun phrase for a specification; `noun` fixes the noun beforehand."""
    head, _, tail = spec.partition(" of ")
    parts = head.split()
    noun = noun or choose_noun(ctx, parts[-1])
    determiner = ctx.pick(suitable(parts[0].split("|"), noun))
    plural = determiner.endswith("+") or noun.singular is None
    determiner = determiner.rstrip("+")
    ctx.use(noun.key)
    owner = count = None
    if determiner in ("poss", "any"):
        owner = possessor(ctx, determiner)
        if noun.key == "chest.body" and owner in ("we", "they"):
            raise Retry  # one each
        determiner = "poss" if owner else "the"
    if noun.plural is None and determiner == "a":
        determiner = "-"
    if determiner in ("num", "few"):
        small = determiner == "few" or ctx.chance(0.5)
        count = ctx.number(2, 11) if small else ctx.number(13, 87)
        determiner, plural = "num", True
    adjectives = choose_adjectives(ctx, parts[1:-1], noun)
    phrase = Phrase(noun, determiner, plural, adjectives, owner, count)
    if tail:
        link = [En("of")]
        inner = noun_phrase(ctx, tail)
        words = inner.de("gen")
        words[0].sources += link
        phrase.follow(Text(link + inner.en(), words))
    return phrase


def prepositional(ctx, spec):
    """A Text for 'prep noun-phrase' or '=english>german[>links]'. 'prep' is a key of PREPOSITIONS,
    or 'english>german.case'."""
    if spec.startswith("="):
        return fixed(*spec[1:].split(">"))
    preposition, _, rest = spec.partition(" ")
    source, _, target = preposition.partition(">")
    word, case = (target or PREPOSITIONS[source]).split(".")
    before = [En(part) for part in source.rstrip("+").split("_")]
    phrase = named_or_phrase(ctx, rest)
    words = phrase.de(case)
    contracted = german.CONTRACTIONS.get((word, words[0].text))
    if contracted and isinstance(phrase, Phrase) and phrase.determiner in ("the", "-"):
        hidden = phrase.determiner == "-"
        words[0] = De(contracted, before + ([] if hidden else words[0].sources))
    else:
        words.insert(0, De(word, before))
    return Text(before + phrase.en(), words)


def place(ctx, key, moving=False):
    spec = PLACES[key][1 if moving else 0]
    if spec is None:
        raise Retry
    return prepositional(ctx, spec)


def translated(text):
    source, _, target = text.partition("=")
    return source, target or source


def named_or_phrase(ctx, spec):
    """A noun phrase, or one of the classes of names: $person $city $country."""
    spec = ctx.pick(spec.split("||")).strip()
    if spec == "$person":
        return person_name(ctx)
    if spec in ("$city", "$country"):
        source, target = translated(ctx.pick(CITIES if spec == "$city" else COUNTRIES))
        ctx.use(source)
        return Name(source, "n", target)
    return noun_phrase(ctx, spec)


def person_name(ctx):
    titled, man = ctx.chance(0.15), ctx.chance(0.5)
    name = ctx.pick(SURNAMES if titled else MEN if man else WOMEN)
    ctx.use(name)
    title, titel = (("Mr ", "Herr ") if man else ("Mrs ", "Frau ")) if titled else ("", "")
    return Name(title + name, "m" if man else "f", titel + name)


def human(ctx, pronouns=True):
    """A person or several as a subject."""
    kind = ctx.weighted([(42, "name"), (25 if pronouns else 0, "pronoun"),
                         (14, "the|a @job|@adult|boy"), (12, "any @kin|neighbour|parents"),
                         (5, "both"), (6, "many")])
    if kind == "name":
        return person_name(ctx)
    if kind == "pronoun":
        return Pronoun(ctx.pick(["I", "he", "she", "we", "they"]))
    if kind == "both":
        first, second = person_name(ctx), person_name(ctx)
        if len(first.words) + len(second.words) != 2:
            raise Retry
        return Both(first, second)
    if kind == "many":
        kind = ctx.pick(["the+ child|student|guest|tourist", "any+ friend|neighbour"])
    return noun_phrase(ctx, kind)


def person_called(ctx):
    """Somebody is called by name: (Text, pronoun)."""
    if ctx.chance(0.6):
        name, you = ctx.pick(MEN + WOMEN), "you"
        title = Text([], [])
    else:
        title, you = fixed(*ctx.pick([("Mr", "Herr"), ("Mrs", "Frau")])), "You"
        name = ctx.pick(SURNAMES)
    ctx.use(name)
    return title + fixed(name, name), Pronoun(you)


def back_reference(phrase):
    """The pronoun for a subject that was named before."""
    if phrase.pronoun:
        return Pronoun(phrase.who, phrase.gender)
    if phrase.who is None:
        raise Retry
    if phrase.who.startswith("it"):
        return Pronoun("it", phrase.gender)
    return Pronoun(phrase.who)
