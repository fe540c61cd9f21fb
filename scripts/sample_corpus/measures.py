"""Qualities, comparisons, numbers, prices, ages, clocks and dates."""

from . import english, german
from .building import be, compared, conjunction, join, quality, statement, subordinate, table
from .clauses import Clause, Complement
from .nouns import NOUNS
from .phrases import Phrase, attributes, human, noun_phrase, person_name, prepositional
from .simple import report_subject
from .times import clock, date
from .tokens import En, Retry, comma, fixed
from .verbs import BORN, VERBS
from .words import ADJECTIVE

# Nouns that somebody's can go with.
OWNABLE = set("clothing headwear womenswear furniture device container luggage instrument pet kin home room bike "
              "takeable friend neighbour lendable vehicle".split())
UNSAID = {"hair", "homework", "pain", "time"}
UNGRADED = set("red blue green white black brown grey yellow empty full broken open".split())


def be_adjective(ctx):
    """The lamp is too small. The apples were not sweet."""
    ctx.adjective_rate = 0.0
    noun = ctx.pick([n for n in NOUNS.values() if n.adjectives and n.classes and n.key not in UNSAID])
    subject = noun_phrase(ctx, ctx.pick(["the x", "the x", "any x", "this x", "the+ x"]) if noun.plural else "the x", noun)
    if subject.determiner == "poss" and not set(noun.classes) & OWNABLE:
        raise Retry
    adjective = ctx.pick(attributes(noun))
    degree = adjective.key not in UNGRADED and ctx.chance(0.5)
    part = quality(ctx, [adjective], degree)
    return statement(be(subject, part, ctx.pick(["pres", "pres", "past"]), not degree and ctx.chance(0.3)))


# Things that are compared with each other / in what
COMPARED = table("""
    @pet|@farmanimal|@zooanimal / big small old fast slow strong
    @vehicle|bus|train|taxi|ship|bicycle / fast slow expensive cheap comfortable old new
    @building / old new big small beautiful
    @room / big small warm cold light.bright dark
    @furniture|@device / old new big small heavy expensive cheap beautiful
    @fruit / sweet fresh big small expensive cheap
    @clothing / new old warm expensive cheap beautiful
    book|novel|report|story|magazine / interesting long short
    @luggage|box|basket / heavy light.weight big small
    bridge|street / long short
    tower|mountain / high
    lake|sea|river / deep cold
    exam|question|problem / difficult easy important
    film|story / beautiful long short
    poem|song / beautiful long short""")
ANYBODY_HAS = ("@pet", "@furniture", "@clothing", "@luggage", "@room")


def two_to_compare(ctx):
    ctx.adjective_rate = 0.0
    if ctx.chance(0.3):
        return human(ctx), human(ctx, pronouns=False), ctx.pick("tall old young strong clever rich".split())
    spec, keys = ctx.pick(COMPARED)
    determiners = ctx.pick([("the ", "the "), ("this ", "the "), ("any ", "any ")])
    if determiners[0] == "any " and not spec.startswith(ANYBODY_HAS):
        determiners = ("the ", "the ")
    return (noun_phrase(ctx, determiners[0] + spec), noun_phrase(ctx, determiners[1] + spec), ctx.pick(keys.split()))


def comparison(ctx):
    """The train is faster than the bus / (not) as fast as the bus. 'als der Bus' stands behind the whole clause."""
    first, second, key = two_to_compare(ctx)
    adjective, negative = ADJECTIVE[key], False
    if ctx.chance(0.6):
        words, target = compared(adjective, adjective.en_comparative, adjective.de_comparative)
        if ctx.chance(0.25):
            more, mehr = fixed("much", "viel")
            words, target = more + words, mehr + target
        link, als = conjunction("than", "als")
    else:
        words, target = compared(adjective, adjective.en, adjective.de)
        so_en, so_de = conjunction("as", "so")
        words, target = so_en + words, so_de + target
        link, als = conjunction("as", "wie")
        if key == "young":
            raise Retry  # one is as old as somebody
        negative = ctx.chance(0.5)
    if second.indefinite:
        raise Retry
    tail = als + second.de("nom")
    clause = be(first, Complement("adj", words, target), "pres" if ctx.chance(0.75) else "past", negative)
    clause.complements[0].words = words + link + second.en()
    if ctx.chance(0.2):
        report = Clause(report_subject(ctx), VERBS[ctx.pick(["say", "believe", "know.fact"])], [], "pres")
        words, target = join(report, subordinate("that", "dass", clause), False)
        return words, target + tail, "."
    return clause.english(), clause.german_main() + tail, "."


