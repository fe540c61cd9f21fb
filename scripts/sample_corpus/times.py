"""Expressions of time, each as (English words, German words)."""

from . import english, german
from .phrases import translated
from .tokens import De, En, fixed
from .words import DAYS, FREQUENCY, MONTHS, PARTS, TIMES

UNITS = [("days", "Tagen"), ("weeks", "Wochen"), ("months", "Monaten"), ("years", "Jahren")]


def rows(text):
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def clock(ctx, preposition=True):
    """Half past three is 'halb vier': German counts towards the next hour."""
    hour = 1 + int(ctx.rng.random() * 12)
    following = hour % 12 + 1
    name = lambda h: "eins" if h == 1 else german.number(h)
    say = lambda h: english.number(h)
    kind = ctx.weighted([(40, "full"), (30, "half"), (20, "quarter"), (20, "minutes")])
    to = ctx.chance(0.5)
    if kind == "full":
        words, target = fixed(f"{say(hour)} o'clock", f"{'ein' if hour == 1 else german.number(hour)} Uhr")
    elif kind == "half":
        words, target = fixed(f"half past {say(hour)}", f"halb {name(following)}", "0-0 1-0 2-1")
    elif kind == "quarter":
        words, target = fixed(f"a quarter {'to' if to else 'past'} {say(hour)}",
                              f"Viertel {'vor' if to else 'nach'} {name(hour)}", "0-0 1-0 2-1 3-2")
    else:
        minutes = ctx.pick([5, 10, 20])
        words, target = fixed(f"{english.number(minutes)} {'to' if to else 'past'} {say(hour)}",
                              f"{german.number(minutes)} {'vor' if to else 'nach'} {name(hour)}")
    if not preposition:
        return words, target
    at = En("at")
    return [at] + words, [De("um", [at])] + target


def date(ctx, on=True):
    day = 1 + int(ctx.rng.random() * 28)
    month, monat = translated(ctx.pick(MONTHS))
    if on:
        return fixed(f"on the {english.ordinal(day)} of {month}", f"am {day}. {monat}", "0-0 1-0 2-1 3-2 4-2")
    return fixed(f"the {english.ordinal(day)} of {month}", f"der {day}. {monat}", "0-0 1-1 2-2 3-2")


def special(ctx, name, far):
    day, tag = translated(ctx.pick(DAYS))
    count = 2 + int(ctx.rng.random() * 9)
    unit, einheit = ctx.pick(UNITS if far else UNITS[:2])
    if name == "date":
        return date(ctx)
    if name == "weekdays":
        return fixed(f"on {day}s", tag.lower() + "s")
    if name == "weekday":
        if ctx.chance(0.3):
            part, teil = translated(ctx.pick(PARTS))
            return fixed(f"on {day} {part}", f"am {tag}{teil.lower()}", "0-0 1-1 2-1")
        return fixed(f"on {day}", f"am {tag}")
    if name == "lastday":
        return fixed(f"last {day}", f"letzten {tag}")
    if name == "nextday":
        return fixed(f"next {day}", f"nächsten {tag}")
    if name == "ago":
        return fixed(f"{english.number(count)} {unit} ago", f"vor {german.number(count)} {einheit}", "0-1 1-2 2-0")
    return fixed(f"in {english.number(count)} {unit}", f"in {german.number(count)} {einheit}")


HOUR_AGO = ("an hour ago", "vor einer Stunde", "0-1 1-2 2-0")


def time_for(ctx, kind, simple=False, far=False):
    """kind: past, fut or hab. A simple one has no number in it; a far one may be months away."""
    choices = [row for row in rows(TIMES[kind]) if not (simple and row[0][0] == "@")]
    row = ctx.pick([row for row in choices if far or not row[0].endswith("year")])
    return special(ctx, row[0][1:], far) if row[0].startswith("@") else fixed(*row)


def frequency(ctx):
    return (*fixed(*ctx.pick(rows(FREQUENCY))), "")
