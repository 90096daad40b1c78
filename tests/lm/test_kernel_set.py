"""Kernels are handed to the model as a set, in which a learner's kernels can take the places."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda

from lm.devices import Simulator
from lm.errors import LMError
from lm.evaluation import evaluate
from lm.kernels import KernelSet, Operation
from lm.kernels.matmul import MATMUL_TILED, launch_tiled


@cuda.jit
def my_matmul(c, a, b, alpha, beta):
    """c = alpha a b + beta c, one thread per element, straight from global memory"""
    j, i = cuda.grid(2)
    if i < c.shape[0] and j < c.shape[1]:
        total = np.float32(0)
        for k in range(a.shape[1]):
            total += a[i, k] * b[k, j]
        c[i, j] = alpha * total if beta == 0 else alpha * total + beta * c[i, j]


@cuda.jit
def my_gelu(out, x):
    """A wrong one: out = x"""
    j, i = cuda.grid(2)
    if i < x.shape[0] and j < x.shape[1]:
        out[i, j] = x[i, j]


@cuda.jit
def swapped(a, b, c, alpha, beta):
    c[0, 0] = a[0, 0] * b[0, 0]


def test_every_place_has_a_kernel_with_a_formula_and_types():
    places = dict(KernelSet.default())
    assert len(places) == 19
    for place, operation in places.items():
        assert operation.parameters
        assert "=" in operation.description, place
        assert operation.signature.count("float32") >= 2


def test_a_kernel_with_its_own_launch_takes_a_place(tiny):
    mine = Operation(my_matmul, launch_tiled, MATMUL_TILED.reference, MATMUL_TILED.signature)
    kernels = KernelSet.default().replace(matmul=mine)
    text = "the cat sat on the mat"
    ours = evaluate("sim", tiny, text)
    theirs = evaluate("sim", tiny, text, kernels=kernels)
    assert theirs.perplexity == pytest.approx(ours.perplexity, rel=1e-5)
    by_place = {row.place: row for row in theirs.kernels}
    assert by_place["matmul"].kernel == "my_matmul"
    assert by_place["matmul"].shared_loads == 0
    assert by_place["gelu"].kernel == "gelu"


def test_a_bare_kernel_is_launched_as_the_default_is(tiny):
    text = "the cat sat on the mat"
    kernels = KernelSet.default().replace(gelu=my_gelu)
    assert kernels.gelu.launch is KernelSet().gelu.launch
    assert evaluate("sim", tiny, text, kernels=kernels).perplexity != pytest.approx(
        evaluate("sim", tiny, text).perplexity, rel=1e-3
    )


def test_a_plain_python_function_is_a_kernel_too():
    kernels = KernelSet().replace(gelu=my_gelu.py_func)
    device, out = Simulator(), np.full((2, 3), np.nan, np.float32)
    device.launch("gelu", kernels.gelu, out, np.ones((2, 3), np.float32))
    assert (out == 1).all()


def test_the_original_set_stays_as_it_was():
    original = KernelSet.default()
    original.replace(gelu=my_gelu)
    assert original == KernelSet()


def test_an_unknown_place_is_refused():
    with pytest.raises(LMError, match=r"no place 'swish'.*gelu"):
        KernelSet().replace(swish=my_gelu)


@pytest.mark.parametrize(
    ("place", "kernel", "message"),
    [
        ("matmul", swapped, r"\(a, b, c, alpha, beta\) and must be \(c, a, b, alpha, beta\)"),
        ("matmul", my_gelu, r"\(out, x\) and must be \(c, a, b, alpha, beta\)"),
        ("softmax", Operation(swapped, launch_tiled, MATMUL_TILED.reference, ""), r"must be \(out, x\)"),
        ("gelu", 3, "needs a kernel"),
    ],
)
def test_a_kernel_whose_parameters_do_not_fit_is_refused(place, kernel, message):
    with pytest.raises(LMError, match=message):
        KernelSet().replace(**{place: kernel})
