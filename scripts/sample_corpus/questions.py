"""Questions and requests. Whoever is called by the first name is 'du', Mr and Mrs are 'Sie'."""

from .building import doer, join, predicates, somebody, subordinate, table
from .clauses import Clause, complement, subject_for
from .phrases import Name, human, noun_phrase, person_called
from .predicates import REQUESTS
from .simple import HUMAN_PREDICATES, SCHEDULED_PREDICATES
from .times import time_for
from .tokens import NOTHING, De, En, Retry, Text, fixed

REQUEST_PREDICATES = predicates(REQUESTS)
# Said to children only.
FAMILIAR = ("eat", "drink", "get_up", "go", "tidy_up", "wash", "put_on")
WHAT_VERBS = ("read write eat drink cook bake buy sell repair wash find lose forget look_for need "
              "see carry throw_away draw bring_along take_along clean plant hear").split()
WHOM_VERBS = "meet visit call ask invite pick_up help thank look_for wait".split()
COUNTED = table("""
    buy / @fruit|@shop|@ticket|egg|rose
    read / book|novel|poem|story
    eat / @fruit|egg
    see / bird|horse|duck|@zooanimal
    plant / tree|rose|flower
    sell / picture|camera|lamp|clock
    write / poem|report|letter.post
    find / coin|stamp|photo
    repair / radio|clock|lamp|computer
    bake / cake|apple_cake
    need / chair|lamp|plate|spoon|knife""")


def asking_clause(ctx, predicate, subject, skip=None, tense=None):
    ctx.owner = subject
    if subject.indefinite:
        raise Retry
    if subject.who in ("I", "we"):  # nobody asks what he likes; but 'Can I ...?'
        tense = ctx.pick(["can", "have to"])
        if skip or "state" in predicate.flags:
            raise Retry
    tense = tense or ctx.pick(["past", "past", "fut", "can", "want to", "have to"])
    if "state" in predicate.flags:
        tense = "pres"
    if "chance" in predicate.flags and tense != "past":
        raise Retry
    return maybe_timed(ctx, predicate.clause(ctx, subject, tense, skip=skip, adjuncts=skip is None,
                                             asking=True))


def maybe_timed(ctx, clause):
    if clause.tense in ("past", "fut") and ctx.chance(0.4):
        clause.time = time_for(ctx, clause.tense)
    return clause


def opened(clause, lead):
    """A question that begins with `lead`."""
    return Text(clause.english(lead=lead.en), clause.german_main(lead=lead.de), "?")


def asked(clause, source, target):
    """A question that a wh-word opens."""
    return opened(clause, fixed(source, target))


def yes_no(ctx):
    return asking_clause(ctx, ctx.pick(HUMAN_PREDICATES), human(ctx)).question()


def wh_object(ctx):
    """What did Anna buy?"""
    predicate = ctx.pick([p for p in HUMAN_PREDICATES
                          if p.object_spec() and p.verb.key in WHAT_VERBS])
    return asked(asking_clause(ctx, predicate, somebody(ctx), skip="acc"), "what", "was")


def wh_person(ctx):
    """Who helped the child? Who did Anna help? (wer, wen, wem)"""
    if ctx.chance(0.6):
        predicate = ctx.pick(HUMAN_PREDICATES)
        if "poss" in predicate.text:
            raise Retry
        tense = "pres" if "state" in predicate.flags else ctx.pick(
            ["past", "past", "past", "fut", "can", "want to"])
        if "chance" in predicate.flags and tense != "past":
            raise Retry
        clause = predicate.clause(ctx, Name("who", "m", "wer"), tense)
        if tense == "past":
            maybe_timed(ctx, clause)
        return clause.text().ending("?")
    verb = ctx.pick(WHOM_VERBS)
    tense = ctx.pick(["past", "past", "fut", "want to"])
    clause = maybe_timed(ctx, Clause(somebody(ctx), verb, [], tense, asking=True))
    if verb == "wait":
        clause.time = None
        who, preposition = En("who"), En("for")
        lead = Text([who], [De("auf", [preposition]), De("wen", [who])])
        return opened(clause, lead) + Text([preposition], [], "?")
    return asked(clause, "who", "wem" if verb in ("help", "thank") else "wen")


WHERE = [("live", "pres", ""), ("be", "pres", ""), ("be", "past", ""), ("work.person", "pres", ""),
         ("sleep", "past", ""), ("meet", "past", "poss @kin||$person"),
         ("find", "past", "the|poss @smallthing"), ("lose", "past", "the|poss @smallthing|hat"),
         ("buy", "past", "the|this @shop"), ("learn", "past", "- ! @language")]
WHERE_TO = [("go", "past"), ("go", "want to"), ("travel", "fut"), ("travel", "past"),
            ("fly", "fut"), ("run", "past")]


def wh_place(ctx):
    """Where: wo for a place, wohin for a goal; English leaves that to the verb."""
    subject = ctx.owner = somebody(ctx)
    if ctx.chance(0.5):
        verb, tense, spec = ctx.pick(WHERE)
        parts = [complement(ctx, "acc", spec)] if spec else []
        return asked(Clause(subject, verb, parts, tense, asking=True), "where", "wo")
    verb, tense = ctx.pick(WHERE_TO)
    clause = maybe_timed(ctx, Clause(subject, verb, [], tense, asking=True))
    return asked(clause, "where", "wohin")


