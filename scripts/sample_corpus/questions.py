"""Questions and requests. Whoever is called by the first name is 'du', Mr and Mrs are 'Sie'."""

from .building import join, predicates, somebody, subordinate
from .clauses import Clause, complement, subject_for
from .phrases import Name, Pronoun, human, noun_phrase
from .predicates import REQUESTS
from .simple import HUMAN_PREDICATES, SCHEDULED_PREDICATES
from .times import time_for
from .tokens import De, En, Retry, comma, fixed
from .verbs import VERBS
from .words import MEN, SURNAMES, WOMEN

REQUEST_PREDICATES = predicates(REQUESTS)
# Said to children only.
FAMILIAR = ("eat", "drink", "get_up", "go", "tidy_up", "wash", "put_on")
WHAT_VERBS = ("read write eat drink cook bake buy sell repair wash find lose forget look_for need see carry throw_away "
              "draw bring_along take_along clean plant hear").split()
WHOM_VERBS = "meet visit call ask invite pick_up help thank look_for wait".split()
COUNTED = [("buy", "@fruit|@shop|@ticket|egg|rose"), ("read", "book|novel|poem|story"), ("eat", "@fruit|egg"),
           ("see", "bird|horse|duck|@zooanimal"), ("plant", "tree|rose|flower"), ("sell", "picture|camera|lamp|clock"),
           ("write", "poem|report|letter.post"), ("find", "coin|stamp|photo"), ("repair", "radio|clock|lamp|computer"),
           ("bake", "cake|apple_cake"), ("need", "chair|lamp|plate|spoon|knife")]


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
    parts = predicate.complements(ctx, skip=skip, adjuncts=skip is None)
    return maybe_timed(ctx, Clause(subject, predicate.verb, parts, tense, asking=True))


def maybe_timed(ctx, clause):
    if clause.tense in ("past", "fut") and ctx.chance(0.4):
        clause.time = time_for(ctx, clause.tense)
    return clause


def asked(clause, source, target, more_en=(), more_de=()):
    """A question that a wh-word opens."""
    words, lead = fixed(source, target)
    return clause.english(lead=words + list(more_en)), clause.german_main(lead=lead + list(more_de)), "?"


def yes_no(ctx):
    clause = asking_clause(ctx, ctx.pick(HUMAN_PREDICATES), human(ctx))
    return clause.english(), clause.german_question(), "?"


def wh_object(ctx):
    """What did Anna buy?"""
    predicate = ctx.pick([p for p in HUMAN_PREDICATES if p.object_spec() and p.verb.key in WHAT_VERBS])
    return asked(asking_clause(ctx, predicate, somebody(ctx), skip="acc"), "what", "was")


def wh_person(ctx):
    """Who helped the child? Who did Anna help? (wer, wen, wem)"""
    if ctx.chance(0.6):
        predicate = ctx.pick(HUMAN_PREDICATES)
        if "poss" in predicate.text:
            raise Retry
        tense = "pres" if "state" in predicate.flags else ctx.pick(["past", "past", "past", "fut", "can", "want to"])
        if "chance" in predicate.flags and tense != "past":
            raise Retry
        clause = Clause(Name("who", "m", "wer"), predicate.verb, predicate.complements(ctx), tense)
        if tense == "past":
            maybe_timed(ctx, clause)
        return clause.english(), clause.german_main(), "?"
    verb = ctx.pick(WHOM_VERBS)
    tense = ctx.pick(["past", "past", "fut", "want to"])
    clause = maybe_timed(ctx, Clause(somebody(ctx), VERBS[verb], [], tense, asking=True))
    if verb == "wait":
        clause.time = None
        who, preposition = En("who"), En("for")
        lead = [De("auf", [preposition]), De("wen", [who])]
        return clause.english(lead=[who]) + [preposition], clause.german_main(lead=lead), "?"
    return asked(clause, "who", "wem" if verb in ("help", "thank") else "wen")


WHERE = [("live", "pres", ""), ("be", "pres", ""), ("be", "past", ""), ("work.person", "pres", ""), ("sleep", "past", ""),
         ("meet", "past", "poss @kin||$person"), ("find", "past", "the|poss @smallthing"),
         ("lose", "past", "the|poss @smallthing|hat"), ("buy", "past", "the|this @shop"), ("learn", "past", "- ! @language")]
WHERE_TO = [("go", "past"), ("go", "want to"), ("travel", "fut"), ("travel", "past"), ("fly", "fut"), ("run", "past")]


def wh_place(ctx):
    """Where: wo for a place, wohin for a goal; English leaves that to the verb."""
    subject = somebody(ctx)
    ctx.owner = subject
    if ctx.chance(0.5):
        verb, tense, spec = ctx.pick(WHERE)
        parts = [complement(ctx, "acc", spec)] if spec else []
        return asked(Clause(subject, VERBS[verb], parts, tense, asking=True), "where", "wo")
    verb, tense = ctx.pick(WHERE_TO)
    return asked(maybe_timed(ctx, Clause(subject, VERBS[verb], [], tense, asking=True)), "where", "wohin")


