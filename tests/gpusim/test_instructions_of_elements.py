"""How many instructions numba-cuda compiles an access of one element to: what a request stands for.

The counters count elements (gpusim/observe/README.md, "Elements that take several instructions"); here is that table,
from PTX that NVVM compiles without a GPU.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from numba import cuda, int64

import gpusim
from gpusim.kernel.target import numpy_support, types

pytestmark = pytest.mark.numba_cuda("a compiler that needs no GPU")

NUMBERS = ["?", "i1", "u1", "i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8", "f8"]
PACKED = np.dtype([("a", "f4"), ("b", "f8"), ("z", "c8"), ("row", "i2", (3,))])
ALIGNED = np.dtype([("a", "f4"), ("b", "f8"), ("z", "c8"), ("row", "i2", (3,))], align=True)


def instructions(kernel, *dtypes):
    """How often each kind of access ("ld.global") stands in the PTX of a kernel of vectors."""
    signature = tuple(types.Array(numpy_support.from_dtype(np.dtype(dtype)), 1, "C") for dtype in dtypes)
    text, _ = cuda.compile(kernel, signature, device=False, abi="numba", output="ptx", cc=(9, 0))
    return Counter(re.findall(r"\b((?:ld|st)\.(?:global|shared|local))[.\w]*\s", text))


def requests(kernel, *dtypes):
    """The requests of one warp, under the same names."""
    counts = gpusim.simulate(cuda.jit(kernel))[1, 32](*(np.zeros(64, dtype) for dtype in dtypes)).counts
    found = {
        f"{instruction}.{space}": counts[space][f"{op}_requests"]
        for space in ("global", "shared", "local")
        for op, instruction in (("load", "ld"), ("store", "st"))
    }
    return Counter({name: count for name, count in found.items() if count})


def copy(out, a):
    out[cuda.threadIdx.x] = a[cuda.threadIdx.x]


@pytest.mark.parametrize("dtype", [*NUMBERS, "M8[s]", "m8[ns]"])
def test_a_number_is_one_instruction(dtype):
    assert instructions(copy, dtype, dtype) == requests(copy, dtype, dtype) == {"ld.global": 1, "st.global": 1}


@pytest.mark.parametrize(("dtype", "times"), [("c8", 2), ("c16", 2), ("S4", 4), ("U2", 2)])
def test_elements_that_are_taken_apart(dtype, times):
    """The parts of a complex number, and the characters of a string, lie side by side in different instructions."""
    assert instructions(copy, dtype, dtype) == {"ld.global": times, "st.global": times}
    assert requests(copy, dtype, dtype) == {"ld.global": 1, "st.global": 1}


@pytest.mark.parametrize("dtype", [PACKED, ALIGNED, np.dtype([("x", "f4"), ("y", "f4")])], ids=["a", "b", "c"])
def test_whole_records_are_copied_byte_by_byte(dtype):
    assert instructions(copy, dtype, dtype) == {"ld.global": dtype.itemsize, "st.global": dtype.itemsize}
    assert requests(copy, dtype, dtype) == {"ld.global": 1, "st.global": 1}


@pytest.mark.parametrize(("field", "bytes_", "parts"), [("a", 4, 1), ("z", 8, 2)])
def test_fields_of_records(field, bytes_, parts):
    """Numba takes the bytes of a record of which it does not know that it is aligned, one by one."""
    names = {"cuda": cuda}
    exec(f"def kernel(out, a):\n    out[cuda.threadIdx.x].{field} = a[cuda.threadIdx.x].{field}\n", names)
    kernel, packed = names["kernel"], np.dtype([("a", "f4"), ("z", "c8")])
    assert instructions(kernel, ALIGNED, ALIGNED) == {"ld.global": parts, "st.global": parts}
    assert instructions(kernel, packed, packed) == {"ld.global": bytes_, "st.global": bytes_}


def test_an_item_of_an_array_in_a_record_is_a_number():
    def kernel(out, a):
        out[cuda.threadIdx.x] = a[cuda.threadIdx.x].row[1]

    assert instructions(kernel, "i2", ALIGNED) == {"ld.global": 1, "st.global": 1}
    array = np.zeros(64, ALIGNED)
    run = gpusim.simulate(cuda.jit(kernel))[1, 32](np.zeros(64, "i2"), array)
    assert run.counts["global"]["load_requests"] == 1
    assert run.counts["global"]["load_bytes"] == 2 * 32


def shared_copy(dtype):
    element = numpy_support.from_dtype(np.dtype(dtype))

    def kernel(out, a):
        tile = cuda.shared.array(64, element)
        i = cuda.threadIdx.x
        tile[i] = a[i]
        cuda.syncthreads()
        out[i] = tile[63 - i - 32]

    return kernel


@pytest.mark.parametrize("dtype", NUMBERS)
def test_shared_memory_takes_a_number_as_one(dtype):
    expected = {"ld.global": 1, "st.shared": 1, "ld.shared": 1, "st.global": 1}
    assert instructions(shared_copy(dtype), dtype, dtype) == expected
    assert requests(shared_copy(dtype), dtype, dtype) == expected


@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_shared_memory_takes_a_complex_number_apart(dtype):
    assert instructions(shared_copy(dtype), dtype, dtype) == dict.fromkeys(
        ("ld.global", "st.shared", "ld.shared", "st.global"), 2
    )


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
def test_local_memory_takes_a_complex_number_as_a_pair(dtype):
    """The compiler knows where local arrays lie, and has one instruction for both parts (ld.local.v2)."""
    element = numpy_support.from_dtype(np.dtype(dtype))

    def kernel(out, a):
        own = cuda.local.array(64, element)
        for k in range(64):
            own[int64(a[k].real)] = a[k]
        out[0] = own[int64(a[1].real)]

    assert instructions(kernel, dtype, dtype)["ld.local"] == 1
    assert requests(kernel, dtype, dtype)["ld.local"] == 1
