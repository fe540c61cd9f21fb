"""The little English morphology that is not in the tables."""

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " \
       "seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
BE = {"pres": {"I": "am", "he": "is", "they": "are"}, "past": {"I": "was", "he": "was", "they": "were"}}


def number(n):
    if n < 20:
        return ONES[n]
    return TENS[n // 10] + ("-" + ONES[n % 10] if n % 10 else "")


def article(following):
    """a or an, by sound."""
    if following.startswith(("hour", "honest")):
        return "an"
    if following.startswith(("uni", "use", "one", "euro", "Euro")):
        return "a"
    return "an" if following[0] in "aeiouAEIOU" else "a"


def ordinal(n):
    if 10 <= n % 100 <= 20:
        return f"{n}th"
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th') }"


def be(tense, agreement):
    return BE[tense][agreement]
