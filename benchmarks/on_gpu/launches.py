"""Every kernel of the repository, each with a launch: the language model's, the puzzles', the benchmarks'."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from cases import CASES

import lm.kernels
from lm.kernels import Operation
from lm.kernels.attention import CAUSAL
from lm.kernels.rotary import rotary_tables
from on_gpu import patterns
from puzzles import catalog
from puzzles.check.cases import cases as puzzle_cases

SEED = 7


@dataclass(frozen=True)
class Launch:
    """`kernel[grid, block, 0, dynamic](*arguments())`; `arguments` makes the same ones at every call.

    Results of two devices agree if |difference| <= tolerance (1 + |value|). `note` says why a GPU must
    count otherwise than the simulator, if it must.
    """

    name: str
    kernel: Any
    grid: Any
    block: Any
    arguments: Callable[[], tuple[Any, ...]]
    dynamic: int = 0
    tolerance: float = 1e-4
    note: str = ""


def every_launch() -> list[Launch]:
    """All of them; names are unique."""
    return [*of_language_model(), *of_puzzles(), *of_cases(), *of_patterns()]


def of_language_model() -> list[Launch]:
    """One launch for each operation of `lm.kernels`, at sizes that are no multiple of a tile."""
    launches = []
    for operation in operations():
        name = operation.kernel.__name__
        arguments = _MODEL_ARGUMENTS[name]
        grid, block = operation.launch(*arguments())
        launches.append(Launch(f"lm {name}", operation.kernel, grid, block, arguments))
    return launches


def operations() -> list[Operation]:
    """Every `Operation` in the modules of `lm.kernels`."""
    found: dict[str, Operation] = {}
    for module in pkgutil.iter_modules(lm.kernels.__path__):
        for value in vars(importlib.import_module(f"lm.kernels.{module.name}")).values():
            if isinstance(value, Operation):
                found[value.kernel.__name__] = value
    return [found[name] for name in sorted(found)]


def of_puzzles() -> list[Launch]:
    """The solution of each puzzle at each size that its checker draws; of several launches the first of each kernel.

    A launch that comes after others finds normal numbers where those would have left theirs. The puzzle of the
    shipped language model is left out in a bare checkout, where safetensors is missing.
    """
    launches = []
    for puzzle in catalog.kernel_puzzles():
        try:
            drawn = list(puzzle_cases(puzzle, SEED))
        except ModuleNotFoundError as error:
            if error.name == "safetensors":
                continue
            raise
        for number, case in enumerate(drawn):
            made = puzzle.launches(case.size)
            first = {launch.kernel: place for place, launch in reversed(list(enumerate(made)))}
            for name, place in sorted(first.items(), key=lambda item: item[1]):
                launch = made[place]
                given = puzzle.arguments(launch)
                values = tuple(case.arguments[name] if isinstance(name, str) else name for name in given)
                if len(made) > 1:
                    values = tuple(left_by_others(value) for value in values)

                def arguments(values: tuple[Any, ...] = values) -> tuple[Any, ...]:
                    return tuple(np.copy(v) if np.ndim(v) else v for v in values)

                which = f" {name} {place}" if len(made) > 1 else ""
                launches.append(
                    Launch(
                        f"puzzle {puzzle.id}{which} {number}",
                        puzzle.kernels[name],
                        launch.grid,
                        launch.block,
                        arguments,
                        launch.shared,
                    )
                )
    return launches


def left_by_others(value: Any) -> Any:
    """An argument, with normal numbers in place of an undefined array of floats."""
    if np.ndim(value) == 0 or value.dtype.kind != "f" or not np.isnan(value).all():
        return value
    return normal(*value.shape).astype(value.dtype)


def of_cases() -> list[Launch]:
    """The launches of `benchmarks/cases`."""
    return [Launch(f"case {case.name}", case.kernel, case.grid, case.block, case.arguments) for case in CASES]


def of_patterns() -> list[Launch]:
    """The access patterns whose counters are compared."""
    return [
        Launch(f"pattern {p.name}", p.kernel, p.grid, p.block, p.arguments, note=p.note) for p in patterns.patterns()
    ]


def normal(*shape: int, seed: int = SEED) -> np.ndarray:
    """float32 from a normal distribution."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape, dtype=np.float32)


def undefined(*shape: int) -> np.ndarray:
    """An output: NaN, so that an element that nobody writes shows."""
    return np.full(shape, np.nan, np.float32)


def below(limit: int, *shape: int) -> np.ndarray:
    """int32 from 0 to limit - 1."""
    return np.random.default_rng(SEED).integers(0, limit, shape).astype(np.int32)


B, T, H, d = 2, 37, 3, 20  # sequences, positions, heads, width of a head
R, D, V = B * T, H * d, 31  # rows, width, vocabulary
ALPHA, BETA = np.float32(0.5), np.float32(-2)

_MODEL_ARGUMENTS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "embed": lambda: (undefined(R, D), below(V, B, T), normal(V, D), normal(T, D)),
    "layer_norm": lambda: (undefined(R, D), normal(R, D), normal(D), normal(D, seed=1)),
    "matmul_tiled": lambda: (normal(70, 50), normal(70, 33), normal(33, 50), ALPHA, BETA),
    "matmul_register_tiled": lambda: (normal(70, 150), normal(70, 33), normal(33, 150), ALPHA, BETA),
    "add_bias": lambda: (normal(R, D), normal(D)),
    "attention": lambda: (undefined(B, T, H, d), *(normal(B, T, H, d, seed=s) for s in range(3)), CAUSAL),
    "attention_scores": lambda: (undefined(B, H, T, T), normal(B, T, H, d), normal(B, T, H, d, seed=1), CAUSAL),
    "attention_values": lambda: (undefined(B, T, H, d), np.tril(normal(B, H, T, T)), normal(B, T, H, d), CAUSAL),
    "append": lambda: (normal(B, T + 9, H, d), normal(B, T, H, d), np.int32(5)),
    "attention_decode": lambda: (
        undefined(B, 1, 4, d), normal(B, 1, 4, d), normal(B, T, 2, d), normal(B, T, 2, d, seed=1), np.int32(T - 4),
    ),
    "rms_norm": lambda: (undefined(R, D), normal(R, D), normal(D)),
    "rotary": lambda: (normal(B, T, H, d), *rotary_tables(T + 5, d), np.int32(5)),
    "embed_tokens": lambda: (undefined(R, D), below(V, B, T), normal(V, D)),
    "add_ngrams": lambda: (normal(R, D), below(V, B, T + 4), normal(101, D), np.int32(3)),
    "relu": lambda: (undefined(R, D), normal(R, D)),
    "relu2": lambda: (undefined(R, D), normal(R, D)),
    "softmax_three_pass": lambda: (undefined(R, 150), 10 * normal(R, 150)),
    "softmax_online": lambda: (undefined(R, 150), 10 * normal(R, 150)),
    "gelu": lambda: (undefined(R, D), 4 * normal(R, D)),
    "residual_add": lambda: (normal(R, D), normal(R, D, seed=1)),
    "cross_entropy": lambda: (undefined(R), 20 * normal(R, V), below(V, R)),
}  # fmt: skip
_MODEL_ARGUMENTS |= {
    f"{name}_naive": _MODEL_ARGUMENTS[good]
    for name, good in {
        "matmul": "matmul_tiled", "layer_norm": "layer_norm", "rms_norm": "rms_norm", "softmax": "softmax_online",
        "attention": "attention", "attention_scores": "attention_scores", "attention_values": "attention_values",
        "attention_decode": "attention_decode", "cross_entropy": "cross_entropy",
    }.items()
}  # fmt: skip
