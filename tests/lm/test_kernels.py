"""Each kernel on the simulator against torch and against its NumPy counterpart, at awkward sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from lm.devices import Simulator
from lm.errors import LMError
from lm.kernels import KernelSet, Operation
from lm.kernels.attention import CAUSAL
from lm.kernels.matmul import MATMUL_REGISTER_TILED, MATMUL_TILED
from lm.kernels.rotary import rotary_tables
from lm.kernels.softmax import SOFTMAX_ONLINE, SOFTMAX_THREE_PASS

KERNELS = KernelSet.default()
TORCH = torch.from_numpy


def run(operation: Operation, *arguments):
    """Launch on the simulator; no check may find anything, and only outputs (in place) may change."""
    device = Simulator()
    before = [np.copy(a) for a in arguments[1:]]
    device.launch("test", operation, *arguments)
    assert not device.findings
    for argument, copy in zip(arguments[1:], before, strict=True):
        np.testing.assert_array_equal(argument, copy)
    return arguments[0]


def poison(*shape: int) -> np.ndarray:
    return np.full(shape, np.nan, np.float32)


def check(actual: np.ndarray, reference: np.ndarray, expected: torch.Tensor) -> None:
    assert reference.dtype == np.float32
    np.testing.assert_allclose(actual, reference, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(actual, expected.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("batch", "length", "width"), [(1, 1, 1), (3, 5, 37), (2, 9, 32)])
def test_embed(normal, batch, length, width):
    token, position = normal(11, width), normal(length + 2, width)
    tokens = np.random.default_rng(0).integers(0, 11, (batch, length)).astype(np.int32)
    out = run(KERNELS.embed, poison(batch * length, width), tokens, token, position)
    expected = TORCH(token)[TORCH(tokens).long()] + TORCH(position)[:length]
    check(out, KERNELS.embed.reference(tokens, token, position), expected.reshape(-1, width))


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (5, 31), (4, 32), (7, 33), (9, 100)])
def test_layer_norm(normal, rows, width):
    x, gain, bias = 3 * normal(rows, width) + 5, normal(width), normal(width)
    out = run(KERNELS.layer_norm, poison(rows, width), x, gain, bias)
    expected = functional.layer_norm(TORCH(x), (width,), TORCH(gain), TORCH(bias))
    check(out, KERNELS.layer_norm.reference(x, gain, bias), expected)


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (5, 31), (4, 32), (7, 33), (9, 100)])
def test_rms_norm(normal, rows, width):
    x, gain = 3 * normal(rows, width) + 1, normal(width)
    out = run(KERNELS.rms_norm, poison(rows, width), x, gain)
    check(out, KERNELS.rms_norm.reference(x, gain), functional.rms_norm(TORCH(x), (width,), TORCH(gain), 1e-5))


@pytest.mark.parametrize(("shape", "first"), [((1, 1, 1, 2), 0), ((2, 5, 3, 10), 4), ((1, 40, 1, 66), 100)])
def test_rotary(normal, shape, first):
    """Against complex numbers: the pair is one number, multiplied by exp(i t w)."""
    x = normal(*shape)
    _, length, _, channels = shape
    tables = rotary_tables(first + length + 2, channels)
    a, b = TORCH(x.copy()).double().chunk(2, dim=-1)
    w = 10_000.0 ** (-torch.arange(channels // 2, dtype=torch.float64) * 2 / channels)
    angle = (first + torch.arange(length)[:, None]) * w
    turned = torch.complex(a, b) * torch.polar(torch.ones_like(angle), angle)[None, :, None]
    expected = torch.cat([turned.real, turned.imag], dim=-1).float()
    reference = KERNELS.rotary.reference(x, *tables, first)
    check(run(KERNELS.rotary, x.copy(), *tables, np.int32(first)), reference, expected)


@pytest.mark.parametrize(("batch", "length", "width"), [(1, 1, 1), (3, 5, 37)])
def test_embed_tokens(normal, batch, length, width):
    token = normal(11, width)
    tokens = np.random.default_rng(0).integers(0, 11, (batch, length)).astype(np.int32)
    out = run(KERNELS.embed_tokens, poison(batch * length, width), tokens, token)
    expected = TORCH(token)[TORCH(tokens).long()].reshape(-1, width)
    check(out, KERNELS.embed_tokens.reference(tokens, token), expected)


@pytest.mark.parametrize(("order", "rows", "seen"), [(2, 7, 5), (3, 1000, 5), (5, 50_000, 2)])
def test_add_ngrams(normal, order, rows, seen):
    """Against Python's own integers, n-gram by n-gram; `seen` of 5 tokens are the rows of x."""
    table, x = normal(rows, 3), normal(2 * seen, 3)
    tokens = np.random.default_rng(0).integers(0, 60_000, (2, 5)).astype(np.int32)
    expected = x.copy()
    for b in range(2):
        for t in range(5 - seen, 5):
            gram = tokens[b, max(0, t - order + 1) : t + 1][::-1].tolist()
            number = sum((token + 1) * 1_000_003**i for i, token in enumerate(gram)) % (2**31 - 1)
            expected[b * seen + t - (5 - seen)] += table[number % rows]
    reference = KERNELS.add_ngrams.reference(x, tokens, table, order)
    check(run(KERNELS.add_ngrams, x, tokens, table, np.int32(order)), reference, TORCH(expected))


