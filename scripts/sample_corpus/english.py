"""The little English morphology that is not in the tables."""

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen " \
       "fifteen sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
# What agrees with he: the same with I and with they.
AGREEING = {"is": ("am", "are"), "was": ("was", "were"), "has": ("have", "have"),
            "does": ("do", "do"), "wants": ("want", "want")}


def number(n):
    if n < 20:
        return ONES[n]
    return TENS[n // 10] + ("-" + ONES[n % 10] if n % 10 else "")


def article(following):
    """a or an, by sound."""
    return "an" if following[0] in "aeiouAEIOU" and not following.startswith("uni") else "a"


def ordinal(n):
    if 10 <= n % 100 <= 20:
        return f"{n}th"
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th') }"


def agree(word, agreement):
    """An auxiliary that is given as it stands with he."""
    if agreement == "he" or word not in AGREEING:
        return word
    return AGREEING[word][agreement == "they"]
