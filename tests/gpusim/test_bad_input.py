"""Every mistake gets one sentence that names the place and says what to do."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim import KernelError, MemoryFault
from gpusim.places import shown_path

TABLE = np.arange(4.0)
LENGTH = 4


def launch(kernel, *arguments, grid=1, block=4, **options):
    return gpusim.simulate(kernel, **options)[grid, block](*arguments)


def line_of(kernel, offset):
    return kernel.py_func.__code__.co_firstlineno + offset


def test_out_of_bounds_names_everything():
    @cuda.jit
    def kernel(out, a):
        i, j = cuda.grid(2)
        out[i, j] = a[i, j + 1]

    out = np.zeros((3, 3))
    with pytest.raises(MemoryFault) as caught:
        gpusim.simulate(kernel)[(3, 1), (1, 3)](out, out.copy())
    message = str(caught.value)
    assert message.startswith(f"{shown_path(__file__)}:{line_of(kernel, 3)}: out of bounds")
    for part in ("`a[i, j + 1]`", "(0, 3)", "global array 'a'", "(3, 3)", "thread (0, 2, 0)", "block (0, 0, 0)"):
        assert part in message
    finding = caught.value.finding
    assert (finding.tool, finding.severity, finding.array, finding.space) == ("memcheck", "error", "a", "global")
    assert (finding.thread, finding.block, finding.line) == ((0, 2, 0), (0, 0, 0), line_of(kernel, 3))
    assert finding.count == 3


@pytest.mark.parametrize("space", ["global store", "shared", "local", "constant", "atomic", "view", "three", "slice"])
def test_out_of_bounds_in_every_space(space):
    @cuda.jit
    def kernel(out, cube, what):
        tile = cuda.shared.array(4, float32)
        mine = cuda.local.array(2, float32)
        fixed = cuda.const.array_like(TABLE)
        i = cuda.threadIdx.x
        if what == 0:
            out[i + 1] = 1
        elif what == 1:
            tile[i + 1] = 1
        elif what == 2:
            mine[i] = 1
        elif what == 3:
            out[i] = fixed[i + 1]
        elif what == 4:
            cuda.atomic.add(out, i + 1, 1)
        elif what == 5:
            row = cube[1]
            out[i] = row[i, 0]
        elif what == 6:
            out[i] = cube[0, 0, i + 1]
        else:
            part = out[1:]
            part[i] = 3

    names = ["global store", "shared", "local", "constant", "atomic", "view", "three", "slice"]
    what = names.index(space)
    with pytest.raises(MemoryFault) as caught:
        launch(kernel, np.zeros(4), np.zeros((2, 3, 4)), what)
    expected = {"shared": "shared", "local": "local", "constant": "constant"}.get(space, "global")
    assert caught.value.finding.space == expected
    assert caught.value.finding.thread == ((2 if space == "local" else 3), 0, 0)


def test_negative_beyond_the_start_is_out_of_bounds():
    @cuda.jit
    def kernel(out):
        out[cuda.threadIdx.x - 5] = 1

    with pytest.raises(MemoryFault, match="index -5"):
        launch(kernel, np.zeros(4))


def test_without_memcheck_stray_accesses_do_no_harm():
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        out[i] = a[i + 2]
        out[i + 1000] = 5

    a, out = np.arange(4.0), np.full(4, -1.0)
    run = launch(kernel, out, a, check="none")
    np.testing.assert_array_equal(out, [2, 3, 0, 0])
    assert run.findings == []


def test_divergent_barrier_is_found():
    @cuda.jit
    def kernel(out):
        i = cuda.threadIdx.x
        if i < 3:
            cuda.syncthreads()
        out[i] = 1

    (finding,) = launch(kernel, np.zeros(4)).findings
    assert (finding.tool, finding.kind, finding.line) == ("synccheck", "divergent-barrier", line_of(kernel, 4))
    assert "only 3 of the 4 threads" in finding.message
    assert finding.thread == (0, 0, 0)
    assert finding.other is not None
    assert (finding.other["thread"], finding.other["line"]) == ((3, 0, 0), line_of(kernel, 3))
    assert launch(kernel, np.zeros(4), check=["memcheck"]).findings == []


def test_return_before_a_barrier_is_found():
    @cuda.jit
    def kernel(out):
        i = cuda.threadIdx.x
        if i >= 3:
            return
        cuda.syncthreads()
        out[i] = 1

    (finding,) = launch(kernel, np.zeros(4)).findings
    assert "has returned" in finding.message
    assert finding.severity == "warning"


def test_endless_loop_reaches_the_step_limit():
    @cuda.jit
    def kernel(out):
        while out[0] == 0:
            out[1] = 1

    with pytest.raises(KernelError, match=r"while out\[0\] == 0.*endless.*step_limit"):
        launch(kernel, np.zeros(2), step_limit=50)


def f_string(out):
    out[0] = f"{out}"


def dictionary(out):
    x = {}
    out[0] = x


def try_block(out):
    try:
        out[0] = 1
    finally:
        pass


def with_block(out):
    with out:
        pass


def comprehension(out):
    out[0] = sum([x for x in out])  # noqa: C416


def undefined_name(out):
    out[0] = nowhere  # noqa: F821


def unknown_attribute(out):
    out[0] = cuda.threadIndex.x


def host_function(out):
    open("x", encoding="utf-8")  # noqa: SIM115


def plain_helper(out):
    out[0] = line_of(out, 1)


def list_method(out):
    out.sort()


def float_index(out):
    out[cuda.threadIdx.x / 2] = 1


def too_many_indices(out):
    out[0, 0] = 1


def array_as_number(out):
    x = out + 1
    out[0] = x


def read_before_assignment(out):
    if out[0] > 5:
        x = 1
    out[0] = x + 1


def varying_shared_shape(out):
    tile = cuda.shared.array(cuda.threadIdx.x, float32)
    tile[0] = 1


def computed_shared_shape(out):
    tile = cuda.shared.array((4, LENGTH + 1), float32)
    tile[0, 0] = 1


def string_arithmetic(out):
    out[0] = "a" + "b"


def too_much_shared(out):
    tile = cuda.shared.array((128, 128), float32)
    tile[0, 0] = 1


def write_to_constant(out):
    fixed = cuda.const.array_like(TABLE)
    fixed[0] = 1


def wrong_tuple_size(out):
    x, y = cuda.grid(3)
    out[x] = y


def star_arguments(**out):
    out[0][0] = 1


@pytest.mark.parametrize(
    ("kernel", "offset", "words"),
    [
        (f_string, 1, "an f-string"),
        (dictionary, 1, "a dict"),
        (try_block, 1, "a `try` block"),
        (with_block, 1, "a `with` block"),
        (comprehension, 1, "a list comprehension"),
        (undefined_name, 1, "name 'nowhere' is not defined"),
        (unknown_attribute, 1, "cuda has no attribute 'threadIndex'"),
        (host_function, 1, "`open` cannot be called in a kernel"),
        (plain_helper, 1, "decorate it with @cuda.jit(device=True)"),
        (list_method, 1, "has no method 'sort'"),
        (float_index, 1, "is float64, not an integer"),
        (too_many_indices, 1, "gives 2 indices to 'out', which has 1 dimension"),
        (array_as_number, 1, "an array is used where a number is needed"),
        (read_before_assignment, 3, "read before it has a value"),
        (varying_shared_shape, 1, "must be made of constants"),
        (computed_shared_shape, 1, "does not compute `LENGTH + 1`"),
        (string_arithmetic, 1, "Numba has no add of"),
        (too_much_shared, 1, "65,536 bytes; a GPU has 49,152"),
        (write_to_constant, 2, "readonly"),
        (wrong_tuple_size, 1, "does not give 2 values"),
        (star_arguments, 0, "takes **out"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_unsupported_code(kernel, offset, words):
    with pytest.raises(KernelError) as caught:
        launch(cuda.jit(kernel), np.zeros(4))
    message = str(caught.value)
    assert message.startswith(f"{shown_path(__file__)}:{kernel.__code__.co_firstlineno + offset}: ")
    assert words in message
    assert "\n" not in message


@cuda.jit
def fine(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i]


@pytest.mark.parametrize(
    ("grid", "block", "words"),
    [
        (1, 1025, "1,025 threads along x; a GPU allows 1,024"),
        (1, (32, 33), "1,056 threads; a GPU allows 1,024"),
        (0, 4, "has 0 blocks along x"),
        (1, (4, 0), "has 0 threads along y"),
        (-1, 4, "at least 1"),
        (1, (1, 1, 65), "65 threads along z; a GPU allows 64"),
        ((1, 70000), 1, "70,000 blocks along y"),
        (1.5, 4, "must be an int"),
        ((1, 1, 1, 1), 4, "must be an int or up to three ints"),
    ],
)
def test_launch_configurations(grid, block, words):
    with pytest.raises(KernelError) as caught:
        gpusim.simulate(fine)[grid, block](np.zeros(4), np.zeros(4))
    assert words in str(caught.value)
    assert "'fine'" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.zeros(4),), r"takes 2 arguments \(out, a\), but the launch gives 1"),
        ((np.zeros(4), [1, 2]), "'a' is a list; make it an array"),
        ((np.zeros(4), "text"), "'a' is a str"),
        ((np.zeros(4), np.array([object()])), "which a GPU cannot"),
    ],
)
def test_arguments(arguments, words):
    with pytest.raises(KernelError, match=words):
        launch(fine, *arguments)


def test_missing_configuration():
    with pytest.raises(KernelError, match=r"simulate\(fine\)\[grid, block\]"):
        gpusim.simulate(fine)(np.zeros(4), np.zeros(4))
    with pytest.raises(KernelError, match="with at least those two"):
        gpusim.simulate(fine)[4](np.zeros(4), np.zeros(4))


def test_not_a_kernel():
    with pytest.raises(KernelError, match="cannot simulate 3"):
        gpusim.simulate(3)


def test_no_source():
    scope = {}
    exec("def made(out):\n    out[0] = 1", scope)
    with pytest.raises(KernelError, match="no source text"):
        gpusim.simulate(scope["made"])


def test_unknown_tool():
    with pytest.raises(ValueError, match="unknown check racecheque"):
        gpusim.simulate(fine, check="racecheque")


def test_a_fault_keeps_what_was_written_before():
    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        out[i] = 1
        out[i + 2] = 2

    out = np.zeros(4)
    with pytest.raises(MemoryFault):
        launch(kernel, out)
    np.testing.assert_array_equal(out, np.ones(4))


def test_errors_carry_no_frames_of_the_engine():
    try:
        launch(fine, np.zeros(9), np.zeros(4), block=9)
    except MemoryFault as fault:
        frames = []
        trace = fault.__traceback__
        while trace is not None:
            frames.append(trace.tb_frame.f_code.co_filename)
            trace = trace.tb_next
        assert all("simt" not in name and "memory" not in name for name in frames)