@pytest.mark.parametrize("operation", [MATMUL_TILED, MATMUL_REGISTER_TILED], ids=["tiled", "register-tiled"])
@pytest.mark.parametrize(
    ("rows", "columns", "depth"), [(1, 1, 1), (16, 16, 16), (17, 15, 33), (65, 70, 5), (3, 130, 40), (128, 64, 16)]
)
@pytest.mark.parametrize(("alpha", "beta"), [(1, 0), (-0.5, 2)])
def test_matmul(normal, operation, rows, columns, depth, alpha, beta):
    a, b = normal(rows, depth), normal(depth, columns)
    c = normal(rows, columns) if beta else poison(rows, columns)  # beta 0: what c held must not matter
    reference = operation.reference(c, a, b, alpha, beta)
    expected = alpha * (TORCH(a) @ TORCH(b)) + (beta * TORCH(c.copy()) if beta else 0)
    check(run(operation, c, a, b, np.float32(alpha), np.float32(beta)), reference, expected)


@pytest.mark.parametrize("operation", [SOFTMAX_THREE_PASS, SOFTMAX_ONLINE], ids=["three-pass", "online"])
@pytest.mark.parametrize(("rows", "width"), [(1, 1), (5, 31), (4, 32), (7, 33), (6, 150)])
def test_softmax(normal, operation, rows, width):
    x = 10 * normal(rows, width)
    out = run(operation, poison(rows, width), x)
    check(out, operation.reference(x), torch.softmax(TORCH(x), -1))


@pytest.mark.parametrize("operation", [SOFTMAX_THREE_PASS, SOFTMAX_ONLINE], ids=["three-pass", "online"])
def test_softmax_of_large_and_masked_numbers(operation):
    x = np.full((3, 70), -np.inf, np.float32)
    x[0, :3] = 1e4, 1e4, -1e4  # exp(1e4) is infinite
    x[1, 69] = -1e4  # one finite element, the last
    x[2] = np.linspace(-200, 200, 70)
    out = run(operation, poison(3, 70), x)
    check(out, operation.reference(x), torch.softmax(TORCH(x), -1))
    assert out[0, 0] == 0.5
    assert out[1, 69] == 1


def test_softmax_in_place(normal):
    x = normal(6, 45)
    expected = torch.softmax(TORCH(x.copy()), -1)
    Simulator().launch("softmax", KERNELS.softmax, x, x)
    np.testing.assert_allclose(x, expected.numpy(), rtol=1e-5, atol=1e-6)


ATTENTION_SHAPES = [(1, 1, 1, 1), (1, 16, 1, 16), (2, 33, 3, 10), (1, 70, 2, 24), (2, 32, 1, 32)]


@pytest.mark.parametrize("shape", ATTENTION_SHAPES)
def test_fused_attention(normal, shape):
    q, k, v = 2 * normal(*shape), 2 * normal(*shape), normal(*shape)
    out = run(KERNELS.attention, poison(*shape), q, k, v, CAUSAL)
    check(out, KERNELS.attention.reference(q, k, v, CAUSAL), torch_attention(q, k, v))


@pytest.mark.parametrize("shape", ATTENTION_SHAPES)
def test_materialised_attention(normal, shape):
    batch, length, heads, _ = shape
    q, k, v = 2 * normal(*shape), 2 * normal(*shape), normal(*shape)
    scores = run(KERNELS.attention_scores, poison(batch, heads, length, length), q, k, CAUSAL)
    expected = KERNELS.attention_scores.reference(q, k, CAUSAL)
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)
    rows = scores.reshape(-1, length)
    weights = run(KERNELS.softmax, poison(*rows.shape), rows).reshape(scores.shape)
    out = run(KERNELS.attention_values, poison(*shape), weights, v, CAUSAL)
    check(out, KERNELS.attention_values.reference(weights, v, CAUSAL), torch_attention(q, k, v))


