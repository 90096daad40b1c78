"""numba.cuda while the simulator is installed: unmodified host code gives the results of NumPy."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import cuda, float32, guvectorize, int32, types, vectorize
from numba.cuda.cudadrv.error import CudaSupportError

import gpusim
from gpusim.host import installed
from gpusim.host.session import Session
from gpusim.kernel.target import config, errors, numpy_support


@pytest.fixture
def session() -> Iterator[Session]:
    with gpusim.install() as session:
        yield session


@cuda.jit
def scale(out, a, factor):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] * factor


def test_lazy_kernel_on_device_arrays(session: Session) -> None:
    a = np.arange(100, dtype=np.float32)
    out = cuda.device_array_like(a)
    scale[4, 32](out, cuda.to_device(a), 3)
    np.testing.assert_array_equal(out.copy_to_host(), 3 * a)
    (launch,) = session.launches
    assert launch["kernel"] == "scale"
    assert launch["file"] == __file__
    assert (launch["grid"], launch["block"]) == ([4, 1, 1], [32, 1, 1])
    assert launch["counts"]["global"]["loads"] == 100
    assert session.findings == []


def test_lazy_kernel_on_host_arrays_streams_and_shared_memory(session: Session) -> None:
    @cuda.jit
    def reverse(a):
        tile = cuda.shared.array(0, float32)
        i = cuda.threadIdx.x
        tile[i] = a[i]
        cuda.syncthreads()
        a[i] = tile[a.size - 1 - i]

    a = np.arange(64, dtype=np.float32)
    reverse[1, 64, cuda.stream(), 64 * 4](a)
    np.testing.assert_array_equal(a, np.arange(64)[::-1])
    reverse.configure(1, 64, sharedmem=256)(a)
    np.testing.assert_array_equal(a, np.arange(64))


def test_eager_signature_needs_no_driver_and_casts_scalars(session: Session) -> None:
    @cuda.jit("void(int64[:], int8, uint16)")
    def store(out, small, unsigned):
        out[0] = small
        out[1] = unsigned

    out = np.zeros(2, np.int64)
    store[1, 1](out, 300, -1)
    np.testing.assert_array_equal(out, [np.array(300).astype(np.int8), 65535])
    with pytest.raises(TypeError, match="an integer is required"):
        store[1, 1](out, 1.5, 0)


def test_eager_signature_rejects_arrays_that_a_gpu_would_misread(session: Session) -> None:
    @cuda.jit("void(float32[:, ::1])")
    def zero(a):
        a[0, 0] = 0

    zero[1, 1](np.ones((2, 2), np.float32))
    with pytest.raises(gpusim.KernelError, match=r"argument 'a' of kernel 'zero' is a 2D array of float64"):
        zero[1, 1](np.ones((2, 2)))
    with pytest.raises(gpusim.KernelError, match="1D array"):
        zero[1, 1](np.ones(2, np.float32))
    with pytest.raises(gpusim.KernelError, match="non-contiguous 2D array of float32"):
        zero[1, 1](np.ones((2, 2), np.float32).T)
    with pytest.raises(gpusim.KernelError, match="takes 1 arguments, but the launch gives 2"):
        zero[1, 1](np.ones((2, 2), np.float32), 1)


def test_a_host_array_must_be_one_piece_of_memory(session: Session) -> None:
    """As Numba says before it copies to a GPU; device arrays may be views."""

    @cuda.jit
    def zero(a):
        a[cuda.grid(1)] = 0

    with pytest.raises(ValueError, match="non-contiguous buffer"):
        zero[1, 4](np.ones(8)[::2])
    device = cuda.to_device(np.ones(8))
    zero[1, 4](device[::2])
    assert device.copy_to_host().tolist() == [0, 1] * 4


def test_list_of_signatures_picks_the_one_that_fits(session: Session) -> None:
    @cuda.jit([types.void(int32[:], int32), types.void(types.float64[:], int32)])
    def add(a, n):
        a[0] += n

    integers, doubles = np.zeros(1, np.int32), np.zeros(1)
    add[1, 1](cuda.to_device(integers), 3)
    add[1, 1](integers, 3)
    add[1, 1](doubles, 4)
    assert (integers[0], doubles[0]) == (3, 4)
    with pytest.raises(TypeError, match="No matching definition"):
        add[1, 1](np.zeros(1, np.float32), 3)


def test_a_compiled_type_is_used_again_where_numba_converts_safely(session: Session) -> None:
    @cuda.jit
    def bits(out, n):
        out[0] = n << 33

    out = np.zeros(1, np.int64)
    bits[1, 1](out, 1)  # int64
    bits[1, 1](out, np.int32(1))  # Numba has an int32 kernel of its own
    assert [str(argtypes[1]) for argtypes in bits.overloads] == ["int64", "int32"]


def test_device_functions_with_and_without_signature(session: Session) -> None:
    @cuda.jit("float32(float32)", device=True)
    def twice(x):
        return x + x

    @cuda.jit(device=True)
    def thrice(x):
        return twice(x) + x

    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        out[i] = thrice(float32(i))

    out = np.zeros(4, np.float32)
    kernel[1, 4](out)
    np.testing.assert_array_equal(out, [0, 3, 6, 9])
    assert next(iter(twice.overloads.values())).signature.return_type == types.float32
    with pytest.raises(gpusim.KernelError, match="device function"):
        thrice[1, 1](1.0)


def test_inferred_return_type_of_a_device_function(session: Session) -> None:
    halved = cuda.jit((types.int32,), device=True)(lambda n: n / 2)
    assert halved.overloads[(types.int32,)].signature.return_type == types.float64


def test_forall_and_specialize(session: Session) -> None:
    a, out = np.arange(3000.0), np.zeros(3000)
    scale.forall(3000)(out, a, 2.0)
    np.testing.assert_array_equal(out, 2 * a)
    assert session.launches[-1]["block"] == [1024, 1, 1]
    scale.forall(3000, tpb=64)(out, a, 5.0)
    np.testing.assert_array_equal(out, 5 * a)
    assert session.launches[-1]["grid"] == [47, 1, 1]
    special = scale.specialize(out, a, 1.0)
    assert special.specialized
    special[100, 32](out, a, 7.0)
    np.testing.assert_array_equal(out, 7 * a)

    @cuda.jit(launch_bounds=128)
    def bounded(out):
        out[cuda.grid(1)] = 1

    bounded.forall(256)(np.zeros(256))
    assert session.launches[-1]["block"] == [128, 1, 1]


def test_transfer_hints(session: Session) -> None:
    a, out = np.arange(8.0), np.full(8, -1.0)
    scale[1, 8](cuda.Out(out), cuda.In(a), 2.0)
    np.testing.assert_array_equal(out, 2 * a)
    scale[1, 4](cuda.Out(out), cuda.InOut(a), 3.0)
    assert out[:4].tolist() == [0, 3, 6, 9]

    @cuda.jit
    def half(a):
        a[cuda.grid(1)] = 0

    kept, poisoned = np.ones(4), np.ones(4)
    half[1, 2](cuda.In(kept))
    half[1, 2](cuda.Out(poisoned))
    assert kept.tolist() == [1, 1, 1, 1]
    assert poisoned[:2].tolist() == [0, 0]
    assert np.isnan(poisoned[2:]).all(), "what the kernel leaves undefined does not look like the old values"


def test_reduce_is_numpys_sum(session: Session) -> None:
    add = cuda.reduce(lambda a, b: a + b)
    for size in (1, 31, 128, 1000, 4099):
        a = np.arange(size, dtype=np.int64)
        assert add(a) == a.sum()
    biggest = cuda.Reduce(lambda a, b: max(a, b))
    values = np.random.default_rng(3).normal(size=777)
    assert biggest(values, init=-np.inf) == values.max()


def test_records_tuples_and_argument_extensions(session: Session) -> None:
    @cuda.jit
    def fill(record, out, pair):
        out[0] = record.n + pair[0] * pair[1]
        record.n = 42

    record = np.zeros(1, np.dtype([("n", np.int64)]))[0]
    out = np.zeros(1)
    fill[1, 1](record, out, (2, 2.5))
    assert (record["n"], out[0]) == (42, 5)

    class Doubled:
        def prepare_args(self, ty, value, stream, retr):
            retr.append(lambda: done.append(value))
            return (ty, value * 2) if isinstance(ty, types.Integer) else (ty, value)

    done: list = []

    @cuda.jit(extensions=[Doubled()])
    def put(out, n):
        out[0] = n

    put[1, 1](out, 21)
    assert out[0] == 42
    assert len(done) == 2


def test_vectorize_and_guvectorize(session: Session) -> None:
    @vectorize(["float32(float32, float32)", "float64(float64, float64)"], target="cuda")
    def hypotenuse(a, b):
        return math.sqrt(a * a + b * b)

    a, b = np.random.default_rng(0).random((2, 5, 100)).astype(np.float32)
    result = hypotenuse(a, b[:1])
    np.testing.assert_allclose(result, np.hypot(a, b[:1]), rtol=1e-6)
    assert result.dtype == np.float32
    device = hypotenuse(cuda.to_device(a), cuda.to_device(b))
    np.testing.assert_allclose(device.copy_to_host(), np.hypot(a, b), rtol=1e-6)
    assert hypotenuse.reduce(np.array([2.0, 3.0, 6.0])) == 7

    @guvectorize(["void(float64[:, :], float64[:, :], float64[:, :])"], "(m,n),(n,p)->(m,p)", target="cuda")
    def matmul(a, b, c):
        for i in range(c.shape[0]):
            for j in range(c.shape[1]):
                c[i, j] = 0
                for k in range(a.shape[1]):
                    c[i, j] += a[i, k] * b[k, j]

    a, b = np.random.default_rng(1).random((2, 10, 4, 4))
    np.testing.assert_allclose(matmul(a, b), a @ b)


@pytest.mark.numba_cuda("compiling for a GPU")
def test_questions_about_the_code_are_answered_by_compiling(session: Session) -> None:
    @cuda.jit
    def shares(a):
        tile = cuda.shared.array(64, float32)
        tile[cuda.threadIdx.x] = a[cuda.threadIdx.x]
        cuda.syncthreads()
        a[cuda.threadIdx.x] = tile[63 - cuda.threadIdx.x]

    shares[1, 64](np.zeros(64, np.float32))
    (signature,) = shares.overloads
    assert shares.get_shared_mem_per_block()[signature] == 256
    assert 0 < shares.get_regs_per_thread()[signature] < 64
    assert shares.get_local_mem_per_thread()[signature] == shares.get_const_mem_size()[signature] == 0
    assert ".target sm_90" in shares.inspect_asm()[signature]
    assert "define" in shares.inspect_llvm(signature)
    assert shares.get_max_threads_per_block()[signature] == 1024
    assert shares.overloads[signature].max_cooperative_grid_blocks((16, 16)) == 8 * 132


def test_numbas_compile_functions_still_compile(session: Session) -> None:
    @cuda.jit("float32(float32)", device=True)
    def twice(x):
        return x + x

    def store(a):
        a[0] = twice(a[0])

    ptx, _ = cuda.compile_ptx(store, (float32[:],), cc=(8, 0))
    assert ".target sm_80" in ptx
    code, _ = cuda.compile_for_current_device(store, (float32[:],), device=False, abi="numba", output="ltoir")
    assert isinstance(code, bytes)


def test_launch_bounds_are_kept(session: Session) -> None:
    @cuda.jit(launch_bounds=(128, 2))
    def bounded(a):
        a[cuda.grid(1)] = 1

    bounded[1, 128](np.zeros(128))
    with pytest.raises(gpusim.KernelError, match="more than the 128 that the kernel allows"):
        bounded[1, 129](np.zeros(129))


def test_the_driver_moves_bytes(session: Session) -> None:
    from numba.cuda.cudadrv import driver

    host = np.arange(16, dtype=np.uint8)
    one, two = cuda.device_array(16, np.uint8), cuda.device_array(16, np.uint8)
    driver.host_to_device(one, host, 16)
    driver.device_to_device(two, one, 8, stream=cuda.stream())
    driver.device_memset(two[8:], 7, 8)
    back = np.zeros(16, np.uint8)
    driver.device_to_host(back, two, 16)
    assert back.tolist() == [*range(8), *[7] * 8]
    with pytest.raises(driver.CudaAPIError, match="not in the memory"):
        driver.host_to_device(one, host, 17)


def test_findings_are_folded_over_launches(session: Session) -> None:
    @cuda.jit
    def outside(a):
        a[cuda.grid(1)] = 1

    for _ in range(2):
        with pytest.raises(gpusim.MemoryFault):
            outside[1, 32](np.zeros(20))
    (finding,) = session.findings
    assert (finding.tool, finding.severity, finding.array) == ("memcheck", "error", "a")
    data = session.to_dict()
    assert data["schema"] == 1
    assert data["findings"][0]["line"] == finding.line


def test_bad_launches_say_what_is_wrong(session: Session) -> None:
    out = np.zeros(3)
    with pytest.raises(ValueError, match="launch configuration"):
        scale(out, out, 1)
    with pytest.raises(gpusim.KernelError, match="1,024"):
        scale[1, 1025](out, out, 1)
    with pytest.raises(gpusim.KernelError):
        scale[0, 32](out, out, 1)
    with pytest.raises(TypeError, match="Expected a Stream object or 0"):
        scale[1, 1, "stream"](out, out, 1)


@pytest.mark.numba_cuda("a linker that looks at files without a GPU")
def test_linked_code_is_checked_and_not_run(session: Session, tmp_path: Path) -> None:
    from numba.cuda.cudadrv.driver import LinkerError

    source = tmp_path / "code.cu"
    source.write_text('extern "C" __device__ int f(int *out) { *out = 1; return 0; }\n')

    @cuda.jit(link=[str(source)])
    def linked(a):
        a[0] = 1

    with pytest.raises(gpusim.KernelError, match="links other GPU code"):
        linked[1, 1](np.zeros(3))
    with pytest.raises(LinkerError, match=r"missing\.ptx not found"):
        cuda.jit("void(float64[:])", link=["missing.ptx"])(linked.py_func)
    with pytest.raises(RuntimeError, match=r"extension \.txt"):
        cuda.jit("void(float64[:])", link=["notes.txt"])(linked.py_func)
    wrong = tmp_path / "wrong.cu"
    wrong.write_text("SYNTAX ERROR\n")
    with pytest.raises(Exception, match="NVRTC_ERROR_COMPILATION"):
        cuda.jit("void(float64[:])", link=[str(wrong)])(linked.py_func)


_CACHED = """
import numpy as np
from numba import cuda

