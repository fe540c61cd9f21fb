"""Relative clauses. English has no commas around them, German has two."""

from . import german
from .building import acting, be, doer, quality
from .clauses import Clause
from .nouns import NOUNS
from .phrases import attributes, human, noun_phrase
from .simple import FAR, HUMAN_PREDICATES, simple_clause
from .times import time_for
from .tokens import De, En, Retry, Text, comma, fixed

PEOPLE = "job kin kid adult friend guest neighbour parents".split()
# Verbs whose object is no thing of its own, or not one thing.
VAGUE = "like have need count pick learn eat drink take".split()
# After these the thing is gone.
PARTING = ("throw_away", "lose", "forget", "sell")


def objects():
    """{noun: predicates that may have it as their object}"""
    found = {}
    for predicate in HUMAN_PREDICATES:
        spec = predicate.object_spec() or ""
        parts = spec.split()
        if "||" in spec or predicate.verb.key in VAGUE or len(parts) != 2:
            continue
        for name in parts[1].split("|"):
            for noun in NOUNS.values():
                fits = name[1:] in noun.classes if name[0] == "@" else name == noun.key
                if fits and noun.plural and noun.singular and not noun.is_a(*PEOPLE):
                    found.setdefault(noun.key, []).append(predicate)
    return found


OBJECTS = objects()
OBJECT_KEYS = sorted(OBJECTS)


def pronoun(word, case, head):
    """A relative pronoun."""
    source = [En(word)]
    return Text(source, [De(german.RELATIVE[case, head.gender], source)])


def hang(head, lead, sub, main, subject=False, skip=None):
    """Head + relative clause + the rest of `main`, whose subject the head is. `lead` opens the
    relative clause."""
    main.front = False
    inner = comma(sub.german_final(lead.de, skip=skip, subject=subject))
    return Text(
        head.en() + lead.en + sub.english(subject=subject, skip=skip) + main.english(subject=False),
        comma(head.de("nom")) + inner + main.german_main(subject=False))


def relative_subject(ctx):
    """The woman who lives next to the church ..."""
    head = ctx.owner = noun_phrase(ctx, ctx.pick(
        ["the @adult|@job|boy", "the+ student|child|tourist", "the @job|boy"]))
    sub = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=head, negative=False)
    sub.front = False
    if sub.tense not in ("past", "pres", "perf", "prog", "want to", "wanted to", "have to"):
        raise Retry
    if ctx.chance(0.35):
        part = quality(ctx, "friendly young old famous rich tired ill happy sad hungry")
        main = be(head, part, ctx.pick(["pres", "pres", "past"]))
    else:
        main = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=head, negative=False,
                             timing=not sub.time)
    return hang(head, pronoun("who", "nom", head), sub, main)


def gapped(ctx, predicate):
    """A clause that lacks its object: (that) Anna bought yesterday"""
    subject = doer(ctx)
    tense = "want to" if "chance" not in predicate.flags and ctx.chance(0.25) else "past"
    clause = predicate.clause(ctx, subject, tense, skip="acc", adjuncts=False)
    timeless = "state" in predicate.flags or predicate.verb.particle == "on"
    if tense == "past" and not timeless and ctx.chance(0.5):
        clause.time = time_for(ctx, "past", far=predicate.verb.key in FAR)
    return clause


def relative_object(ctx):
    """The book that Anna bought yesterday is interesting. Paul reads the book that ..."""
    noun = NOUNS[ctx.pick(OBJECT_KEYS)]
    sub = gapped(ctx, ctx.pick(OBJECTS[noun.key]))
    head = noun_phrase(ctx, "the ! x", noun)
    that = pronoun("that", "acc", head)
    if ctx.chance(0.5):
        part = quality(ctx, [a for a in attributes(noun) if a.key != "fresh"])
        main = be(head, part, "pres" if ctx.chance(0.7) else "past")
        return hang(head, that, sub, main, True, "acc")
    if sub.verb.key in PARTING:
        raise Retry
    choices = [p.verb.key for p in OBJECTS[noun.key]
               if p.verb is not sub.verb and len(p.parts) == 1
               and "the" in p.object_spec().split()[0].split("|") and p.verb.placing != "~"
               and "chance" not in p.flags and "state" not in p.flags]
    main = acting(human(ctx), ctx.pick(choices), head, ctx.pick(["past", "fut", "want to"]))
    return main.text().german_comma() + Text(that.en + sub.english(skip="acc"),
                                             sub.german_final(that.de, skip="acc"))


DWELLINGS = [("house|flat|city|village|castle", "live"), ("bed|room|hotel", "sleep"),
             ("office|library|hospital|hotel|museum|restaurant", "work.person")]


def relative_place(ctx):
    """The house in which we live is old."""
    spec, verb = ctx.pick(DWELLINGS)
    head = noun_phrase(ctx, "the ! " + spec)
    sub = Clause(human(ctx), verb, [], "pres")
    lead = fixed("in", "in") + pronoun("which", "dat", head)
    return hang(head, lead, sub, be(head, quality(ctx, attributes(head.noun))), True)


OWNED = [("@device|bicycle|car", "broken old new"), ("dog|cat", "ill old young"),
         ("son|daughter", "ill tired hungry"), ("house|flat", "old new small big"),
         ("suitcase|umbrella", "old new")]


def relative_owner(ctx):
    """The man whose car is broken ..."""
    head = noun_phrase(ctx, "the ! @adult|@job")
    spec, keys = ctx.pick(OWNED)
    thing = noun_phrase(ctx, "the ! " + spec)
    sub = be(thing, quality(ctx, keys))
    main = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=head, negative=False)
    owned = Text(thing.noun_words, [De(thing.noun.german("nom", False), thing.noun_words)])
    return hang(head, pronoun("whose", "gen", head) + owned, sub, main)
