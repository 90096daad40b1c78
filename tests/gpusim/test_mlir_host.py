"""Programs written for numba-cuda-mlir run on the simulated device: its host side, its dispatchers, its compiler."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from enum import IntEnum
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numba.cuda
import numpy as np
import pytest

import gpusim

pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")

from numba_cuda_mlir import cuda, types
from numba_cuda_mlir.cuda.cudadrv import devicearray
from numba_cuda_mlir.numba_cuda.extending import overload
from numba_cuda_mlir.numba_cuda.typing.typeof import typeof

from gpusim.kernel.dialects import MLIR, NUMBA
from gpusim.kernel.target import typeof as numba_typeof
from gpusim.kernel.translation import translated


@pytest.fixture
def session():
    with gpusim.install() as session:
        yield session


@cuda.jit
def scale(out, a, factor):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] * factor


def test_arrays_streams_and_events(session):
    a = np.arange(100, dtype=np.float32)
    stream = cuda.stream()
    start, end = cuda.event(), cuda.event()
    start.record(stream)
    device = cuda.to_device(a, stream=stream)
    out = cuda.device_array_like(device)
    scale[4, 32, stream](out, device, np.float32(3))
    end.record(stream)
    stream.synchronize()
    assert cuda.event_elapsed_time(start, end) >= 0
    np.testing.assert_array_equal(out.copy_to_host(), 3 * a)
    assert isinstance(device, devicearray.DeviceNDArray)
    assert cuda.is_available() and len(cuda.gpus) == 1
    assert cuda.get_current_device().compute_capability == (9, 0)
    assert [launch["kernel"] for launch in session.launches] == ["scale"]


def test_host_arrays_go_to_the_device_and_back(session):
    a = np.arange(10, dtype=np.float32)
    out, kept = np.zeros(10, np.float32), np.zeros(10, np.float32)
    scale[1, 32](out, a, 2)
    np.testing.assert_array_equal(out, 2 * a)
    scale[1, 32](cuda.In(kept), a, 2)
    assert not kept.any()
    scale.forall(10)(cuda.Out(kept), cuda.In(a), 4)
    np.testing.assert_array_equal(kept, 4 * a)
    assert session.launches[-1]["block"] == [128, 1, 1]


def test_arrays_of_both_packages_are_the_same(session):
    shared = numba.cuda.to_device(np.ones(4, np.float32))
    out = cuda.mapped_array(4, np.float32)
    scale[1, 4](out, shared, 5)
    assert out.tolist() == [5, 5, 5, 5]


def test_declared_signatures_convert_arguments(session):
    @cuda.jit("void(float32[:], int32)")
    def eager(a, n):
        a[0] = n / 2

    @cuda.jit
    def annotated(a: types.float32[:], n: types.float64):
        a[1] = n / 2

    @cuda.jit("float64(int32)", device=True)
    def halved(n):
        return n / 2

    @cuda.jit
    def calls(a):
        a[2] = halved(a[0] + 5.75)

    a = np.zeros(3, np.float32)
    eager[1, 1](a, np.int64(3))
    annotated[1, 1](a, 3)
    calls[1, 1](a)
    assert a.tolist() == [1.5, 1.5, 3.5]
    with pytest.raises(TypeError, match="an integer is required"):
        eager[1, 1](a, 3.5)
    with pytest.raises(TypeError, match="No matching definition"):
        eager[1, 1](np.zeros((2, 2)), 1)


def test_kernels_that_it_has_for_reductions(session):
    assert cuda.reduce(lambda a, b: a + b)(np.arange(1000.0)) == 499500


def negated(x):
    """Taught below."""


@overload(negated)
def _negated(x):
    if isinstance(x, types.Float):
        return lambda x: -x
    return lambda x: 0


def test_functions_that_it_is_taught(session):
    @cuda.jit
    def kernel(out, i):
        out[0] = negated(out[0])
        out[1] = negated(i)

    out = np.full(2, 3.0)
    kernel[1, 1](out, 7)
    assert out.tolist() == [-3, 0]


def test_extensions_see_the_arguments(session):
    class DefaultIn:
        def prepare_args(self, ty, val, **options):
            return ty, cuda.In(val) if isinstance(val, np.ndarray) else val

    @cuda.jit
    def kernel(a):
        a[0] = 3

    kernel.extensions.append(DefaultIn())
    a = np.zeros(1)
    kernel[1, 1](a)
    assert a[0] == 0


def test_configured_launches_can_be_pickled(session):
    a = np.zeros(4, np.float32)
    pickle.loads(pickle.dumps(scale[1, 4]))(a, np.ones(4, np.float32), 2)
    assert a.tolist() == [2, 2, 2, 2]


def test_questions_about_the_code_compile_it(session):
    a = np.zeros(8, np.float32)
    scale.recompile()
    scale[1, 8](a, a, 1.5)
    (signature,) = scale.signatures
    assert all(isinstance(ty, MLIR.module("types").Type) for ty in signature)
    compiled = gpusim.compile(scale, signature)
    assert scale.get_regs_per_thread(signature) == compiled.registers
    assert scale.get_local_mem_per_thread() == {signature: compiled.local_bytes}
    assert scale.get_max_threads_per_block(signature) == 1024
    assert ".target sm_90" in scale.inspect_asm(signature)
    assert scale.overloads[signature].max_cooperative_grid_blocks(256) == 132 * 8
    specialised = scale.specialize(cuda.to_device(a), a, 1.5)
    specialised[1, 8](a, a, 2)
    ptx, _ = cuda.compile_ptx(scale.py_func, (types.float32[:], types.float32[:], types.float32))
    assert ".entry" in ptx


def test_globals_are_read_again_after_recompile(session):
    @cuda.jit
    def constant(a):
        a[0] = FACTOR

    a = np.zeros(1)
    constant[1, 1](a)
    globals()["FACTOR"] = 3
    constant[1, 1](a)
    assert a[0] == 2
    constant.recompile()
    constant[1, 1](a)
    assert a[0] == 3


FACTOR = 2


def test_what_is_not_possible_is_said(session):
    @cuda.jit(device=True)
    def function(a):
        return a

    with pytest.raises(RuntimeError, match="'function' is called from kernels, and cannot be launched"):
        function[1, 1](np.zeros(1))
    with pytest.raises(gpusim.MemoryFault, match="index 3 of global array 'a'"):
        scale[1, 4](np.zeros(4), np.zeros(3), 1)
    (finding,) = session.findings
    assert finding.kind == "out-of-bounds"


def test_everything_is_put_back():
    modules = [module for name, module in sys.modules.items() if name.startswith("numba_cuda_mlir")]
    before = [dict(vars(module)) for module in modules]
    methods = dict(vars(type(scale)))
    with gpusim.install():
        assert dict(vars(type(scale))) != methods
        assert cuda.to_device is numba.cuda.to_device
    assert [dict(vars(module)) for module in modules] == before
    assert dict(vars(type(scale))) == methods


class Pair(NamedTuple):
    first: object
    second: object


class Colour(IntEnum):
    RED = 1


VALUES = (
    *(1, 2.5, True, None, np.float16(1), np.complex64(1j), (1, 2.0), (1, 1), 2**63),
    *(np.datetime64("2020-01-01"), np.zeros((2, 3)), np.zeros((2, 3), order="F"), np.zeros(6)[::2]),
    *(np.zeros(2, [("a", "f4"), ("b", "i8", 3)]), Pair(1, 2), Pair(1, 2.5), Colour.RED),
)


@pytest.mark.parametrize("value", VALUES)
def test_types_have_counterparts(value):
    assert translated(numba_typeof(value), MLIR) == typeof(value)
    assert translated(typeof(value), NUMBA) == numba_typeof(value)


SCRIPT = """
import numpy as np
from numba_cuda_mlir import cuda

