"""Possession, passive, infinitives, and pronouns that stand for things."""

from . import english, german
from .building import DEGREES, acting, be, doer, predicates, quality, table
from .clauses import Clause, Complement, Predicate, complement
from .compound import coordinate, shared
from .nouns import NOUNS
from .phrases import Phrase, Pronoun, attributes, human, noun_phrase, prepositional
from .predicates import PASSIVE
from .questions import asked
from .simple import HUMAN_PREDICATES, already, simple_clause
from .times import time_for
from .tokens import NOTHING, De, En, Retry, Text, fixed, upper_first
from .words import MEN, WOMEN

OWN = ("car bicycle house flat dog cat coat jacket hat bag suitcase guitar camera computer boat "
       "umbrella").split()
RELATIVES = "brother sister mother father daughter son".split()
# Part / whole
PARTS = table("""
    the ! colour of the car|coat|house|flower|dress|jacket|bird
    the ! price of the|this car|house|flat|bicycle|computer|camera|train_ticket
    the ! name of the teacher|doctor|village|dog|cat|song|film|singer|hotel|river|restaurant|student|boy|patient|guest
    the ! window of the kitchen|bedroom|house|office
    the ! door of the house|church|office|kitchen
    the ! picture of the city|castle|horse|king""")


def possessive(ctx):
    """Anna's car is white. I know the name of the river."""
    if ctx.chance(0.5):
        owner = ctx.pick(MEN + WOMEN)
        ctx.use(owner)
        thing = Phrase(NOUNS[ctx.pick(OWN + RELATIVES)], "name", False, possessor=owner)
        ctx.use(thing.noun.key)
    else:
        thing = noun_phrase(ctx, ctx.pick(PARTS)[0])
    key = thing.noun.key
    if key in ("name", "colour"):
        verb = "know.person" if key == "name" else "like"
        return acting(human(ctx), verb, thing, "pres", negative=ctx.chance(0.4)).text()
    if key in RELATIVES:
        return simple_clause(ctx, ctx.pick(HUMAN_PREDICATES), subject=thing).text()
    if key == "price" or ctx.chance(0.6):
        part = (quality(ctx, "high", DEGREES if ctx.chance(0.5) else None) if key == "price" else
                quality(ctx, attributes(thing.noun)))
        return be(thing, part, ctx.pick(["pres", "past"]), ctx.chance(0.2)).text()
    tense = ctx.pick(["past", "past", "want to"])
    verb = ctx.pick(["see", "look_for", "find", "draw"] if tense == "past" else ["see", "draw"])
    time = time_for(ctx, "past" if tense == "past" else "fut") if ctx.chance(0.5) else None
    return acting(human(ctx), verb, thing, tense, time=time, front=ctx.chance(0.4)).text()


def passive(ctx):
    """The letter was written by a teacher. The radio is being repaired."""
    predicate = ctx.pick(PASSIVE_PREDICATES)
    verb = predicate.verb
    subject, agents = noun_phrase(ctx, predicate.parts[0][4:]), predicate.parts[1][3:]
    tense = ctx.weighted([(50, "past_passive"), (15, "perf_passive"), (15, "prog_passive"),
                          (20, "modal")])
    if verb.key == "find" and tense != "past_passive":
        raise Retry
    if tense == "modal":
        return modal_passive(ctx, subject, verb)
    parts, time = [], None
    if tense == "past_passive":
        if ctx.chance(0.55):
            parts = [complement(ctx, "ppo", "by a|the " + agents)]
        else:
            time = time_for(ctx, "past")
    clause = Clause(subject, verb, parts, tense, time=time, front=ctx.chance(0.35))
    clause.adverb = already(ctx) if tense == "perf_passive" else None
    return clause.text()


PASSIVE_PREDICATES = predicates(PASSIVE)


def modal_passive(ctx, subject, verb):
    """must be repaired -> muss repariert werden"""
    key = ctx.pick(["must", "can", "should", "have to", "had to", "could"])
    modal = "has to" if key == "have to" and subject.agreement == "he" else key
    must = fixed(modal, german.MODALS[key][german.PERSON_INDEX[subject.person]])
    timed = key != "could" and ctx.chance(0.4)
    time = time_for(ctx, "past" if key == "had to" else "fut") if timed else NOTHING
    done = En("be"), En(verb.participle)
    return subject.text("nom") + must + Text(
        [*done, *time.en], time.de + [De(verb.de_participle, done[1:]), De("werden", done[:1])])