def wh_time(ctx):
    """When and why."""
    predicate = ctx.pick(HUMAN_PREDICATES)
    if ctx.chance(0.5):
        if "state" in predicate.flags:
            raise Retry
        subject = somebody(ctx)
        tense = ctx.pick(["past", "past", "fut", "want to"])
        clause = asking_clause(ctx, predicate, subject, tense=tense)
        clause.time = None
        return asked(clause, "when", "wann")
    tense = ctx.pick(["past", "past", "want to", "have to"])
    return asked(asking_clause(ctx, predicate, somebody(ctx), tense=tense), "why", "warum")


def how_many(ctx):
    """How many roses ..., which rose ...: the noun is the object of the verb."""
    verb, spec = ctx.pick(COUNTED)
    tense = "pres" if verb == "need" else ctx.pick(["past", "past", "want to", "fut"])
    if verb in ("see", "find"):
        tense = "past"
    clause = Clause(somebody(ctx), verb, [], tense, asking=True)
    if tense == "past" and ctx.chance(0.4):
        clause.time = time_for(ctx, "past")
    many = ctx.chance(0.6)
    phrase = noun_phrase(ctx, ("-+ " if many else "which ") + spec).text("acc")
    return opened(clause, (fixed("how many", "wie viele") if many else NOTHING) + phrase)


def how_much(ctx):
    """How much does the coat cost? How old is the church?"""
    if ctx.chance(0.5):
        thing = noun_phrase(ctx, "the|this @shop|@ticket|@buyable")
        return asked(Clause(thing, "cost", [], "pres", asking=True), "how much", "wie viel")
    kind = ctx.pick(["person", "the @pet", "the|this castle|church|tree|house|bridge|city"])
    subject = somebody(ctx) if kind == "person" else noun_phrase(ctx, kind)
    return asked(Clause(subject, "be", [], "pres", asking=True), "how old", "wie alt")


def request(ctx):
    """Anna, please open the window! -> Anna, öffne bitte das Fenster!"""
    name, you = person_called(ctx)
    ctx.owner = you
    formal = you.who == "You"
    predicate = ctx.pick(REQUEST_PREDICATES)
    if formal and predicate.verb.key in FAMILIAR:
        raise Retry
    clause = predicate.clause(ctx, you, "imp", adjuncts=False)
    please = fixed("please", "bitte") if ctx.chance(0.6) else NOTHING
    middle = clause.middle()
    # 'Setzen Sie sich bitte': the pronouns stand right behind the verb.
    pronouns = [De("Sie", clause.main_words)] if formal else []
    if clause.verb.reflexive:
        pronouns.append(middle.pop(0))
    german = [clause.finite] + pronouns + please.de + middle + clause.closing_words()
    return name.comma() + Text(please.en + clause.english(subject=False), german, "!")


def you_question(ctx):
    """Mrs Weber, do you have a dog?"""
    name, you = person_called(ctx)
    predicate = ctx.pick(HUMAN_PREDICATES)
    why = ctx.chance(0.2)
    tense = ctx.pick(["past", "past", "want to", "have to"]
                     + ([] if why else ["can", "fut", "would like to"]))
    clause = asking_clause(ctx, predicate, you, tense=tense)
    return name.comma() + (asked(clause, "why", "warum") if why else clause.question())


def indirect_question(ctx):
    """I do not know when the train arrives."""
    subject = doer(ctx)
    negative = ctx.chance(0.6)
    main = Clause(subject, "know.fact", [], "pres" if ctx.chance(0.8) else "past", negative)
    word, wort = ctx.pick([("when", "wann"), ("where", "wo"), ("where", "wohin"), ("why", "warum"),
                           ("if", "ob")])
    if wort in ("wann", "wo") and main.tense == "past":
        raise Retry  # English would shift the tense
    if wort == "wann":
        predicate = ctx.pick(SCHEDULED_PREDICATES)
        sub = Clause(subject_for(ctx, predicate), predicate.verb, [], "pres")
    elif wort == "wo":
        sub = where_clause(ctx)
    elif wort == "wohin":
        verb = ctx.pick(["go", "travel", "fly", "run"])
        sub = Clause(human(ctx), verb, [], "past")
    elif negative:
        sub = unknown_deed(ctx)
    else:
        raise Retry  # 'knows if' says little
    return join(main, subordinate(word, wort, sub))


def where_clause(ctx):
    if ctx.chance(0.4):
        return Clause(human(ctx, pronouns=False), ctx.pick(["live", "be"]), [], "pres")
    spec = "@smallthing|umbrella|suitcase|station|library|hotel|hospital|key.lock"
    return Clause(noun_phrase(ctx, "the " + spec), "be", [], "pres")


def unknown_deed(ctx):
    subject = doer(ctx)
    predicate = ctx.pick([p for p in HUMAN_PREDICATES if "state" not in p.flags])
    tense = "past" if "chance" in predicate.flags else ctx.pick(["past", "past", "past", "want to"])
    return predicate.clause(ctx, subject, tense, adjuncts=False)
