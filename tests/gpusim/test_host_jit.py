"""`gpusim.jit`: one call on a GPU and on the simulator; and the sentence that says there is no GPU."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.host.gpu import find_gpu, require_gpu, why_no_gpu


@gpusim.jit(device=True)
def twice(x):
    return 2 * x


@gpusim.jit
def double(out, a):
    """Double every element."""
    i = cuda.grid(1)
    if i < out.size:
        out[i] = twice(a[i])


def test_the_same_launch_everywhere() -> None:
    a, out = np.arange(100.0), np.zeros(100)
    run = double[4, 32](out, a)
    np.testing.assert_array_equal(out, 2 * a)
    if find_gpu() is None:
        assert run.counts["global"]["loads"] == 100
    assert double.__name__ == "double" and double.__doc__ == "Double every element."
    fast = gpusim.jit(fastmath=True)(double.py_func)
    assert fast.targetoptions["fastmath"]
    out[:] = 0
    fast.forall(100)(out, a)
    np.testing.assert_array_equal(out, 2 * a)


def test_inside_a_session_launches_are_recorded() -> None:
    out = np.zeros(3)
    with gpusim.install() as session:
        double[1, 3](out, cuda.to_device(np.ones(3)))
        double.forall(3)(out, np.ones(3))
    assert [launch["kernel"] for launch in session.launches] == ["double", "double"]
    assert out.tolist() == [2, 2, 2]


def test_simulate_takes_it_too() -> None:
    out = np.zeros(3)
    assert gpusim.simulate(double)[1, 3](out, np.ones(3)).counts["global"]["stores"] == 3


@pytest.mark.numba_cuda("compiling for a GPU")
def test_compile_takes_it_too() -> None:
    assert gpusim.compile(double, "void(float64[:], float64[:])").registers > 0


def test_what_it_refuses() -> None:
    with pytest.raises(gpusim.KernelError, match="takes no signature"):
        gpusim.jit("void(float32[:])")
    with pytest.raises(gpusim.KernelError, match="grid and a block"):
        double(1, 2)


def test_the_gpu_question_has_one_answer() -> None:
    with gpusim.install():
        simulated = find_gpu()
    assert simulated == find_gpu()
    if find_gpu() is None:
        assert why_no_gpu()
        with pytest.raises(gpusim.GpusimError, match="use the simulator instead"):
            require_gpu()
    else:
        assert why_no_gpu() is None
        assert require_gpu().compute_capability >= (7, 5)