# What can be tried, begun, forgotten, hoped for.
GOVERNED = {
    "try": "read repair open close find understand call help explain draw paint learn sleep bake "
           "cook sell answer wash hang play build".split(),
    "begin": "read write eat cook bake repair wash clean tidy_up prepare sing dance work.person "
             "learn study paint draw play build".split(),
    "forget": "call buy close turn_off turn_on feed water invite bring_along take_along pick_up "
              "thank answer tidy_up wash".split(),
    "hope": "travel fly visit meet find buy learn sell see swim play live".split(),
}


def infinitive(ctx):
    """Anna has forgotten to call her brother -> ihren Bruder anzurufen"""
    verb = ctx.pick(["try", "try", "begin", "forget", "forget", "hope"])
    predicate = ctx.pick([p for p in HUMAN_PREDICATES if p.verb.key in GOVERNED[verb]])
    if verb == "try" and not predicate.parts:
        raise Retry
    subject = doer(ctx)
    tense = {"hope": "pres", "try": ctx.pick(["past", "pres"])}.get(verb, "past")
    timed = tense == "past" and verb != "begin" and ctx.chance(0.4)
    time = time_for(ctx, "past") if timed else None
    main = Clause(subject, verb, [], tense, time=time, front=True)
    sub = predicate.clause(ctx, subject, "inf", adjuncts=ctx.chance(0.3))
    return main.text().german_comma() + sub.infinitive()


LIKED = ("swim dance sing go_shopping read cook bake play watch_tv travel work.person sleep paint "
         "learn drink eat fly").split()


def likes_to(ctx):
    """likes to swim -> schwimmt gern"""
    subject = doer(ctx)
    predicate = ctx.pick([p for p in HUMAN_PREDICATES if p.verb.key in LIKED])
    parts = predicate.complements(ctx, adjuncts=not predicate.object_spec())
    # One likes an activity, not one deed: 'likes to eat cheese', not 'the cheese'.
    if any(p.role == "acc" and (not p.phrase.indefinite or p.phrase.determiner == "a")
           for p in parts):
        raise Retry
    likes = fixed("likes to" if subject.agreement == "he" else "like to", "gern")
    clause = Clause(subject, predicate.verb, parts, "bare")
    clause.simple_present(clause.main_words)
    clause.progress = likes.de
    return Text(subject.en() + likes.en + clause.english(subject=False), clause.german_main())


# It is ... to do what
IT_IS = table("""
    important difficult / get_up; man =early>früh
    important / read; acc the ! report|contract
    important beautiful difficult easy / learn; acc - ! @language
    difficult easy / find; acc a ! flat|hotel|taxi
    difficult easy expensive important / repair; acc the|this ! @device|car|bicycle
    difficult easy important / understand; acc the|this ! question|problem|answer
    difficult easy important / answer; acc the|this ! question
    difficult easy beautiful / bake; acc a ! cake|apple_cake
    important / take_along; acc a ! umbrella|map|passport
    important / turn_off; acc the ! computer|lamp|radio
    important / call; acc the ! doctor
    important / arrive; man =early>früh
    beautiful expensive / travel; dir to>nach.dat $city||$country
    expensive / fly; dir to>nach.dat $city||$country
    beautiful easy / swim; loc in the ! sea|lake|river
    expensive / sleep; loc in a ! hotel
    beautiful expensive / live; loc in $city
    beautiful easy / play; acc - ! chess|tennis|football
    important / tidy_up; acc the ! @room
    beautiful important / help; dat the ! @kid|neighbour
    important / drink; acc - ! water|tea""")


def it_is_to(ctx):
    """It is important to get up early. -> ..., früh aufzustehen."""
    keys, text = ctx.pick(IT_IS)
    predicate = Predicate(text)
    it_is = fixed(*ctx.pick([("it is", "es ist"), ("it was", "es war")]))
    part = quality(ctx, keys)
    sub = predicate.clause(ctx, Pronoun("they"), "inf")
    return (it_is + Text(part.words, part.target)).german_comma() + sub.infinitive()


