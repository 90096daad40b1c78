"""The data behind pictures, against a recorder that runs each kernel's Python thread by thread."""

from collections import Counter, defaultdict
from itertools import product
from types import FunctionType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import cuda, float32

import gpusim
from gpusim.view.grids import MOST_CELLS, array_grid, thread_grid
from gpusim.view.model import Tally, linear_index, scene


@cuda.jit
def naive(c, a, b):
    j, i = cuda.grid(2)
    if i < c.shape[0] and j < c.shape[1]:
        total = float32(0)
        for k in range(a.shape[1]):
            total += a[i, k] * b[k, j]
        c[i, j] = total


@cuda.jit
def tiled(c, a, b):
    a_tile = cuda.shared.array((3, 3), float32)
    b_tile = cuda.shared.array((3, 3), float32)
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    total = float32(0)
    for first in range(0, 6, 3):
        a_tile[y, x] = a[i, first + x]
        b_tile[y, x] = b[first + y, j]
        cuda.syncthreads()
        for k in range(3):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
    c[i, j] = total


@cuda.jit
def through_registers(out, a, b):
    tile = cuda.shared.array(4, float32)
    x = cuda.threadIdx.x
    first = a[x]
    other = b[x]
    tile[x] = first
    cuda.syncthreads()
    out[x] = tile[3 - x] + other


class Recorder:
    """Stands for an array: notes who reads and writes which element in which stage."""

    def __init__(self, name, data, notes, who):
        self.name, self.data, self.notes, self.who = name, data, notes, who

    shape = property(lambda self: self.data.shape)

    def _note(self, kind, index):
        element = int(np.ravel_multi_index(np.atleast_1d(index), self.data.shape))
        self.notes[self.who.block, self.who.stage, self.name, kind][element] += 1
        self.notes[self.who.block, self.who.stage, self.name, ("thread", self.who.thread)][element] += 1

    def __getitem__(self, index):
        self._note("reads", index)
        return self.data[index]

    def __setitem__(self, index, value):
        self._note("writes", index)


def record(kernel, grid, block, shared, **arrays):
    """{(block, stage, array, kind): Counter of elements}; the addresses must not depend on values."""
    notes, who = defaultdict(Counter), SimpleNamespace()
    outside = {name: Recorder(name, data, notes, who) for name, data in arrays.items()}
    for by, bx, ty, tx in product(range(grid[1]), range(grid[0]), range(block[1]), range(block[0])):
        who.block, who.thread, who.stage = bx + by * grid[0], tx + ty * block[0], 0
        names = iter(shared)

        def sync():
            who.stage += 1

        def array(shape, dtype, names=names):
            return Recorder(next(names), np.zeros(shape, np.float32), notes, who)

        fake = SimpleNamespace(
            threadIdx=SimpleNamespace(x=tx, y=ty),
            shared=SimpleNamespace(array=array),
            grid=lambda n, at=(bx * block[0] + tx, by * block[1] + ty): at,
            syncthreads=sync,
        )
        python = kernel.py_func
        FunctionType(python.__code__, {**python.__globals__, "cuda": fake})(**outside)
    return notes


def matrices(n):
    rng = np.random.default_rng(0)
    return {name: rng.random((n, n), dtype=np.float32) for name in "cab"}


def as_counter(tally):
    return Counter(dict(zip(tally.index.tolist(), tally.count.tolist(), strict=True)))


