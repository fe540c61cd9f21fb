"""A clause: one subject, one verb, its complements, a tense; English and German word order from the
same parts.

German order is fixed by the English words alone, so that every English sentence has one right
translation.
"""

from . import english, german
from .phrases import Pronoun, human, named_or_phrase, place, prepositional
from .tokens import De, En, Retry, Text, comma
from .verbs import VERBS
from .words import ADJECTIVE

# Order behind the English verb.
EN_ORDER = "dat acc adj pred man to ppo dir ins loc".split()
# Order inside the German sentence, between the finite verb and what closes the clause. A time
# follows an adverb: 'steht oft um sechs Uhr auf'.
SLOTS = "pronoun reflexive time dat,to adverb time-after-adverb definite late not loc indefinite " \
        "man,ins closing ppo dir adj,pred".split()
SLOT = {name: i for i, names in enumerate(SLOTS) for name in names.split(",")}

# States that say nothing against any other quality.
PASSING = ("tired", "ill", "hungry", "thirsty", "broken")
LATE_ADVERBS = ("already", "just", "yet")

# English verb groups as they stand with he: what goes first in questions, what follows it, and the
# form of the main verb.
GROUPS = {
    "pres": ("", "", "third"),
    "past": ("", "", "past"),
    "perf": ("has", "", "participle"),
    "plup": ("had", "", "participle"),
    "fut": ("will", "", "base"),
    "prog": ("is", "", "ing"),
    "pastprog": ("was", "", "ing"),
    "inf": ("", "to", "base"),
    "imp": ("", "", "base"),
    "bare": ("", "", "base"),
    "past_passive": ("was", "", "participle"),
    "perf_passive": ("has", "been", "participle"),
    "prog_passive": ("is", "being", "participle"),
    "can": ("can", "", "base"),
    "could": ("could", "", "base"),
    "must": ("must", "", "base"),
    "should": ("should", "", "base"),
    "would like to": ("would", "like to", "base"),
    "be allowed to": ("is", "allowed to", "base"),
    "have to": ("", "has to", "base"),
    "had to": ("", "had to", "base"),
    "want to": ("", "wants to", "base"),
    "wanted to": ("", "wanted to", "base"),
}
# The same where the clause asks or is negative and 'do' has to help.
GROUPS_WITH_DO = {
    "pres": ("does", "", "base"),
    "past": ("did", "", "base"),
    "have to": ("does", "have to", "base"),
    "had to": ("did", "have to", "base"),
    "want to": ("does", "want to", "base"),
    "wanted to": ("did", "want to", "base"),
}


class Complement:
    """An object has a phrase and no German words yet: 'nicht' may become its 'kein'."""

    def __init__(self, role, text=None, phrase=None):
        self.role, self.phrase = role, phrase
        self.words, self.target = (text.en, text.de) if text else (phrase.en(), None)


class Predicate:
    """A verb with its complements as data: 'verb; role spec; ?role spec; at places; #flag'. '?'
    makes a part optional. Its subject is human unless the verb is written 'subject :: verb'."""

    def __init__(self, text):
        self.text = text
        head, *parts = (part.strip() for part in text.split(";"))
        self.subject, _, verb = ("human :: " + head).rpartition(" :: ")
        self.subject = self.subject.rpartition("human :: ")[2] or "human"
        self.verb = VERBS[verb]
        self.flags = [part[1:] for part in parts if part.startswith("#")]
        self.places = next((part[3:].split() for part in parts if part.startswith("at ")), [])
        self.parts = [part for part in parts if part[0] != "#" and not part.startswith("at ")]

    def object_spec(self):
        return next((part[4:] for part in self.parts if part.startswith("acc ")), None)

    def complements(self, ctx, skip=None, adjuncts=True):
        """Draws the complements. `skip` leaves out one role."""
        found = []
        for part in self.parts:
            optional, part = part.startswith("?"), part.lstrip("?")
            if optional and not (adjuncts and ctx.chance(0.5)):
                continue
            role, _, spec = part.partition(" ")
            if role != skip:
                found.append(complement(ctx, role, spec))
        if self.places and adjuncts and ctx.chance(0.6):
            found.append(Complement("loc", place(ctx, ctx.pick(self.places))))
        return found

    def clause(self, ctx, subject, tense, negative=False, skip=None, adjuncts=True, **more):
        """Draws the complements, then makes the clause."""
        return Clause(subject, self.verb, self.complements(ctx, skip, adjuncts), tense, negative,
                      **more)


