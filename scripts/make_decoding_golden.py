#!/usr/bin/env python3
"""Expected utilities of minimum Bayes risk, by sacreBLEU, for tests/decoding/mbr_test.cpp.

    .deps/venv/bin/python scripts/make_decoding_golden.py
"""

import math

import golden
from sacrebleu.metrics import BLEU, CHRF

# Texts and log-probabilities. The most probable one is far from the others, which are alike.
LISTS = [
    [("Ein Mann liest ein Buch.", -4.0), ("Der Mann liest das Buch.", -4.2),
     ("Ein Mann liest das Buch.", -4.5), ("Wo ist der Zug?", -3.9)],
    [("Das Haus ist groß.", -2.0), ("Das Haus ist sehr groß.", -2.5), ("Das Haus ist groß.", -2.0)],
    [("", -1.0), ("Ja", -1.5), ("Ja , ja", -9.0)],
]


def utilities(metric, texts, weights):
    return [sum(weight * metric.sentence_score(text, [other]).score
                for weight, other in zip(weights, texts)) for text in texts]


def cases():
    metrics = {"chrf": CHRF(), "bleu": BLEU(effective_order=True)}
    for pairs in LISTS:
        texts = [text for text, _ in pairs]
        shares = [math.exp(p) for _, p in pairs]
        for sampled in (True, False):
            weights = [1 / len(texts) if sampled else share / sum(shares) for share in shares]
            for name, metric in metrics.items():
                yield {"metric": name, "sampled": sampled, "texts": texts,
                       "log_probabilities": [p for _, p in pairs],
                       "utilities": utilities(metric, texts, weights)}


def main():
    options = golden.parser(__doc__, "decoding").parse_args()
    golden.need_sacrebleu()
    golden.write(options.output, "mbr.json", list(cases()), indent=1)


if __name__ == "__main__":
    main()
