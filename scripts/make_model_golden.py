#!/usr/bin/env python3
"""Writes the golden data of tests/model: what PyTorch computes with the same weights.

    python3 scripts/make_model_golden.py            # needs torch (pip install torch==2.13.0)

Every module here is PyTorch's own, or its paper's formula written out position by position; nothing
is shared with src/model but the names of the parameters. All is seeded and computed in float64.
"""

import math

import golden
import torch
from torch import nn

MINUS_INFINITY = -math.inf


def number(x):
    """`x` with 9 significant digits: enough for any float32."""
    return float(f"{x:.9g}")


def pack(tensor):
    """A tensor as JSON; infinities are words."""
    values = tensor.detach().flatten().tolist()
    if tensor.dtype.is_floating_point:
        values = [str(x) if math.isinf(x) else number(x) for x in values]
    return {"shape": list(tensor.shape), "values": values}


def pack_all(tensors):
    return {name: pack(tensor) for name, tensor in tensors.items()}


def random(*shape):
    return torch.randn(*shape) * 0.6


def padding_of(lengths, columns):
    """[B, 1, columns]: 0 on pieces, -inf on padding."""
    bias = torch.zeros(len(lengths), 1, columns)
    for row, length in enumerate(lengths):
        bias[row, 0, length:] = MINUS_INFINITY
    return bias


# ---- attention scores ---------------------------------------------------------------------------


def make_score(kind, query_size, key_size, inner_size):
    """Parameters by heed's names, and the score of one query with one key."""
    if kind == "additive":
        p = {"query.weight": random(inner_size, query_size), "query.bias": random(inner_size),
             "key.weight": random(inner_size, key_size), "energy.weight": random(1, inner_size)}
        return p, lambda q, k: p["energy.weight"][0] @ torch.tanh(
            p["query.weight"] @ q + p["query.bias"] + p["key.weight"] @ k)
    if kind == "general":
        p = {"key.weight": random(query_size, key_size)}
        return p, lambda q, k: q @ p["key.weight"] @ k
    if kind == "concat":
        p = {"weight": random(inner_size, query_size + key_size),
             "energy.weight": random(1, inner_size)}
        return p, lambda q, k: p["energy.weight"][0] @ torch.tanh(p["weight"] @ torch.cat([q, k]))
    if kind in ("tri", "trilinear"):
        return make_context_score(kind, query_size, key_size, inner_size)
    scale = math.sqrt(query_size) if kind == "scaled_dot" else 1.0
    if query_size == key_size:
        return {}, lambda q, k: (q @ k) / scale
    p = {"key.weight": random(query_size, key_size)}
    return p, lambda q, k: (q @ (p["key.weight"] @ k)) / scale


def make_context_score(kind, query_size, key_size, inner_size):
    """Tri-Attention: the score also takes the context, here the mean of the sentence's keys."""
    p = {"query.weight": random(inner_size, query_size), "key.weight": random(inner_size, key_size),
         "context.weight": random(inner_size, key_size)}
    bias = random(inner_size)
    if kind == "tri":
        p.update({"query.bias": bias, "energy.weight": random(1, inner_size)})
        return p, lambda q, k, c: p["energy.weight"][0] @ torch.tanh(
            p["query.weight"] @ q + bias + p["key.weight"] @ k + p["context.weight"] @ c)
    p["context.bias"] = bias
    return p, lambda q, k, c: sum(
        (p["query.weight"][r] @ q) * (p["key.weight"][r] @ k) * (p["context.weight"][r] @ c + bias[r])
        for r in range(inner_size)) / math.sqrt(inner_size)


def with_context(score, keys, length):
    """A score of three as one of two, for one sentence."""
    if score.__code__.co_argcount == 2:
        return score
    context = keys[:length].mean(0)
    return lambda q, k: score(q, k, context)


