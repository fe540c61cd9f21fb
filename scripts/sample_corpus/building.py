"""Helpers that the constructions share. A construction returns a Text."""

from .clauses import Clause, Complement, Predicate
from .phrases import human
from .tokens import De, En, Retry, Text, fixed, rows
from .words import ADJECTIVE

PRESENT_MODALS = ["can", "must", "have to", "want to", "should", "would like to", "be allowed to"]
PAST_MODALS = ["could", "had to", "wanted to"]
DEGREES = [("very", "sehr"), ("too", "zu"), ("quite", "ziemlich")]


def table(text):
    """Rows of cells that ' / ' divides."""
    return rows(text, " / ")


def predicates(text):
    return [Predicate(line) for line in text.strip().splitlines()]


def doer(ctx, pronouns=True):
    """A person as subject, who owns what `poss` stands before."""
    ctx.owner = human(ctx, pronouns)
    return ctx.owner


def somebody(ctx):
    """A definite third person, as questions and reports have it."""
    subject = human(ctx)
    if subject.who in ("I", "we") or subject.indefinite:
        raise Retry
    return subject


def subordinate(source, target, clause):
    """English conjunction + clause, German conjunction + clause with its verb last."""
    word = fixed(source, target)
    return Text(word.en + clause.english(), clause.german_final(word.de))


def join(main, other, sub_first=False):
    """Main and subordinate clause in either order. Behind the other clause, German puts the verb
    first."""
    if sub_first:
        return other.comma() + Text(main.english(), main.german_main(lead=[]))
    return main.text().german_comma() + other


def compared(adjective, text, target):
    """A degree of an adjective; 'more interesting' is one German word. The sense is marked on the
    last word."""
    *before, last = text.split()
    words = [En(part) for part in before] + [adjective.en_word(last)]
    return Text(words, [De(target, words, adjective.sense)])


def quality(ctx, choices, degrees=None):
    """An adjective as predicate. `choices` are adjectives or a string of their keys; those German
    cannot use so are left out."""
    if isinstance(choices, str):
        choices = [ADJECTIVE[key] for key in choices.split()]
    adjective = ctx.pick([a for a in choices if a.de != "-" and a.key != "little"])
    text = compared(adjective, adjective.en, adjective.de)
    return Complement("adj", fixed(*ctx.pick(degrees)) + text if degrees else text)


def be(subject, complement, tense="pres", negative=False):
    return Clause(subject, "be", [complement], tense, negative)


def acting(subject, verb, phrase, tense, **more):
    """A clause with one object."""
    return Clause(subject, verb, [Complement("acc", phrase=phrase)], tense, **more)