CASES = {
    "naive": (naive, (2, 2), (3, 3), (), matrices(5)),
    "tiled": (tiled, (2, 2), (3, 3), ("a_tile", "b_tile"), matrices(6)),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("block", range(4))
def test_every_stage_touches_exactly_the_recorded_elements(case, block):
    kernel, grid, threads, shared, arrays = CASES[case]
    run = gpusim.simulate(kernel)[grid, threads](*arrays.values())
    notes = record(kernel, grid, threads, shared, **arrays)
    shown = scene(run, block, thread=(0, 1))

    seen = {}
    for stage in shown.stages:
        for name, touched in stage.touched.items():
            for kind in ("reads", "writes"):
                if touched_counts := as_counter(getattr(touched, kind)):
                    seen[block, stage.index, name, kind] = touched_counts
            own = notes[block, stage.index, name, ("thread", threads[0])]
            assert set(touched.marked.tolist()) == set(own)
    assert seen == {key: counts for key, counts in notes.items() if key[0] == block and isinstance(key[3], str)}


@pytest.mark.parametrize("case", CASES)
def test_blocks_add_up_to_the_counts_of_the_run(case):
    kernel, grid, threads, _, arrays = CASES[case]
    run = gpusim.simulate(kernel)[grid, threads](*arrays.values())
    scenes = [scene(run, block) for block in range(grid[0] * grid[1])]
    for name, counts in run.arrays.items():
        touched = [s.whole.touched[name] for s in scenes if name in s.whole.touched]
        assert sum(t.reads.total for t in touched) == counts["loads"]
        assert sum(t.writes.total for t in touched) == counts["stores"]


def test_a_wide_access_is_one_access_of_several_elements():
    @cuda.jit
    def copy(out, a, count):
        x = cuda.threadIdx.x
        out.view(np.float32)[x] = a.view(np.float32)[x]
        cuda.atomic.add(count, 0, 1)

    a, count = np.arange(12, dtype=np.float16), np.zeros(1, np.int32)
    touched = scene(gpusim.simulate(copy)[1, 4](np.zeros(8, np.float16), a, count), thread=1).whole.touched
    assert as_counter(touched["count"].atomics) == {0: 4}
    assert as_counter(touched["a"].reads) == as_counter(touched["out"].writes) == Counter(range(8))
    assert touched["a"].reads.total == touched["out"].writes.total == 4
    assert touched["a"].marked.tolist() == [2, 3]


def test_an_atomic_is_of_one_element_whatever_the_type_of_its_operand():
    @cuda.jit
    def count(bins, a):
        cuda.atomic.add(bins, a[cuda.threadIdx.x], 1)

    bins, a = np.zeros(3, np.int32), np.array([2, 0, 2, 2], np.int32)
    touched = scene(gpusim.simulate(count)[1, 4](bins, a)).whole.touched
    assert as_counter(touched["bins"].atomics) == Counter({0: 1, 2: 3})


def test_stages_end_at_their_barriers():
    run = gpusim.simulate(tiled)[(2, 2), (3, 3)](*matrices(6).values())
    shown = scene(run)
    lines = {text.strip(): number for number, text in run.source if text.strip() != "cuda.syncthreads()"}
    barriers = [number for number, text in run.source if text.strip() == "cuda.syncthreads()"]
    assert [stage.barrier_line for stage in shown.stages] == [*barriers, *barriers, None]
    assert shown.stages[-1].lines == (lines["c[i, j] = total"],)


def test_flows_say_which_array_filled_which():
    run = gpusim.simulate(tiled)[(2, 2), (3, 3)](*matrices(6).values())
    stages = scene(run).stages
    assert set(stages[0].flows) == {("a", "a_tile"), ("b", "b_tile")}
    assert stages[1].flows == () == stages[4].flows


def test_flows_through_registers_follow_the_values():
    a, b = np.arange(4, dtype=np.float32), np.arange(4, 8, dtype=np.float32)
    run = gpusim.simulate(through_registers)[1, 4](np.zeros(4, np.float32), a, b)
    first, second = scene(run).stages
    assert first.flows == (("a", "tile"),)
    assert second.flows == (("tile", "out"),)


def test_equal_values_from_two_arrays_are_no_evidence():
    same = np.arange(4, dtype=np.float32)
    run = gpusim.simulate(through_registers)[1, 4](np.zeros(4, np.float32), same, same.copy())
    assert scene(run).stages[0].flows == ()


@cuda.jit
def numbered(out, a):
    x = cuda.threadIdx.x
    if a[x] < 0:
        out[x] = x


@pytest.mark.filterwarnings("error")
def test_infinity_is_no_whole_number_that_was_stored():
    out, a = np.zeros(2, np.int32), np.full(2, -np.inf, np.float32)
    assert scene(gpusim.simulate(numbered, trace=True)[1, 2](out, a)).stages[0].flows == ()


def test_an_untraced_launch_says_how_to_get_a_trace():
    n = 48
    run = gpusim.simulate(naive)[(16, 16), (3, 3)](*matrices(n).values())
    with pytest.raises(gpusim.GpusimError, match=r"trace=True"):
        scene(run)


@pytest.mark.parametrize("block", [4, -1, (2, 0), (0, 0, 1), (0, 0, 0, 0), ()])
def test_a_block_outside_the_grid_is_named(block):
    run = gpusim.simulate(tiled)[(2, 2), (3, 3)](*matrices(6).values())
    with pytest.raises(gpusim.GpusimError, match="there is no block"):
        scene(run, block)


@given(st.tuples(*[st.integers(1, 5)] * 3), st.data())
def test_linear_index_counts_x_fastest(extent, data):
    x, y, z = (data.draw(st.integers(0, n - 1)) for n in extent)
    expected = int(np.ravel_multi_index((z, y, x), extent[::-1]))
    assert linear_index((x, y, z), extent, "thread") == expected == linear_index(expected, extent, "thread")


@given(st.lists(st.lists(st.integers(0, 9))))
def test_tally_counts_every_value(parts):
    tally = Tally.of([np.array(part, dtype=np.int64) for part in parts])
    assert as_counter(tally) == Counter(value for part in parts for value in part)


@given(st.lists(st.integers(1, 120), max_size=3), st.data())
def test_cells_keep_every_access_in_its_place(shape, data):
    grid, size = array_grid(tuple(shape)), int(np.prod(shape))
    elements = data.draw(st.lists(st.integers(0, size - 1), max_size=20))
    cells = grid.cells(Tally.of([np.array(elements, dtype=np.int64)]))
    expected = Counter((e // grid.columns // grid.bin, e % grid.columns // grid.bin) for e in elements)
    assert cells == expected
    assert grid.cell_set(np.array(elements, dtype=np.int64)) == set(expected)
    assert max(grid.cell_rows, grid.cell_columns) <= MOST_CELLS
    assert grid.rows * grid.columns >= size > (grid.rows - 1) * grid.columns


def test_matrices_and_blocks_are_drawn_as_they_are():
    assert (array_grid((4, 7)).rows, array_grid((4, 7)).columns) == (4, 7)
    assert (array_grid((2, 3, 4)).rows, array_grid((2, 3, 4)).columns) == (6, 4)
    assert (thread_grid((5, 3, 2)).rows, thread_grid((5, 3, 2)).columns) == (6, 5)
    assert thread_grid((64, 1, 1)) == array_grid((64,))


def test_the_first_finding_is_marked_with_its_cell_its_threads_and_the_barrier_that_is_missing():
    @cuda.jit
    def reverse(out, a):
        part = cuda.shared.array(64, float32)
        i = cuda.threadIdx.x
        part[i] = a[i]
        out[i] = part[63 - i]

    run = gpusim.simulate(reverse)[1, 64](np.zeros(64, np.float32), np.ones(64, np.float32))
    found, culprit = run.findings[0], scene(run).culprit
    assert culprit.array == "part" and culprit.kind == "race"
    assert sorted(culprit.threads) == sorted((found.thread[0], found.other["thread"][0]))
    assert f"at [{culprit.element}]" in found.message
    lines = sorted((found.line, found.other["line"]))
    assert culprit.ghost == f"no barrier between lines {lines[0]} and {lines[1]}"


def test_a_picture_is_of_the_block_with_the_finding():
    @cuda.jit
    def undefined(out):
        part = cuda.shared.array(4, float32)
        if cuda.blockIdx.x != 2:
            part[cuda.threadIdx.x] = 1
        out[cuda.grid(1)] = part[cuda.threadIdx.x]

    run = gpusim.simulate(undefined)[4, 4](np.zeros(16, np.float32))
    assert scene(run).block == 2
    assert scene(run).culprit.element == 0 and scene(run).culprit.ghost == ""
    assert scene(run, block=1).culprit is None


@cuda.jit
def all_into_one(out):
    out[1, 2] = cuda.threadIdx.x


@pytest.mark.parametrize("out", [np.zeros((3, 4)), np.zeros((3, 4), order="F"), np.zeros((4, 3)).T])
def test_elements_are_drawn_where_the_kernel_has_them(out):
    """Whichever of its indices runs fastest in memory."""
    drawn = scene(gpusim.simulate(all_into_one)[1, 2](out))
    assert drawn.culprit.element == 1 * 4 + 2
    assert list(drawn.whole.touched["out"].writes.index) == [6]
