"""One decoding step of a transformer of GPT-2's small size, every operation a kernel on the simulator.

    python benchmarks/decode.py [--layers 12] [--json OUT]

12 layers of width 768 with 12 heads, 64 positions in the key-value cache, vocabulary 50257, random
weights (the sizes of Radford et al. 2019, "Language Models are Unsupervised Multitask Learners",
table 2). The logits are compared with NumPy's. Writes benchmarks/results/decode.json.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numba import cuda, float32

import gpusim

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "decode.json"

WIDTH = 768
HEADS = 12
HEAD = WIDTH // HEADS
CONTEXT = 64
VOCABULARY = 50257
PART = 256  # elements of x that a block of the matrix-vector product takes
BLOCK = 256


@cuda.jit
def matrix_vector(out, x, w):
    """out += x[part] @ w[part]: a block takes 256 columns of w and one part of x; parts are added atomically."""
    part = cuda.shared.array(PART, float32)
    i = cuda.threadIdx.x
    column = cuda.blockIdx.x * cuda.blockDim.x + i
    first = cuda.blockIdx.y * PART
    part[i] = x[first + i]
    cuda.syncthreads()
    if column < out.size:
        total = float32(0)
        for k in range(PART):
            total += part[k] * w[first + k, column]
        cuda.atomic.add(out, column, total)


@cuda.jit
def layer_norm(out, x, gain, shift):
    """(x - mean) / sqrt(variance + 1e-5) * gain + shift, by one block (Ba et al. 2016, equation 4)."""
    part = cuda.shared.array(BLOCK, float32)
    i = cuda.threadIdx.x
    total = float32(0)
    for k in range(i, WIDTH, BLOCK):
        total += x[k]
    part[i] = total
    cuda.syncthreads()
    step = BLOCK // 2
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    mean = part[0] / float32(WIDTH)
    cuda.syncthreads()
    total = float32(0)
    for k in range(i, WIDTH, BLOCK):
        total += (x[k] - mean) * (x[k] - mean)
    part[i] = total
    cuda.syncthreads()
    step = BLOCK // 2
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    scale = float32(1) / math.sqrt(part[0] / float32(WIDTH) + float32(1e-5))
    for k in range(i, WIDTH, BLOCK):
        out[k] = (x[k] - mean) * scale * gain[k] + shift[k]


@cuda.jit
def attend(out, qkv, keys, values):
    """One query against the cache: a block to a head, a thread to a position, then a thread to a column."""
    scores = cuda.shared.array(CONTEXT, float32)
    head = cuda.blockIdx.x
    i = cuda.threadIdx.x
    score = float32(0)
    for c in range(HEAD):
        score += qkv[head * HEAD + c] * keys[i, head * HEAD + c]
    scores[i] = score / math.sqrt(float32(HEAD))
    cuda.syncthreads()
    best = scores[0]
    for j in range(1, CONTEXT):
        best = max(best, scores[j])
    total = float32(0)
    value = float32(0)
    for j in range(CONTEXT):
        weight = math.exp(scores[j] - best)
        total += weight
        value += weight * values[j, head * HEAD + i]
    out[head * HEAD + i] = value / total


@cuda.jit
def add(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] += a[i]


@cuda.jit
def gelu(x):
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016)."""
    i = cuda.grid(1)
    if i < x.size:
        v = x[i]
        inner = float32(0.7978845608) * (v + float32(0.044715) * v * v * v)
        x[i] = float32(0.5) * v * (float32(1) + math.tanh(inner))


Weights = dict[str, np.ndarray]


def random_layer(rng: np.random.Generator) -> Weights:
    def matrix(rows: int, columns: int) -> np.ndarray:
        return rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(0.02)

    return {
        "qkv": matrix(WIDTH, 3 * WIDTH),
        "out": matrix(WIDTH, WIDTH),
        "up": matrix(WIDTH, 4 * WIDTH),
        "down": matrix(4 * WIDTH, WIDTH),
        "keys": matrix(CONTEXT, WIDTH),
        "values": matrix(CONTEXT, WIDTH),
        "gain": np.ones(WIDTH, np.float32),
        "shift": np.zeros(WIDTH, np.float32),
    }


