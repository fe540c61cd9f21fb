#!/usr/bin/env python3
"""Writes tests/alignment/golden/attention_statistics.json: matrices of attention weights and their
statistics, worked out here with exact fractions where there are some, apart from the C++ code.

    scripts/make_attention_golden.py
"""

import itertools
import math
import random
import struct
from fractions import Fraction

import golden


def as_float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def softmax(scores):
    powers = [math.exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def matrices(rng):
    """Name and rows of weights; what attention of every kind looks like."""
    def soft(rows, columns, sharpness, centre=None, mass=1.0):
        return [[mass * w for w in softmax([sharpness * rng.random() - (
            0 if centre is None else 0.8 * abs(j - centre(i))) for j in range(columns)])]
            for i in range(rows)]
    yield "uniform", [[0.25] * 4] * 3
    yield "diagonal", [[float(i == j) for j in range(6)] for i in range(6)]
    yield "backwards", [[float(i + j == 4) for j in range(5)] for i in range(5)]
    yield "one source word", [[1.0], [1.0], [0.5]]
    yield "one target word", [[0.1, 0.2, 0.7]]
    yield "stands still", [[0.0, 1.0, 0.0]] * 4
    yield "soft", soft(7, 9, 3.0)
    yield "soft along the diagonal", soft(12, 10, 1.0, centre=lambda i: i * 10 / 12)
    yield "windows that give mass away", soft(8, 8, 2.0, centre=lambda i: i, mass=0.625)
    yield "rows without mass", [[0.0, 0.0, 0.0], [0.5, 0.25, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    yield "long", soft(20, 30, 6.0, centre=lambda i: 29 - i)


def statistics(rows):
    rows = [[Fraction(weight) for weight in row] for row in rows]
    columns = list(zip(*rows))
    masses = [sum(row) for row in rows]
    kept = [[weight / sum(row) for weight in row] for row in rows if sum(row) > Fraction(1, 10**6)]
    mean = lambda values: float(sum(values)) / len(values) if values else None
    entropies = [math.fsum(-float(p) * math.log(float(p)) for p in row if p) for row in kept]
    most = math.log(len(columns)) if len(columns) > 1 else math.inf
    places = [sum(j * p for j, p in enumerate(row)) for row in kept]
    moves = [after - before for before, after in itertools.combinations(places, 2)]
    signs = [1 if move > 0 else -1 for move in moves if abs(move) >= Fraction(1, 2)]
    return {
        "rows": len(rows), "empty_rows": len(rows) - len(kept), "mass": mean(masses),
        "entropy": mean(entropies), "entropy_share": mean([e / most for e in entropies]),
        "top1": mean([sorted(row)[-1] for row in kept]),
        "top3": mean([sum(sorted(row)[-3:]) for row in kept]),
        "monotonicity": mean(signs), "coverage": mean([min(1, sum(c)) for c in columns]),
        "received": [float(sum(c)) for c in columns],
    }


def main():
    options = golden.parser(__doc__, "alignment").parse_args()
    cases = []
    for name, rows in matrices(random.Random(7)):
        rows = [[as_float32(weight) for weight in row] for row in rows]
        cases.append({"name": name, "weights": rows, **statistics(rows)})
    golden.write(options.output, "attention_statistics.json", cases, by_line=True)


if __name__ == "__main__":
    main()
