"""What the simulator does where C and LLVM leave a result open stands on these instructions of compiled kernels.

The numbers themselves are tested against the PTX manual in `test_numeric_casts` and `test_numeric_operators`; here is
why those are the right rows of the manual. NVVM compiles for a GPU that need not be there.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from numba import cuda
from numba.cuda import libdevice

from gpusim.kernel.target import types

pytestmark = pytest.mark.numba_cuda("a compiler that needs no GPU")

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def instructions(function, *arguments, pointer=None):
    """The PTX of a device function, one instruction a line; with `pointer`, a type, it also takes where to store."""
    signature = tuple(getattr(types, name) for name in arguments)
    if pointer:
        signature = (types.CPointer(getattr(types, pointer)), *signature)
    text, _ = cuda.compile(function, signature, device=True, abi="c", output="ptx", cc=(7, 5))
    start = text.index("\n{", text.index(".visible .func"))
    body = text[start + 2 : text.index("\n}", start)]
    return [re.sub(r"\s+", " ", line).strip() for line in body.splitlines() if line.strip()]


def names(function, *arguments, pointer=None):
    """The names of instructions that convert or store."""
    lines = instructions(function, *arguments, pointer=pointer)
    return [line.split()[0] for line in lines if re.match(r"cvt\.r|st\.[us]", line)]


def suffix(target):
    """The type of the integer register that a float is converted to: at least 16 bits."""
    bits = max(16, np.dtype(target).itemsize * 8)
    return f"{'u' if target.startswith('u') else 's'}{bits}"


@pytest.mark.parametrize("target", INTEGERS)
@pytest.mark.parametrize(("source", "letters"), [("float32", "f32"), ("float64", "f64")])
def test_floats_are_truncated_to_at_least_16_bits_and_stored_in_their_own(source, letters, target):
    def store(out, x):
        out[0] = x

    bits = np.dtype(target).itemsize * 8
    assert names(store, source, pointer=target) == [f"cvt.rzi.{suffix(target)}.{letters}", f"st.u{bits}"]


@pytest.mark.parametrize("target", INTEGERS)
def test_halves_are_rounded_to_their_own_width(target):
    cast = getattr(types, target)
    code = names(lambda x: cast(x), "float16")
    assert code == [f"cvt.rni.{target[0].replace('i', 's')}{np.dtype(target).itemsize * 8}.f16"]


def test_a_signed_byte_is_extended_from_its_own_bits():
    """A number of 8 bits has no more than 8, though its register had 16; unsigned ones are an exception of LLVM's."""
    code = instructions(lambda x: types.int64(types.int8(x)), "float32")
    assert any(line.startswith("cvt.s64.s8") for line in code)


@pytest.mark.parametrize("source", ["float32", "float64"])
def test_round_and_int_are_conversions_to_64_bits(source):
    assert names(lambda x: round(x), source)[-1] == "cvt.rni.s64.f64"
    assert names(lambda x: int(x), source) == [f"cvt.rzi.s64.f{source[-2:]}"]


@pytest.mark.parametrize(("source", "letter"), [("int32", "s"), ("int64", "s"), ("uint32", "u"), ("uint64", "u")])
def test_shifts_are_clamped_by_the_instruction(source, letter):
    """PTX ISA, "shl" and "shr": amounts beyond the width are clamped to it. There is no code around the instruction.

    It takes 32 bits of an amount, without a sign, however many there are.
    """
    for amount in ("int64", "uint64", "int32"):
        for function, name in ((lambda x, y: x << y, "shl.b64"), (lambda x, y: x >> y, f"shr.{letter}64")):
            code = instructions(function, source, amount)
            kinds = [line.split()[0] for line in code]
            assert [kind for kind in kinds if not kind.startswith((".reg", "ld.param", "st.param", "ret"))] == [name]
            assert [line.split()[0] for line in code if line.endswith("_param_1];")] == ["ld.param.u32"]


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("letter", ["s", "u"])
def test_numpys_shifts_have_the_width_of_their_numbers(letter, bits):
    source = f"{'u' * (letter == 'u')}int{bits}"
    register = max(bits, 16)  # the upper half of which is left out of the result
    left, right = (lambda x, y: np.left_shift(x, y)), (lambda x, y: np.right_shift(x, y))
    for function, name in ((left, f"shl.b{register}"), (right, f"shr.{letter}{register}")):
        code = instructions(function, source, source)
        assert [line.split()[0] for line in code if line.startswith("sh")] == [name]
        assert [line.split()[0] for line in code if line.endswith("_param_1];")] == [f"ld.param.u{min(bits, 32)}"]


@pytest.mark.parametrize("source", ["int64", "uint64"])
def test_division_by_zero_is_asked_for(source):
    """The instruction's own result for zero is unspecified; Numba's code goes around it and has 0."""
    for function in (lambda x, y: x // y, lambda x, y: x % y):
        code = instructions(function, source, source)
        asked = next(i for i, line in enumerate(code) if re.match(r"setp\.eq\.s64 %p1, %rd\d+, 0;", line))
        assert code[asked + 1].startswith("mov.u64") and code[asked + 1].endswith(", 0;")
        assert code[asked + 2].startswith("@%p1 bra")
        lowest = any("-9223372036854775808" in line for line in code)
        assert lowest == (source == "int64")  # and around the quotient that overflows


@pytest.mark.parametrize(("source", "letter"), [("int64", "s"), ("uint64", "u")])
def test_huge_powers_are_cast_from_float64(source, letter):
    text = "\n".join(instructions(lambda x, y: x**y, source, source))
    assert f"cvt.rzi.{letter}64.f64" in text


def test_fused_and_exact_instructions():
    """Where the rounding of a float is CUDA's choice: which operations round once, and which round as IEEE 754 says."""
    expected = {
        "fma.rn.f32": (lambda x, y, z: x * y + z, "float32", "float32", "float32"),
        "fma.rn.f64": (lambda x, y, z: cuda.fma(x, y, z), "float64", "float64", "float64"),
        "div.rn.f32": (lambda x, y: x / y, "float32", "float32"),
        "div.rn.f64": (lambda x, y: x / y, "int32", "int32"),
        "sqrt.rn.f32": (lambda x: math.sqrt(x), "float32"),
        "min.f32": (lambda x, y: min(x, y), "float32", "float32"),
        "neg.s64": (lambda x: -x, "int64"),
        "abs.s32": (lambda x: abs(x), "int32"),
        "cvt.rn.f32.u64": (lambda x: types.float32(x), "uint64"),
        "cvt.rni.s32.f64": (lambda x: libdevice.double2int_rn(x), "float64"),
        "cvt.rzi.u64.f32": (lambda x: libdevice.float2ull_rz(x), "float32"),
    }
    for name, case in expected.items():
        assert name in [line.split()[0] for line in instructions(*case)], name
