"""What differs with the `numba.cuda` that comes with Numba: only what it does not have, which is refused by name.

`make test-plain` runs these where numba-cuda is not installed, and the rest of the suite with them.
"""

from __future__ import annotations

import math
import subprocess
import sys
from ctypes import c_uint64, c_void_p
from importlib.util import find_spec

import ml_dtypes
import numpy as np
import pytest
from numba import cuda
from numba.core import config
from numba.core.errors import TypingError
from numba.cuda.cudadrv.driver import CudaAPIError, LinkerError

import gpusim
from gpusim.__main__ import main
from gpusim.kernel.dialects import IN_NUMBA, NUMBA, NUMBA_CUDA, needs_numba_cuda

pytestmark = pytest.mark.skipif(NUMBA is not IN_NUMBA, reason="numba.cuda is numba-cuda here")
NEEDS = r"needs numba-cuda, which has wheels for Linux and Windows: pip install 'numba-cuda\[cu13\]'"


def simulated(kernel, *arguments):
    gpusim.simulate(kernel)[1, 1](*arguments)


def test_nothing_of_nvidias_is_imported():
    """Neither by a launch nor by a session; that it is not installed is what this environment is for."""
    assert find_spec("cuda") is None
    code = (
        "import sys, numpy, gpusim\nfrom numba import cuda\n@cuda.jit\ndef kernel(a):\n    a[cuda.grid(1)] = 1\n"
        "gpusim.simulate(kernel)[1, 2](numpy.zeros(2))\ngpusim.install()\nkernel[1, 2](numpy.zeros(2))\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('numba_cuda', 'numba_cuda_mlir')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def cache_hint(a):
    cuda.stcs(a, 0, 1)


def bfloat16_type(a):
    a[0] = cuda.bf16.bfloat16(1)


def power_of_two(a):
    a[0] = math.exp2(a[1])


def allocates(a):
    a[0] = np.zeros(3)[1]


@pytest.mark.parametrize(
    ("kernel", "name"),
    [(cache_hint, "stcs"), (bfloat16_type, "bf16"), (power_of_two, "exp2"), (allocates, "zeros")],
)
def test_functions_that_only_numba_cuda_has(kernel, name):
    with pytest.raises(gpusim.KernelError, match=rf"{name}.* {NEEDS}"):
        simulated(kernel, np.zeros(3))


def test_arrays_of_bfloat16():
    with pytest.raises(gpusim.KernelError, match=f"array 'a', which holds bfloat16, {NEEDS}"):
        simulated(lambda a: None, np.zeros(3, ml_dtypes.bfloat16))


def test_other_unknown_names_need_nothing():
    def kernel(a):
        cuda.nothing_of_the_kind(a)

    with pytest.raises(gpusim.KernelError) as caught:
        simulated(kernel, np.zeros(3))
    assert "numba-cuda" not in str(caught.value)


def test_compiling():
    with pytest.raises(gpusim.GpusimError, match=f"compiling for a GPU {NEEDS}"):
        gpusim.compile(cuda.jit(lambda a: None), "void(float32[:])")


@pytest.mark.parametrize(
    "program",
    [
        "from numba.cuda import bf16",
        "import numba.cuda.fp8",
        "from numba import cuda\ncuda.ldcg",
        "from numba import types\ntypes.bfloat16",
        "import ml_dtypes, numpy\nfrom numba import cuda\n@cuda.jit\ndef k(a):\n    a[0] = 1\n"
        "k[1, 1](numpy.zeros(3, ml_dtypes.bfloat16))",
        "from numba import cuda\nimport numpy\n@cuda.jit\ndef k(a):\n    cuda.stcs(a, 0, 1)\nk[1, 1](numpy.zeros(3))",
    ],
)
def test_programs_are_told_what_they_need(program, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text(program + "\n", encoding="utf-8")
    assert main(["run", "program.py"]) != 0
    assert "needs numba-cuda, which has wheels for Linux and Windows" in capsys.readouterr().err


def test_other_errors_of_programs_need_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text("import no_such_module\n", encoding="utf-8")
    assert main(["run", "program.py"]) == 1
    assert "numba-cuda" not in capsys.readouterr().err


def test_numbas_min_and_max_and_default_arguments():
    """Numba's own `numba.cuda` cannot compile calls with default arguments or `*args`."""

    @cuda.jit(device=True)
    def scaled(x, factor=3):
        return factor * x

    @cuda.jit
    def kernel(a):
        a[0] = max(a[1], a[2])
        a[3] = scaled(a[1]) + scaled(a[2], factor=2)

    with gpusim.install():
        a = np.array([0.0, 1, 2, 0])
        kernel[1, 1](a)
    assert a.tolist() == [2, 1, 2, 7]


def test_a_refused_launch_has_the_error_of_the_driver():
    kernel = cuda.jit(lambda a: None)
    with gpusim.install(), pytest.raises(CudaAPIError, match="1,025 threads") as caught:
        kernel[1, 1025](np.zeros(1))
    assert caught.value.code == 1  # CUDA_ERROR_INVALID_VALUE
    assert "cuLaunchKernel" in caught.value.msg


@pytest.mark.parametrize(
    ("file", "error", "sentence"),
    [
        ("header.cuh", RuntimeError, "extension .cuh"),
        ("data", RuntimeError, "no extension"),
        ("nowhere.a", LinkerError, "nowhere.a not found"),
    ],
)
def test_files_to_link_are_looked_at(file, error, sentence):
    with gpusim.install(), pytest.raises(error, match=sentence):
        cuda.jit("void()", link=[file])(lambda: None)


@pytest.mark.skipif(NUMBA is not IN_NUMBA, reason="numba-cuda has NVIDIA's binding")
def test_addresses_of_a_program_s_own_memory_manager():
    """Plugins make pointers with ctypes, as Numba itself does without NVIDIA's binding."""
    from gpusim.host.binding import CUdeviceptr, value_of

    for pointer, address in ((c_void_p(64), 64), (c_uint64(64), 64), (CUdeviceptr(64), 64), (c_void_p(0), None)):
        assert value_of(pointer) == address


@pytest.mark.parametrize(("setting", "title"), [("DUMP_IR", "IR DUMP"), ("DUMP_BYTECODE", "RETURN_VALUE(arg=")])
def test_numba_shows_its_work_where_it_is_asked(setting, title, monkeypatch, capsys):
    monkeypatch.setattr(config, setting, 1)
    with gpusim.install():
        cuda.jit("void(float64[:])")(scaled_by_two)
    assert title in capsys.readouterr().out


def scaled_by_two(a):
    a[0] = 2 * a[0]


def test_an_overload_that_refuses_is_numbas_typing_error():
    def kernel():
        cuda.shared.array(10, dtype=np.dtype("O"))

    with gpusim.install(), pytest.raises(TypingError, match="dtype"):
        cuda.jit("void()")(kernel)
    with pytest.raises(gpusim.KernelError, match="no overload of `dtype` takes"):
        gpusim.simulate(kernel)[1, 1]()


def test_the_sentence():
    assert NUMBA_CUDA.install in needs_numba_cuda("it")
