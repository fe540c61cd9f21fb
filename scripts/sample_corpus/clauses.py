"""A clause: one subject, one verb, its complements, a tense; English and German word order from the same parts.

German order is fixed by the English words alone, so that every English sentence has one right translation.
"""

from . import english, german
from .phrases import Pronoun, human, named_or_phrase, noun_phrase, place, prepositional
from .tokens import De, En, Retry, comma
from .verbs import VERBS
from .words import ADJECTIVE

# Order inside the German sentence, between the finite verb and what closes the clause.
PRONOUN, REFLEXIVE, TIME, DATIVE, ADVERB, DEFINITE, LATE_ADVERB, NOT, PLACE, INDEFINITE, MANNER, OBJECT, GOAL, PREDICATE, \
    CLOSING = range(15)
# Order behind the English verb.
EN_ORDER = ["dat", "acc", "adj", "pred", "man", "to", "ppo", "dir", "ins", "place", "loc"]
SLOTS = {"dat": DATIVE, "to": DATIVE, "adj": PREDICATE, "pred": PREDICATE, "man": MANNER, "ppo": OBJECT, "dir": GOAL,
         "ins": MANNER, "place": GOAL, "loc": PLACE}

# States that say nothing against any other quality.
PASSING = ("tired", "ill", "hungry", "thirsty", "broken")

MODALS = {"can": "can", "must": "must", "should": "should", "could": "could", "would like to": "would like to"}


class Complement:
    def __init__(self, role, words, target, phrase=None):
        self.role, self.words, self.target, self.phrase = role, words, target, phrase


class Predicate:
    """A verb with its complements as data: 'verb; role spec; ?role spec; at places; #flag'. '?' makes a part optional."""

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

    def complements(self, ctx, noun=None, skip=None, adjuncts=True):
        """Draws the complements. `noun` fixes the noun of the object, `skip` leaves out one role."""
        found = []
        for part in self.parts:
            optional, part = part.startswith("?"), part.lstrip("?")
            if optional and not (adjuncts and ctx.chance(0.5)):
                continue
            role, _, spec = part.partition(" ")
            if role != skip:
                found.append(complement(ctx, role, spec, noun if role == "acc" else None))
        if self.places and adjuncts and ctx.chance(0.6):
            words, target = place(ctx, ctx.pick(self.places))
            found.append(Complement("loc", words, target))
        return found


def complement(ctx, role, spec, noun=None):
    if role in ("acc", "dat", "pred", "to"):
        phrase = noun_phrase(ctx, spec, noun) if noun else named_or_phrase(ctx, spec)
        if role == "acc":
            return Complement(role, phrase.en(), None, phrase)
        words, target = phrase.en(), phrase.de("nom" if role == "pred" else "dat")
        if role == "to":
            link = En("to")
            target[0].sources.append(link)
            words = [link] + words
        return Complement(role, words, target, phrase)
    if role in ("adj", "man") and not spec.startswith("="):
        adjective = ADJECTIVE[ctx.pick(spec.split("|"))]
        word = En(adjective.en, adjective.sense and (adjective.word, adjective.sense))
        return Complement(role, [word], [De(adjective.de, [word], adjective.sense)])
    spec = ctx.pick(spec.split(" || "))
    if spec.startswith("*"):
        words, target = place(ctx, ctx.pick(spec[1:].split("|")), role == "dir")
    else:
        words, target = prepositional(ctx, spec)
    return Complement(role, words, target)


def subject_for(ctx, predicate, pronouns=True):
    if predicate.subject == "human":
        return human(ctx, pronouns)
    if predicate.subject == "it":
        return Pronoun("it", gender="n")
    return named_or_phrase(ctx, predicate.subject)


