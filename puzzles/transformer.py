"""Puzzle kernels at work: the ones whose task is a step of the transformer can take that step's place.

    kernels = kernel_set({"softmax-online": my_softmax, "layer-norm": my_layer_norm})
    lm.kernel_model.KernelModel(device, config, parameters, kernels)

A puzzle's kernel comes with the puzzle's launch, worked out from the arguments it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lm.kernels import KernelSet, Operation
from puzzles import catalog
from puzzles.spec import Puzzle

PLACES = {
    "add-bias": "add_bias",
    "gemm-any-size": "matmul",
    "softmax-three-pass": "softmax",
    "softmax-online": "softmax",
    "layer-norm": "layer_norm",
    "gelu": "gelu",
    "embedding": "embed",
    "cross-entropy": "cross_entropy",
}
"""Puzzle id to the place in a `KernelSet` that its kernel fits."""


def kernel_set(kernels: Mapping[str, Any]) -> KernelSet:
    """A set with these kernels, by puzzle id, in their places and the default ones elsewhere.

    Raises KeyError for a puzzle that has no place in a transformer, and LMError for a kernel with other
    parameters than its puzzle's.
    """
    default = dict(KernelSet())
    return KernelSet().replace(
        **{
            PLACES[name]: _operation(catalog.load_kernel(name), kernel, default[PLACES[name]])
            for name, kernel in kernels.items()
        }
    )


def _operation(puzzle: Puzzle, kernel: Any, default: Operation) -> Operation:
    def launch(*arguments: Any) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        (shape,) = puzzle.launches(puzzle.size_of(arguments))
        return _three(shape.grid), _three(shape.block)

    return Operation(kernel, launch, default.reference, default.signature)


def _three(extents: tuple[int, ...]) -> tuple[int, int, int]:
    x, y, z = (*extents, 1, 1)[:3]
    return x, y, z
