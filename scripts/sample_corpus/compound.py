"""Two clauses: weil, obwohl, wenn, als, während, nachdem, bevor, und, aber, deshalb."""

from .building import doer, join, predicates, subordinate
from .clauses import Predicate, subject_for
from .phrases import back_reference
from .predicates import CHAINS, DURATIVE, situations
from .simple import HUMAN_PREDICATES
from .times import frequency, time_for
from .tokens import Retry, Text, fixed

SITUATIONS = situations()
DURATIVE_PREDICATES = predicates(DURATIVE)
EVENTS = [p for p in HUMAN_PREDICATES if "now" in p.flags]
ACTIONS = [p for p in HUMAN_PREDICATES if "state" not in p.flags]
STEPS = [[step.strip() for step in text.split(" | ")] for text in CHAINS]
# Nobody wants to do these; in the present they are told with 'will'.
UNWILLED = "fall_asleep arrive come need have cry sleep laugh hurry wait".split()


def told(ctx, text, person, tense):
    """A clause from data. The text may start with 'not' or 'have to' and have its own subject."""
    negative = text.startswith("not ")
    text = text[4:] if negative else text
    if text.startswith("have to "):
        text, tense = text[8:], "had to" if tense == "past" else "have to"
    predicate = Predicate(text)
    subject = person if predicate.subject == "human" else subject_for(ctx, predicate)
    return predicate.clause(ctx, subject, tense, negative)


def two_people(ctx):
    """A person, first by name, then by pronoun."""
    full = doer(ctx)
    ctx.adjective_rate = 0.12
    return full, back_reference(full)


def told_in_order(ctx, person, sub, main, sub_first):
    """Subordinate and main clause. The one that goes first names the person, unless it has a
    subject of its own."""
    full, brief = person
    first, second = (sub, main) if sub_first else (main, sub)
    clauses = [told(ctx, first[0], full, first[1]),
               told(ctx, second[0], full if " :: " in first[0] else brief, second[1])]
    return clauses if sub_first else clauses[::-1]


def habit(ctx):
    adverb = frequency(ctx)
    if adverb.en[0].text in ("never", "rarely"):
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
    kind = ctx.weighted([(40, "because"), (26, "although"), (22, "when"), (16, "if"), (14, "but"),
                         (10, "so")])
    effect_text = ctx.pick(contraries if kind in ("although", "but") else effects)
    cause_tense, effect_tense = situation_tenses(ctx, kind, cause_text, effect_text)
    person = two_people(ctx)
    cause_first = kind in ("but", "so") or ctx.chance(0.45)
    cause, effect = told_in_order(ctx, person, (cause_text, cause_tense),
                                  (effect_text, effect_tense), cause_first)
    if kind in ("but", "so"):
        return coordinate(cause, effect, kind)
    if kind == "when" and not effect.negative and ctx.chance(0.6):
        effect.adverb = habit(ctx)
    word = {"because": "weil", "although": "obwohl", "when": "wenn", "if": "wenn"}[kind]
    return join(effect, subordinate(kind, word, cause), cause_first)


def coordinate(first, second, kind):
    """and, but: main clauses in both languages. so: the verb follows 'deshalb'."""
    word = fixed(kind, {"and": "und", "but": "aber", "so": "deshalb"}[kind])
    before = first.text() if kind == "and" else first.text().comma()
    if kind == "so":
        return before + Text(word.en + second.english(), second.german_main(lead=word.de))
    return before + word + second.text()


def two_clauses(ctx):
    """Two people, two doings."""
    tense = ctx.pick(["past", "past", "fut", "want to", "have to", "had to", "wanted to"])
    clauses = []
    for i in range(2):
        subject = doer(ctx, pronouns=not i)
        predicate = ctx.pick([p for p in ACTIONS if tense == "past" or "chance" not in p.flags])
        clauses.append(predicate.clause(ctx, subject, tense))
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
    i = ctx.number(0, len(steps) - 1)
    j = ctx.number(i + 1, len(steps) - 1 - i)
    person = two_people(ctx)
    sub_first = ctx.chance(0.55)
    tense = "past" if after or ctx.chance(0.6) else "pres"
    sub_text, main_text = (steps[i], steps[j]) if after else (steps[j], steps[i])
    sub, main = told_in_order(ctx, person, (sub_text, "plup" if after else tense),
                              (main_text, tense), sub_first)
    if tense == "pres":
        main.adverb = habit(ctx)
    words = ("after", "nachdem") if after else ("before", "bevor")
    return join(main, subordinate(*words, sub), sub_first)


def coordinated(ctx):
    """Two things one person did: one subject, and in German one auxiliary."""
    subject = doer(ctx)
    ctx.adjective_rate = 0.15
    steps = ctx.pick(STEPS)
    i = ctx.number(0, len(steps) - 1)
    first, second = (told(ctx, step, subject, "past") for step in steps[i:i + 2])
    if ctx.chance(0.3):
        first.time, first.front = time_for(ctx, "past"), True
    return shared(first, second)


def shared(first, second):
    """'hat eine Lampe gekauft und sie auf den Tisch gestellt': the second clause keeps only what
    differs."""
    verbs = first.verb, second.verb
    if first.verb.auxiliary != second.verb.auxiliary or any(
            verb.preterite or verb.reflexive for verb in verbs):
        raise Retry
    return first.text() + fixed("and", "und") + second.infinitive()


BACKGROUND = [("it :: rain", "pastprog"), ("it :: snow", "pastprog"),
              ("it :: be; adj dark|cold|hot", "past"),
              ("the ! weather :: be; adj good|bad", "past")]


def when_past(ctx):
    """als: one event in the past, and what was going on."""
    event = ctx.pick(EVENTS)
    subject = doer(ctx)
    ctx.adjective_rate = 0.12
    sub = event.clause(ctx, subject, "past", adjuncts=False)
    if ctx.chance(0.35):
        text, tense = ctx.pick(BACKGROUND)
        main = told(ctx, text, None, tense)
    else:
        predicate = ctx.pick(DURATIVE_PREDICATES)
        main = predicate.clause(ctx, doer(ctx, pronouns=False), "pastprog", adjuncts=False)
    sub_first = ctx.chance(0.6)
    return join(main, subordinate("when", "als", sub), sub_first)


def while_clause(ctx):
    """während: two people at the same time. It says what 'gerade' would, so that is left out."""
    clauses = []
    for i in range(2):
        subject = doer(ctx, pronouns=bool(i))
        predicate = ctx.pick(DURATIVE_PREDICATES)
        ctx.use(predicate.verb.key)
        clause = predicate.clause(ctx, subject, "prog", adjuncts=False)
        clause.finite.sources = clause.head + clause.finite.sources
        clause.progress = []
        clauses.append(clause)
    sub, main = clauses
    return join(main, subordinate("while", "während", sub), ctx.chance(0.6))
