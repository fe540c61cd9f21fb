"""Relative clauses. English has no commas around them, German has two."""

from . import german
from .building import acting, be, quality
from .clauses import Clause
from .nouns import NOUNS
from .phrases import attributes, human, noun_phrase
from .simple import FAR, HUMAN_PREDICATES, simple_clause
from .times import time_for
from .tokens import De, En, Retry, comma
from .verbs import VERBS

PEOPLE = {"job", "kin", "kid", "adult", "friend", "guest", "neighbour", "parents"}
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
                if fits and noun.plural and noun.singular and not set(noun.classes) & PEOPLE:
                    found.setdefault(noun.key, []).append(predicate)
    return found


OBJECTS = objects()
OBJECT_KEYS = sorted(OBJECTS)


def hang(head, lead_en, lead_de, sub, main, subject=False, skip=None, extra=()):
    """Head + relative clause + the rest of `main`, whose subject the head is. `lead` opens the relative clause."""
    main.front = False
    inner = comma(sub.german_final(lead_de + list(extra), skip=skip, subject=subject))
    return (head.en() + lead_en + sub.english(subject=subject, skip=skip) + main.english(subject=False),
            comma(head.de("nom")) + inner + main.german_main(subject=False), ".")


def relative_subject(ctx):
    """The woman who lives next to the church ..."""
    ctx.adjective_rate = 0.12
    head = noun_phrase(ctx, ctx.pick(["the @adult|@job|boy", "the+ student|child|tourist", "the @job|boy"]))
    ctx.owner = head
    sub = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=head, negative=False)
    sub.front = False
    if sub.tense not in ("past", "pres", "perf", "prog", "want to", "wanted to", "have to"):
        raise Retry
    if ctx.chance(0.35):
        part = quality(ctx, "friendly young old famous rich tired ill happy sad hungry".split())
        main = be(head, part, ctx.pick(["pres", "pres", "past"]))
    else:
        main = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=head, negative=False, timing=not sub.time)
    who = En("who")
    return hang(head, [who], [De(german.RELATIVE["nom", head.gender], [who])], sub, main)


def gapped(ctx, predicate):
    """A clause that lacks its object: (that) Anna bought yesterday"""
    subject = human(ctx)
    ctx.owner = subject
    tense = "want to" if "chance" not in predicate.flags and ctx.chance(0.25) else "past"
    parts = predicate.complements(ctx, skip="acc", adjuncts=False)
    clause = Clause(subject, predicate.verb, parts, tense)
    if tense == "past" and "state" not in predicate.flags and predicate.verb.particle != "on" and ctx.chance(0.5):
        clause.time = time_for(ctx, "past", far=predicate.verb.key in FAR)
    return clause


def relative_object(ctx):
    """The book that Anna bought yesterday is interesting. Paul reads the book that ..."""
    ctx.adjective_rate = 0.0
    noun = NOUNS[ctx.pick(OBJECT_KEYS)]
    sub = gapped(ctx, ctx.pick(OBJECTS[noun.key]))
    head = noun_phrase(ctx, "the ! x", noun)
    that = En("that")
    lead = [De(german.RELATIVE["acc", head.gender], [that])]
    if ctx.chance(0.5):
        part = quality(ctx, [a for a in attributes(noun) if a.key != "fresh"])
        return hang(head, [that], lead, sub, be(head, part, "pres" if ctx.chance(0.7) else "past"), True, "acc")
    if sub.verb.key in PARTING:
        raise Retry
    choices = [p.verb.key for p in OBJECTS[noun.key] if p.verb is not sub.verb and len(p.parts) == 1
               and "the" in p.parts[0][4:].split()[0].split("|") and p.verb.placing != "~"
               and not set(p.flags) & {"chance", "state"}]
    main = acting(human(ctx), ctx.pick(choices), head, ctx.pick(["past", "fut", "want to"]))
    return (main.english() + [that] + sub.english(skip="acc"),
            comma(main.german_main()) + sub.german_final(lead, skip="acc"), ".")


DWELLINGS = [("house|flat|city|village|castle", "live"), ("bed|room|hotel", "sleep"),
             ("office|library|hospital|hotel|museum|restaurant", "work.person")]


def relative_place(ctx):
    """The house in which we live is old."""
    ctx.adjective_rate = 0.0
    spec, verb = ctx.pick(DWELLINGS)
    head = noun_phrase(ctx, "the ! " + spec)
    sub = Clause(human(ctx), VERBS[verb], [], "pres")
    inside, which = En("in"), En("which")
    lead = [De("in", [inside]), De(german.RELATIVE["dat", head.gender], [which])]
    return hang(head, [inside, which], lead, sub, be(head, quality(ctx, attributes(head.noun))), True)


OWNED = [("@device|bicycle|car", "broken old new"), ("dog|cat", "ill old young"), ("son|daughter", "ill tired hungry"),
         ("house|flat", "old new small big"), ("suitcase|umbrella", "old new")]


def relative_owner(ctx):
    """The man whose car is broken ..."""
    ctx.adjective_rate = 0.0
    head = noun_phrase(ctx, "the ! @adult|@job")
    spec, keys = ctx.pick(OWNED)
    thing = noun_phrase(ctx, "the ! " + spec)
    sub = be(thing, quality(ctx, keys.split()))
    ctx.owner = head
    main = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=head, negative=False)
    whose = En("whose")
    lead = [De(german.RELATIVE["gen", head.gender], [whose])]
    owned = [De(thing.noun.german("nom", False), thing.noun_words)]
    return hang(head, [whose] + thing.noun_words, lead, sub, main, extra=owned)
