"""Two clauses: weil, obwohl, wenn, als, während, nachdem, bevor, und, aber, deshalb."""

from .building import conjunction, join, predicates, subordinate
from .clauses import Clause, Predicate, subject_for
from .phrases import back_reference, human
from .predicates import CHAINS, DURATIVE, situations
from .simple import HUMAN_PREDICATES
from .times import frequency, time_for
from .tokens import Retry, comma

SITUATIONS = situations()
DURATIVE_PREDICATES = predicates(DURATIVE)
EVENTS = [p for p in HUMAN_PREDICATES if "now" in p.flags]
ACTIONS = [p for p in HUMAN_PREDICATES if "state" not in p.flags]
STEPS = [[step.strip() for step in text.split(" | ")] for text in CHAINS]
# Nobody wants to do these; in the present they are told with 'will'.
UNWILLED = ("fall_asleep", "arrive", "come", "need", "have", "cry", "sleep", "laugh", "hurry", "wait")


def told(ctx, text, person, tense):
    """A clause from data; the text may start with 'not' or 'have to', and may have a subject of its own."""
    negative = text.startswith("not ")
    text = text[4:] if negative else text
    if text.startswith("have to "):
        text, tense = text[8:], "had to" if tense == "past" else "have to"
    predicate = Predicate(text)
    subject = person if predicate.subject == "human" else subject_for(ctx, predicate)
    return Clause(subject, predicate.verb, predicate.complements(ctx), tense, negative)


def two_people(ctx):
    """A person, first by name, then by pronoun."""
    full = human(ctx)
    ctx.owner = full
    ctx.adjective_rate = 0.12
    return full, back_reference(full)


def habit(ctx):
    adverb = frequency(ctx)
    if adverb[0][0].text in ("never", "rarely"):
        raise Retry
    return adverb


def situation_tenses(ctx, kind, cause, effect):
    """(tense of the cause, tense of the effect)"""
    if kind == "if":
        return "pres", "fut"
    if kind == "when":
        return "pres", "pres"
    if ctx.chance(0.7):
        return "past", "past"
    if " :: rain" in cause:
        raise Retry  # 'because it rains' is not English for now
    tense = ctx.pick(["want to", "fut"])
    if tense == "want to" and any(verb in effect for verb in UNWILLED):
        raise Retry
    return "pres", tense


def situation(ctx):
    """Cause and effect that belong together, or an effect that comes in spite of it."""
    cause_text, effects, contraries = ctx.pick(SITUATIONS)
    kind = ctx.weighted([(40, "because"), (26, "although"), (22, "when"), (16, "if"), (14, "but"), (10, "so")])
    effect_text = ctx.pick(contraries if kind in ("although", "but") else effects)
    cause_tense, effect_tense = situation_tenses(ctx, kind, cause_text, effect_text)
    full, brief = two_people(ctx)
    cause_first = kind in ("but", "so") or ctx.chance(0.45)
    if cause_first:
        cause = told(ctx, cause_text, full, cause_tense)
        effect = told(ctx, effect_text, full if " :: " in cause_text else brief, effect_tense)
    else:
        effect = told(ctx, effect_text, full, effect_tense)
        cause = told(ctx, cause_text, brief, cause_tense)
    if kind in ("but", "so"):
        return coordinate(cause, effect, kind)
    if kind == "when" and not effect.negative and ctx.chance(0.6):
        effect.adverb = habit(ctx)
    word = {"because": "weil", "although": "obwohl", "when": "wenn", "if": "wenn"}[kind]
    return (*join(effect, subordinate(kind, word, cause), cause_first), ".")


def coordinate(first, second, kind):
    """and, but: main clauses in both languages; so: 'deshalb' takes the first place and the verb follows."""
    lead, german_lead = conjunction(kind, {"and": "und", "but": "aber", "so": "deshalb"}[kind])
    words, target = first.english(), first.german_main()
    if kind != "and":
        words, target = comma(words), comma(target)
    tail = second.german_main(lead=german_lead) if kind == "so" else german_lead + second.german_main()
    return words + lead + second.english(), target + tail, "."