def attend(score, queries, keys, lengths):
    """scores, weights and context of queries [B, T, Hq] over keys [B, S, Hk]."""
    batch, steps, columns = queries.shape[0], queries.shape[1], keys.shape[1]
    scores = torch.stack([with_context(score, keys[b], lengths[b])(queries[b, t], keys[b, s])
                          for b in range(batch) for t in range(steps) for s in range(columns)])
    scores = scores.view(batch, steps, columns)
    weights = torch.zeros_like(scores)
    for row, length in enumerate(lengths):
        exponents = torch.exp(scores[row, :, :length])
        weights[row, :, :length] = exponents / exponents.sum(1, keepdim=True)
    context = torch.einsum("bts,bsh->bth", weights, keys)
    return scores, weights, context


def attention_cases():
    cases = []
    sizes = [("additive", 4, 6, 5), ("dot", 6, 6, 5), ("dot", 4, 6, 5), ("scaled_dot", 6, 6, 5),
             ("scaled_dot", 4, 6, 5), ("general", 4, 6, 5), ("concat", 4, 6, 5), ("additive", 1, 1, 1),
             ("tri", 4, 6, 5), ("trilinear", 4, 6, 5)]
    lengths = [4, 1, 3]
    for kind, query_size, key_size, inner_size in sizes:
        parameters, score = make_score(kind, query_size, key_size, inner_size)
        queries, keys = random(3, 2, query_size), random(3, 4, key_size)
        scores, weights, context = attend(score, queries, keys, lengths)
        cases.append({
            "kind": kind, "query": query_size, "key": key_size, "attention": inner_size,
            "parameters": pack_all(parameters), "queries": pack(queries), "keys": pack(keys),
            "padding": pack(padding_of(lengths, 4)), "scores": pack(scores),
            "weights": pack(weights), "context": pack(context)})
    return cases


# ---- sparse weights ------------------------------------------------------------------------------


def entmax(scores, alpha):
    """max((alpha - 1) z - tau, 0)^(1 / (alpha - 1)) with the tau, found by bisection, that makes it
    sum to 1 (Peters et al., 2019, equation 10); alpha = 2 is sparsemax."""
    z = (alpha - 1) * scores
    low, high = z.max() - 1, z.max()
    for _ in range(200):
        middle = (low + high) / 2
        total = ((z - middle).clamp_min(0) ** (1 / (alpha - 1))).sum()
        low, high = (middle, high) if total > 1 else (low, middle)
    return (z - low).clamp_min(0) ** (1 / (alpha - 1))


def sparse_case(kind, scores):
    alpha = {"sparsemax": 2.0, "entmax15": 1.5}[kind]
    direction, step = random(len(scores)), 1e-6
    gradient = torch.zeros_like(scores)
    for i, score in enumerate(scores):
        if math.isinf(score):
            continue
        shift = torch.zeros_like(scores)
        shift[i] = step
        gradient[i] = (entmax(scores + shift, alpha) - entmax(scores - shift, alpha)) @ direction / (2 * step)
    return {"kind": kind, "scores": pack(scores), "weights": pack(entmax(scores, alpha)),
            "direction": pack(direction), "gradient": pack(gradient)}


def sparse_cases():
    rows = [random(7) * 3, random(7) * 0.2, random(1), random(5) * 40 - 1000,
            torch.cat([random(4) * 2, torch.full((3,), MINUS_INFINITY)]), random(40) * 2]
    return [sparse_case(kind, scores) for kind in ("sparsemax", "entmax15") for scores in rows]


# ---- recurrent ----------------------------------------------------------------------------------

CELLS = {"gru": (nn.GRUCell, 3), "lstm": (nn.LSTMCell, 4)}


def make_cell(kind, inputs, feed, hidden):
    """A PyTorch cell on [input; feed] and heed's names of its parameters."""
    cell = CELLS[kind][0](inputs + feed, hidden)
    for parameter in cell.parameters():
        parameter.data = random(*parameter.shape)
    names = {"input.weight": cell.weight_ih[:, :inputs], "input.bias": cell.bias_ih,
             "recurrent.weight": cell.weight_hh, "recurrent.bias": cell.bias_hh}
    if feed > 0:
        names["feed.weight"] = cell.weight_ih[:, inputs:]
    return cell, names