FACTOR = {factor}

@cuda.jit(cache=True)
def scale(out, a):
    out[cuda.grid(1)] = FACTOR * a[cuda.grid(1)]

out = np.zeros(2)
{before}
scale[1, 2](out, np.ones(2))
"""


def test_a_cached_kernel_is_found_again_with_the_globals_of_then(session: Session, tmp_path: Path) -> None:
    script = tmp_path / "kernels.py"

    def run(factor: int, before: str = "") -> tuple[float, int]:
        text = _CACHED.format(factor=factor, before=before)
        if not script.exists() or f"FACTOR = {factor}" not in script.read_text():
            script.write_text(text)
        names: dict[str, Any] = {"__name__": "kernels", "__file__": str(script)}
        exec(compile(text, str(script), "exec"), names)
        return names["out"][0], sum(names["scale"].stats.cache_hits.values())

    assert run(3) == (3, 0)
    assert sorted(path.suffix for path in (tmp_path / "__pycache__").iterdir()) == [".nbc", ".nbi"]
    assert run(3) == (3, 1)
    assert run(3, "FACTOR = 5") == (3, 1), "compiled code keeps the value of then"
    script.unlink()
    assert run(20) == (20, 0), "a changed file makes the cache stale"


def test_kernels_can_be_pickled(session: Session) -> None:
    copy = pickle.loads(pickle.dumps(scale[1, 3]))
    out = np.zeros(3)
    copy(out, np.ones(3), 2)
    assert out.tolist() == [2, 2, 2]


def test_host_arrays_are_warned_of_where_asked_for(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    out = np.zeros(3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scale[1, 3](out, np.ones(3), 2)
    monkeypatch.setattr(config, "CUDA_WARN_ON_IMPLICIT_COPY", 1)
    with pytest.warns(errors.NumbaPerformanceWarning, match="Host array used"):
        scale[1, 3](out, cuda.to_device(np.ones(3)), 2)


def test_installing_twice_is_installing_once_and_uninstall_restores_everything() -> None:
    from numba.cuda import api
    from numba.cuda.cudadrv import devicearray, devices, driver
    from numba.cuda.dispatcher import CUDADispatcher, ForAll, _Kernel

    owners = [cuda, api, devicearray, devices, driver, sys.modules["numba.cuda.dispatcher"], CUDADispatcher, ForAll]
    owners.append(_Kernel)
    before = [dict(vars(owner)) for owner in owners]
    first = gpusim.install(check="none")
    assert gpusim.install() is first
    assert installed() is first
    assert cuda.is_available()
    gpusim.uninstall()
    gpusim.uninstall()
    assert installed() is None
    assert [dict(vars(owner)) for owner in owners] == before


@pytest.mark.filterwarnings("ignore:Grid size")
def test_after_the_session_kernels_belong_to_the_gpu_again() -> None:
    if cuda.is_available():
        pytest.skip("there is a GPU, on which the launch below succeeds")
    with gpusim.install():
        scale[1, 3](np.zeros(3), np.zeros(3), 1)
    with pytest.raises(CudaSupportError):
        scale[1, 3](np.zeros(3), np.zeros(3), 1)


def test_numbas_own_simulator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "ENABLE_CUDASIM", 1)
    with pytest.raises(gpusim.GpusimError, match="NUMBA_ENABLE_CUDASIM"):
        gpusim.install()


def test_the_command_line_beside_numbas_own_simulator() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gpusim", "info"],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "gpusim info: Numba's own simulator is on: unset NUMBA_ENABLE_CUDASIM to run on gpusim\n"


@pytest.mark.numba_cuda("functions of NumPy that return arrays")
def test_pointers_become_arrays(session: Session) -> None:
    @cuda.jit("void(CPointer(float32), CPointer(float32))")
    def transpose(out, a):
        rows = numpy_support.carray(a, (2, 3), dtype=float32)
        columns = numpy_support.farray(out, (2, 3))
        i, j = cuda.grid(2)
        columns[i, j] = rows[i, j]

    @cuda.jit("void(CPointer(float32))")
    def too_long(a):
        numpy_support.carray(a, 7)[6] = 1

    host = np.arange(6, dtype=np.float32)
    a, out = cuda.to_device(host), cuda.device_array(6, np.float32)
    transpose[1, (2, 3)](out.gpu_data.device_pointer_value, a.gpu_data.device_pointer_value)
    np.testing.assert_array_equal(out.copy_to_host(), host.reshape(2, 3).ravel(order="F"))
    with pytest.raises(gpusim.KernelError, match="there are 6 elements behind the pointer"):
        too_long[1, 1](a.gpu_data.device_pointer_value)


def test_caches_of_programs_may_ask_for_the_code(session: Session) -> None:
    """A program's own subclass of Numba's cache makes its keys of what the kernel's code says about itself."""

    @cuda.jit
    def nothing(a):
        pass

    nothing[1, 1](np.zeros(1))
    (kernel,) = nothing.overloads.values()
    assert kernel.codegen.magic_tuple() == ("gpusim",)
