"""NVIDIA's own conversions of narrow numbers: cuda_fp16.h, cuda_bf16.h and cuda_fp8.h, compiled for the CPU.

They contain the same conversions for hosts as for GPUs. The headers come with `numba-cuda[cu13]`; a C++ compiler has
to be there.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest

# What nvcc defines before anything else is included.
_NVCC = """
#define __host__
#define __device__
#define __forceinline__ inline
#define __device_builtin__
#define __builtin_align__(n) __attribute__((aligned(n)))
#define __align__(n) __attribute__((aligned(n)))
#define __cudart_builtin__
#define CUDARTAPI
#define __NV_SILENCE_DEPRECATION_BEGIN
#define __NV_SILENCE_DEPRECATION_END
"""
_START = """
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <cstdint>
#include <cstring>
template <class To, class From> static To as(From from) { To to; std::memcpy(&to, &from, sizeof(to)); return to; }
"""
# What carries the bits of a type in arrays, and what C++ calls the type.
_TYPES = {
    "half": (np.uint16, "__half"),
    "bfloat16": (np.uint16, "__nv_bfloat16"),
    "e4m3": (np.uint8, "__nv_fp8_e4m3"),
    "e5m2": (np.uint8, "__nv_fp8_e5m2"),
    "e8m0": (np.uint8, "__nv_fp8_e8m0"),
}
_NATIVE = {
    "int8": "signed char", "uint8": "unsigned char", "int16": "short", "uint16": "unsigned short", "int32": "int",
    "uint32": "unsigned", "int64": "long long", "uint64": "unsigned long long", "float32": "float",
    "float64": "double",
}  # fmt: skip


def _carrier(name: str) -> tuple[np.dtype, str]:
    carrier, cpp = _TYPES.get(name, (name, _NATIVE.get(name, "")))
    return np.dtype(carrier), cpp


class Header:
    """Conversions by (name of the source type, name of the target type, C++ expression of x)."""

    def __init__(self, conversions: set[tuple[str, str, str]], folder: Path) -> None:
        self._names = {conversion: f"f{k}" for k, conversion in enumerate(sorted(conversions))}
        source = _START + 'extern "C" {\n' + "\n".join(map(self._function, self._names)) + "\n}\n"
        self._library = ctypes.CDLL(str(_compiled(source, folder)))

    def _function(self, conversion: tuple[str, str, str]) -> str:
        (source, from_cpp), (target, to_cpp) = map(_carrier, conversion[:2])
        from_bits, to_bits = _NATIVE[source.name], _NATIVE[target.name]
        return (
            f"void {self._names[conversion]}(long n, const {from_bits}* in, {to_bits}* out) "
            f"{{ for (long k = 0; k < n; ++k) {{ {from_cpp} x = as<{from_cpp}>(in[k]); "
            f"out[k] = as<{to_bits}>(({to_cpp})({conversion[2]})); }} }}"
        )

    def __call__(self, source: str, target: str, expression: str, values: np.ndarray) -> np.ndarray:
        """The bits (or, of a type that NumPy has, the numbers) that the header makes of these values."""
        given = np.ascontiguousarray(values).view(_carrier(source)[0])
        result = np.empty(given.shape, _carrier(target)[0])
        function = getattr(self._library, self._names[source, target, expression])
        function(ctypes.c_long(given.size), ctypes.c_void_p(given.ctypes.data), ctypes.c_void_p(result.ctypes.data))
        return result


def _compiled(source: str, folder: Path) -> Path:
    compiler, include = shutil.which("c++"), _include()
    if compiler is None or include is None:
        pytest.skip("needs a C++ compiler and CUDA's headers (numba-cuda[cu13])")
    (folder / "crt").mkdir()
    (folder / "crt" / "host_defines.h").write_text(_NVCC)
    (folder / "header.cpp").write_text(source)
    library = folder / "header.so"
    options = ["-O1", "-w", "-shared", "-fPIC", f"-I{folder}", f"-I{include}", f"-I{include / 'cccl'}"]
    subprocess.run([compiler, *options, str(folder / "header.cpp"), "-o", str(library)], check=True)
    return library


@cache
def _include() -> Path | None:
    """The folder of CUDA's headers, if they are installed."""
    found = importlib.util.find_spec("nvidia")
    places = [] if found is None or found.submodule_search_locations is None else found.submodule_search_locations
    folders = [Path(place) / "cu13" / "include" for place in places]
    return next((folder for folder in folders if (folder / "cuda_fp8.h").exists()), None)