# Where somebody goes / what for
ERRANDS = table("""
    market / buy; acc -+ @fruit|@vegetable|egg|flower
    supermarket / buy; acc - ! @shopfood
    bakery / buy; acc - ! bread
    station / pick_up; acc poss @kin||$person
    airport / pick_up; acc poss @kin|parents||$person
    library / read; acc a @readable
    library / study
    lake / swim
    beach / rest
    hospital / visit; acc poss @kin|neighbour
    kitchen / cook; acc the|a ! soup
    kitchen / drink; acc - ! coffee|tea|water
    garden / water; acc the+ ! flower|rose
    garden / pick; acc -+ cherry|apple|pear|strawberry|rose
    cinema / watch; acc a|the film
    park / play; acc - football|tennis
    restaurant / eat; acc a @dish
    cafe / meet; acc poss @kin||$person
    station / buy; acc a|the train_ticket
    farm / feed; acc the+ @farmanimal
    university / learn; acc - ! @language""")


def purpose(ctx):
    """goes to the market to buy apples -> um Äpfel zu kaufen"""
    subject = doer(ctx)
    place, task = ctx.pick(ERRANDS)
    predicate = Predicate(task)
    tense = ctx.pick(["past", "past", "fut", "want to"])
    go = Clause(subject, "go", [complement(ctx, "dir", "*" + place)], tense, front=True)
    go.time = time_for(ctx, "past" if tense == "past" else "fut") if ctx.chance(0.4) else None
    sub = predicate.clause(ctx, subject, "inf", adjuncts=False)
    return go.text().german_comma() + Text([], [De("um", sub.helpers)]) + sub.infinitive()


# First deed / second deed / thing / what the second deed needs
DEEDS = table("""
    find / lay / @flat / dir on+ the table|bed|shelf || into the bag|box
    buy / set / @upright / dir on+ the table|shelf || into the cupboard
    wash / set / cup|glass|bottle|vase / dir into the cupboard || on+ the table
    buy / hang / picture|mirror|clock / dir on>an.acc the wall
    repair / sell / @device|@bike|car|boat / -
    wash / hang / dress|shirt|coat|jacket / dir into the ! cupboard
    find / throw_away / @flat|box / -
    open / read / letter.post / -
    write / send / letter.post|poem|report / to poss @kin
    bake / eat / cake|apple_cake / -
    buy / eat / @fruit|@dish / -
    draw / show / bird|horse|cat|castle|rabbit|tree / to poss @kin || to the teacher
    pick / eat / @fruit / -
    read / sell / book|novel / -
    look_for / find / @smallthing|umbrella|hat|key.lock / -""")


def it_object(ctx):
    """found a key and put it on the table: the pronoun takes the gender of the noun."""
    subject = doer(ctx)
    first, second, things, extra = ctx.pick(DEEDS)
    determiner = "the " if first in ("open", "look_for") else ctx.pick(["a ", "a ", "the "])
    phrase = noun_phrase(ctx, determiner + things)
    it = Pronoun("it", phrase.noun.gender)
    one = acting(subject, first, phrase, "past")
    if ctx.chance(0.4):
        one.time, one.front = time_for(ctx, "past"), True
    parts = [Complement("acc", phrase=it)]
    if extra != "-":
        choices = extra.split(" || ") if extra.startswith("to") else [extra]
        role, _, spec = ctx.pick(choices).partition(" ")
        parts.append(complement(ctx, role, spec))
    return shared(one, Clause(subject, second, parts, "past"))


# Thing / where it may be
WHEREABOUTS = table("""
    the|any ! @flat / on the table|bed|shelf|chair || in the ! box|bag
    the|any ! @upright / on the table|shelf || in the ! cupboard
    the|any ! @clothing / on the bed|chair || in the ! cupboard|suitcase
    the|any ! @pet / in the ! garden|kitchen|house || under the table|sofa || on the ! sofa
    the ! station|library|hotel|hospital|cinema|museum / next_to the park|church|theatre|school || behind the ! market|bridge
    the|any ! suitcase|umbrella|bag / in the ! car|taxi|hotel || in_front_of the door || next_to the sofa|door""")