def complement(ctx, role, spec):
    if role in ("acc", "dat", "to"):
        phrase = named_or_phrase(ctx, spec)
        if role == "acc":
            return Complement(role, phrase=phrase)
        words, target = phrase.en(), phrase.de("dat")
        if role == "to":
            words = [En("to")] + words
            target[0].sources.append(words[0])
        return Complement(role, Text(words, target), phrase)
    if role in ("adj", "man") and not spec.startswith("="):
        adjective = ADJECTIVE[ctx.pick(spec.split("|"))]
        word = adjective.en_word(adjective.en)
        return Complement(role, Text([word], [De(adjective.de, [word], adjective.sense)]))
    spec = ctx.pick(spec.split(" || "))
    if spec.startswith("*"):
        return Complement(role, place(ctx, ctx.pick(spec[1:].split("|")), role == "dir"))
    return Complement(role, prepositional(ctx, spec))


def subject_for(ctx, predicate):
    if predicate.subject == "human":
        return human(ctx)
    if predicate.subject == "it":
        return Pronoun("it", "n")
    return named_or_phrase(ctx, predicate.subject)


class Clause:
    """tense: a key of GROUPS. `time` and `adverb` are Texts; with `front` the time goes first."""

    def __init__(self, subject, verb, complements, tense, negative=False, time=None, adverb=None,
                 front=False, asking=False):
        self.subject, self.verb, self.tense = subject, verb, tense
        if isinstance(verb, str):
            self.verb = VERBS[verb]
        self.complements, self.time, self.adverb, self.front = complements, time, adverb, front
        self.negative, self.asking = negative, asking
        self.not_word = En("not") if negative else None
        self.late_time = False
        self._reject_ambiguous_past()
        self._reject_two_qualities()
        self._english_verb()
        self._german_verb()

    def _reject_ambiguous_past(self):
        """I read, they put: present and past look the same, so German could not be told."""
        plain = self.tense in ("pres", "past") and not self.negative and not self.asking
        if plain and self.verb.base == self.verb.past and self.subject.agreement != "he":
            raise Retry

    def _reject_two_qualities(self):
        """The small nest is big."""
        qualities = [c.words[-1].text for c in self.complements if c.role == "adj"]
        if self.subject.adjectives and any(word not in PASSING for word in qualities):
            raise Retry

    def _english_verb(self):
        """The verb group: head (auxiliary, goes first in questions), helpers, main words."""
        verb, tense, who = self.verb, self.tense, self.subject.agreement
        groups = {**GROUPS, **GROUPS_WITH_DO} if self.negative or self.asking else GROUPS
        head, helpers, form = groups[tense]
        if verb.is_be and tense in ("pres", "past"):
            head, form = "is" if tense == "pres" else "was", None
        elif form == "third" and who != "he":
            form = "base"
        self.head = [En(english.agree(head, who))] if head else []
        if tense == "can" and self.negative:
            self.not_word.text = "cannot"  # one English word for both 'kann' and 'nicht'
            self.head = [self.not_word]
        self.helpers = [En(english.agree(word, who)) for word in helpers.split()]
        main = [verb.en_word(getattr(verb, form))] if form else []
        self.particle = [En(verb.particle)] if verb.particle else []
        self.main_words = main + self.particle
        pronoun_object = any(c.role == "acc" and c.phrase.pronoun for c in self.complements)
        self.particle_late = verb.placing == "~" or verb.placing == "%" and pronoun_object
        self.tail = self.helpers + (main if self.particle_late else self.main_words)

    def _german_verb(self):
        """Finite verb and what closes the clause, each linked to its English words."""
        verb, tense, main, head = self.verb, self.tense, self.main_words, self.head
        person = german.PERSON_INDEX[self.subject.person]
        self.progress = [De("gerade", head)] if "prog" in tense else []
        self.split_prefix, self.nonfinite = [], []
        if tense in ("pres", "prog", "imp") or tense == "past" and verb.preterite:
            forms = verb.preterite if tense == "past" else verb.present
            form = verb.command(self.subject.person) if tense == "imp" else forms[person]
            self.finite = De(form, main if tense == "prog" else head + main, verb.sense)
            self.split_prefix = [De(verb.prefix, main)] if verb.prefix else []
            return
        participle = De(verb.de_participle, main, verb.sense)
        perfect = german.HABEN if verb.auxiliary == "h" else german.SEIN
        auxiliaries = {
            "past": (perfect["pres"], head or main), "pastprog": (perfect["pres"], head),
            "perf": (perfect["pres"], head), "plup": (perfect["pret"], head),
            "past_passive": (german.WERDEN["pret"], head),
            "perf_passive": (german.SEIN["pres"], head),
            "prog_passive": (german.WERDEN["pres"], self.helpers)}
        if tense in auxiliaries:
            forms, links = auxiliaries[tense]
            self.nonfinite = [participle]
            if tense == "perf_passive":
                self.nonfinite.append(De("worden", self.helpers))
        elif tense == "inf":
            return self._zu_infinitive()
        else:
            *rest, to = self.helpers or [None]
            self.nonfinite = [De(verb.infinitive(), ([to] if to else []) + main, verb.sense)]
            if tense == "bare":
                return
            forms = german.WERDEN["pres"] if tense == "fut" else german.MODALS[tense]
            links = head + rest
        self.finite = De(forms[person], links)

    def _zu_infinitive(self):
        to, main, sense = self.helpers, self.main_words, self.verb.sense
        *zu, infinitive = self.verb.zu_infinitive()
        self.nonfinite = [De(text, to) for text in zu]
        self.nonfinite.append(De(infinitive, main if zu else to + main, sense))

    def simple_present(self, links):
        """German takes the present of the verb itself, whatever English has."""
        form = self.verb.present[german.PERSON_INDEX[self.subject.person]]
        self.finite, self.nonfinite = De(form, links, self.verb.sense), []
        self.split_prefix = [De(self.verb.prefix, self.main_words)] if self.verb.prefix else []

    def _english_complements(self, skip):
        out = []
        for role in EN_ORDER:
            for item in self.complements:
                if item.role == role != skip:
                    out += item.words
            if role == "acc" and self.particle_late:
                out += self.particle
        return out

    def english(self, subject=True, skip=None, lead=()):
        """Statement order, or question order when the clause asks. `lead` goes first."""
        who = self.subject.en() if subject else []
        negation = [self.not_word] if self.not_word and self.not_word not in self.head else []
        adverb = self.adverb.en if self.adverb else []
        late_yet = adverb if adverb and adverb[0].text == "yet" else []
        words = (self.head + who if self.asking else who + self.head) + negation
        words += [] if late_yet else adverb
        words += self.tail + self._english_complements(skip) + late_yet
        if self.time:
            words = comma(self.time.en) + words if self.front else words + self.time.en
        return [*lead, *words]

    def _slots(self, skip, subject):
        """(slot, German words) for everything in the middle of the clause."""
        negation = [self.not_word] if self.not_word else []
        for item in self.complements:
            slot, words = item.role, item.target
            if item.role == skip:
                continue
            if item.role == "acc":
                phrase = item.phrase
                slot = "indefinite" if phrase.indefinite else "definite"
                kein = phrase.indefinite and phrase.determiner != "num" and negation
                words = phrase.de("acc", kein[0] if kein else None)
                negation = [] if kein else negation
            yield "pronoun" if item.phrase and item.phrase.pronoun else slot, words
        if negation:
            yield "not", [De("nicht", negation)]
        if self.verb.reflexive:
            forms = german.PERSONAL.get(self.subject.person)
            yield "reflexive", [De(forms["refl"] if forms else "sich", self.main_words)]
        if self.verb.closing:
            yield "closing", [De(self.verb.closing, self.main_words)]
        yield "adverb", self.progress
        if self.adverb:
            late = self.adverb.en[0].text in LATE_ADVERBS
            yield "late" if late else "adverb", self.adverb.de
        if self.time and not (self.front and subject):
            before = "time-after-adverb" if self.adverb else "time"
            yield "late" if self.late_time else before, self.time.de

    def middle(self, skip=None, subject=True):
        """Sorting is stable: equal slots keep their order."""
        found = sorted(self._slots(skip, subject), key=lambda pair: SLOT[pair[0]])
        return [word for _, words in found for word in words]

    def closing_words(self):
        """What ends a main clause: infinitive or participle, or the prefix that splits off."""
        return self.nonfinite + self.split_prefix

    def german_main(self, skip=None, lead=None, subject=True):
        """Verb second: `lead`, else a fronted time, else the subject goes first."""
        who = self.subject.de("nom") if subject else []
        middle = self.middle(skip)
        if lead is None and self.front and self.time:
            lead = self.time.de
        if lead is None:
            return who + [self.finite] + middle + self.closing_words()
        return lead + [self.finite] + self._reflexive_first(who, middle) + self.closing_words()

    def _reflexive_first(self, who, middle):
        """Behind the verb or a conjunction 'sich' stands before 'ein Arzt', but behind 'er', 'Anna'
        and 'der Arzt'."""
        if self.verb.reflexive and who and self.subject.indefinite:
            return middle[:1] + who + middle[1:]
        return who + middle

    def german_final(self, lead, skip=None, subject=True):
        """Verb last, behind `lead` (a conjunction or relative pronoun)."""
        who = self.subject.de("nom") if subject else []
        finite = self.finite
        if self.split_prefix:
            finite = De(self.verb.prefix + finite.text, finite.sources, finite.sense)
        return lead + self._reflexive_first(who, self.middle(skip)) + self.nonfinite + [finite]

    def text(self):
        """A statement."""
        return Text(self.english(), self.german_main())

    def question(self):
        return Text(self.english(), self.german_main(lead=[]), "?")

    def infinitive(self):
        """Without subject: 'to call her', 'sie anzurufen'."""
        return Text(self.english(subject=False), self.middle() + self.nonfinite)
