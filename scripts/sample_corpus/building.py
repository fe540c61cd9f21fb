"""Helpers that the constructions share. A construction returns (English words, German words, end mark)."""

from .clauses import Clause, Complement, Predicate
from .phrases import human, prepositional
from .tokens import De, En, Retry, comma, fixed
from .verbs import VERBS
from .words import ADJECTIVE

PRESENT_MODALS = ["can", "must", "have to", "want to", "should", "would like to", "be allowed to"]
PAST_MODALS = ["could", "had to", "wanted to"]
DEGREES = [("very", "sehr"), ("too", "zu"), ("quite", "ziemlich")]


def lines(text):
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


def table(text):
    """Rows of cells that ' / ' divides."""
    return [[cell.strip() for cell in line.split(" / ")] for line in lines(text)]


def predicates(text):
    return [Predicate(line) for line in lines(text)]


def statement(clause):
    return clause.english(), clause.german_main(), "."


def conjunction(source, target):
    word = En(source)
    return [word], [De(target, [word])]


def subordinate(source, target, clause):
    """English conjunction + clause, German conjunction + clause with its verb last."""
    words, lead = conjunction(source, target)
    return words + clause.english(), clause.german_final(lead)


def join(main, other, sub_first):
    """Main and subordinate clause in either order. Behind the other clause, German puts the verb first."""
    words, target = other
    if sub_first:
        return comma(words) + main.english(), comma(target) + main.german_main(lead=[])
    return main.english() + words, comma(main.german_main()) + target


def quality(ctx, choices, degree=False):
    """An adjective as predicate. `choices` are adjectives or their keys; those German cannot use so are left out."""
    found = [ADJECTIVE[choice] if isinstance(choice, str) else choice for choice in choices]
    adjective = ctx.pick([a for a in found if a.de != "-" and a.key != "little"])
    words, target = compared(adjective, adjective.en, adjective.de)
    if degree:
        more, mehr = fixed(*ctx.pick(DEGREES))
        words, target = more + words, mehr + target
    return Complement("adj", words, target)


def compared(adjective, text, target):
    """A degree of an adjective; 'more interesting' is one German word. The sense is marked on the last word."""
    words = [En(part) for part in text.split()]
    words[-1].sense = adjective.sense and (adjective.word, adjective.sense)
    return words, [De(target, words, adjective.sense)]


def be(subject, complement, tense="pres", negative=False):
    return Clause(subject, VERBS["be"], [complement], tense, negative)


def acting(subject, verb, phrase, tense, **more):
    """A clause with one object."""
    return Clause(subject, VERBS[verb], [Complement("acc", phrase.en(), None, phrase)], tense, **more)


def somebody(ctx, pronouns=True):
    """A definite third person, as questions and reports have it."""
    subject = human(ctx, pronouns)
    if subject.who in ("I", "we") or subject.indefinite:
        raise Retry
    return subject


def place_of(ctx, spec, role="pred"):
    return Complement(role, *prepositional(ctx, ctx.pick(spec.split(" || "))))
