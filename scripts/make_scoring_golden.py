#!/usr/bin/env python3
"""Writes the golden data of tests/evaluation: what sacreBLEU says of made-up text.

    python3 scripts/make_scoring_golden.py          # needs sacrebleu 2.6.0 (pip install sacrebleu==2.6.0)

The text comes from a seeded generator, so that the files are the same on every run. A larger run on
other text (--output, --seed, --pairs) checks more than the committed files do.
"""

import logging
import random
import unicodedata

import golden
from sacrebleu.metrics import BLEU, CHRF, TER, lib_ter
from sacrebleu.significance import PairedTest
from sacrebleu.tokenizers.tokenizer_zh import _UCODE_RANGES

METRICS = {"bleu": BLEU, "chrf": CHRF, "ter": TER}
TOKENIZERS = ["13a", "intl", "char", "zh", "none"]

# Lines that rules trip over: numbers and marks, entities, every kind of white space and control,
# letters whose lower case is another length, scripts without spaces, marks beyond ASCII.
EDGE_LINES = [
    "", " ", "   \t ", ".", ",", "...", "....", ". . .", "..,,..", "-", "--", "5-", "-5", "a-b", "1-2-3",
    "1.", "1.5", "1,000.50", ".5", "5.", "5..6", "1.,2", "a.b", "a.1", "1.a", "1,a", "a,1", "1.2.3.",
    "It costs $5.20, i.e. 10% off!", "e.g. this (and that) [or] {those} <b>bold</b>", "don't 'quote' it's dogs' 's",
    "state-of-the-art 19-year-old F-16 1990-1995", "A/B testing; C++ & C#: foo@bar.com, #tag *star* ^hat ~tilde `tick` |pipe|",
    "&quot;Hi&quot; &amp;lt; &lt;b&gt; &amp;amp; &apos; &nbsp; &", "<skipped> text <skip<skipped>ped>", "a-\nb c\nd \n-e",
    "tab\tseparated\x0bvertical\x0cfeed\rreturn", "fs\x1cgs\x1drs\x1eus\x1fend", "nel\x85here nbsp\xa0here\xa0",
    "ogham\u1680 en\u2002 thin\u2009 hair\u200a zero\u200bwidth line\u2028para\u2029narrow\u202fmath\u205fideo\u3000end\u3000",
    "bell\x07 escape\x1b[0m delete\x7f null-free \x01\x02", "\ufeffbyte order mark", "trailing spaces   ", "   leading spaces",
    "The quick brown fox jumps over the lazy dog.", "the quick brown fox jumps over the lazy dog .", "word", "Word.", "word word word word",
    "Die Straße ist groß, nicht wahr? STRASSE STRAẞE", "İstanbul ve IĞDIR ılık iğne", "ΌΔΟΣ ΣΊΣΥΦΟΣ Σ ΑΣ. ΑΣ’Β ΑΣ:", "Ǆ ǅ ǆ ﬁ ﬀ Å Ω K",
    "“Curly” ‘quotes’ — em–en… dashes → arrows ∑ ≤ ∞ × ÷ ± ° ™ ®", "«guillemets» ‹single› „low“ ¿qué? ¡sí! §5 ¶2 ·mid·",
    "₹500 €20,50 £3.50 ¥1000 ½ ¼ Ⅳ ² ³ ₂ ①", "٣٫١٤ ١٬٠٠٠ ٪ ؟ ، ؛ ١.٢ ३.१४ १,०००",
    "هذا نص عربي، مع علامات ترقيم؟ نعم! (١٢٣)", "עברית: בדיקה־ראשונה ״ציטוט״ 5.5%", "हिन्दी वाक्य। दूसरा वाक्य॥", "ภาษาไทยไม่มีช่องว่าง ๑๒๓",
    "我爱北京天安门。", "他说：“你好，世界！”（2023年5月1日）", "ABC公司的GDP增长了5.3%，达到1,000亿元。", "全角ＡＢＣ１２３，．！？（）：；＂",
    "東京タワーは高いです。ひらがなカタカナ漢字ー・「括弧」『二重』【隅付き】〔亀甲〕", "ひらがなだけ", "カタカナ", "ㇰㇱㇲ", "㈱ ㍿ ㌔ ① ㊙ ⼀ ⺀ ㇀ 〇 〆 豈 ︰ ﹏ ｶﾀｶﾅ",
    "𠀀𠮟る 𪚥 𫝀", "한국어 문장입니다. 두 번째, 문장!", "😀 emoji 👨‍👩‍👧‍👦 family 👍🏽 flag🇩🇪 ❤️ ☃ ✓ ✂️", "café cafe\u0301 naïve nai\u0308ve \u0301alone",
    "a" * 60, "ab " * 30, "one, two; three: four! five? six. seven - eight", "$", "a$b$c", "50%-60%", "3.14.15,92,", "x²+y²=z²", "C:\\path\\file /usr/bin",
    "http://example.com/a?b=c&d=e#f", "{\"json\": [1, 2.5, \"x\"]}", "'s", "it's", "it's.", "Mr. O'Neil's 's's", "\"(nested) 'quotes'\".", "!?", "!!?!", "ﬀ", "\u00ad soft\u00adhyphen",
]  # fmt: skip

