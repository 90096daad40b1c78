"""Every kernel of the repository in lockstep, in small chunks and in threads: results, counters and findings agree."""

from __future__ import annotations

import numpy as np
import pytest
from support.agreement import check_schedulers

from lm.kernels import KernelSet
from lm.kernels.matmul import MATMUL_TILED
from lm.kernels.softmax import SOFTMAX_THREE_PASS
from puzzles import catalog
from puzzles.check.cases import cases

NAIVE = {f"{place}_naive": operation for place, operation in KernelSet.naive()}
OPERATIONS = {
    **dict(KernelSet.default()),
    **{name: operation for name, operation in NAIVE.items() if operation.kernel.__name__ == name},
    "matmul_tiled": MATMUL_TILED,
    "softmax_three_pass": SOFTMAX_THREE_PASS,
}

SCALARS = {"ahead": np.int32(0), "first": np.int32(0), "order": np.int32(3), "length": np.int32(7)}
SHAPES = {  # of the arguments; None stands for a scalar
    "embed": ((6, 9), (2, 3), (11, 9), (5, 9)),
    "layer_norm": ((3, 37), (3, 37), (37,), (37,)),
    "matmul": ((18, 17), (18, 5), (5, 17), None, None),
    "matmul_tiled": ((17, 18), (17, 19), (19, 18), None, None),
    "embed_tokens": ((6, 9), (2, 3), (11, 9)),
    "add_ngrams": ((6, 9), (2, 3), (5, 9), None),
    "rms_norm": ((3, 37), (3, 37), (37,)),
    "rotary": ((1, 9, 2, 6), (9, 3), (9, 3), None),
    "attention": (*((1, 17, 2, 6),) * 4, None),
    "attention_scores": ((1, 2, 9, 9), (1, 9, 2, 5), (1, 9, 2, 5), None),
    "attention_values": ((1, 9, 2, 5), (1, 2, 9, 9), (1, 9, 2, 5), None),
    "append": ((2, 9, 2, 5), (2, 3, 2, 5), None),
    "attention_decode": ((2, 1, 4, 6), (2, 1, 4, 6), (2, 9, 2, 6), (2, 9, 2, 6), None),
    "relu": ((3, 33), (3, 33)),
    "relu2": ((3, 33), (3, 33)),
    "softmax": ((3, 35), (3, 35)),
    "softmax_three_pass": ((3, 35), (3, 35)),
    "gelu": ((3, 33), (3, 33)),
    "add_bias": ((3, 33), (33,)),
    "residual_add": ((3, 33), (3, 33)),
    "cross_entropy": ((4,), (4, 33), (4,)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_kernels_of_the_language_model(name):
    operation = OPERATIONS[name]

    def arguments():
        rng = np.random.default_rng(5)
        made = []
        for shape, parameter in zip(SHAPES[name.removesuffix("_naive")], operation.parameters, strict=True):
            if shape is None:
                made.append(SCALARS.get(parameter, np.float32(0.5)))
            elif parameter in ("tokens", "targets"):
                made.append(rng.integers(0, 11, shape).astype(np.int32))
            else:
                made.append(rng.standard_normal(shape, dtype=np.float32))
        return tuple(made)

    grid, block = operation.launch(*arguments())
    run, _ = check_schedulers(operation.kernel, (grid, block), arguments, rtol=1e-5)
    assert not run.findings


WAITING = {"ordered-blending"}
"""Puzzles whose blocks wait for each other, so that a chunk of threads in lockstep cannot go on alone."""


@pytest.mark.parametrize(
    "puzzle", [puzzle for puzzle in catalog.kernel_puzzles() if puzzle.id not in WAITING], ids=lambda puzzle: puzzle.id
)
def test_solutions_of_the_puzzles(puzzle):
    def draw():
        return {tuple(case.size.items()): case for case in cases(puzzle, seed=3)}

    sizes = sorted(draw(), key=lambda size: np.prod([n for _, n in size]))
    for size in (sizes[0], tuple((puzzle.one_by_one or dict(sizes[len(sizes) // 2])).items())):
        for launch in puzzle.launches(dict(size)):
            names = puzzle.arguments(launch)

            def arguments(size=size, names=names):
                drawn = draw()[size].arguments
                return tuple(drawn[name] if isinstance(name, str) else name for name in names)

            kernel = puzzle.kernels[launch.kernel]
            run, _ = check_schedulers(kernel, (launch.grid, launch.block), arguments, rtol=1e-5)
            assert not run.findings
