"""One clause, and what is said about it with 'that'."""

from .ambiguous import frames
from .building import (DEGREES, PAST_MODALS, PRESENT_MODALS, be, join, predicates, quality,
                       subordinate)
from .clauses import Clause, Complement, Predicate, subject_for
from .phrases import Pronoun, human, noun_phrase, person_called, prepositional
from .predicates import HUMAN, OTHERS, SCHEDULED
from .times import clock, frequency, time_for
from .tokens import Retry, fixed

HUMAN_PREDICATES = predicates(HUMAN)
OTHER_PREDICATES = predicates(OTHERS)
SCHEDULED_PREDICATES = predicates(SCHEDULED)
AMBIGUOUS = {}
for _sense, _text, _tenses in frames():
    AMBIGUOUS.setdefault(_sense, []).append((Predicate(_text), _tenses))
SENSES = sorted(AMBIGUOUS)
TENSE_OF = {"p": "past", "r": "pres", "f": "fut", "g": "prog", "m": "modal"}
LASTING = ("need", "have", "know.person", "be_afraid", "live", "be")  # not with a point in time
ROUTINE = ("get_up", "get_dressed", "hurry", "wake_up")  # one has to, one is not able to
NEVER_NEGATED = ("must", "should", "would like to", "could")


def already(ctx):
    return fixed(*ctx.pick([("already", "schon"), ("just", "gerade")]))


def draw_tense(ctx, predicate, negative):
    if "state" in predicate.flags:
        return "past" if predicate.verb.preterite and ctx.chance(0.15) else "pres"
    options = [(36, "past"), (13, "fut"), (15, "modal")]
    if not negative:
        options += [(12, "pres"), (11, "prog")]
    if "done" in predicate.flags:
        options.append((14, "perf"))
    tense = ctx.weighted(options)
    return draw_modal(ctx, predicate, negative) if tense == "modal" else tense


def draw_modal(ctx, predicate, negative):
    tense = ctx.pick(PRESENT_MODALS + PAST_MODALS)
    if negative and tense in NEVER_NEGATED or "chance" in predicate.flags:
        raise Retry
    if predicate.verb.key in ROUTINE and tense not in ("must", "have to", "had to", "should"):
        raise Retry
    return tense


def draw_time(ctx, predicate, tense, negative):
    """(time, adverb) that suit the tense; either may be None."""
    point = "clock" in predicate.flags
    if tense == "perf":
        return None, fixed("yet", "noch") if negative else already(ctx)
    if "state" in predicate.flags or tense == "prog":
        return None, None
    if tense == "pres":
        if ctx.chance(0.6):
            # Getting up often is no news; getting up at six is.
            needed = point and not predicate.parts
            return clock(ctx) if needed or point and ctx.chance(0.4) else None, frequency(ctx)
        return time_for(ctx, "hab"), None
    when = "past" if tense in ("past", *PAST_MODALS) else "fut"
    if negative:
        return time_for(ctx, when, simple=True), None
    if point and ctx.chance(0.4):
        return clock(ctx), None
    if tense == "past" and "done" in predicate.flags and ctx.chance(0.1):
        return fixed("an hour ago", "vor einer Stunde", "0-1 1-2 2-0"), None
    if not ctx.chance(0.55):
        return None, None
    time = time_for(ctx, when, far=predicate.verb.key in FAR)
    if time.en[0].text == "soon" and tense != "fut":
        raise Retry
    return time, None


# What is still worth telling after years.
FAR = ("travel fly learn live build visit buy sell write paint plant read work.person meet lose "
       "find come_back invite deposit receive win").split()


def simple_clause(ctx, predicate, subject=None, tense=None, negative=None, timing=True):
    """A clause that stands alone, with a time expression that suits its tense."""
    subject = subject or subject_for(ctx, predicate)
    ctx.owner = subject
    if negative is None:
        negative = ctx.chance(0.16) and "noneg" not in predicate.flags
    tense = tense or draw_tense(ctx, predicate, negative)
    if negative and "chance" in predicate.flags and tense != "perf":
        raise Retry
    front = ctx.chance(0.35)
    time, adverb = draw_time(ctx, predicate, tense, negative)
    if tense not in ("perf", "pres") and (not timing or negative and not front):
        time = None
    parts = predicate.complements(ctx, adjuncts=not negative and tense != "perf")
    return Clause(subject, predicate.verb, parts, tense, negative, time, adverb,
                  front and not adverb)


def plain(ctx):
    return simple_clause(ctx, ctx.pick(HUMAN_PREDICATES)).text()


def other_clause(ctx):
    """Animals and things."""
    predicate = ctx.pick(OTHER_PREDICATES)
    ctx.owner = subject_for(ctx, predicate)
    state = "state" in predicate.flags
    tense = "pres" if state else ctx.pick(["past", "prog", "prog"])
    if state and predicate.verb.preterite and ctx.chance(0.25):
        tense = "past"
    parts = predicate.complements(ctx)
    return Clause(ctx.owner, predicate.verb, parts, tense, state and ctx.chance(0.12))


def plain_other(ctx):
    return other_clause(ctx).text()