def two_clauses(ctx):
    """Two people, two doings."""
    ctx.adjective_rate = 0.2
    tense = ctx.pick(["past", "past", "fut", "want to", "have to", "had to", "wanted to"])
    clauses = []
    for i in range(2):
        subject = human(ctx, pronouns=not i)
        ctx.owner = subject
        predicate = ctx.pick([p for p in ACTIONS if tense == "past" or "chance" not in p.flags])
        clauses.append(Clause(subject, predicate.verb, predicate.complements(ctx), tense))
    first, second = clauses
    if first.verb is second.verb:
        raise Retry
    if ctx.chance(0.35) and tense in ("past", "fut"):
        first.time, first.front = time_for(ctx, tense), True
    return coordinate(first, second, "but" if ctx.chance(0.4) else "and")


def chain(ctx):
    """before and after: two steps of a day by one person."""
    steps = ctx.pick(STEPS)
    after = ctx.chance(0.5)
    if not after and steps[0].startswith("come"):
        steps = steps[1:]  # nobody says: he came home before he cooked
    i = int(ctx.rng.random() * (len(steps) - 1))
    j = i + 1 + int(ctx.rng.random() * (len(steps) - 1 - i))
    full, brief = two_people(ctx)
    sub_first = ctx.chance(0.55)
    tense = "past" if after or ctx.chance(0.6) else "pres"
    sub_text, main_text = (steps[i], steps[j]) if after else (steps[j], steps[i])
    sub_tense = "plup" if after else tense
    if sub_first:
        sub = told(ctx, sub_text, full, sub_tense)
        main = told(ctx, main_text, brief, tense)
    else:
        main = told(ctx, main_text, full, tense)
        sub = told(ctx, sub_text, brief, sub_tense)
    if tense == "pres":
        main.adverb = habit(ctx)
    words = ("after", "nachdem") if after else ("before", "bevor")
    return (*join(main, subordinate(*words, sub), sub_first), ".")


def coordinated(ctx):
    """Two things one person did: one subject, and in German one auxiliary."""
    subject = human(ctx)
    ctx.owner = subject
    ctx.adjective_rate = 0.15
    steps = ctx.pick(STEPS)
    i = int(ctx.rng.random() * (len(steps) - 1))
    first, second = (told(ctx, step, subject, "past") for step in steps[i:i + 2])
    if ctx.chance(0.3):
        first.time, first.front = time_for(ctx, "past"), True
    return shared(first, second)


def shared(first, second):
    """'hat eine Lampe gekauft und sie auf den Tisch gestellt': the second clause keeps only what differs."""
    verbs = first.verb, second.verb
    if verbs[0].auxiliary != verbs[1].auxiliary or any(verb.preterite or verb.reflexive for verb in verbs):
        raise Retry
    words, link = conjunction("and", "und")
    return (first.english() + words + second.english(subject=False),
            first.german_main() + link + second.middle() + second.nonfinite, ".")


BACKGROUND = [("it :: rain", "pastprog"), ("it :: snow", "pastprog"), ("it :: be; adj dark|cold|hot", "past"),
              ("the ! weather :: be; adj good|bad", "past")]


def when_past(ctx):
    """als: one event in the past, and what was going on."""
    event = ctx.pick(EVENTS)
    subject = human(ctx)
    ctx.owner = subject
    ctx.adjective_rate = 0.12
    sub = Clause(subject, event.verb, event.complements(ctx, adjuncts=False), "past")
    if ctx.chance(0.35):
        text, tense = ctx.pick(BACKGROUND)
        main = told(ctx, text, None, tense)
    else:
        predicate = ctx.pick(DURATIVE_PREDICATES)
        ctx.owner = human(ctx, pronouns=False)
        main = Clause(ctx.owner, predicate.verb, predicate.complements(ctx, adjuncts=False), "pastprog")
    return (*join(main, subordinate("when", "als", sub), ctx.chance(0.6)), ".")


def while_clause(ctx):
    """während: two people at the same time. German goes without 'gerade' here, because während says it."""
    ctx.adjective_rate = 0.12
    clauses = []
    for i in range(2):
        ctx.owner = human(ctx, pronouns=bool(i))
        predicate = ctx.pick(DURATIVE_PREDICATES)
        ctx.use(predicate.verb.key)
        clause = Clause(ctx.owner, predicate.verb, predicate.complements(ctx, adjuncts=False), "prog")
        clause.finite.sources = clause.head + clause.finite.sources
        clause.progress = None
        clauses.append(clause)
    return (*join(clauses[1], subordinate("while", "während", clauses[0]), ctx.chance(0.6)), ".")
