"""The same result with fewer reads: variants of an operation side by side on the simulator.

Each function runs the variants of one formula on the same random input and returns a row per variant:
global reads counted by hand (from the formula in its comment), counted by the simulator, and the largest
distance from torch's result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lm.devices import Simulator
from lm.kernels import attention as materialised
from lm.kernels import fused_attention, matmul
from lm.kernels.attention import CAUSAL
from lm.kernels.fused_attention import ATTENTION
from lm.kernels.operation import Operation, tiles
from lm.kernels.softmax import SOFTMAX_ONLINE, SOFTMAX_THREE_PASS


@dataclass(frozen=True)
class Variant:
    """One way to compute a formula.  `kernels` in the order of their launches; reads are element loads."""

    name: str
    kernels: tuple[str, ...]
    reads_by_hand: int
    global_reads: int
    global_writes: int
    shared_reads: int
    seconds: float
    error: float


def compare_matmul(
    rows: int = 50, columns: int = 70, depth: int = 37, alpha: float = 2.0, beta: float = 0.5, seed: int = 0
) -> list[Variant]:
    """C = alpha A B + beta C with C [rows, columns], k up to `depth`: a thread for one element, for 16."""
    import torch

    a, b, c = _random(seed, (rows, depth), (depth, columns), (rows, columns))
    expected = torch.addmm(torch.from_numpy(c), torch.from_numpy(a), torch.from_numpy(b), beta=beta, alpha=alpha)
    variants = []
    for name, operation, tile in (
        ("tiled", matmul.MATMUL_TILED, matmul.TILE),
        ("register-tiled", matmul.MATMUL_REGISTER_TILED, matmul.BIG),
    ):
        device, out = Simulator(), c.copy()
        device.launch(name, operation, out, a, b, np.float32(alpha), np.float32(beta))
        # A once per column of tiles, B once per row of tiles, C once if beta is not 0.
        reads = rows * depth * tiles(columns, tile) + depth * columns * tiles(rows, tile)
        variants.append(_variant(name, device, reads + (rows * columns if beta else 0), out, expected))
    return variants


def compare_softmax(rows: int = 64, columns: int = 200, seed: int = 0) -> list[Variant]:
    """Softmax of [rows, columns]: three passes over each row, and two."""
    import torch

    (x,) = _random(seed, (rows, columns))
    expected = torch.softmax(torch.from_numpy(x), dim=-1)
    variants = []
    for name, operation, passes in (("three-pass", SOFTMAX_THREE_PASS, 3), ("online", SOFTMAX_ONLINE, 2)):
        device, out = Simulator(), np.full_like(x, np.nan)
        device.launch(name, operation, out, x)
        variants.append(_variant(name, device, passes * rows * columns, out, expected))
    return variants


def compare_attention(length: int = 128, heads: int = 4, width: int = 24, seed: int = 0) -> list[Variant]:
    """Causal attention of [1, length, heads, width]: the scores in global memory, and never there."""
    import torch

    shape = (1, length, heads, width)
    q, k, v = _random(seed, shape, shape, shape)
    # torch's own attention wants [1, H, T, d].
    tq, tk, tv = (torch.from_numpy(x).transpose(1, 2) for x in (q, k, v))
    expected = torch.nn.functional.scaled_dot_product_attention(tq, tk, tv, is_causal=True).transpose(1, 2)
    softmax_passes = ((SOFTMAX_THREE_PASS, "three-pass", 3), (SOFTMAX_ONLINE, "online", 2))
    variants = [
        _materialised(f"materialised, {name} softmax", softmax, passes, (q, k, v), expected)
        for softmax, name, passes in softmax_passes
    ]
    device, out = Simulator(), np.full_like(q, np.nan)
    device.launch("attention", ATTENTION, out, q, k, v, CAUSAL)
    # Each query once; each block of queries reads the keys and values up to its last query.
    seen = sum(_ends(length, fused_attention.QUERIES))
    variants.append(_variant("fused", device, heads * width * (length + 2 * seen), out, expected))
    return variants


def _materialised(name: str, softmax: Operation, passes: int, inputs: tuple[np.ndarray, ...], expected: Any) -> Variant:
    q, k, v = inputs
    _, length, heads, width = q.shape
    device, out = Simulator(), np.full_like(q, np.nan)
    scores = np.full((1, heads, length, length), np.nan, np.float32)
    rows = scores.reshape(heads * length, length)
    device.launch("attention_scores", materialised.ATTENTION_SCORES, scores, q, k, CAUSAL)
    device.launch("softmax", softmax, rows, rows)
    device.launch("attention_values", materialised.ATTENTION_VALUES, out, scores, v, CAUSAL)
    size = materialised.TILE
    ends = _ends(length, size)
    heights = [end - size * i for i, end in enumerate(ends)]  # rows of each tile
    # A tile of scores on or below the diagonal reads its queries and its keys.
    for_scores = width * sum(height * (i + 1) + end for i, (height, end) in enumerate(zip(heights, ends, strict=True)))
    # A tile of the output reads its rows of weights and the values, both up to the diagonal.
    for_values = sum(end * (height * tiles(width, size) + width) for height, end in zip(heights, ends, strict=True))
    reads = heads * (for_scores + passes * length * length + for_values)
    return _variant(name, device, reads, out, expected)


@dataclass(frozen=True)
class Traffic:
    """Numbers that attention of [N, d] moves between global memory and the chip, reads and writes together.

    paper_standard, paper_flash   as the paper counts its algorithms 0 and 1
    materialised, fused           measured on the simulator, this package's kernels
    """

    length: int
    width: int
    paper_standard: int
    paper_flash: int
    materialised: int
    fused: int


def standard_accesses(length: int, width: int) -> int:
    """4 N d + 4 N^2: read Q and K, write the scores, read them, write their softmax, read that and V, write O
    (Dao et al. 2022, "FlashAttention", algorithm 0)."""
    return 4 * length * width + 4 * length**2


def flash_accesses(length: int, width: int, tile: int) -> int:
    """2 N d + Tc (3 N d + 4 N), Tc = N / tile: read K and V once; for each tile of keys read Q and O, write O, read and
    write l and m (algorithm 1, as written there).

    For long sequences that is less than `standard_accesses` where 3 d + 4 < 4 tile: it does not pay for heads that are
    wide against the tile.  With tiles of queries instead (Dao 2023, "FlashAttention-2", section 3.1), as in
    `lm.kernels.fused_attention`, it is 2 N d + 2 Tc N d.
    """
    return 2 * length * width + tiles(length, tile) * (3 * length * width + 4 * length)


def flash_traffic(length: int, width: int, seed: int = 0) -> Traffic:
    """What keeping the scores on the chip saves: one head, nothing masked, tiles as large as this package's."""
    shape = (1, length, 1, width)
    inputs = _random(seed, shape, shape, shape)
    out, ahead = np.full(shape, np.nan, np.float32), np.int32(length - 1)
    fused, standard = Simulator("none"), Simulator("none")
    fused.launch("attention", ATTENTION, out, *inputs, ahead)
    scores = np.full((1, 1, length, length), np.nan, np.float32)
    standard.launch("scores", materialised.ATTENTION_SCORES, scores, *inputs[:2], ahead)
    standard.launch("softmax", SOFTMAX_ONLINE, scores[0, 0], scores[0, 0])
    standard.launch("values", materialised.ATTENTION_VALUES, out, scores, inputs[2], ahead)
    return Traffic(
        length=length,
        width=width,
        paper_standard=standard_accesses(length, width),
        paper_flash=flash_accesses(length, width, fused_attention.QUERIES),
        materialised=_moved(standard),
        fused=_moved(fused),
    )


def _moved(device: Simulator) -> int:
    return sum((row.global_loads or 0) + (row.global_stores or 0) for row in device.rows.values())


def _ends(length: int, size: int) -> list[int]:
    """Where each tile of `size` positions ends."""
    return [min(length, start + size) for start in range(0, length, size)]


def _random(seed: int, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    return [generator.standard_normal(shape, dtype=np.float32) for shape in shapes]


def _variant(name: str, device: Simulator, by_hand: int, out: np.ndarray, expected: Any) -> Variant:
    rows = device.rows.values()
    return Variant(
        name=name,
        kernels=tuple(row.kernel for row in rows),
        reads_by_hand=by_hand,
        global_reads=sum(row.global_loads or 0 for row in rows),
        global_writes=sum(row.global_stores or 0 for row in rows),
        shared_reads=sum(row.shared_loads or 0 for row in rows),
        seconds=sum(row.seconds for row in rows),
        error=float(np.abs(out - expected.numpy()).max()),
    )