@cuda.jit("void(float32[:])")
def fill(a):
    a[cuda.grid(1)] = 1

a = cuda.device_array(64, np.float32)
fill[2, 32](a)
assert a.copy_to_host().sum() == 64
"""


def test_run_simulates_what_the_program_imports_later(tmp_path: Path):
    script, report = tmp_path / "script.py", tmp_path / "report.json"
    script.write_text(SCRIPT)
    command = [sys.executable, "-m", "gpusim", "run", "--json", str(report), str(script)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (launch,) = json.loads(report.read_text())["launches"]
    assert (launch["kernel"], launch["counts"]["global"]["stores"]) == ("fill", 64)


def test_compile_finds_its_kernels_in_a_file(tmp_path: Path, capsys):
    from gpusim.__main__ import main

    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    assert main(["compile", str(script), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kernel"], found["package"], found["signature"]) == ("fill", "numba-cuda-mlir", "void(float32[:])")
    assert found["instructions"] == {"STG.32": 1}


def test_jit_everywhere_takes_the_package_that_the_function_uses():
    kernel = gpusim.jit(scale.py_func)
    assert type(kernel.dispatcher) is type(scale)
    out = np.zeros(4)
    run = kernel[1, 4](out, np.ones(4), 2)
    assert out.tolist() == [2, 2, 2, 2]
    assert run is None or run.counts["global"]["stores"] == 4


def test_the_gpu_question_is_asked_of_each_package(monkeypatch):
    from gpusim.host import gpu

    assert gpu.why_no_gpu(MLIR) == gpu.why_no_gpu(NUMBA)
    with gpusim.install():
        assert gpu.why_no_gpu(MLIR) == gpu.why_no_gpu(NUMBA)
    asked: list[ModuleType] = []
    monkeypatch.setattr(gpu.INSTALLED, "original", lambda module, name: asked.append(module) or getattr(module, name))
    gpu.find_gpu(MLIR)
    assert asked[0].__name__ == "numba_cuda_mlir.numba_cuda.cudadrv.driver"


def test_arguments_on_a_gpu_become_arrays_of_the_kernels_package(monkeypatch):
    from gpusim.host.gpu import arguments_for

    class Foreign:
        __cuda_array_interface__ = None

    foreign = Foreign()
    monkeypatch.setattr(cuda, "as_cuda_array", lambda array: ("adopted", array))
    assert arguments_for(scale, (foreign, 3)) == [("adopted", foreign), 3]
    assert arguments_for(numba.cuda.jit(scale.py_func), (foreign, 3)) == [foreign, 3]
