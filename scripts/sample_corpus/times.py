"""Expressions of time, each a Text."""

from . import english, german
from .phrases import translated
from .tokens import fixed, rows
from .words import DAYS, FREQUENCY, MONTHS, PARTS, TIMES

UNITS = [("days", "Tagen"), ("weeks", "Wochen"), ("months", "Monaten"), ("years", "Jahren")]


def clock(ctx, preposition=True):
    """Half past three is 'halb vier': German counts towards the next hour."""
    hour = ctx.number(1, 12)
    following = hour % 12 + 1
    say = english.number(hour)
    kind = ctx.weighted([(40, "full"), (30, "half"), (20, "quarter"), (20, "minutes")])
    to, vor = ("to", "vor") if ctx.chance(0.5) else ("past", "nach")
    if kind == "full":
        uhr = "ein" if hour == 1 else german.number(hour)
        text = fixed(f"{say} o'clock", f"{uhr} Uhr")
    elif kind == "half":
        text = fixed(f"half past {say}", f"halb {german.number(following)}", "0-0 1-0 2-1")
    elif kind == "quarter":
        text = fixed(f"a quarter {to} {say}", f"Viertel {vor} {german.number(hour)}",
                     "0-0 1-0 2-1 3-2")
    else:
        minutes = ctx.pick([5, 10, 20])
        text = fixed(f"{english.number(minutes)} {to} {say}",
                     f"{german.number(minutes)} {vor} {german.number(hour)}")
    return fixed("at", "um") + text if preposition else text


def date(ctx, on=True):
    day = ctx.number(1, 28)
    month, monat = translated(ctx.pick(MONTHS))
    text = f"the {english.ordinal(day)} of {month}"
    if on:
        return fixed(f"on {text}", f"am {day}. {monat}", "0-0 1-0 2-1 3-2 4-2")
    return fixed(text, f"der {day}. {monat}", "0-0 1-1 2-2 3-2")


def special(ctx, name, far):
    day, tag = translated(ctx.pick(DAYS))
    count = ctx.number(2, 9)
    unit, einheit = ctx.pick(UNITS if far else UNITS[:2])
    if name == "date":
        return date(ctx)
    if name == "weekday" and ctx.chance(0.3):
        part, teil = translated(ctx.pick(PARTS))
        return fixed(f"on {day} {part}", f"am {tag}{teil.lower()}", "0-0 1-1 2-1")
    number, zahl = english.number(count), german.number(count)
    return fixed(*{"weekdays": (f"on {day}s", tag.lower() + "s"),
                   "weekday": (f"on {day}", f"am {tag}"),
                   "lastday": (f"last {day}", f"letzten {tag}"),
                   "nextday": (f"next {day}", f"nächsten {tag}"),
                   "ago": (f"{number} {unit} ago", f"vor {zahl} {einheit}", "0-1 1-2 2-0"),
                   "in": (f"in {number} {unit}", f"in {zahl} {einheit}")}[name])


def time_for(ctx, kind, simple=False, far=False):
    """kind: past, fut or hab. A simple one has no number in it; a far one may be months away."""
    choices = [row for row in rows(TIMES[kind], "|")
               if not (simple and row[0][0] == "@" or not far and row[0].endswith("year"))]
    row = ctx.pick(choices)
    return special(ctx, row[0][1:], far) if row[0].startswith("@") else fixed(*row)


def frequency(ctx):
    return fixed(*ctx.pick(rows(FREQUENCY, "|")))