def advance(cell, inputs, state):
    """The state after one step: (hidden,) or (hidden, memory)."""
    if isinstance(cell, nn.LSTMCell):
        return cell(inputs, state)
    return (cell(inputs, state[0]),)


def cell_cases():
    cases = []
    for kind in CELLS:
        for feed in (0, 2):
            cell, names = make_cell(kind, 3, feed, 4)
            inputs, fed = random(2, 3), random(2, feed)
            state = tuple(random(2, 4) for _ in range(2 if kind == "lstm" else 1))
            after = advance(cell, torch.cat([inputs, fed], 1), state)
            cases.append({
                "kind": kind, "input_size": 3, "feed_size": feed, "hidden_size": 4,
                "parameters": pack_all(names), "input": pack(inputs), "feed": pack(fed),
                "before": [pack(x) for x in state], "after": [pack(x) for x in after]})
    return cases


def encoder_case(kind, layers):
    embedding, hidden, lengths = 3, 8, [5, 2, 1]
    network = {"gru": nn.GRU, "lstm": nn.LSTM}[kind](
        embedding, hidden // 2, num_layers=layers, bidirectional=True, batch_first=True)
    parameters = {}
    for layer in range(layers):
        for direction, suffix in (("forward", ""), ("backward", "_reverse")):
            for ours, theirs in (("input", "ih"), ("recurrent", "hh")):
                for part in ("weight", "bias"):
                    value = getattr(network, f"{part}_{theirs}_l{layer}{suffix}")
                    value.data = random(*value.shape)
                    parameters[f"{direction}_{layer}.{ours}.{part}"] = value
    inputs = random(len(lengths), max(lengths), embedding)
    packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True)
    states, last = network(packed)
    states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
    hidden_states = last[0] if kind == "lstm" else last
    finals = [torch.cat([hidden_states[2 * i], hidden_states[2 * i + 1]], 1) for i in range(layers)]
    return {"kind": kind, "layers": layers, "embedding_size": embedding, "hidden_size": hidden,
            "lengths": lengths, "parameters": pack_all(parameters), "inputs": pack(inputs),
            "states": pack(states), "finals": [pack(x) for x in finals]}


class DecoderReference:
    """Bahdanau et al. (2015), appendix A, and Luong et al. (2015), section 3, step by step."""

    def __init__(self, order, kind, score_kind, layers):
        self.order, self.kind, self.layers = order, kind, layers
        self.hidden, self.embedding = 6, 3
        inner = self.hidden
        self.score_parameters, self.score = make_score(score_kind, inner, inner, inner)
        self.cells, self.parameters = [], {}
        for i in range(layers):
            cell, names = make_cell(kind, self.embedding if i == 0 else self.hidden,
                                    self.hidden if i == 0 else 0, self.hidden)
            self.cells.append(cell)
            self.parameters.update({f"cell_{i}.{name}": x for name, x in names.items()})
        states = 2 if kind == "lstm" else 1
        for i in range(layers):
            self.parameters[f"bridge_{i}.weight"] = random(states * self.hidden, self.hidden)
            self.parameters[f"bridge_{i}.bias"] = random(states * self.hidden)
        for name, x in self.score_parameters.items():
            self.parameters[f"attention.score.{name}"] = x
        for name in ["readout_top", "readout_context"]:
            self.parameters[f"{name}.weight"] = random(self.hidden, self.hidden)
        self.parameters["readout_top.bias"] = random(self.hidden)
        if order == "bahdanau":
            self.parameters["readout_embedding.weight"] = random(self.hidden, self.embedding)

    def start(self, finals):
        states = []
        for i in range(self.layers):
            bridge = torch.tanh(finals[i] @ self.parameters[f"bridge_{i}.weight"].T
                                + self.parameters[f"bridge_{i}.bias"])
            states.append(tuple(bridge.split(self.hidden, 1)))
        return states

    def run_cells(self, inputs, states):
        for i, cell in enumerate(self.cells):
            states[i] = advance(cell, inputs, states[i])
            inputs = states[i][0]
        return inputs

    def context(self, query, source, lengths):
        _, weights, context = attend(self.score, query.unsqueeze(1), source, lengths)
        return weights, context[:, 0]

    def run(self, embeddings, source, finals, lengths):
        p, states = self.parameters, self.start(finals)
        fed = torch.zeros(source.shape[0], self.hidden)
        readouts, all_weights = [], []
        for x in embeddings.unbind(1):
            if self.order == "bahdanau":
                weights, context = self.context(states[-1][0], source, lengths)
                top = self.run_cells(torch.cat([x, context], 1), states)
            else:
                top = self.run_cells(torch.cat([x, fed], 1), states)
                weights, context = self.context(top, source, lengths)
            combined = torch.cat([top, context], 1) @ torch.cat(
                [p["readout_top.weight"], p["readout_context.weight"]], 1).T + p["readout_top.bias"]
            if self.order == "bahdanau":
                combined = combined + x @ p["readout_embedding.weight"].T
            fed = torch.tanh(combined)
            readouts.append(fed)
            all_weights.append(weights)
        return torch.stack(readouts, 1), torch.cat(all_weights, 1)