def scheduled_clause(ctx):
    """Trains, films, shops: what goes by the clock."""
    predicate = ctx.pick(SCHEDULED_PREDICATES)
    ctx.adjective_rate = 0.0
    subject = noun_phrase(ctx, predicate.subject)
    if subject.noun.key in ("train", "bus") and ctx.chance(0.7):
        leaving = predicate.verb.key == "leave"
        subject.follow(prepositional(ctx, "to>nach.dat $city" if leaving else "from>aus.dat $city"))
    tense = ctx.pick(["pres", "past", "fut"])
    time = clock(ctx)
    if tense != "pres" and predicate.verb.key in ("arrive", "leave") and ctx.chance(0.35):
        time = time_for(ctx, tense)
    return Clause(subject, predicate.verb, [], tense, time=time, front=ctx.chance(0.2))


def scheduled(ctx):
    return scheduled_clause(ctx).text()


def ambiguous_clause(ctx):
    predicate, tenses = ctx.pick(AMBIGUOUS[ctx.pick(SENSES)])
    tense = TENSE_OF[ctx.pick(tenses)]
    ctx.owner = subject_for(ctx, predicate)
    time = None
    settled = any("spring.season" in part or "date.day of" in part for part in predicate.parts)
    if tense == "modal":
        tense = ctx.pick(PRESENT_MODALS + PAST_MODALS if "p" in tenses else PRESENT_MODALS)
    elif "clock" in predicate.flags:
        time = clock(ctx)
    elif (tense in ("past", "fut") and predicate.subject == "human" and not settled
          and ctx.chance(0.65)):
        lasting = predicate.verb.key in LASTING and "pain" not in predicate.text
        time = None if lasting else time_for(ctx, tense, far=predicate.verb.key in FAR)
    negative = "not" in predicate.flags and ctx.chance(0.5)
    parts = predicate.complements(ctx)
    return Clause(ctx.owner, predicate.verb, parts, tense, negative, time, front=ctx.chance(0.3))


def ambiguous(ctx):
    clause = ambiguous_clause(ctx)
    if ctx.chance(0.4) and not clause.front:
        return reported(ctx, clause)
    return clause.text()


def report_subject(ctx):
    subject = human(ctx)
    if subject.who == "we" or subject.plural and ctx.chance(0.5):
        raise Retry
    return subject


def report(ctx):
    """Paul says; what he says follows."""
    subject = report_subject(ctx)
    return Clause(subject, ctx.pick(["say", "believe", "know.fact"]), [], "pres")


def reported(ctx, clause):
    """Paul says that ..."""
    verb = ctx.pick(["say", "say", "believe", "believe", "hope", "know.fact", "know.fact"])
    if verb == "hope" and clause.tense != "fut":
        raise Retry
    # English shifts tenses behind a verb in the past; only a past stays as it is.
    past = verb == "say" and clause.tense in ("past", "pastprog") and ctx.chance(0.5)
    main = Clause(report_subject(ctx), verb, [], "past" if past else "pres")
    return join(main, subordinate("that", "dass", clause))


def that_clause(ctx):
    kind = ctx.weighted([(70, "human"), (12, "scheduled"), (18, "other")])
    if kind == "scheduled":
        clause = scheduled_clause(ctx)
    elif kind == "other":
        clause = other_clause(ctx)
    else:
        clause = simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), timing=ctx.chance(0.5))
    clause.front = False
    return reported(ctx, clause)


def weather(ctx):
    """It rained in Rome yesterday. In the kitchen, it is cold."""
    it = Pronoun("it", "n")
    if ctx.chance(0.5):
        tense = ctx.pick(["past", "fut", "prog"])
        time = None if tense == "prog" else time_for(ctx, tense)
        places = ([Complement("loc", prepositional(ctx, "in $city||$country"))]
                  if ctx.chance(0.5) else [])
        verb = ctx.pick(["rain", "snow"])
        return Clause(it, verb, places, tense, time=time, front=ctx.chance(0.5)).text()
    where = prepositional(ctx, ctx.pick(["in $city", "in the ! @room|forest|church|cave|castle",
                                         "in $country"]))
    part = quality(ctx, "cold warm hot dark", DEGREES if ctx.chance(0.5) else None)
    tense = ctx.pick(["pres", "past"])
    time = time_for(ctx, "past") if tense == "past" and ctx.chance(0.5) else None
    # One of time and place goes first: 'In Rom ist es warm.'
    first, second = (time, where) if time and ctx.chance(0.5) else (where, time)
    parts = [part, Complement("loc", second)] if second else [part]
    return Clause(it, "be", parts, tense, time=first, front=True).text()


def short(ctx):
    """Very short sentences: Anna is sleeping. Good morning, Mrs Weber!"""
    kind = ctx.pick(["now", "now", "now", "greet", "thanks", "done", "be"])
    if kind in ("greet", "thanks"):
        return courtesy(ctx, kind)
    subject = human(ctx)
    if kind == "be":
        part = quality(ctx, "tired ill happy sad hungry thirsty")
        return be(subject, part, ctx.pick(["pres", "past"]), ctx.chance(0.3)).text()
    verb = ctx.pick("sleep dance sing laugh cry work.person cook study hurry watch_tv swim rest"
                    .split())
    tense = "prog" if kind == "now" else ctx.pick(["past", "must", "have to", "want to", "can"])
    return Clause(subject, verb, [], tense).text()


def courtesy(ctx, kind):
    name, _ = person_called(ctx)
    if kind == "greet":
        said = fixed(*ctx.pick([("good morning", "guten Morgen"), ("good evening", "guten Abend")]))
    else:
        spec = ctx.pick(["for the ! help", "for the @gift", "for the ! dinner|answer|breakfast"])
        said = fixed("thank you", "vielen Dank") + prepositional(ctx, spec)
    return (said.comma() + name).ending("!")