class Clause:
    """tense: pres past perf plup fut prog inf imp, a modal of german.MODALS, or pres/past/perf + '_passive'."""

    def __init__(self, subject, verb, complements, tense, negative=False, time=None, adverb=None, front=False, asking=False):
        self.subject, self.verb, self.tense = subject, verb, tense
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
        if self.tense in ("pres", "past") and self.verb.base == self.verb.past and not self.negative and not self.asking:
            if self.subject.agreement != "he":
                raise Retry

    def _reject_two_qualities(self):
        """The small nest is big."""
        qualities = [c.words[-1].text for c in self.complements if c.role == "adj"]
        if getattr(self.subject, "adjectives", None) and any(word not in PASSING for word in qualities):
            raise Retry

    # English verb group: head (auxiliary, goes first in questions) and tail.
    def _english_verb(self):
        verb, tense, who = self.verb, self.tense, self.subject.agreement
        main = self._main
        do = self.negative or self.asking
        third = who == "he"
        if tense.endswith("_passive"):
            head, tail = self._english_passive(tense.partition("_")[0])
        elif verb.is_be and tense in ("pres", "past"):
            head, tail = [En(english.be(tense, who))], main(None)
        elif tense == "pres":
            form = verb.third if third and not do else verb.base
            head, tail = [En("does" if third else "do")] if do else [], main(form)
        elif tense == "past":
            head, tail = ([En("did")], main(verb.base)) if do else ([], main(verb.past))
        elif tense in ("perf", "plup"):
            head, tail = [En("had" if tense == "plup" else "has" if third else "have")], main(verb.participle)
        elif tense == "fut":
            head, tail = [En("will")], main(verb.base)
        elif tense in ("prog", "pastprog"):
            head, tail = [En(english.be("past" if tense == "pastprog" else "pres", who))], main(verb.ing)
        elif tense == "inf":
            head, tail = [], [En("to")] + main(verb.base)
        elif tense in ("imp", "bare"):
            head, tail = [], main(verb.base)
        else:
            head, tail = self._english_modal(tense, do, third)
        self.head, self.tail = head, tail

    def _main(self, form):
        """The main verb and its particle. A sense is marked on the verb."""
        word = En(form, self.verb.sense and (self.verb.word, self.verb.sense)) if form else None
        self.particle = En(self.verb.particle) if self.verb.particle else None
        self.main_words = [w for w in (word, self.particle) if w]
        pronoun_object = any(c.phrase and c.phrase.pronoun and c.role == "acc" for c in self.complements)
        self.particle_late = self.verb.placing == "~" or self.verb.placing == "%" and pronoun_object
        return [w for w in (word, None if self.particle_late else self.particle) if w]

    def _english_modal(self, tense, do, third):
        base = self._main(self.verb.base)
        if tense == "can" and self.negative:
            self.not_word.text = "cannot"  # one English word for both 'kann' and 'nicht'
            return [self.not_word], base
        if tense in MODALS and tense != "would like to":
            return [En(tense)], base
        if tense == "would like to":
            return [En("would")], [En("like"), En("to")] + base
        if tense == "be allowed to":
            return [En(english.be("pres", self.subject.agreement))], [En("allowed"), En("to")] + base
        present = {"have to": ("has", "have"), "want to": ("wants", "want"), "had to": ("had", "have"),
                   "wanted to": ("wanted", "want")}[tense]
        past = tense in ("had to", "wanted to")
        if do:
            return [En("did" if past else "does" if third else "do")], [En(present[1]), En("to")] + base
        return [], [En(present[0] if past or third else present[1]), En("to")] + base

    def _english_passive(self, tense):
        who = self.subject.agreement
        participle = self._main(self.verb.participle)
        if tense == "perf":
            return [En("has" if who == "he" else "have")], [En("been")] + participle
        if tense == "prog":
            return [En(english.be("pres", who))], [En("being")] + participle
        return [En(english.be(tense, who))], participle

    # German: finite verb, tail (what closes a main clause), each linked to its English words.
    def _german_verb(self):
        verb, tense = self.verb, self.tense
        index = german.PERSON_INDEX[self.subject.person]
        main, head, mark = self.main_words, self.head, verb.sense
        self.split_prefix = None
        self.progress = None
        if tense.endswith("_passive"):
            return self._german_passive(tense.partition("_")[0], index)
        auxiliary = german.HABEN if verb.auxiliary == "h" else german.SEIN
        participle = lambda: De(verb.de_participle, main, mark)
        infinitive = lambda extra=(): De(verb.infinitive(), list(extra) + main, mark)
        if tense in ("pres", "prog") or tense == "past" and verb.preterite:
            forms = verb.preterite if tense == "past" else verb.present
            links = main if tense == "prog" else head + main
            self.finite, self.nonfinite = De(forms[index], links, mark), []
            self.split_prefix = De(verb.prefix, main) if verb.prefix else None
            self.progress = De("gerade", head) if tense == "prog" else None
        elif tense == "past":
            self.finite, self.nonfinite = De(auxiliary["pres"][index], head or main), [participle()]
        elif tense == "pastprog":
            self.finite, self.nonfinite = De(auxiliary["pres"][index], head), [participle()]
            self.progress = De("gerade", head)
        elif tense in ("perf", "plup"):
            self.finite, self.nonfinite = De(auxiliary["pres" if tense == "perf" else "pret"][index], head), [participle()]
        elif tense == "fut":
            self.finite, self.nonfinite = De(german.WERDEN["pres"][index], head), [infinitive()]
        elif tense == "inf":
            self.finite, self.nonfinite = None, self._zu_infinitive()
        elif tense == "bare":
            self.finite, self.nonfinite = None, [infinitive()]
        elif tense == "imp":
            form = verb.stem if self.subject.person == "Sie" else verb.imperative
            self.finite, self.nonfinite = De("seien" if form == "sein" else form, main, mark), []
            self.split_prefix = De(verb.prefix, main) if verb.prefix else None
        else:
            size = len(self.tail) - len(main) + (1 if self.particle_late else 0)
            modal = self.tail[:size]
            link = modal[-1:] if modal and modal[-1].text == "to" else []
            rest = [word for word in modal if word not in link]
            self.finite = De(german.MODALS[tense][index], head + rest)
            self.nonfinite = [infinitive(link)]

    def _zu_infinitive(self):
        to = self.tail[0]
        parts = self.verb.zu_infinitive()
        if len(parts) == 1:
            return [De(parts[0], [to] + self.main_words, self.verb.sense)]
        return [De(parts[0], [to]), De(parts[1], self.main_words, self.verb.sense)]

    def _german_passive(self, tense, index):
        main, head = self.main_words, self.head
        been = [word for word in self.tail if word not in main]
        participle = De(self.verb.de_participle, main, self.verb.sense)
        if tense == "perf":
            self.finite, self.nonfinite = De(german.SEIN["pres"][index], head), [participle, De("worden", been)]
            return
        forms = german.WERDEN["pret" if tense == "past" else "pres"]
        self.finite, self.nonfinite = De(forms[index], head if tense != "prog" else been), [participle]
        self.progress = De("gerade", head) if tense == "prog" else None

    def _english_complements(self, skip):
        out = []
        for role in EN_ORDER:
            for item in self.complements:
                if item.role == role and role != skip:
                    out += item.words
            if role == "acc" and self.particle_late:
                out.append(self.particle)
        return out

    def english(self, subject=True, skip=None, lead=None):
        """Statement order, or question order when the clause asks. `lead` is a wh-word that goes first."""
        who = self.subject.en() if subject else []
        negation = [self.not_word] if self.not_word and self.not_word not in self.head else []
        adverb = self.adverb[0] if self.adverb else []
        start = self.head + who if self.asking else who + self.head
        late_yet = adverb if adverb and adverb[0].text == "yet" else []
        words = start + negation + ([] if late_yet else adverb) + self.tail + self._english_complements(skip) + late_yet
        if self.time:
            words = comma(self.time[0]) + words if self.front else words + self.time[0]
        return (lead or []) + words

    def _slots(self, skip, subject):
        """(slot, German words) for everything in the middle of the clause."""
        found = []
        negation = self.not_word
        for item in self.complements:
            if item.role == "acc":
                phrase = item.phrase
                kein = negation if phrase.indefinite and phrase.determiner != "num" and item.role != skip else None
                if kein:
                    negation = None
                slot = PRONOUN if phrase.pronoun else INDEFINITE if phrase.indefinite else DEFINITE
                if item.role != skip:
                    found.append((slot, phrase.de("acc", kein)))
            elif item.role != skip:
                slot = PRONOUN if item.phrase and item.phrase.pronoun else SLOTS[item.role]
                found.append((slot, item.target))
        if negation:
            found.append((NOT, [De("nicht", [negation])]))
        if self.verb.reflexive:
            forms = german.PERSONAL.get(self.subject.person)
            found.append((REFLEXIVE, [De(forms["refl"] if forms else "sich", self.main_words)]))
        if self.verb.closing:
            slot = OBJECT - 0.5
            found.append((slot, [De(self.verb.closing, self.main_words)]))
        if self.progress:
            found.append((ADVERB, [self.progress]))
        if self.adverb:
            found.append((LATE_ADVERB if self.adverb[2] == "late" else ADVERB, self.adverb[1]))
        if self.time and not (self.front and subject):
            # 'steht oft um sechs Uhr auf': the time follows the adverb.
            found.append((LATE_ADVERB if self.late_time else ADVERB + 0.5 if self.adverb else TIME, self.time[1]))
        return found

    def middle(self, skip=None, subject=True):
        found = sorted(self._slots(skip, subject), key=lambda pair: pair[0])  # stable: equal slots keep their order
        return [word for _, words in found for word in words]

    def closing_words(self):
        """What ends a main clause: infinitive or participle, or the prefix that splits off."""
        return self.nonfinite + ([self.split_prefix] if self.split_prefix else [])

    def german_main(self, skip=None, lead=None, subject=True):
        """Verb second: `lead`, else a fronted time, else the subject goes first."""
        who = self.subject.de("nom") if subject else []
        middle = self.middle(skip)
        if lead is None and self.front and self.time:
            lead = self.time[1]
        if lead is None:
            return who + [self.finite] + middle + self.closing_words()
        return lead + [self.finite] + self._reflexive_first(who, middle) + self.closing_words()

    def _reflexive_first(self, who, middle):
        """Behind the verb or a conjunction 'sich' stands before 'ein Arzt', but behind 'er', 'Anna' and 'der Arzt'."""
        if self.verb.reflexive and who and self.subject.indefinite:
            return middle[:1] + who + middle[1:]
        return who + middle

    def german_question(self):
        return self.german_main(lead=[])

    def german_final(self, lead, skip=None, subject=True):
        """Verb last, behind `lead` (a conjunction or relative pronoun)."""
        who = self.subject.de("nom") if subject else []
        finite = self.finite
        if self.split_prefix:
            finite = De(self.split_prefix.text + finite.text, finite.sources, finite.sense)
        return lead + self._reflexive_first(who, self.middle(skip)) + self.nonfinite + [finite]

    def german_infinitive(self, lead=()):
        return list(lead) + self.middle() + self.nonfinite
