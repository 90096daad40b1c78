"""Counters against numbers computed by hand and against brute force over addresses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import complex128, cuda, float32, float64, int8, int16, int64
from support.oracle import hardware_counts, run_threads

import gpusim

TILE = 3


@cuda.jit
def naive(c, a, b):
    i, j = cuda.grid(2)
    total = float32(0)
    for k in range(a.shape[1]):
        total += a[i, k] * b[k, j]
    c[i, j] = total


@cuda.jit
def tiled(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    i, j = cuda.grid(2)
    ti, tj = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0)
    for t in range(a.shape[1] // TILE):
        tile_a[ti, tj] = a[i, t * TILE + tj]
        tile_b[ti, tj] = b[t * TILE + ti, j]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ti, k] * tile_b[k, tj]
        cuda.syncthreads()
    c[i, j] = total


@pytest.mark.parametrize(
    ("kernel", "n", "grid", "block", "global_loads", "barriers"),
    [
        (naive, 3, (1, 1), (3, 3), 54, 0),
        (tiled, 3, (1, 1), (3, 3), 18, 2),
        (naive, 6, (2, 2), (3, 3), 432, 0),
        (tiled, 6, (2, 2), (3, 3), 144, 16),
    ],
)
def test_reads_of_the_lecture(kernel, n, grid, block, global_loads, barriers):
    rng = np.random.default_rng(n)
    a, b = rng.random((2, n, n), dtype=np.float32)
    c = np.full((n, n), np.nan, dtype=np.float32)
    run = gpusim.simulate(kernel)[grid, block](c, a, b)
    np.testing.assert_allclose(c, a @ b, rtol=1e-5)
    assert run.counts["global"]["loads"] == global_loads
    assert run.counts.global_.loads == global_loads
    assert run.counts["global"]["stores"] == n * n
    assert run.counts["barriers"] == barriers
    assert run.per_thread("global", "loads").sum() == global_loads
    assert run.counts["global"]["load_bytes"] == 4 * global_loads
    assert sum(line["global_loads"] for line in run.lines.values()) == global_loads
    assert run.arrays["a"]["loads"] + run.arrays["b"]["loads"] == global_loads


def test_shared_arrays_are_reported_under_their_variables():
    a, b, c = np.ones((3, 6, 6), dtype=np.float32)
    run = gpusim.simulate(tiled)[(2, 2), (3, 3)](c, a, b)
    assert run.arrays["tile_a"]["loads"] == run.arrays["tile_b"]["loads"] == 216
    assert run.arrays["tile_a"]["space"] == "shared"
    assert run.counts["shared"]["stores"] == 144


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.float32, np.float64, np.complex128])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_global_sectors_of_any_gather(dtype, data):
    """Strided, misaligned, broadcast and random patterns; the oracle counts sets of sectors."""

    @cuda.jit
    def kernel(out, a, index, last):
        i = cuda.grid(1)
        if i < last:
            out[index[i]] = a[index[i]]

    grid, block = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([5, 32, 40, 96]))
    threads = grid * block
    pattern = data.draw(st.sampled_from(["stride", "same", "random", "down"]))
    stride, start = data.draw(st.integers(1, 9)), data.draw(st.integers(0, 9))
    i = np.arange(threads)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    index = {
        "stride": i * stride + start,
        "same": np.full(threads, start),
        "random": rng.integers(0, 10 * threads, threads),
        "down": (threads - i) * stride,
    }[pattern].astype(np.int64)
    a = np.arange(10 * threads + 20).astype(dtype)
    last = data.draw(st.integers(1, threads))
    out, expected = np.zeros_like(a), np.zeros_like(a)
    record = run_threads(kernel, grid, block, expected, a, index, last)
    run = gpusim.simulate(kernel)[grid, block](out, a, index, last)
    hardware = hardware_counts(record, block)
    for op in ("load", "store"):
        assert run.counts["global"][f"{op}_sectors"] == hardware[f"global_{op}_sectors"]
        assert run.counts["global"][f"{op}_requests"] == hardware[f"global_{op}_requests"]


@pytest.mark.parametrize("element", [int8, int16, float32, float64, complex128], ids=str)
@settings(max_examples=20, deadline=None)
@given(
    strides=st.tuples(st.integers(0, 33), st.integers(0, 33)),
    modulus=st.sampled_from([16, 32, 64, 2000]),
    block=st.sampled_from([8, 17, 32, 64]),
    last=st.integers(1, 64),
)
def test_shared_wavefronts_and_bank_conflicts(element, strides, modulus, block, last):
    """Bank strides 0 to 33, wrapped patterns and partial warps; the oracle counts words per bank."""

    @cuda.jit
    def kernel(out, down, right, modulus, last):
        tile = cuda.shared.array(2112, element)
        i = cuda.threadIdx.x
        if i < last:
            tile[(i * down) % modulus] = i
            out[i] = tile[(i * right + i // 5) % modulus].real

    out = np.zeros(block)
    arguments = (*strides, modulus, last)
    record = run_threads(kernel, 1, block, out.copy(), *arguments)
    run = gpusim.simulate(kernel)[1, block](out, *arguments)
    hardware = hardware_counts(record, block)
    for key in ("load_wavefronts", "load_bank_conflicts", "store_wavefronts", "store_bank_conflicts"):
        if key.endswith("conflicts"):
            op = key.split("_")[0]
            ideal = run.counts["shared"][f"{op}_wavefronts"] - run.counts["shared"][key]
            assert hardware[f"shared_{key}"] == hardware[f"shared_{op}_wavefronts"] - ideal
        assert run.counts["shared"][key] == hardware[f"shared_{key}"]


@pytest.mark.parametrize("block", [(8, 8), (32, 4), (5, 3, 7), (16, 1, 2), (1, 64)])
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_sectors_and_wavefronts_of_blocks_in_two_and_three_dimensions(block, data):
    """Rows, columns, transposes and padded tiles; a warp is 32 consecutive threads, x fastest."""

    @cuda.jit
    def kernel(out, a, pitch, transposed):
        tile = cuda.shared.array(4096, float32)
        x, y, z = cuda.threadIdx.x, cuda.threadIdx.y, cuda.threadIdx.z
        if transposed:
            place = x * pitch + y + z * 7
        else:
            place = y * pitch + x + z * 7
        tile[place] = a[place]
        out[place] = tile[place] + a[place + 1]

    pitch, transposed = data.draw(st.integers(1, 40)), data.draw(st.booleans())
    a = np.arange(5000, dtype=np.float32)
    out, expected = np.zeros_like(a), np.zeros_like(a)
    record = run_threads(kernel, 1, block, expected, a, pitch, transposed)
    run = gpusim.simulate(kernel, check="none")[1, block](out, a, pitch, transposed)
    hardware = hardware_counts(record, int(np.prod(block)))
    for key in ("load_sectors", "store_sectors", "load_requests", "store_requests"):
        assert run.counts["global"][key] == hardware[f"global_{key}"]
    for key in ("load_wavefronts", "store_wavefronts", "load_requests"):
        assert run.counts["shared"][key] == hardware[f"shared_{key}"]


@pytest.mark.parametrize("pad", [0, 1, 2, 3])
def test_padding_removes_the_conflicts_of_a_transpose(pad):
    """A 32x32 tile read by columns has 32-way conflicts; a row of 32 + pad words has gcd(32 + pad, 32)-way ones."""
    width = 32 + pad

    @cuda.jit
    def kernel(out, a):
        tile = cuda.shared.array((32, width), float32)
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        tile[y, x] = a[y, x]
        cuda.syncthreads()
        out[y, x] = tile[x, y]

    a = np.arange(1024, dtype=np.float32).reshape(32, 32)
    out = np.zeros_like(a)
    run = gpusim.simulate(kernel)[1, (32, 32)](out, a)
    np.testing.assert_array_equal(out, a.T)
    assert run.counts["shared"]["load_wavefronts"] == 32 * np.gcd(width, 32)
    assert run.counts["shared"]["store_bank_conflicts"] == 0


@settings(max_examples=20, deadline=None)
@given(
    start=st.integers(0, 9),
    stride=st.integers(1, 5),
    field=st.sampled_from(["tag", "x", "y"]),
)
def test_sectors_of_record_fields(start, stride, field):
    """A field of a record is one access of its own width, wherever it lies, across sectors too."""
    point = np.dtype([("tag", np.int8), ("x", np.float32), ("y", np.float64)], align=True)
    points = np.zeros(400, dtype=point)
    out = np.zeros(64)

    @cuda.jit
    def kernel(out, points, start, stride):
        i = cuda.threadIdx.x
        if i < 50:
            out[i] = points[start + i * stride][field]

    run = gpusim.simulate(kernel)[1, 64](out, points, start, stride)
    width, offset = point.fields[field][0].itemsize, point.fields[field][1]
    expected = 0
    for lanes in (range(32), range(32, 50)):
        first = [(start + i * stride) * point.itemsize + offset for i in lanes]
        expected += len({byte // 32 for address in first for byte in range(address, address + width)})
    assert run.arrays["points"]["load_sectors"] == expected
    assert run.arrays["points"]["load_bytes"] == 50 * width


@settings(max_examples=20, deadline=None)
@given(bins=st.integers(1, 70), last=st.integers(1, 96), shared=st.booleans())
def test_atomics_are_atomics_only(bins, last, shared):
    @cuda.jit
    def kernel(out, bins, last, shared):
        part = cuda.shared.array(70, int64)
        i = cuda.threadIdx.x
        if i < 70:
            part[i] = 0
        cuda.syncthreads()
        if i < last:
            if shared:
                cuda.atomic.add(part, i % bins, 1)
            else:
                cuda.atomic.add(out, i % bins, 1)

    run = gpusim.simulate(kernel)[1, 96](np.zeros(70, dtype=np.int64), bins, last, shared)
    space, other = ("shared", "global") if shared else ("global", "shared")
    assert run.counts[space]["atomics"] == last
    assert run.counts[space]["atomic_requests"] == -(-last // 32)
    assert run.counts[other]["atomics"] == 0
    assert run.counts["global"]["load_sectors"] == run.counts["global"]["store_sectors"] == 0
    assert run.counts["shared"]["loads"] == 0


@pytest.mark.parametrize("stride", range(1, 34))
def test_bank_stride_closed_form(stride):
    """A warp that reads every `stride`-th float has gcd(stride, 32)-way conflicts."""

    @cuda.jit
    def kernel(out, stride):
        tile = cuda.shared.array(32 * 33, float32)
        i = cuda.threadIdx.x
        tile[i * stride] = i
        out[i] = tile[i * stride]

    run = gpusim.simulate(kernel)[1, 32](np.zeros(32, dtype=np.float32), stride)
    assert run.counts["shared"]["load_wavefronts"] == np.gcd(stride, 32)
    assert run.counts["shared"]["load_bank_conflicts"] == np.gcd(stride, 32) - 1


def test_augmented_assignment_and_atomics():
    @cuda.jit
    def kernel(out, bins):
        i = cuda.grid(1)
        out[i] += 2
        cuda.atomic.add(bins, i % 3, 1)

    out, bins = np.ones(70), np.zeros(3, dtype=np.int64)
    run = gpusim.simulate(kernel)[1, 70](out, bins)
    np.testing.assert_array_equal(out, np.full(70, 3.0))
    np.testing.assert_array_equal(bins, np.bincount(np.arange(70) % 3))
    assert run.arrays["out"]["loads"] == run.arrays["out"]["stores"] == 70
    assert run.arrays["bins"]["atomics"] == 70
    assert run.arrays["bins"]["loads"] == run.arrays["bins"]["stores"] == 0
    assert run.counts["global"]["atomic_requests"] == 3
    assert run.per_thread("global", "atomics").tolist() == [[1] * 70]


def test_views_and_rows_are_no_access():
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        row = a[i]
        part = row[1:4]
        out[i] = part[0] + row[-1] + a[i, :2][1]

    a = np.arange(40.0).reshape(8, 5)
    out = np.zeros(8)
    run = gpusim.simulate(kernel)[1, 8](out, a)
    np.testing.assert_array_equal(out, a[:, 1] + a[:, -1] + a[:, 1])
    assert run.arrays["a"]["loads"] == 24
    assert not run.findings


def test_negative_indices_are_noted_unless_they_are_written_with_a_minus():
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        out[i] = a[i, -1] + a[-1, i - 1]
        out[i] += a[(i - 2), -2]

    a = np.arange(16.0).reshape(4, 4)
    out = np.zeros(4)
    run = gpusim.simulate(kernel)[1, 4](out, a)
    i = np.arange(4)
    np.testing.assert_array_equal(out, a[i, -1] + a[-1, i - 1] + a[i - 2, -2])
    said = [finding.message.partition(" uses negative index ") for finding in run.findings]
    assert [(source, rest.partition(" of ")[0]) for source, _, rest in said] == [
        ("`a[-1, i - 1]`", "(-1, -1)"),
        ("`a[(i - 2), -2]`", "(-2, -2)"),  # quoted as written
    ]


def test_records_count_one_access_of_the_field():
    point = np.dtype([("x", np.int16), ("y", np.float64), ("tag", np.uint8, (3,))], align=True)

    @cuda.jit
    def kernel(out, points):
        i = cuda.grid(1)
        p = points[i]
        out[i] = p.x + points[i].y + points["x"][i] + p.tag[1]
        points[i].x = 5
        p.tag[2] += 1

    points = np.zeros(10, dtype=point)
    points["x"], points["y"], points["tag"] = np.arange(10), np.arange(10) / 2, np.arange(30).reshape(10, 3)
    out = np.zeros(10)
    expected = points["x"] * 2 + points["y"] + points["tag"][:, 1]
    run = gpusim.simulate(kernel)[1, 10](out, points)
    np.testing.assert_allclose(out, expected)
    np.testing.assert_array_equal(points["x"], np.full(10, 5))
    assert run.arrays["points"]["loads"] == 50
    assert run.arrays["points"]["load_bytes"] == 10 * (2 + 8 + 2 + 1 + 1)
    assert run.arrays["points"]["stores"] == 20


def test_counts_do_not_depend_on_chunks(monkeypatch):
    """The same launch in one chunk and in many: results, totals and per-thread counts are the same."""
    from gpusim.simt.policies import lockstep

    a, b = np.random.default_rng(0).random((2, 12, 12), dtype=np.float32)
    results = []
    for lanes in (1, 40, 1 << 14):
        monkeypatch.setattr(lockstep, "CHUNK_LANES", lanes)
        c = np.zeros((12, 12), dtype=np.float32)
        run = gpusim.simulate(tiled)[(4, 4), (3, 3)](c, a, b)
        results.append((c, run))
    for c, run in results[1:]:
        np.testing.assert_array_equal(c, results[0][0])
        assert run.counts == results[0][1].counts
        assert run.lines == results[0][1].lines
        np.testing.assert_array_equal(run.per_thread("shared", "loads"), results[0][1].per_thread("shared", "loads"))


def test_check_none_counts_the_same():
    a, b, c = np.ones((3, 6, 6), dtype=np.float32)
    checked = gpusim.simulate(tiled)[(2, 2), (3, 3)](c, a, b)
    unchecked = gpusim.simulate(tiled, check="none", trace=True)[(2, 2), (3, 3)](c, a, b)
    assert checked.counts == unchecked.counts
    assert unchecked.trace is not None
    loads = sum(event.block.size for event in unchecked.trace if event.op == "load" and event.space == "global")
    assert loads == 144
