"""Device code without a GPU: ptxas's numbers against the ELF image, and refusals in one sentence."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from numba import cuda, float32, types

import gpusim
from gpusim.codegen.compiled import CompiledKernel
from gpusim.codegen.cubin import sections
from gpusim.codegen.signature import argument_types
from gpusim.places import shown_path

pytestmark = pytest.mark.numba_cuda("compiling for a GPU")


@cuda.jit(device=True)
def wave(x):
    return math.sin(x) + helper(x)


@cuda.jit(device=True)
def helper(x):
    return x * float32(3)


@cuda.jit
def tiled(out, a):
    tile = cuda.shared.array((32, 33), float32)
    i, j = cuda.threadIdx.y, cuda.threadIdx.x
    tile[i, j] = a[i, j]
    cuda.syncthreads()
    out[j, i] = wave(tile[j, i])


@cuda.jit(max_registers=24)
def crowded(out, a):
    sums = cuda.local.array(32, types.float64)
    i = cuda.grid(1)
    for j in range(32):
        sums[j] = a[i + j]
    for j in range(32):
        for k in range(32):
            sums[j] += math.sin(sums[k]) * sums[(j + k) % 32]
    total = 0.0
    for j in range(32):
        total += sums[j]
    out[i] = total


def register_count(cubin: bytes) -> int:
    """The value of EIATTR_REGCOUNT (0x2f), which the driver reads: pairs of symbol index and count."""
    info = sections(cubin)[".nv.info"].content
    counts, position = [], 0
    while position < len(info):
        form, attribute, value = struct.unpack_from("<BBH", info, position)
        position += 4
        if form == 4:  # a value of `value` bytes follows
            if attribute == 0x2F:
                counts.append(struct.unpack_from("<II", info, position)[1])
            position += value
    return max(counts)


def text_size(compiled: CompiledKernel) -> int:
    return next(part.size for name, part in sections(compiled.cubin).items() if name.startswith(".text."))


@pytest.mark.parametrize("cc", ["7.5", "8.0", "9.0", "10.0", "12.0"])
def test_registers_are_those_of_the_image(cc: str) -> None:
    compiled = gpusim.compile(tiled, "void(float32[:, ::1], float32[:, ::1])", cc)
    assert compiled.cc == cc
    assert compiled.registers == register_count(compiled.cubin) > 8
    assert compiled.shared_bytes == 32 * 33 * 4
    assert compiled.spill_store_bytes == compiled.spill_load_bytes == 0
    assert text_size(compiled) > 0


def test_a_register_limit_makes_spills() -> None:
    limited = gpusim.compile(crowded, "void(float64[::1], float64[::1])")
    free = gpusim.compile(crowded.py_func, "void(float64[::1], float64[::1])")
    assert limited.registers == register_count(limited.cubin) <= 24 < free.registers
    assert limited.spill_store_bytes > 0
    assert limited.spill_load_bytes > 0
    assert free.spill_store_bytes == 0
    assert free.local_bytes >= 32 * 8


def test_constant_arrays_are_counted() -> None:
    table = np.arange(1000, dtype=np.float32)

    @cuda.jit
    def lookup(a):
        a[cuda.grid(1)] = cuda.const.array_like(table)[cuda.grid(1)]

    assert gpusim.compile(lookup, "void(float32[:])").constant_bytes == 4000
    assert gpusim.compile(tiled, "void(float32[:, :], float32[:, :])").constant_bytes == 0
    with pytest.raises(ValueError):
        sections(b"not an image")


def test_ptx_and_names() -> None:
    compiled = gpusim.compile(tiled, (float32[:, :], float32[:, :]))
    assert ".target sm_90" in compiled.ptx
    assert compiled.signature == "void(float32[:, :], float32[:, :])"
    assert compiled.to_dict()["cubin_bytes"] == len(compiled.cubin)
    assert compiled.to_dict()["kernel"] == "tiled"


def test_the_words_of_the_log_may_be_in_the_kernels_name() -> None:
    @cuda.jit
    def uses_7_registers_and_5_bytes_smem(a):
        a[0] = 1

    compiled = gpusim.compile(uses_7_registers_and_5_bytes_smem, "void(float32[:])")
    assert compiled.registers == register_count(compiled.cubin)
    assert compiled.shared_bytes == 0


def test_layouts_change_the_code() -> None:
    strided = gpusim.compile(tiled, "void(float32[:, :], float32[:, :])")
    packed = gpusim.compile(tiled, "void(float32[:, ::1], float32[:, ::1])")
    assert packed.signature == "void(float32[:, ::1], float32[:, ::1])"
    assert strided.cubin != packed.cubin


def test_everything_a_kernel_can_use_links() -> None:
    @cuda.jit
    def grid_barrier(a):
        cuda.cg.this_grid().sync()
        a[0] = 1

    @cuda.jit
    def half(a):
        a[0] = cuda.fp16.hexp(a[1])

    @cuda.jit
    def prints(a):
        print("value", a[0])
        cuda.atomic.add(a, 0, cuda.shfl_sync(0xFFFFFFFF, a[1], 0))

    grid = gpusim.compile(grid_barrier, "void(float32[:])")
    assert grid.registers > 0
    assert grid.shared_bytes == 0
    assert gpusim.compile(half, "void(float16[:])").registers > 0
    assert gpusim.compile(prints, "void(float32[:])").local_bytes > 0


def test_compiling_while_the_simulator_is_installed() -> None:
    with gpusim.install():

        @cuda.jit("float32(float32)", device=True)
        def eager(x):
            return x * x

        @cuda.jit("void(float32[:])")
        def kernel(a):
            a[0] = eager(a[0])

        compiled = gpusim.compile(kernel, "void(float32[:])")
        assert compiled.registers > 0
        a = np.full(1, 3, np.float32)
        kernel[1, 1](a)
        assert a[0] == 9


def returns_a_value(a):
    return a[0]


def stores_text(a):
    a[0] = "text"


def uses_an_unknown_name(a):
    a[0] = no_such_name  # noqa: F821


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (returns_a_value, "void return type"),
        (stores_text, "No implementation of function"),
        (uses_an_unknown_name, "no_such_name"),
    ],
)
def test_a_kernel_that_numba_refuses(kernel, reason: str) -> None:
    with pytest.raises(gpusim.KernelError, match=reason) as caught:
        gpusim.compile(kernel, "void(float32[:])")
    message = str(caught.value)
    assert kernel.__name__ in message
    assert f"{shown_path(__file__)}:" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("signature", "cc", "message"),
    [
        ("void(float32[:", "9.0", "cannot read the signature"),
        ("no_type", "9.0", "cannot read the signature"),
        ("int32(float32[:])", "9.0", "a kernel returns nothing"),
        ("void(float32[:])", "nine", "not of the form major.minor"),
        ("void(float32[:, :], float32[:, :])", "5.0", "not supported"),
    ],
)
def test_bad_requests(signature: str, cc: str, message: str) -> None:
    with pytest.raises(gpusim.GpusimError, match=message):
        gpusim.compile(tiled, signature, cc)


def test_more_than_a_compiler_takes() -> None:
    @cuda.jit
    def huge(a):
        tile = cuda.shared.array(100_000, float32)
        tile[cuda.threadIdx.x] = a[0]
        cuda.syncthreads()
        a[0] = tile[cuda.threadIdx.x + 1]

    with pytest.raises(gpusim.KernelError, match="uses too much shared data"):
        gpusim.compile(huge, "void(float32[:])")
    with pytest.raises(gpusim.GpusimError, match="give a function"):
        gpusim.compile(3, "void(float32[:])")
    with pytest.raises(gpusim.KernelError, match="argument"):
        gpusim.compile(stores_text, "void(float32[:], int32)")


def test_signatures_in_every_form() -> None:
    for signature in ("void(int32, float32[:])", "(int32, float32[:])", (types.int32, float32[:])):
        assert argument_types(signature) == (types.int32, float32[:])
