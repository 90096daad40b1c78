"""One judge for `simulate` and `run`: what Numba does not compile for a GPU is refused by both, in the same words."""

from __future__ import annotations

import math
import re

import numba
import numpy as np
import pytest
from numba import cuda
from numba.cuda.cudadrv import nvvm

import gpusim
from gpusim.infer.intrinsics import NOT_SUPPORTED, unsupported
from gpusim.infer.refusal import refusal
from gpusim.kernel.sourceless import exec_with_source

STATEMENTS = [
    *(f"o[0] = np.{name}(a[0])" for name in ("absolute", "exp", "sqrt", "round", "around", "median", "sin", "floor")),
    *(f"o[0] = np.{name}(a)" for name in ("median", "sort", "transpose", "sum", "mean", "argmax", "min", "cumsum")),
    *(f"o[0] = np.{name}(a[0], 2.0)" for name in ("round", "add", "power", "maximum", "hypot")),
    *(f"x = a.{name}()\n    o[0] = a[0]" for name in ("copy", "flatten", "ravel", "sum", "mean", "argmin", "all")),
    *(f"o[0] = a.{name}" for name in ("size", "ndim", "itemsize", "nbytes", "dtype")),
    "o[0] = a.shape[0]",
    "o[0] = a.T[0]",
    "o[0] = a.flat[0]",
    "o[0] = np.where(a[0] > 0, a[0], 1.0)",
    "o[0] = np.clip(a[0], 0.0, 1.0)",
    "o[0] = a.reshape(2, 3)[0, 1]",
    "o[:] = a[:]",
    "o[:] = 1.0",
    "o[:2] = a[:2]",
    "x = a[...]\n    o[0] = x[0]",
    "x = a[1:]\n    o[0] = x[0]",
    "del a",
    "x = 1\n    del x",
    "with a:\n        pass",
    "try:\n        o[0] = 1\n    except Exception:\n        pass",
    "o[0] = NUMBERS[0]",
    "o[0] = TABLE[1]",
    "o[0] = PAIR[1]",
    "x = [1, 2]\n    o[0] = x[0]",
    "x = {1: 2}\n    o[0] = x[1]",
    "x = {1, 2}\n    o[0] = len(x)",
    "o[0] = f'{a[0]}'",
    "o[0] = sum([1, 2])",
    "o[0] = sum(x for x in (1, 2))",
    "o[a > 0] = 1",
    "o[True] = 1",
    "o[0.5] = 1",
    "o[None] = 1",
    "o[0] = a is None",
    "o[0] = 1 if a else 2",
    "o[0] = a @ a",
    "o[0] = 2 ** -1",
    "global x\n    o[0] = 1",
    "import math as m\n    o[0] = 1",
    "assert True\n    o[0] = 1",
    "o[0] = math.factorial(3)",
    "o[0] = math.gcd(4, 6)",
    "o[0] = math.prod((1, 2))",
    "o[0] = round(a[0])",
    "o[0] = round(a[0], 1)",
    "o[0] = divmod(7, 2)[0]",
    "o[0] = len(a)",
    "o[0] = bool(a[0])",
    "o[0] = str(a[0])",
    "o[0] = plain(1)",
    "o[0] = cuda.threadIdx.w",
    "o[0] = cuda.grid(4)",
    "i = 1\n    o[0] = cuda.grid(i)",
    "return o",
    "yield o[0]",
    "o[0] /= 2",
    "o[0] = (lambda x: x + 1)(a[0])",
    "for x in a:\n        o[0] = x",
    "for x in (1, 2.5):\n        o[0] = x",
    "for k, x in enumerate(a):\n        o[k] = x",
    "for x, y in zip(a, o):\n        o[0] = x + y",
    "while True:\n        break",
    "o[0] = print",
    "o = 1",
]


def plain(x):
    return x


