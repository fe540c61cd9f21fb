"""German paradigms, written out: articles, adjective endings, pronouns, auxiliaries, numbers."""

CASES = ("nom", "acc", "dat", "gen")


def table(text):
    """Rows are cases, columns masculine, feminine, neuter, plural; '-' is no ending."""
    return {(case, gender): "" if cell == "-" else cell
            for case, line in zip(CASES, text.strip().splitlines())
            for gender, cell in zip("mfnp", line.split())}


DEFINITE = table("""
    der die das die
    den die das die
    dem der dem den
    des der des der""")
# Endings of dieser, jeder, welcher.
DER_ENDING = table("""
    er e es e
    en e es e
    em er em en
    es er es er""")
# Endings of ein, kein and the possessives.
EIN_ENDING = table("""
    -  e  -  e
    en e  -  e
    em er em en
    es er es er""")
RELATIVE = table("""
    der die das die
    den die das die
    dem der dem denen
    dessen deren dessen deren""")
WEAK = table("""
    e  e  e  en
    en e  e  en
    en en en en
    en en en en""")
MIXED = table("""
    er e  es en
    en e  es en
    en en en en
    en en en en""")
STRONG = table("""
    er e  es e
    en e  es e
    em er em en
    en er en er""")

# Third person pronouns by gender; p is the plural.
PRONOUN = table("""
    er  sie es  sie
    ihn sie es  sie
    ihm ihr ihm ihnen
    -   -   -   -""")
PERSONAL = {
    "ich": {"nom": "ich", "acc": "mich", "dat": "mir", "refl": "mich"},
    "du": {"nom": "du", "acc": "dich", "dat": "dir", "refl": "dich"},
    "wir": {"nom": "wir", "acc": "uns", "dat": "uns", "refl": "uns"},
    "Sie": {"nom": "Sie", "acc": "Sie", "dat": "Ihnen", "refl": "sich"},
}

CONTRACTIONS = {
    ("in", "dem"): "im", ("an", "dem"): "am", ("zu", "dem"): "zum", ("zu", "der"): "zur",
    ("bei", "dem"): "beim", ("von", "dem"): "vom", ("in", "das"): "ins", ("an", "das"): "ans",
}

# ich, du, er, plural (wir, sie, Sie)
SEIN = {"pres": "bin bist ist sind".split(), "pret": "war warst war waren".split()}
HABEN = {"pres": "habe hast hat haben".split(), "pret": "hatte hattest hatte hatten".split()}
WERDEN = {"pres": "werde wirst wird werden".split(), "pret": "wurde wurdest wurde wurden".split()}
MODALS = {
    "can": "kann kannst kann können".split(),
    "could": "konnte konntest konnte konnten".split(),
    "must": "muss musst muss müssen".split(),
    "have to": "muss musst muss müssen".split(),
    "had to": "musste musstest musste mussten".split(),
    "want to": "will willst will wollen".split(),
    "wanted to": "wollte wolltest wollte wollten".split(),
    "should": "sollte solltest sollte sollten".split(),
    "be allowed to": "darf darfst darf dürfen".split(),
    "would like to": "möchte möchtest möchte möchten".split(),
}
PERSON_INDEX = {"ich": 0, "du": 1, "er": 2, "wir": 3, "sie": 3, "Sie": 3}

ONES = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn " \
       "fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
TENS = "- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()


def number(n):
    """German for 2 to 99: the ones come before the tens."""
    if n < 20:
        return ONES[n]
    if n % 10 == 0:
        return TENS[n // 10]
    return ("ein" if n % 10 == 1 else ONES[n % 10]) + "und" + TENS[n // 10]
