"""What programs teach Numba for their kernels: intrinsics with LLVM code, and methods of arrays."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from llvmlite import ir
from numba import cuda, types

import gpusim
from gpusim.kernel.dialects import IN_NUMBA, NUMBA

# Numba's own `numba.cuda` uses Numba's decorators, which make functions for all targets.
extending = numba.extending if NUMBA is IN_NUMBA else NUMBA.module("extending")
intrinsic, overload_method = extending.intrinsic, extending.overload_method


@intrinsic
def average_down(typingctx, a, b):
    """(a & b) + ((a ^ b) >> 1), without overflow"""

    def codegen(context, builder, signature, args):
        x, y = args
        return builder.add(builder.and_(x, y), builder.ashr(builder.xor(x, y), ir.Constant(x.type, 1)))

    return a(a, b), codegen


@intrinsic
def note(typingctx, a):
    return types.void(a), lambda context, builder, signature, args: None


@intrinsic
def answer(typingctx):
    return types.int32(), lambda context, builder, signature, args: ir.Constant(ir.IntType(32), 42)


@intrinsic
def lane(typingctx):
    def codegen(context, builder, signature, args):
        kind = ir.FunctionType(ir.IntType(32), ())
        return builder.call(ir.Function(builder.module, kind, "llvm.nvvm.read.ptx.sreg.laneid"), ())

    return types.int32(), codegen


@intrinsic
def through_assembler(typingctx, a):
    def codegen(context, builder, signature, args):
        kind = ir.FunctionType(ir.IntType(64), [ir.IntType(64)])
        return builder.call(ir.InlineAsm(kind, "mov.u64 $0, $1;", "=l,l"), args)

    return a(a), codegen


written_in_c = cuda.declare_device("half", "int64(int64)")


@overload_method(types.Array, "clamped")
def _clamped(array, index, most=100):
    def implementation(array, index, most=100):
        return array[min(index, most, array.size - 1)]

    return implementation if isinstance(index, types.Integer) else None


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_an_intrinsic_computes_for_every_thread(scheduler):
    def kernel(out, a, b):
        i = cuda.grid(1)
        if i < out.size:
            note(i)
            out[i] = average_down(a[i], b[i]) + average_down(3, 6) + answer()

    rng = np.random.default_rng(0)
    a, b = rng.integers(-(2**62), 2**62, (2, 50))
    out = np.zeros(50, np.int64)
    gpusim.simulate(kernel, scheduler=scheduler)[2, 32](out, a, b)
    expected = [(int(x) + int(y)) // 2 + 46 for x, y in zip(a, b, strict=True)]
    np.testing.assert_array_equal(out, expected)


def test_what_only_a_gpu_can_run_is_refused():
    def reads_a_register(out):
        out[0] = lane()

    def assembles(out):
        out[0] = through_assembler(1)

    def gives_an_array(out):
        note(out)

    def calls_c(out):
        out[0] = written_in_c(1)

    for kernel, reason in (
        (calls_c, r"`written_in_c\(1\)` calls 'half', which is code of another compiler"),
        (reads_a_register, r"llvm\.nvvm\.read\.ptx\.sreg\.laneid, which only a GPU can run"),
        (assembles, "assembler code, which only a GPU can run"),
        (gives_an_array, "for numbers only"),
    ):
        with pytest.raises(gpusim.KernelError, match=rf"test_extending\.py:\d+: .*{reason}"):
            gpusim.simulate(kernel)[1, 1](np.zeros(1, np.int64))


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_methods_that_a_program_gives_to_arrays(scheduler):
    def kernel(out, a):
        i = cuda.grid(1)
        out[i, 0] = a.clamped(i)
        out[i, 1] = a.clamped(i, 2)
        out[i, 2] = a.clamped(index=i, most=3)

    a, out = np.arange(10.0, 15.0), np.zeros((8, 3))
    gpusim.simulate(kernel, scheduler=scheduler)[1, 8](out, a)
    np.testing.assert_array_equal(out, [[a[min(i, most, 4)] for most in (100, 2, 3)] for i in range(8)])

    def wrong(a):
        a.clamped(0.5)

    with pytest.raises(gpusim.KernelError, match="no overload of `clamped` takes"):
        gpusim.simulate(wrong)[1, 1](a)