class Simulated:
    """The step on the simulator; `loads` by kernel."""

    def __init__(self, check: str) -> None:
        self.check = check
        self.loads: Counter[str] = Counter()
        self.findings: list[gpusim.Finding] = []

    def launch(self, kernel: Any, grid: Any, block: Any, *arguments: np.ndarray) -> None:
        run = gpusim.simulate(kernel, check=self.check)[grid, block](*arguments)
        self.loads[run.kernel] += sum(run.counts[space]["loads"] for space in ("global", "shared"))
        self.findings += run.findings

    def product(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        out = np.zeros(w.shape[1], np.float32)
        self.launch(matrix_vector, (-(-w.shape[1] // BLOCK), w.shape[0] // PART), BLOCK, out, x, w)
        return out

    def norm(self, x: np.ndarray, layer: Weights) -> np.ndarray:
        out = np.empty_like(x)
        self.launch(layer_norm, 1, BLOCK, out, x, layer["gain"], layer["shift"])
        return out

    def step(self, x: np.ndarray, layers: list[Weights], head: np.ndarray) -> np.ndarray:
        for layer in layers:
            qkv = self.product(self.norm(x, layer), layer["qkv"])
            # The newest position's key and value end the cache.
            layer["keys"][-1], layer["values"][-1] = qkv[WIDTH : 2 * WIDTH], qkv[2 * WIDTH :]
            mixed = np.empty_like(x)
            self.launch(attend, HEADS, CONTEXT, mixed, qkv, layer["keys"], layer["values"])
            self.launch(add, 3, BLOCK, x, self.product(mixed, layer["out"]))
            wide = self.product(self.norm(x, layer), layer["up"])
            self.launch(gelu, 12, BLOCK, wide)
            self.launch(add, 3, BLOCK, x, self.product(wide, layer["down"]))
        return self.product(self.norm(x, layers[-1]), head)


def reference(x: np.ndarray, layers: list[Weights], head: np.ndarray) -> np.ndarray:
    """The same step in NumPy, float64."""

    def norm(v: np.ndarray) -> np.ndarray:
        return (v - v.mean()) / np.sqrt(v.var() + 1e-5)

    x = x.astype(np.float64)
    for layer in layers:
        qkv = norm(x) @ layer["qkv"]
        keys, values = layer["keys"].astype(np.float64), layer["values"].astype(np.float64)
        keys[-1], values[-1] = qkv[WIDTH : 2 * WIDTH], qkv[2 * WIDTH :]
        mixed = np.empty(WIDTH)
        for h in range(HEADS):
            part = slice(h * HEAD, (h + 1) * HEAD)
            scores = keys[:, part] @ qkv[:WIDTH][part] / math.sqrt(HEAD)
            weights = np.exp(scores - scores.max())
            mixed[part] = weights @ values[:, part] / weights.sum()
        x = x + mixed @ layer["out"]
        wide = norm(x) @ layer["up"]
        wide = wide / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)))
        x = x + wide @ layer["down"]
    return norm(x) @ head


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--check", default="all", help="all or none")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="OUT")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    layers = [random_layer(rng) for _ in range(options.layers)]
    head = rng.standard_normal((WIDTH, VOCABULARY), dtype=np.float32) * np.float32(0.02)
    x = rng.standard_normal(WIDTH, dtype=np.float32)
    expected = reference(x, layers, head)
    Simulated(options.check).step(x.copy(), layers[:1], head[:, :512].copy())  # loads compiled code
    machine = Simulated(options.check)
    start = time.perf_counter()
    logits = machine.step(x.copy(), layers, head)
    seconds = time.perf_counter() - start
    np.testing.assert_allclose(logits, expected, atol=1e-3)
    assert machine.findings == [], machine.findings
    loads = sum(machine.loads.values())
    print(f"{options.layers} layers: {seconds:.2f} s, {loads:,} loads, {loads / seconds / 1e6:.0f} M loads/s")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    result = {"layers": options.layers, "seconds": seconds, "loads": dict(machine.loads), "check": options.check}
    options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