def it_subject(ctx):
    """The lamp is old, but it still works. Anna bought a coat, but it is too small."""
    if ctx.chance(0.25):
        thing = noun_phrase(ctx, "the|any|this ! @device")
        one = be(thing, quality(ctx, "old"))
        it = Pronoun("it", thing.noun.gender)
        works = Clause(it, "work.device", [], "pres", adverb=fixed("still", "noch"))
        return coordinate(one, works, "but")
    verb = ctx.pick(["buy", "buy", "see", "find"])
    things = "@clothing|@bike|@device|@furniture|carpet|@luggage|car"
    found = "a ! @clothing|@luggage|clock|radio|lamp"
    phrase = noun_phrase(ctx, found if verb == "find" else "a ! " + things)
    one = acting(human(ctx), verb, phrase, "past", front=ctx.chance(0.6))
    one.time = time_for(ctx, "past") if ctx.chance(0.5) else None
    degree = ctx.pick([("too", "zu"), ("very", "sehr")])
    keys = "small big old" if verb == "find" else "small big expensive old"
    part = quality(ctx, keys + (" dirty" if degree[0] == "very" else ""))
    more = fixed(*degree)
    part.words, part.target = more.en + part.words, more.de + part.target
    it = Pronoun("it", phrase.noun.gender)
    return coordinate(one, be(it, part, ctx.pick(["pres", "past"])), "but")


def where_is_it(ctx):
    """Where is the bag? It is on the chair."""
    things, places = ctx.pick(WHEREABOUTS)
    thing = noun_phrase(ctx, things)
    question = asked(Clause(thing, "be", [], "pres", asking=True), "where", "wo")
    place = prepositional(ctx, ctx.pick(places.split(" || ")))
    answer = be(Pronoun("it", thing.noun.gender), Complement("pred", place)).text()
    for left, right in ((question.en, answer.en), (question.de, answer.de)):
        left[-1].text += question.end
        upper_first(right[0])
    return question + answer


# Not this, but that
CHOICES = table("""
    buy / @shop
    see / @pet|horse|bird|frog
    repair / @device
    draw / @animal|house|tree|castle
    need / @furniture|lamp|computer
    find / coin|photo|map|camera
    eat / @fruit|egg|salad|pizza
    bring_along / cake|salad|guitar|camera|present
    read / book|newspaper|poem|magazine|story""")


def not_but(ctx):
    """did not buy a lamp but a chair -> keine Lampe, sondern einen Stuhl"""
    verb, spec = ctx.pick(CHOICES)
    first, second = noun_phrase(ctx, "a " + spec), noun_phrase(ctx, "a " + spec)
    tense = "pres" if verb == "need" else "past"
    clause = acting(human(ctx), verb, first, tense, negative=True, front=True)
    if tense == "past" and ctx.chance(0.4):
        clause.time = time_for(ctx, "past", simple=True)
    return clause.text().german_comma() + fixed("but", "sondern") + second.text("acc")


LONG_STATES = predicates("""
    live; loc in $city
    live; loc in the|this ! house|village|city|flat
    work.person; loc in a|the ! office|hospital|library|restaurant|hotel|museum
    learn; acc - ! @language
    know.person; acc the ! @job|neighbour||$person
    have; acc a dog|cat|horse|bicycle|boat""")


def since(ctx):
    """has lived in Berlin for two years -> wohnt seit zwei Jahren in Berlin"""
    subject = doer(ctx)
    ctx.adjective_rate = 0.1
    predicate = ctx.pick(LONG_STATES)
    clause = predicate.clause(ctx, subject, "perf")
    count = ctx.number(2, 18)
    unit, einheit = ctx.pick([("years", "Jahren"), ("years", "Jahren"), ("weeks", "Wochen"),
                              ("months", "Monaten")])
    clause.time = fixed(f"for {english.number(count)} {unit}",
                        f"seit {german.number(count)} {einheit}")
    clause.late_time = True
    clause.simple_present(clause.head + clause.main_words)
    return clause.text()