def decoder_case(order, kind, score, layers):
    reference = DecoderReference(order, kind, score, layers)
    lengths = [4, 2]
    source = random(2, 4, reference.hidden)
    finals = [random(2, reference.hidden) for _ in range(layers)]
    embeddings = random(2, 3, reference.embedding)
    readouts, weights = reference.run(embeddings, source, finals, lengths)
    return {"order": order, "cell": kind, "score": score, "layers": layers,
            "hidden_size": reference.hidden, "embedding_size": reference.embedding,
            "parameters": pack_all(reference.parameters), "padding": pack(padding_of(lengths, 4)),
            "source": pack(source), "finals": [pack(x) for x in finals],
            "embeddings": pack(embeddings), "readouts": pack(readouts), "weights": pack(weights)}


# ---- Transformer --------------------------------------------------------------------------------


def shake(module):
    """Random values for every parameter: PyTorch's fresh biases and norms would hide mistakes."""
    for parameter in module.parameters():
        parameter.data = random(*parameter.shape)


def linear_names(name, linear):
    return {f"{name}.weight": linear.weight, f"{name}.bias": linear.bias}


def self_attention_names(attention):
    return {"self_attention.query_key_value.weight": attention.in_proj_weight,
            "self_attention.query_key_value.bias": attention.in_proj_bias,
            **linear_names("self_attention.output", attention.out_proj)}


def cross_attention_names(attention, hidden):
    weight, bias = attention.in_proj_weight, attention.in_proj_bias
    return {"cross_attention.query.weight": weight[:hidden],
            "cross_attention.query.bias": bias[:hidden],
            "cross_attention.key_value.weight": weight[hidden:],
            "cross_attention.key_value.bias": bias[hidden:],
            **linear_names("cross_attention.output", attention.out_proj)}


