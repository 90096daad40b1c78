"""Generated kernels in lockstep, in small chunks, in threads and in the oracle: all must agree.

A failure names the seed; `python -m support.generate SEED` (in `tests/`) prints its kernel.
"""

from __future__ import annotations

import pytest
from numba import typeof
from support.agreement import check_case, module_of
from support.generate import generate

from gpusim.hardware.compile import compile

KERNELS, MORE, A_TEST = 400, 4000, 20
COMPILED = range(0, KERNELS, 16)


def check(first: int, folder) -> None:
    for seed in range(first, first + A_TEST):
        case = generate(seed)
        try:
            check_case(case, module_of(case, folder))
        except Exception as error:
            error.add_note(f"seed {seed}, launch {case.grid} {case.block}\n{case.source}")
            raise


@pytest.mark.parametrize("first", range(0, KERNELS, A_TEST))
def test_schedulers_and_oracle_agree(first, tmp_path):
    check(first, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(KERNELS, KERNELS + MORE, A_TEST))
def test_schedulers_and_oracle_agree_on_more(first, tmp_path):
    check(first, tmp_path)


@pytest.mark.parametrize("seed", COMPILED)
def test_generated_kernels_are_kernels_to_numba(seed, tmp_path):
    case = generate(seed)
    signature = tuple(map(typeof, case.arguments()))
    assert compile(module_of(case, tmp_path).kernel, signature, "9.0").cubin


def test_the_generator_uses_what_it_should():
    """Every feature that the generator is for turns up in the kernels of the default run."""
    text = "\n".join(generate(seed).source for seed in range(KERNELS))
    for feature in (
        "elif ", "while ", "while True", "else:", "break", "continue", "return\n", " if ", " and ", " or ",
        "cuda.syncthreads()", "cuda.shared.array", "cuda.local.array", "cuda.atomic.xor", "enumerate(", "zip(",
        "range(", "-1)", "::-1", ".count +=", "items[g]", "float32(", "int16(", "q=", "def inner", "cuda.grid(2)",
    ):  # fmt: skip
        assert feature in text, feature