# Where the Asian ranges of TER's normaliser start and end; the zh tokeniser's are its own.
TER_BOUNDS = (
    "4e00 9fff 3400 4dbf 31c0 31ef 2e80 2eff 3300 33ff f900 faff fe30 fe4f 3200 3f22 3040 309f 30a0 30ff 31f0 31ff "
    "3001 3002 3008 3011 3014 301f ff61 ff65 30fb ff0e ff0c ff1f ff1a ff1b ff01 ff02 ff08 ff09"
).split()  # fmt: skip

WORDS = (
    "the a an of to in and that is was for on with as by at from it this be are not have had the The "
    "house cat dog tree river mountain city people government president market price year time day "
    "said says new old big small red green first second very more most can will would should could "
    "Monday January London Paris Berlin U.S. Mr. Dr. don't it's we're O'Brien state-of-the-art "
    "3 5.2 1,000 2023 19-year-old 50% $20 & / ( ) \" ' , . ; : ! ? ... - -- [ ] &quot; &amp; "
    "straße ÉCOLE café naïve Ω ΣΑΣ İ 北京 東京 こんにちは カタカナ 。 ， 한국어 العربية ١٢٣ ، עברית हिन्दी 😀 👍🏽 €5 ½ — … “quoted” «x»"
).split()