def transformer_case(norm, activation):
    hidden, heads, inner, lengths, steps = 8, 2, 6, [5, 2, 3], 4
    options = dict(d_model=hidden, nhead=heads, dim_feedforward=inner, dropout=0.0,
                   activation=activation, batch_first=True, norm_first=norm == "pre")
    encoder, decoder = nn.TransformerEncoderLayer(**options), nn.TransformerDecoderLayer(**options)
    shake(encoder)
    shake(decoder)
    source, target = random(3, 5, hidden), random(3, steps, hidden)
    bias = padding_of(lengths, 5)
    padded = torch.isinf(bias[:, 0])
    states = encoder(source, src_key_padding_mask=padded)
    causal = torch.full((steps, steps), MINUS_INFINITY).triu(1)
    output = decoder(target, states, tgt_mask=causal, memory_key_padding_mask=padded)
    encoder_names = {**self_attention_names(encoder.self_attn),
                     **linear_names("feed_forward.inner", encoder.linear1),
                     **linear_names("feed_forward.outer", encoder.linear2),
                     **linear_names("self_norm", encoder.norm1),
                     **linear_names("feed_forward_norm", encoder.norm2)}
    decoder_names = {**self_attention_names(decoder.self_attn),
                     **cross_attention_names(decoder.multihead_attn, hidden),
                     **linear_names("feed_forward.inner", decoder.linear1),
                     **linear_names("feed_forward.outer", decoder.linear2),
                     **linear_names("self_norm", decoder.norm1),
                     **linear_names("cross_norm", decoder.norm2),
                     **linear_names("feed_forward_norm", decoder.norm3)}
    return {"norm": norm, "activation": activation, "hidden_size": hidden, "heads": heads,
            "feed_forward_size": inner, "lengths": lengths, "padding": pack(bias),
            "encoder": pack_all(encoder_names), "decoder": pack_all(decoder_names),
            "source": pack(source), "states": pack(states),
            "target": pack(target), "output": pack(output)}


def positions(length, hidden):
    """Vaswani et al. (2017), section 3.5, cell by cell."""
    table = torch.zeros(length, hidden)
    for position in range(length):
        for i in range(hidden // 2):
            angle = position / 10000 ** (2 * i / hidden)
            table[position, 2 * i] = math.sin(angle)
            table[position, 2 * i + 1] = math.cos(angle)
    return table


# ---- loss ---------------------------------------------------------------------------------------


def loss_case(rows, hidden, vocabulary, smoothing):
    states, weight, bias = random(rows, hidden), random(vocabulary, hidden), random(vocabulary)
    inputs = [states.requires_grad_(), weight.requires_grad_(), bias.requires_grad_()]
    targets = torch.randint(vocabulary, (rows,))
    logits = states @ weight.T + bias
    loss = nn.functional.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")
    plain = nn.functional.cross_entropy(logits, targets, reduction="sum")
    gradients = torch.autograd.grad(loss, inputs)
    return {"smoothing": smoothing, "states": pack(states), "weight": pack(weight),
            "bias": pack(bias), "targets": pack(targets), "loss": number(loss.item()),
            "log_likelihood": number(-plain.item()),
            "gradients": [pack(gradient) for gradient in gradients]}


def golden_files():
    yield "attention", attention_cases
    yield "cell", cell_cases
    yield "encoder", lambda: [encoder_case("gru", 1), encoder_case("gru", 2), encoder_case("lstm", 2)]
    yield "decoder", lambda: [decoder_case("luong", "gru", "general", 1),
                              decoder_case("luong", "lstm", "dot", 2),
                              decoder_case("luong", "gru", "concat", 2),
                              decoder_case("bahdanau", "gru", "additive", 1),
                              decoder_case("bahdanau", "lstm", "scaled_dot", 2)]
    yield "transformer", lambda: [transformer_case(norm, activation) for norm in ("pre", "post")
                                  for activation in ("relu", "gelu")]
    yield "positions", lambda: [pack(positions(300, hidden)[[0, 1, 2, 7, 100, 255, 256, 299]])
                                for hidden in (2, 10)]
    yield "loss", lambda: [loss_case(*sizes) for sizes in
                           [(1, 3, 2, 0.1), (7, 5, 13, 0.0), (7, 5, 13, 0.1), (9, 4, 17, 0.3),
                            (3, 1, 33, 0.1)]]
    yield "sparse_weights", sparse_cases


def main():
    options = golden.parser(__doc__, "model").parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    for seed, (name, make_cases) in enumerate(golden_files(), start=1):
        torch.manual_seed(seed)
        golden.write(options.output, name + ".json", make_cases())


if __name__ == "__main__":
    main()