SHARED_SHAPES = [  # B, T, S, H, G, d, ahead
    (1, 1, 40, 4, 2, 8, 39),  # one query at the end of its keys
    (2, 5, 37, 6, 3, 10, 32),  # the last queries of a sequence
    (1, 3, 50, 2, 1, 16, 20),  # a cache with room for more keys
    (2, 33, 33, 4, 1, 8, 32),  # every query sees every key
    (1, 33, 33, 4, 4, 8, 1000),
]


@pytest.mark.parametrize(("batch", "length", "keys", "heads", "groups", "width", "ahead"), SHARED_SHAPES)
def test_attention_with_shared_heads_and_earlier_keys(normal, batch, length, keys, heads, groups, width, ahead):
    q = normal(batch, length, heads, width)
    k, v = normal(batch, keys, groups, width), normal(batch, keys, groups, width)
    mask = torch.ones(length, keys, dtype=torch.bool).tril(ahead)
    tq, tk, tv = (TORCH(x).transpose(1, 2) for x in (q, k, v))
    expected = functional.scaled_dot_product_attention(tq, tk, tv, mask, enable_gqa=True).transpose(1, 2)
    out = run(KERNELS.attention, poison(*q.shape), q, k, v, np.int32(ahead))
    check(out, KERNELS.attention.reference(q, k, v, ahead), expected)

    seen = min(keys, length + ahead)  # the scores have no columns for keys that nobody sees
    scores = run(KERNELS.attention_scores, poison(batch, heads, length, seen), q, k, np.int32(ahead))
    np.testing.assert_allclose(scores, KERNELS.attention_scores.reference(q, k, ahead, seen), rtol=1e-5, atol=1e-5)
    weights = torch.softmax(TORCH(scores), -1).numpy()
    out = run(KERNELS.attention_values, poison(*q.shape), weights, v, np.int32(ahead))
    check(out, KERNELS.attention_values.reference(weights, v, ahead), expected)


def torch_attention(*qkv: np.ndarray) -> torch.Tensor:
    q, k, v = (TORCH(x).transpose(1, 2) for x in qkv)
    return functional.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2)


def test_fused_attention_refuses_a_head_that_does_not_fit(normal):
    shape = (1, 4, 1, 33)
    with pytest.raises(LMError, match="up to 32 wide"):
        run(KERNELS.attention, poison(*shape), normal(*shape), normal(*shape), normal(*shape), CAUSAL)


def test_no_score_reaches_global_memory_in_fused_attention(normal):
    shape = (1, 64, 2, 16)
    device = Simulator()
    q, k, v = normal(*shape), normal(*shape), normal(*shape)
    device.launch("attention", KERNELS.attention, poison(*shape), q, k, v, CAUSAL)
    (row,) = device.rows.values()
    assert row.global_stores == 64 * 2 * 16  # the output and nothing else


POINTWISE_SHAPES = [(1, 1), (9, 33), (8, 32)]


@pytest.mark.parametrize("shape", POINTWISE_SHAPES)
def test_gelu(normal, shape):
    x = 4 * normal(*shape)
    out = run(KERNELS.gelu, poison(*shape), x)
    check(out, KERNELS.gelu.reference(x), functional.gelu(TORCH(x), approximate="tanh"))


@pytest.mark.parametrize("shape", POINTWISE_SHAPES)
def test_relu_and_its_square(normal, shape):
    x = 4 * normal(*shape)
    rectified = functional.relu(TORCH(x))
    check(run(KERNELS.relu, poison(*shape), x), KERNELS.relu.reference(x), rectified)
    check(run(KERNELS.relu2, poison(*shape), x), KERNELS.relu2.reference(x), rectified * rectified)


@pytest.mark.parametrize("shape", POINTWISE_SHAPES)
def test_add_bias(normal, shape):
    x, bias = normal(*shape), normal(shape[1])
    reference = KERNELS.add_bias.reference(x, bias)
    check(run(KERNELS.add_bias, x.copy(), bias), reference, TORCH(x) + TORCH(bias))


@pytest.mark.parametrize("shape", POINTWISE_SHAPES)
def test_residual_add(normal, shape):
    x, y = normal(*shape), normal(*shape)
    reference = KERNELS.residual_add.reference(x, y)
    check(run(KERNELS.residual_add, x.copy(), y), reference, TORCH(x) + TORCH(y))


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (5, 31), (7, 96)])
def test_cross_entropy(normal, rows, width):
    logits = 20 * normal(rows, width)
    targets = np.random.default_rng(0).integers(0, width, rows).astype(np.int32)
    out = run(KERNELS.cross_entropy, poison(rows), logits, targets)
    expected = functional.cross_entropy(TORCH(logits), TORCH(targets).long(), reduction="none")
    check(out, KERNELS.cross_entropy.reference(logits, targets), expected)


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_the_vocabulary():
    out = run(KERNELS.cross_entropy, poison(3), np.full((3, 96), 7e3, np.float32), np.zeros(3, np.int32))
    np.testing.assert_allclose(out, np.log(96), rtol=1e-6)