def kernel_of(statement):
    names = {"cuda": cuda, "np": np, "math": math, "plain": plain}
    names |= {"NUMBERS": [1.0, 2.0], "TABLE": np.arange(3.0), "PAIR": (1, 2)}
    exec_with_source(f"def kernel(o, a):\n    {statement}\n", names)
    return names["kernel"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("statement", STATEMENTS)
def test_simulate_and_run_agree(statement):
    """In the first process that asks, and in any other: registries of Numba that are filled later change nothing."""
    by_simulate = by_run = None
    try:
        gpusim.simulate(cuda.jit(kernel_of(statement)))[1, 1](np.zeros(6), np.arange(6.0))
    except gpusim.KernelError as error:
        by_simulate = error
    with gpusim.install():
        try:
            cuda.jit(kernel_of(statement))[1, 1](np.zeros(6), np.arange(6.0))
        except Exception as error:
            by_run = error if isinstance(error, gpusim.KernelError) else refusal(error)
            assert by_run is not None, error
    assert (by_simulate is None) == (by_run is None), (by_simulate, by_run)
    for said in filter(None, (by_simulate, by_run)):
        assert "\n" not in str(said)
        assert said.site is None or said.site.file.startswith("<exec")


def test_what_only_nvvm_refuses():
    with pytest.raises(gpusim.KernelError, match=r"no llvm\.rint"):
        gpusim.simulate(cuda.jit(kernel_of("o[0] = np.round(a[0])")))[1, 1](np.zeros(1), np.zeros(1))


@cuda.jit(device=True)
def rounded(x):
    return np.round(x)


@cuda.jit
def rounds_itself(out, a):
    x = a[0] + 1
    out[0] = np.round(x)


@cuda.jit
def calls_what_rounds(out, a):
    out[0] = a[0]
    if a[0] > 0:
        out[1] = rounded(a[1])


@pytest.mark.parametrize(("kernel", "words"), [(rounds_itself, "np.round(x)"), (calls_what_rounds, "rounded(a[1])")])
def test_what_only_nvvm_refuses_has_a_line(kernel, words):
    with pytest.raises(gpusim.KernelError) as told:
        gpusim.simulate(kernel)[1, 1](np.zeros(2), np.zeros(2))
    assert told.value.site.text.endswith(words)


PLACED = [
    ("o[0] = a[0]\n    o[1] = np.zeros(3)[0]", 3, "allocates arrays|needs numba-cuda"),
    ("o[0] = a[0]\n    return a[0]", 3, "writes? (?:its results|to an array)"),
    ("o[0] = a[0]\n    import os", 3, "an import cannot be used"),
    ("o[0] = a[0]\n    with a:\n        pass", 3, "a `with` block cannot be used"),
    ("o[0] = a[0]\n    x, *y = 1, 2, 3", 3, "a starred target cannot be used"),
    ("o[0] = a[0]\n    o[1] = undefined", 3, "name 'undefined' is not defined"),
    ("o[0] = a[0]\n    yield a", 3, "Yield cannot be used"),
    ("o[0] = a[0]\n    class C:\n        pass", 3, "a class cannot be used"),
    ("o[0] = a[0]\n    o[1] = f'{a[0]:.2f}'", 3, "an f-string cannot be used"),
    ("o[0] = a[0]\n    cuda.to_device(a)", 3, "is for the host; call it outside the kernel"),
    ("o[0] = a[0]\n    o[1] = NUMBERS[0]", 3, "a GPU has no lists, make it a tuple"),
    ("o[0] = a[0]\n    o[1] = chr(65)", 3, "Numba has no chr"),
]


@pytest.mark.parametrize(("statement", "line", "words"), PLACED, ids=[words for _, _, words in PLACED])
def test_both_know_the_line_and_what_is_wrong(statement, line, words):
    with pytest.raises(gpusim.KernelError, match=words) as by_simulate:
        gpusim.simulate(cuda.jit(kernel_of(statement)))[1, 1](np.zeros(6), np.arange(6.0))
    with gpusim.install(), pytest.raises(Exception) as by_run:
        cuda.jit(kernel_of(statement))[1, 1](np.zeros(6), np.arange(6.0))
    told = by_run.value if isinstance(by_run.value, gpusim.KernelError) else refusal(by_run.value)
    assert by_simulate.value.site.line == told.site.line == line
    assert re.search(words, told.message)


# Words of Python, NumPy and Numba about insides that nobody asked about.
INSIDES = re.compile(
    r"has no attribute 'dtype'|positional argument|<locals>|__kernel|site-packages| at 0x|Overload|%\""
)
WRONG = [
    *("o[0] = a.shape", "o[0] = (1, 2)", "o[0] = np.int32.max", "o[0] = a.sum(0)", "o[0] = int()", "o[0] = slice(1)"),
    *("o[0] = cuda.grid(2)", "cuda.atomic.add(o, 0)", "o[0] = math.sin", "o[0] = np", "o[0] = cuda"),
    *("o[0] = plain", "x = cuda.shared.array(3)", "o[0] = NUMBERS[0]", "o[0] = np.outer(a, a)[0, 0]", "o[0] = hash(3)"),
]


@pytest.mark.parametrize("statement", WRONG)
def test_messages_say_nothing_of_the_inside(statement):
    with pytest.raises(gpusim.KernelError) as told:
        gpusim.simulate(cuda.jit(kernel_of(statement)))[1, 1](np.zeros(6), np.arange(6.0))
    assert not INSIDES.search(re.sub(r"\(missing a required.*", "", told.value.message)), told.value.message


def test_lists_are_named(capfd):
    with gpusim.install(), pytest.raises(TypeError, match=r"'a' is a list; make it an array with np\.array"):
        cuda.jit(kernel_of("o[0] = a[0]"))[1, 1](np.zeros(1), [1.0])


class Converts:
    """An array of another library, as far as NumPy knows."""

    def __array__(self, dtype=None, copy=None):
        return np.ones(2)


class Plain:
    pass


UNTAKEN = [
    (Converts(), r"'a' of kernel 'kernel' is a Converts in the memory of the host.*np\.asarray\(a\)"),
    ((1, Converts()), r"'a\[1\]' of .* is a Converts .*np\.asarray\(a\[1\]\)"),
    ([1.0], r"'a' is a list; make it an array with np\.array"),
    ({1}, r"'a' is a set; make it an array with np\.array"),
    ({1: 2}, "'a' is a dict; a kernel takes NumPy arrays"),
    (Plain(), "'a' is a Plain; a kernel takes NumPy arrays"),
    (len, "'a' is a builtin_function_or_method; a kernel takes NumPy arrays"),
    (np.ma.ones(3), r"'a' is a MaskedArray; pass .* a\.data and a\.mask"),
    (np.ones(3).astype(">f4"), r"'a': Unsupported array dtype: >f4, .*; convert it with a\.astype"),
    (np.array([object()]), "array 'a' holds object, which a GPU cannot"),
    (2**64, "'a' is the integer 18446744073709551616, which does not fit into 64 bits"),
    (-(2**63) - 1, "'a' is the integer -9223372036854775809, which does not fit into 64 bits"),
]


def refusals(value):
    """What simulate and run say of an argument."""
    kernel = cuda.jit(kernel_of("o[0] = 1"))
    with pytest.raises(gpusim.KernelError) as by_simulate:
        gpusim.simulate(kernel)[1, 1](np.zeros(1), value)
    with gpusim.install(), pytest.raises(gpusim.KernelError) as by_run:
        kernel[1, 1](np.zeros(1), value)
    assert str(by_simulate.value) == str(by_run.value)
    return str(by_run.value)


@pytest.mark.parametrize(("value", "words"), UNTAKEN, ids=[type(value).__name__ for value, _ in UNTAKEN])
def test_arguments_that_no_gpu_takes(value, words):
    """The same sentence from both, and it names the argument."""
    assert re.search(words, refusals(value))


def test_tensors_of_the_host():
    """numba-cuda gives the GPU an address of the host's memory; Numba's own `numba.cuda` has no type for a tensor."""
    torch = pytest.importorskip("torch")
    assert re.search(r"'a' .* is a Tensor in the memory of the host.*, np\.asarray\(a\)$", refusals(torch.ones(1)))
    assert refusals(torch.ones(1, requires_grad=True)).endswith("np.asarray(a.detach())")
    assert "pass its bits" in refusals(torch.ones(1, dtype=torch.bfloat16))


def test_tensors_share_their_memory():
    torch = pytest.importorskip("torch")
    tensor = torch.ones(2)
    gpusim.simulate(kernel_of("o[0] = a"))[1, 1](np.asarray(tensor), 3.0)
    assert tensor.tolist() == [3, 1]


@pytest.mark.parametrize(("hint", "after"), [(cuda.In, 1), (cuda.Out, 3), (cuda.InOut, 3)])
def test_hints_about_copies(hint, after):
    """simulate takes them as launches on a GPU do: what `cuda.In` was given stays as it is."""
    by_simulate, by_run = np.ones(1), np.ones(1)
    gpusim.simulate(cuda.jit(kernel_of("a[0] = 3")))[1, 1](np.zeros(1), hint(by_simulate))
    with gpusim.install():
        cuda.jit(kernel_of("a[0] = 3"))[1, 1](np.zeros(1), hint(by_run))
    assert by_simulate[0] == by_run[0] == after


def test_an_argument_that_only_a_declared_signature_meets():
    with gpusim.install(), pytest.raises(gpusim.KernelError, match=r"'a' is a Plain; a kernel takes NumPy arrays"):
        cuda.jit("void(f8[:], f8[:])")(kernel_of("o[0] = 1"))[1, 1](np.zeros(1), Plain())
    with gpusim.install(), pytest.raises(gpusim.KernelError, match=r"'a' is a Plain; a kernel takes NumPy arrays"):
        cuda.jit(kernel_of("o[0] = 1")).forall(3)(np.zeros(1), Plain())


@pytest.mark.parametrize(
    ("statement", "meant"),
    [("i = cuda.threadidx.x", "threadIdx"), ("o[0] = math.sqr(2)", "sqrt"), ("cuda.atomic.ad(o, 0, 1)", "add")],
)
def test_names_that_somebody_meant(statement, meant):
    with pytest.raises(gpusim.KernelError, match=f"did you mean {meant}"):
        gpusim.simulate(kernel_of(statement))[1, 1](np.zeros(1), np.zeros(1))
    with gpusim.install(), pytest.raises(AttributeError) as caught:
        cuda.jit(kernel_of(statement))[1, 1](np.zeros(1), np.zeros(1))
    assert f"did you mean {meant}" in str(refusal(caught.value))


MODULE = """
target triple = "nvptx64-nvidia-cuda"
target datalayout = "{layout}"
declare double @llvm.{name}({types})
define double @f(double %a0, {second} %a1) {{
  %r = call double @llvm.{name}({arguments})
  ret double %r
}}
!nvvmir.version = !{{!0}}
!0 = !{{i32 2, i32 0, i32 3, i32 1}}
"""
SUPPORTED = ["sqrt", "floor", "ceil", "trunc", "roundeven", "copysign", "minnum", "maxnum"]


def test_numba_compiles_for_the_host_as_before():
    """An intrinsic of Numba's for texts is looked at with the host's compiler, which has to keep its allocator."""
    with pytest.raises(gpusim.KernelError):
        gpusim.simulate(kernel_of("x = chr(65)"))[1, 1](np.zeros(1), np.zeros(1))
    assert numba.njit(lambda n: np.ones(n).sum())(3) == 3


@pytest.mark.numba_cuda("the language of its NVVM")
@pytest.mark.skipif(not nvvm.is_available(), reason="NVVM is not installed")
@pytest.mark.parametrize("name", [*SUPPORTED, *sorted(NOT_SUPPORTED)])
def test_intrinsics_that_nvvm_has(name):
    """The list of those that it lacks, against NVVM."""
    full = f"{name}.f64.i32" if name == "powi" else f"{name}.f64"
    second = "i32" if name == "powi" else "double"
    two = name in ("pow", "powi", "copysign", "minnum", "maxnum")
    types, arguments = f"double{f', {second}' * two}", f"double %a0{f', {second} %a1' * two}"
    layout = nvvm.NVVM().data_layout
    text = MODULE.format(layout=layout, name=full, types=types, second=second, arguments=arguments)
    if name in SUPPORTED:
        nvvm.compile_ir([text], arch="compute_90")
        assert unsupported(text) is None
    else:
        with pytest.raises(Exception, match="ERROR_"):
            nvvm.compile_ir([text], arch="compute_90")
        assert unsupported(text) == name