# What / in what it leads / among whom
LEADING = table("""
    boy|student|child / tall old young clever strong / in the ! class|school
    man|woman / rich old tall strong / in the ! village|city
    house|church|castle|tower|bridge / old big new beautiful / in the ! city|village
    mountain / high / in $country
    river / long deep / in $country
    city / big old beautiful / in $country
    room / big small light.bright warm cold / in the ! house|flat
    lake / deep big / in $country
    tree / old big / in the ! garden|park|forest
    restaurant|cafe|hotel / good cheap expensive / in the ! city|village
    elephant|bear|lion|monkey / old big young / in the ! zoo""")
SEX = {"boy": "m", "student": "m", "man": "m", "woman": "f"}


def superlative(ctx):
    """Anna is the tallest child in the class. This is the oldest church in the city."""
    spec, keys, where = ctx.pick(LEADING)
    noun = NOUNS[ctx.pick(spec.split("|"))]
    ctx.use(noun.key)
    adjective = ADJECTIVE[ctx.pick(keys.split())]
    phrase = Phrase(noun, "the", False)
    words, best = compared(adjective, adjective.en_superlative, adjective.de_superlative + "e")
    place_en, place_de = prepositional(ctx, where)
    en = phrase.determiner_words + words + phrase.noun_words + place_en
    article, name = phrase.de("nom")
    de = [article] + best + [name] + place_de
    if "job" in noun.classes or set(noun.classes) & {"kid", "adult"}:
        subject = person_name(ctx)
        if SEX.get(noun.key, subject.gender) != subject.gender or len(subject.words) > 1 and noun.key != "man":
            raise Retry
        return statement(be(subject, Complement("pred", en, de), ctx.pick(["pres", "past"])))
    this, das = conjunction("this", "das")
    is_en, ist = conjunction("is", "ist")
    return this + is_en + en, das + ist + de, "."


# Place / things / f few of them, m perhaps many
CONTENTS = table("""
    in the ! kitchen / plate|cup|glass|bottle|spoon|knife|chair|table|lamp|window|cupboard / f
    in the ! living_room|bedroom|room / armchair|chair|lamp|picture|carpet|mirror|clock|window|sofa|table / f
    in the ! village / church|school|bridge|cafe|bakery|restaurant|hotel|farm / f
    in the ! city / museum|theatre|cinema|library|university|park|hospital|castle / f
    in the ! zoo / elephant|lion|monkey|bear|bird|seal.animal / m
    in the ! garden / tree|rose|bird|chair|table|flower / m
    on the ! farm / horse|cow|sheep|dog|cat|duck / m
    in the ! basket / apple|pear|orange|cherry|egg|carrot|potato|banana / m
    in the ! library / book|table|chair|computer|newspaper|window / m
    in the ! box / coin|stamp|photo|book|candle|spoon / m
    in $city / museum|theatre|bridge|park|castle|church / f
    in the ! office / computer|telephone|table|chair|window|lamp / f
    in the ! bag / camera|book|coin|stamp|photo|knife|map|key.lock / f""")