@pytest.mark.parametrize(
    ("batch", "new", "heads", "width", "first"), [(1, 1, 1, 1, 0), (2, 3, 2, 37, 4), (3, 1, 5, 8, 8)]
)
def test_append(normal, batch, new, heads, width, first):
    cache, x = normal(batch, 9, heads, width), normal(batch, new, heads, width)
    expected = TORCH(cache.copy())
    expected[:, first : first + new] = TORCH(x)
    reference = KERNELS.append.reference(cache, x, first)
    check(run(KERNELS.append, cache, x, np.int32(first)), reference, expected)


@pytest.mark.parametrize("kernels", [KERNELS, KernelSet.naive()], ids=["good", "naive"])
@pytest.mark.parametrize(
    ("batch", "keys", "length", "heads", "groups", "width"),
    [(1, 1, 1, 1, 1, 1), (2, 70, 33, 4, 2, 24), (1, 64, 64, 3, 1, 40), (1, 5, 4, 2, 2, 128), (1, 40, 31, 1, 1, 100)],
)
def test_attention_decode(normal, kernels, batch, keys, length, heads, groups, width):
    q = 2 * normal(batch, 1, heads, width)
    k, v = normal(batch, keys, groups, width), normal(batch, keys, groups, width)
    k[:, length:] = v[:, length:] = np.nan  # the room behind the last key is undefined
    tq, tk, tv = (TORCH(x).transpose(1, 2) for x in (q, k[:, :length], v[:, :length]))
    expected = functional.scaled_dot_product_attention(tq, tk, tv, enable_gqa=True).transpose(1, 2)
    out = run(kernels.attention_decode, poison(*q.shape), q, k, v, np.int32(length))
    check(out, kernels.attention_decode.reference(q, k, v, length), expected)


def test_decoding_reads_each_key_and_value_once(normal):
    q, k, v = normal(1, 1, 4, 24), normal(1, 64, 2, 24), normal(1, 64, 2, 24)
    device = Simulator()
    device.launch("x", KERNELS.attention_decode, poison(1, 1, 4, 24), q, k, v, np.int32(50))
    assert device.rows["x"].global_loads == 4 * 24 + 2 * 4 * 50 * 24  # per head of queries


def test_a_head_that_is_too_wide_for_decoding(normal):
    with pytest.raises(LMError, match="up to 128 wide"):
        shape = (1, 1, 1, 129)
        run(KERNELS.attention_decode, poison(*shape), normal(*shape), normal(*shape), normal(*shape), np.int32(1))


def test_naive_kernels_compute_the_same(normal):
    """Each place's two kernels on the same input of an awkward size, and the plain one needs no shared memory."""
    x, q, k, v = normal(37, 70), normal(2, 9, 4, 10), normal(2, 13, 2, 10), normal(2, 13, 2, 10)
    ahead, weights = np.int32(4), np.tril(normal(2, 4, 9, 13), 4)
    inputs = {
        "layer_norm": (poison(37, 70), x, normal(70), normal(70)),
        "rms_norm": (poison(37, 70), x, normal(70)),
        "matmul": (poison(37, 21), x, normal(70, 21), np.float32(2), np.float32(0)),
        "softmax": (poison(37, 70), 9 * x),
        "attention": (poison(*q.shape), q, k, v, ahead),
        "attention_scores": (poison(2, 4, 9, 13), q, k, ahead),
        "attention_values": (poison(*q.shape), weights, v, ahead),
        "attention_decode": (poison(2, 1, 4, 10), q[:, :1].copy(), k, v, np.int32(11)),
        "cross_entropy": (poison(37), 9 * x, np.arange(37, dtype=np.int32)),
    }
    plain = KernelSet.naive()
    assert {place for place, operation in plain if operation is not getattr(KERNELS, place)} == set(inputs)
    for place, arguments in inputs.items():
        good = run(getattr(KERNELS, place), *(np.copy(a) if np.ndim(a) else a for a in arguments))
        device = Simulator()
        device.launch(place, getattr(plain, place), *arguments)
        np.testing.assert_allclose(arguments[0], good, rtol=1e-4, atol=1e-5, err_msg=place)
        assert not device.findings
        assert device.rows[place].shared_loads == 0
