"""Generated kernels in lockstep, in small chunks, in threads and in the oracle: all must agree.

A failure names the seed; `python -m support.generate SEED` (in `tests/`) prints its kernel.
"""

from __future__ import annotations

import pytest
from numba import typeof
from support.agreement import assert_agree, check_case, launch, module_of, observed
from support.generate import generate, without_a_barrier

from gpusim.codegen.compile import compile

KERNELS, MORE, RACY, A_TEST = 320, 4000, 120, 20
COMPILED = range(0, KERNELS, 20)


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


def test_all_find_the_race_of_a_missing_barrier(tmp_path):
    """Where values depend on who comes first, schedulers can only agree on which arrays are raced on."""
    raced = 0
    for seed in range(RACY):
        flavour = (case := generate(seed)).flavour
        if flavour.barriers and not (flavour.returns or flavour.undefined or flavour.outside):
            racy = without_a_barrier(case)
            kernel = module_of(racy, tmp_path).kernel
            runs = [
                launch(kernel, racy.configuration, racy.arguments(), scheduler, lanes)
                for scheduler, lanes in (("lockstep", None), ("lockstep", 1), ("threads", None))
            ]
            arrays = [{f.array for f in run.findings if f.tool == "racecheck"} for run in runs]
            assert arrays[0] == arrays[1] == arrays[2], f"seed {seed}"
            assert_agree(observed(runs[0]), observed(runs[1]), f"seed {seed}, lockstep and chunks of a block")
            raced += bool(arrays[0])
    assert raced > RACY // 20  # most kernels can do without one of their barriers


@pytest.mark.numba_cuda("compiling for a GPU")
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
        "WEIGHTS", "TABLE", "math.", "mine[:] =",
        "_sync(", "syncthreads_count", "shared.array(0", " //= 2", "threadIdx.z", "in range(b.shape[0])",
    ):  # fmt: skip
        assert feature in text, feature
