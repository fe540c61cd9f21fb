"""Qualities, comparisons, numbers, prices, ages, clocks and dates."""

from . import english, german
from .building import DEGREES, be, compared, join, quality, subordinate, table
from .clauses import Clause, Complement
from .nouns import NOUNS
from .phrases import Phrase, attributes, human, noun_phrase, person_name, prepositional
from .simple import report
from .times import clock, date
from .tokens import De, En, Retry, Text, fixed
from .words import ADJECTIVE

# Nouns that somebody's can go with.
OWNABLE = ("clothing headwear womenswear furniture device container luggage instrument pet kin home "
           "room bike takeable friend neighbour lendable vehicle").split()
UNSAID = {"hair", "homework", "pain", "time"}
UNGRADED = set("red blue green white black brown grey yellow empty full broken open".split())


def be_adjective(ctx):
    """The lamp is too small. The apples were not sweet."""
    noun = ctx.pick([n for n in NOUNS.values()
                     if n.adjectives and n.classes and n.key not in UNSAID])
    specs = ["the x", "the x", "any x", "this x", "the+ x"]
    subject = noun_phrase(ctx, ctx.pick(specs) if noun.plural else "the x", noun)
    if subject.determiner == "poss" and not noun.is_a(*OWNABLE):
        raise Retry
    adjective = ctx.pick(attributes(noun))
    degree = adjective.key not in UNGRADED and ctx.chance(0.5)
    part = quality(ctx, [adjective], DEGREES if degree else None)
    tense = ctx.pick(["pres", "pres", "past"])
    return be(subject, part, tense, not degree and ctx.chance(0.3)).text()


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
        return (human(ctx), human(ctx, pronouns=False),
                ctx.pick("tall old young strong clever rich".split()))
    spec, keys = ctx.pick(COMPARED)
    first, second = ctx.pick([("the ", "the "), ("this ", "the "), ("any ", "any ")])
    if first == "any " and not spec.startswith(ANYBODY_HAS):
        first, second = "the ", "the "
    return noun_phrase(ctx, first + spec), noun_phrase(ctx, second + spec), ctx.pick(keys.split())


def comparison(ctx):
    """The train is faster than the bus / (not) as fast as the bus. 'als der Bus' stands behind the
    whole clause."""
    first, second, key = two_to_compare(ctx)
    adjective, negative = ADJECTIVE[key], False
    if ctx.chance(0.6):
        text = compared(adjective, adjective.en_comparative, adjective.de_comparative)
        if ctx.chance(0.25):
            text = fixed("much", "viel") + text
        link = fixed("than", "als")
    else:
        text = fixed("as", "so") + compared(adjective, adjective.en, adjective.de)
        link = fixed("as", "wie")
        if key == "young":
            raise Retry  # one is as old as somebody
        negative = ctx.chance(0.5)
    if second.indefinite:
        raise Retry
    clause = be(first, Complement("adj", text), "pres" if ctx.chance(0.75) else "past", negative)
    clause.complements[0].words = text.en + link.en + second.en()
    tail = Text([], link.de + second.de("nom"))
    if ctx.chance(0.2):
        return join(report(ctx), subordinate("that", "dass", clause)) + tail
    return clause.text() + tail


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
    article, name = phrase.de("nom")
    best = (Text(phrase.determiner_words, [article])
            + compared(adjective, adjective.en_superlative, adjective.de_superlative + "e")
            + Text(phrase.noun_words, [name]) + prepositional(ctx, where))
    if noun.is_a("job", "kid", "adult"):
        subject = person_name(ctx)
        if (SEX.get(noun.key, subject.gender) != subject.gender
                or len(subject.words) > 1 and noun.key != "man"):
            raise Retry
        return be(subject, Complement("pred", best), ctx.pick(["pres", "past"])).text()
    return fixed("this is", "das ist") + best


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
    where = prepositional(ctx, where)
    words = En("there"), En("are" if phrase.plural else "is")
    there_is_en = Text([*words], [De("gibt", words[1:]), De("es", words[:1])])
    what = phrase.text("acc")
    if phrase.determiner == "a" and ctx.chance(0.25):
        no = En("no")
        phrase.determiner_words = []
        what = Text([no] + what.en[1:], phrase.de("acc", no))
    return where + there_is_en + what


def price(ctx):
    """The coat costs 12.50 euros."""
    subject = noun_phrase(ctx, "the|this @shop|@ticket|newspaper|magazine|@clothing|@furniture")
    if ctx.chance(0.3):
        count = ctx.number(20, 80)
        text = fixed(f"{english.number(count)} euros", f"{german.number(count)} Euro")
    else:
        euros, cents = ctx.number(2, 39), ctx.pick(["", "", ".50", ".50", ".20", ".90", ".80"])
        text = fixed(f"{euros}{cents} euros", f"{euros}{cents.replace('.', ',')} Euro")
    if ctx.chance(0.3):
        text = fixed("only", "nur") + text
    return Clause(subject, "cost", [Complement("pred", text)], "pres").text()


def age(ctx):
    """Anna is twenty-four years old."""
    kind = ctx.pick(["person", "person", "thing", "pet"])
    if kind == "person":
        subject, count = human(ctx), ctx.number(4, 90)
    elif kind == "pet":
        subject, count = noun_phrase(ctx, "the|any ! @pet|horse"), ctx.number(2, 12)
    else:
        subject = noun_phrase(ctx, "the|this ! castle|church|tree|bridge|house|clock")
        count = ctx.number(15, 80)
    text = fixed(f"{english.number(count)} years old", f"{german.number(count)} Jahre alt")
    return be(subject, Complement("adj", text), "pres" if ctx.chance(0.85) else "past").text()


def clock_now(ctx):
    """It is a quarter to five."""
    time = clock(ctx, preposition=False)
    it, is_ = fixed("it", "es"), fixed("is", "ist")
    if ctx.chance(0.5):
        said = Text(it.en + is_.en + time.en, it.de + time.de + is_.de)
        return report(ctx).text().german_comma() + fixed("that", "dass") + said
    return it + is_ + time


def dated(ctx):
    """The party is on the 3rd of May. Today is the 3rd of May."""
    kind = ctx.pick(["event", "event", "today", "birthday", "born", "holidays"])
    if kind == "today":
        return fixed("today is", "heute ist") + date(ctx, on=False)
    day = date(ctx)
    if kind == "event":
        subject = noun_phrase(ctx, "the ! @event|@party|exam|trip")
        return be(subject, Complement("pred", day), ctx.pick(["pres", "past"])).text()
    if kind == "birthday":
        subject = noun_phrase(ctx, "the ! birthday of any ! @kin|neighbour")
        return be(subject, Complement("pred", day)).text()
    if kind == "holidays":
        subject, verb = noun_phrase(ctx, "the+ ! holidays"), ctx.pick(["begin", "end"])
        return Clause(subject, verb, [Complement("man", day)], ctx.pick(["pres", "past"])).text()
    return Clause(human(ctx), "bear", [Complement("loc", day)], "past_passive").text()