def there_is(ctx):
    """In the basket there are twenty-four apples. -> Im Korb gibt es ... (accusative)"""
    where, things, size = ctx.pick(CONTENTS)
    phrase = noun_phrase(ctx, ctx.pick(["a ", "few " if size == "f" else "num "]) + things)
    place_en, place_de = prepositional(ctx, where)
    there, es = conjunction("there", "es")
    be_en, gibt = conjunction("are" if phrase.plural else "is", "gibt")
    words, target = phrase.en(), phrase.de("acc")
    if phrase.determiner == "a" and ctx.chance(0.25):
        no = En("no")
        phrase.determiner_words = []
        words, target = [no] + words[1:], phrase.de("acc", no)
    return place_en + there + be_en + words, place_de + gibt + es + target, "."


def price(ctx):
    """The coat costs 12.50 euros."""
    subject = noun_phrase(ctx, "the|this @shop|@ticket|newspaper|magazine|@clothing|@furniture")
    if ctx.chance(0.3):
        count = 20 + int(ctx.rng.random() * 80)
        words, target = fixed(f"{english.number(count)} euros", f"{german.number(count)} Euro")
    else:
        amount = f"{2 + int(ctx.rng.random() * 39)}{ctx.pick(['', '', '.50', '.50', '.20', '.90', '.80'])}"
        words, target = fixed(f"{amount} euros", f"{amount.replace('.', ',')} Euro")
    if ctx.chance(0.3):
        only, nur = conjunction("only", "nur")
        words, target = only + words, nur + target
    return statement(Clause(subject, VERBS["cost"], [Complement("pred", words, target)], "pres"))


def age(ctx):
    """Anna is twenty-four years old."""
    kind = ctx.pick(["person", "person", "thing", "pet"])
    if kind == "person":
        subject, count = human(ctx), 4 + int(ctx.rng.random() * 90)
    elif kind == "pet":
        subject, count = noun_phrase(ctx, "the|any ! @pet|horse"), 2 + int(ctx.rng.random() * 12)
    else:
        subject = noun_phrase(ctx, "the|this ! castle|church|tree|bridge|house|clock")
        count = 15 + int(ctx.rng.random() * 80)
    words, target = fixed(f"{english.number(count)} years old", f"{german.number(count)} Jahre alt")
    return statement(be(subject, Complement("adj", words, target), "pres" if ctx.chance(0.85) else "past"))


def clock_now(ctx):
    """It is a quarter to five."""
    it, es = conjunction("it", "es")
    is_en, ist = conjunction("is", "ist")
    words, target = clock(ctx, preposition=False)
    if ctx.chance(0.5):
        main = Clause(report_subject(ctx), VERBS[ctx.pick(["say", "believe", "know.fact"])], [], "pres")
        that, dass = conjunction("that", "dass")
        return (main.english() + that + it + is_en + words,
                comma(main.german_main()) + dass + es + target + ist, ".")
    return it + is_en + words, es + ist + target, "."


def dated(ctx):
    """The party is on the 3rd of May. Today is the 3rd of May."""
    kind = ctx.pick(["event", "event", "today", "birthday", "born", "holidays"])
    if kind == "today":
        today, heute = conjunction("today", "heute")
        is_en, ist = conjunction("is", "ist")
        day_en, day_de = date(ctx, on=False)
        return today + is_en + day_en, heute + ist + day_de, "."
    day = date(ctx)
    if kind == "event":
        subject = noun_phrase(ctx, "the ! @event|@party|exam|trip")
        return statement(be(subject, Complement("pred", *day), ctx.pick(["pres", "past"])))
    if kind == "birthday":
        subject = noun_phrase(ctx, "the ! birthday of any ! @kin|neighbour")
        return statement(be(subject, Complement("pred", *day)))
    if kind == "holidays":
        subject, verb = noun_phrase(ctx, "the+ ! holidays"), VERBS[ctx.pick(["begin", "end"])]
        return statement(Clause(subject, verb, [Complement("man", *day)], ctx.pick(["pres", "past"])))
    return statement(Clause(human(ctx), BORN, [Complement("loc", *day)], "past_passive"))