def wh_time(ctx):
    """When and why."""
    predicate = ctx.pick(HUMAN_PREDICATES)
    if ctx.chance(0.5):
        if "state" in predicate.flags:
            raise Retry
        clause = asking_clause(ctx, predicate, somebody(ctx), tense=ctx.pick(["past", "past", "fut", "want to"]))
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
    clause = Clause(somebody(ctx), VERBS[verb], [], tense, asking=True)
    if tense == "past" and ctx.chance(0.4):
        clause.time = time_for(ctx, "past")
    if ctx.chance(0.6):
        phrase = noun_phrase(ctx, "-+ " + spec)
        return asked(clause, "how many", "wie viele", phrase.en(), phrase.de("acc"))
    phrase = noun_phrase(ctx, "which " + spec)
    return clause.english(lead=phrase.en()), clause.german_main(lead=phrase.de("acc")), "?"


def how_much(ctx):
    """How much does the coat cost? How old is the church?"""
    if ctx.chance(0.5):
        thing = noun_phrase(ctx, "the|this @shop|@ticket|@buyable")
        return asked(Clause(thing, VERBS["cost"], [], "pres", asking=True), "how much", "wie viel")
    kind = ctx.pick(["person", "the @pet", "the|this castle|church|tree|house|bridge|city"])
    subject = somebody(ctx) if kind == "person" else noun_phrase(ctx, kind)
    return asked(Clause(subject, VERBS["be"], [], "pres", asking=True), "how old", "wie alt")


def addressed(ctx):
    """Somebody is called by name: (English, German, pronoun)."""
    if ctx.chance(0.6):
        name = ctx.pick(MEN + WOMEN)
        ctx.use(name)
        words = [En(name)]
        return words, [De(name, words)], Pronoun("you")
    title, titel = ctx.pick([("Mr", "Herr"), ("Mrs", "Frau")])
    surname = ctx.pick(SURNAMES)
    ctx.use(surname)
    words = [En(title), En(surname)]
    return words, [De(titel, words[:1]), De(surname, words[1:])], Pronoun("You")


def request(ctx):
    """Anna, please open the window! -> Anna, öffne bitte das Fenster!"""
    ctx.adjective_rate = 0.12
    words, target, you = addressed(ctx)
    ctx.owner = you
    formal = you.who == "You"
    predicate = ctx.pick(REQUEST_PREDICATES)
    if formal and predicate.verb.key in FAMILIAR:
        raise Retry
    clause = Clause(you, predicate.verb, predicate.complements(ctx, adjuncts=False), "imp")
    please = [En("please")] if ctx.chance(0.6) else []
    middle = clause.middle()
    # 'Setzen Sie sich bitte': the pronouns stand right behind the verb.
    pronouns = [De("Sie", clause.main_words)] if formal else []
    if clause.verb.reflexive:
        pronouns.append(middle.pop(0))
    start = [clause.finite] + pronouns + [De("bitte", please) for _ in please]
    return (comma(words) + please + clause.english(subject=False),
            comma(target) + start + middle + clause.closing_words(), "!")


def you_question(ctx):
    """Mrs Weber, do you have a dog?"""
    ctx.adjective_rate = 0.12
    words, target, you = addressed(ctx)
    predicate = ctx.pick(HUMAN_PREDICATES)
    why = ctx.chance(0.2)
    tense = ctx.pick(["past", "past", "want to", "have to"] + ([] if why else ["can", "fut", "would like to"]))
    clause = asking_clause(ctx, predicate, you, tense=tense)
    if why:
        question = asked(clause, "why", "warum")
        return comma(words) + question[0], comma(target) + question[1], "?"
    return comma(words) + clause.english(), comma(target) + clause.german_question(), "?"


def indirect_question(ctx):
    """I do not know when the train arrives."""
    ctx.adjective_rate = 0.12
    subject = human(ctx)
    ctx.owner = subject
    negative = ctx.chance(0.6)
    main = Clause(subject, VERBS["know.fact"], [], "pres" if ctx.chance(0.8) else "past", negative)
    kind, word, wort = ctx.pick([("when", "when", "wann"), ("where", "where", "wo"), ("where_to", "where", "wohin"),
                                 ("why", "why", "warum"), ("if", "if", "ob")])
    if kind == "when":
        if main.tense == "past":
            raise Retry  # English would shift the tense
        predicate = ctx.pick(SCHEDULED_PREDICATES)
        sub = Clause(subject_for(ctx, predicate), predicate.verb, [], "pres")
    elif kind == "where":
        if main.tense == "past":
            raise Retry
        sub = where_clause(ctx)
    elif kind == "where_to":
        verb = ctx.pick(["go", "travel", "fly", "run"])
        sub = Clause(human(ctx), VERBS[verb], [], "past")
    else:
        if not negative:
            raise Retry  # 'knows if' says little
        sub = unknown_deed(ctx)
    return (*join(main, subordinate(word, wort, sub), False), ".")


def where_clause(ctx):
    if ctx.chance(0.4):
        return Clause(human(ctx, pronouns=False), VERBS[ctx.pick(["live", "be"])], [], "pres")
    spec = "@smallthing|umbrella|suitcase|station|library|hotel|hospital|key.lock"
    return Clause(noun_phrase(ctx, "the " + spec), VERBS["be"], [], "pres")


def unknown_deed(ctx):
    ctx.owner = human(ctx)
    predicate = ctx.pick([p for p in HUMAN_PREDICATES if "state" not in p.flags])
    tense = "past" if "chance" in predicate.flags else ctx.pick(["past", "past", "past", "want to"])
    return Clause(ctx.owner, predicate.verb, predicate.complements(ctx, adjuncts=False), tense)