def random_sentence(rng, lengths=(0, 1, 2, 3, 5, 8, 12, 20, 30)):
    low = rng.choice(lengths)
    words = [rng.choice(WORDS) for _ in range(rng.randint(low, low + low // 2))]
    return words


def perturb(rng, words):
    """A hypothesis for a reference: words dropped, added, replaced, repeated, blocks moved."""
    words = list(words)
    for _ in range(rng.randint(0, 5)):
        kind = rng.choice(["drop", "add", "replace", "move", "move", "swap", "case", "join", "repeat"])
        if not words:
            kind = "add"
        at = rng.randrange(len(words) + (kind == "add"))
        if kind == "drop":
            del words[at]
        elif kind == "add":
            words.insert(at, rng.choice(WORDS))
        elif kind == "replace":
            words[at] = rng.choice(WORDS)
        elif kind == "move":
            block = words[at : at + rng.randint(1, 6)]
            del words[at : at + len(block)]
            to = rng.randint(0, len(words))
            words[to:to] = block
        elif kind == "swap":
            to = rng.randrange(len(words))
            words[at], words[to] = words[to], words[at]
        elif kind == "case":
            words[at] = rng.choice([words[at].upper(), words[at].lower(), words[at].title()])
        elif kind == "join" and at + 1 < len(words):
            words[at : at + 2] = [words[at] + words[at + 1]]
        elif kind == "repeat":
            words[at:at] = [words[at]] * rng.randint(1, 4)
    return words


def to_line(rng, words):
    separator = rng.choice([" "] * 12 + ["  ", "", "\u00a0", "\u3000"])
    return separator.join(words) + rng.choice([""] * 8 + [" ", ".", " .", "\t"])


def random_pair(rng, references=1):
    words = random_sentence(rng)
    hypothesis = to_line(rng, perturb(rng, words))
    return hypothesis, [to_line(rng, perturb(rng, words) if i else words) for i in range(references)]


def random_corpus(rng, lines, references=1):
    pairs = [random_pair(rng, references) for _ in range(lines)]
    return {"hypotheses": [h for h, _ in pairs], "references": [list(r) for r in zip(*[r for _, r in pairs])]}


def shifting_corpus(rng):
    """Pairs that exercise TER's limits: long, repetitive, of very unlike length, blocks moved far."""
    hypotheses, references = [], []

    def add(hypothesis, reference):
        hypotheses.append(" ".join(hypothesis))
        references.append(" ".join(reference))

    for size in (40, 80, 130):
        words = [f"w{rng.randrange(size)}" for _ in range(size)]
        add(words[size // 2 :] + words[: size // 2], words)
        add(words[::-1], words)
        add(rng.sample(words, size), words)
    for symbols in (1, 2, 3, 5):
        add([f"r{rng.randrange(symbols)}" for _ in range(45)], [f"r{rng.randrange(symbols)}" for _ in range(40)])
    add(["x"] * 3, [f"w{i}" for i in range(200)])
    add([f"w{i}" for i in range(200)], ["w150", "w3"])
    add([f"w{i}" for i in range(0, 200, 3)], [f"w{i}" for i in range(200)])
    add([f"w{i}" for i in range(120)] + ["a b c d e f g h i j k l m"], ["a b c d e f g h i j k l m"] + [f"w{i}" for i in range(120)])
    add("a b c d e f".split(), "d e f a b c".split())
    add("b a d c f e".split(), "a b c d e f".split())
    for _ in range(40):
        words = [f"v{rng.randrange(25)}" for _ in range(rng.randint(10, 35))]
        add(perturb(rng, perturb(rng, perturb(rng, words))), words)
    return {"hypotheses": hypotheses, "references": [references]}


def candidates_of_first_round(hypothesis, reference):
    """How many shifts TER's first round looks at, were there no limit, and the edits the best one saves."""
    limit = lib_ter._MAX_SHIFT_CANDIDATES
    lib_ter._MAX_SHIFT_CANDIDATES = 10**9
    saved, _, count = lib_ter._shift(hypothesis, reference, lib_ter.BeamEditDistance(reference), 0)
    lib_ter._MAX_SHIFT_CANDIDATES = limit
    return count, saved


def pair_with_candidates(rng, wanted):
    """A repetitive pair with nearly as many candidates, then words in reverse order until it has them all."""
    length = 52
    while True:
        hypothesis, reference = [[f"r{rng.randrange(3)}" for _ in range(length)] for _ in range(2)]
        count, saved = candidates_of_first_round(hypothesis, reference)
        # A word more is two candidates more.
        while wanted - 40 < count <= wanted and (wanted - count) % 2 == 0 and saved > 0:
            if count == wanted:
                return hypothesis, reference
            word = f"f{len(hypothesis)}"
            hypothesis = hypothesis + [word]
            reference = reference[:length] + [word] + reference[length:]
            count, saved = candidates_of_first_round(hypothesis, reference)


def limit_pairs(rng):
    """Pairs whose edits change if one of TER's limits is one lower or one higher."""
    fresh = iter(f"u{i}" for i in range(10**9))

    def words(count):
        return [next(fresh) for _ in range(count)]

    def moved_block(limit):
        first, second = words(limit), words(limit)
        return second + first, first + second

    def far_word(limit):
        middle, word = words(limit), words(1)
        return word + middle, middle + word

    def off_diagonal(limit):
        common = words(rng.randint(30, 60))
        shift = limit + rng.randint(-2, 2)
        return words(shift) + common, common + words(shift + rng.randint(-2, 2))

    limits = [
        ("_MAX_SHIFT_SIZE", moved_block, 1, 100),
        ("_MAX_SHIFT_DIST", far_word, 1, 100),
        ("_BEAM_WIDTH", off_diagonal, 3, 300),
        ("_MAX_SHIFT_CANDIDATES", lambda limit: pair_with_candidates(rng, limit - 1), 1, 10),
    ]
    for name, make, wanted, tries in limits:
        value = getattr(lib_ter, name)
        for other in (value - 1, value + 1):
            found = 0
            for _ in range(tries):
                hypothesis, reference = make(max(value, other))
                edits = lib_ter.translation_edit_rate(hypothesis, reference)
                setattr(lib_ter, name, other)
                changed = lib_ter.translation_edit_rate(hypothesis, reference) != edits
                setattr(lib_ter, name, value)
                if changed:
                    yield hypothesis, reference
                    found += 1
                if found == wanted:
                    break
            print(f"{name} {value} against {other}: {found} pairs")
    for _ in range(10):
        yield [[f"r{rng.randrange(4)}" for _ in range(rng.randint(20, 40))] for _ in range(2)]


def bound_lines():
    """Characters about each range's ends between letters: apart, they are words of their own."""
    zh = [ord(bound[0]) for pair in _UCODE_RANGES for bound in pair]
    lines = []
    for bound in sorted({*zh, *(int(b, 16) for b in TER_BOUNDS)}):
        near = [chr(c) for c in range(bound - 2, bound + 3)]
        known = [c for c in near if unicodedata.category(c) != "Cn"]
        if known:
            lines.append("a" + "a".join(known) + "a")
    return lines


def make_corpora(rng):
    shuffled = rng.sample(EDGE_LINES, len(EDGE_LINES))
    edge = list(EDGE_LINES)
    corpora = {
        "edge_identical": {"hypotheses": edge, "references": [edge]},
        "edge_against_others": {"hypotheses": edge, "references": [edge[1:] + edge[:1]]},
        "edge_three_references": {"hypotheses": edge, "references": [shuffled, edge[2:] + edge[:2], edge[::-1]]},
        "random_one_reference": random_corpus(rng, 80),
        "random_two_references": random_corpus(rng, 60, 2),
        "random_four_references": random_corpus(rng, 40, 4),
        "all_empty_hypotheses": {"hypotheses": ["", " ", "\t"], "references": [["a b c d e", "f g", "h"]]},
        "all_empty_references": {"hypotheses": ["a b c d e", "f g", "h"], "references": [["", " ", "\t"]]},
        "all_empty": {"hypotheses": ["", ""], "references": [["", ""]]},
        "one_word": {"hypotheses": ["Word"], "references": [["Word"]]},
        "one_word_wrong": {"hypotheses": ["Word"], "references": [["Other"]]},
        "one_word_lines": {"hypotheses": ["yes", "no", "Maybe", ""], "references": [["yes", "yes", "maybe", "no"]]},
        "three_words": {"hypotheses": ["a b c"], "references": [["a b d"]]},
        "no_bigram": {"hypotheses": ["a b c d e"], "references": [["a c e b d"]]},
        "repeated_lines": {"hypotheses": ["The cat sat on the mat."] * 8, "references": [["The cat is on the mat."] * 8]},
        "repeated_words": {"hypotheses": ["the the the the the the the"], "references": [["the cat is on the mat"], ["there is a cat on the mat the the"]]},
        "too_long": {"hypotheses": ["a b c d e f g h i j"], "references": [["a b c d e"], ["a b c d e f g h i j k l m n o"]]},
        "too_short": {"hypotheses": ["a b"], "references": [["a b c d e f g h"], ["a b c d e f g h i"]]},
        "tied_lengths": {"hypotheses": ["a b c d"], "references": [["a b c d e f"], ["a b"], ["c d e f g h"]]},
        "shifts": shifting_corpus(rng),
    }  # fmt: skip
    for hypothesis, reference in limit_pairs(rng):
        corpora["shifts"]["hypotheses"].append(" ".join(hypothesis))
        corpora["shifts"]["references"][0].append(" ".join(reference))
    bounds = bound_lines()
    corpora["script_bounds"] = {"hypotheses": bounds, "references": [[" ".join(line) for line in bounds]]}
    return corpora


def option_sets():
    """(metric, options), each option alone and some together."""
    yield "bleu", {}
    for tokenizer in TOKENIZERS:
        yield "bleu", {"tokenize": tokenizer, "lowercase": tokenizer != "13a"}
    for effective in (False, True):
        for method in ("none", "exp", "floor", "add-k"):
            yield "bleu", {"smooth_method": method, "effective_order": effective}
    yield "bleu", {"smooth_method": "floor", "smooth_value": 0.01}
    yield "bleu", {"smooth_method": "floor", "smooth_value": 0.0}
    yield "bleu", {"smooth_method": "add-k", "smooth_value": 0.5}
    yield "bleu", {"smooth_method": "add-k", "smooth_value": 2.125}
    for order in (1, 2, 6):
        yield "bleu", {"max_ngram_order": order}
    yield "chrf", {}
    yield "chrf", {"word_order": 2}
    yield "chrf", {"word_order": 2, "lowercase": True}
    yield "chrf", {"lowercase": True, "whitespace": True}
    yield "chrf", {"eps_smoothing": True}
    yield "chrf", {"eps_smoothing": True, "word_order": 2, "whitespace": True}
    yield "chrf", {"char_order": 4, "word_order": 1, "beta": 3}
    yield "chrf", {"char_order": 0, "word_order": 3, "beta": 1}
    for bits in range(16):
        names = ("normalized", "no_punct", "asian_support", "case_sensitive")
        yield "ter", {name: True for i, name in enumerate(names) if bits >> i & 1}


def score_corpus(metric_name, options, corpus):
    metric = METRICS[metric_name](**options)
    hypotheses, references = corpus["hypotheses"], corpus["references"]
    score = metric.corpus_score(hypotheses, references)
    signature = metric.get_signature()
    sentences = [metric.sentence_score(h, list(r)).score for h, *r in zip(hypotheses, *references)]
    return {
        "metric": metric_name,
        "options": options,
        "score": score.score,
        "line": score.format(width=2, signature=signature.format()),
        "short": signature.format(short=True),
        "json": score.format(width=3, signature=signature.format(), is_json=True),
        "sentences": [round(s, 10) for s in sentences],
    }


def make_scores(rng):
    corpora = make_corpora(rng)
    cases = []
    for metric, options in option_sets():
        for name, corpus in corpora.items():
            # TER's options work on tokens: its limits need one set of options alone.
            if name == "shifts" and (metric != "ter" or options):
                continue
            if name == "script_bounds" and metric != "ter":
                continue
            cases.append({"corpus": name, **score_corpus(metric, options, corpus)})
    return {"corpora": corpora, "cases": cases}


def make_tokens(rng):
    lines = EDGE_LINES + bound_lines() + [to_line(rng, random_sentence(rng)) for _ in range(150)]
    ranges = [(0x21, 0x17F), (0x600, 0x6FF), (0x2000, 0x2BFF), (0x2E80, 0x33FF), (0xF900, 0xFAFF), (0xFE10, 0xFFEF), (0x1F300, 0x1F5FF), (0x20000, 0x20010)]  # fmt: skip
    for low, high in ranges:
        for _ in range(12):
            drawn = [chr(rng.randint(low, high)) for _ in range(30)]
            # Younger characters have a class or not, as the Unicode version of each side has it.
            alphabet = [c for c in drawn if unicodedata.category(c) != "Cn"] + list("ab1 .,-2")
            lines.append("".join(rng.choice(alphabet) for _ in range(rng.randint(1, 25))))
    tokens = {}
    for name in TOKENIZERS:
        tokenize = BLEU(tokenize=name)._preprocess_segment
        tokens[name] = [" ".join(tokenize(line).split()) for line in lines]
    return {"lines": lines, "lowercase": [line.lower() for line in lines], "tokens": tokens}


def make_random(rng, pairs):
    """Pairs in documents of 100, with the scores of each pair and of each document."""
    setups = [("bleu", {"effective_order": True}), ("chrf", {}), ("chrf", {"word_order": 2}), ("ter", {})]
    documents = []
    for _ in range(pairs // 100):
        corpus = random_corpus(rng, 100, rng.choice([1, 1, 1, 2]))
        scores = [score_corpus(metric, options, corpus) for metric, options in setups]
        for case in scores:
            del case["json"], case["short"]
        documents.append({**corpus, "cases": scores})
    return documents


def result_fields(result):
    return {name: None if value is None else float(value) for name, value in vars(result).items()}


def make_significance(rng):
    setups = [
        ("bleu", {}),
        ("bleu", {"smooth_method": "add-k"}),
        ("bleu", {"smooth_method": "floor", "max_ngram_order": 2}),
        ("chrf", {}),
        ("chrf", {"word_order": 2, "eps_smoothing": True}),
        ("ter", {}),
    ]
    corpora = []
    for lines, references in ((1, 1), (7, 1), (60, 1), (60, 3), (150, 2)):
        corpus = random_corpus(rng, lines, references)
        words = [line.split() for line in corpus["references"][0]]
        corpus["others"] = [to_line(rng, perturb(rng, perturb(rng, w))) for w in words]
        corpus["cases"] = []
        for metric, options in setups:
            make = lambda: METRICS[metric](references=corpus["references"], **options)  # noqa: B023, E731
            case = {"metric": metric, "options": options}
            try:
                for resamples in (1000, 79):
                    scorer = make()
                    score = scorer.corpus_score(corpus["hypotheses"], None, n_bootstrap=resamples)
                    case[f"confidence_{resamples}"] = score.format(width=3, signature=str(scorer.get_signature()))
            except TypeError:
                # sacreBLEU cannot average chrF's scores where some resamples have no match at all.
                assert metric == "chrf"
                continue
            for test, samples in (("bs", 500), ("ar", 600)):
                systems = [("baseline", corpus["hypotheses"]), ("other", corpus["others"]), ("same", corpus["hypotheses"])]
                signatures, scores = PairedTest(systems, {"m": make()}, None, test, samples)()
                (name, signature), = signatures.items()
                case[test] = {"signature": str(signature), "results": [result_fields(r) for r in scores[name]]}
            corpus["cases"].append(case)
        corpora.append(corpus)
    return corpora


def main():
    parser = golden.parser(__doc__, "evaluation")
    parser.add_argument("--seed", type=int, default=20240607)
    parser.add_argument("--pairs", type=int, default=2000, help="random pairs, by hundreds")
    options = parser.parse_args()
    golden.need_sacrebleu()
    logging.disable(logging.WARNING)
    makers = {"tokens": make_tokens, "scores": make_scores,
              "random": lambda rng: make_random(rng, options.pairs),
              "significance": make_significance}
    for i, (name, make) in enumerate(makers.items()):
        golden.write(options.output, name + ".json", make(random.Random(options.seed + i)))


if __name__ == "__main__":
    main()
