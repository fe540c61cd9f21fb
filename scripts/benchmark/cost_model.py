"""A simple model of what training costs, fitted to measurements, and what it foretells for more cores."""

LAYERS = 3  # of the encoder, and of the decoder

TERMS = ("products", "attention", "element-wise", "vocabulary", "rest")


def features(width, vocabulary, length):
    """What one target token (and the source token beside it) takes, forward and backward.

    products: GFLOP of the layers' and the output's matrices: 2 a weight forward, 4 backward. A layer of the
    encoder has 4 H^2 of attention and 8 H^2 of feed-forward (F = 4 H), one of the decoder 4 H^2 more.
    attention: GFLOP of queries by keys and weights by values: 4 L H forward, three times that with backward,
    in three attentions a layer. element-wise: thousands of elements of layers, vocabulary: of logits. rest: 1.
    """
    weights = LAYERS * (12 + 16) * width ** 2 + vocabulary * width
    return [6 * weights / 1e9, 12 * 3 * LAYERS * length * width / 1e9, LAYERS * width / 1e3, vocabulary / 1e3, 1.0]


def solve(rows, values, rounds=20000):
    """Non-negative least squares of relative errors, by descent along one coordinate after the other."""
    rows = [[x / value for x in row] for row, value in zip(rows, values)]
    count = len(rows[0])
    squares = [[sum(row[i] * row[j] for row in rows) for j in range(count)] for i in range(count)]
    sums = [sum(row[i] for row in rows) for i in range(count)]
    found = [0.0] * count
    for _ in range(rounds):
        for i in range(count):
            rest = sums[i] - sum(squares[i][j] * found[j] for j in range(count) if j != i)
            found[i] = max(0.0, rest / squares[i][i])
    return found


def predict(coefficients, width, vocabulary, length):
    """Seconds a target token."""
    return sum(a * x for a, x in zip(coefficients, features(width, vocabulary, length)))


def serial_share(one, two):
    """Amdahl's s of t(n) = t(1) (s + (1 - s) / n), from the times of one core and of two; at least 0."""
    return max(0.0, 2 * two / one - 1)


def speedup(share, cores):
    return 1 / (share + (1 - share) / cores)
