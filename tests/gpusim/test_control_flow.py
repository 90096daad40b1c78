"""Control flow in lockstep against the same kernels run thread by thread."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda
from support.oracle import run_threads

import gpusim


@cuda.jit
def nested_ifs(out, a):
    i = cuda.grid(1)
    if i < a.size:
        if a[i] % 3 == 0:
            x = a[i] * 2
        elif a[i] % 3 == 1:
            x = -a[i]
        else:
            if a[i] > 10:
                x = 7
            else:
                x = a[i] + 100
        out[i] = x


@cuda.jit
def early_return(out, a):
    i = cuda.grid(1)
    if i >= a.size:
        return
    x = a[i]
    if x < 0:
        out[i] = -1
        return
    total = 0
    for k in range(x):
        if k == 5:
            return
        total += k
        out[i] = total
    out[i] = total + 1000


@cuda.jit
def loops(out, a):
    i = cuda.grid(1)
    if i < a.size:
        n = a[i]
        total = 0
        for k in range(n):
            if k % 4 == 3:
                continue
            if total > 20:
                break
            total += k
        else:
            total += 500
        while n > 0:
            n -= 3
            if n == 4:
                break
            total += n
        else:
            total -= 7
        for k in range(10, 0, -3):
            total += k * (k - n)
        out[i] = total


@cuda.jit
def short_circuits(out, a):
    i = cuda.grid(1)
    hit = 0
    if i < a.size and a[i] > 2:
        hit = 1
    if i < a.size and (a[i] == 1 or a[i] < 0 or a[i] % 2 == 0):
        hit += 10
    other = a[i] if i < a.size and a[i] > 4 else -i
    if i < out.size:
        out[i] = hit * 1000 + other + (1 if 2 < other < 9 else 2)


@cuda.jit
def nested_loops_with_exits(out, a):
    i = cuda.grid(1)
    if i < a.size:
        total = 0
        for p in range(a[i]):
            for q in range(p + 1):
                if q == 3:
                    break
                if (p + q) % 5 == 4:
                    continue
                if total > 40:
                    out[i] = total
                    return
                total += p * q + 1
            else:
                total += 2
        out[i] = -total


@cuda.jit
def collatz(out, a):
    i = cuda.grid(1)
    if i < a.size:
        n = a[i]
        steps = 0
        while n > 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        out[i] = steps


@cuda.jit
def while_true(out, a):
    i = cuda.grid(1)
    if i < a.size:
        k = 0
        while True:
            k += 1
            if k * k > a[i]:
                break
        out[i] = k


@cuda.jit
def swap_and_unpack(out, a):
    i = cuda.grid(1)
    if i < a.size:
        x, y = a[i], i
        if x > y:
            x, y = y, x
        first = second = x - y
        out[i] = x * 100 + y + first * second


KERNELS = [
    nested_ifs,
    early_return,
    loops,
    short_circuits,
    nested_loops_with_exits,
    collatz,
    while_true,
    swap_and_unpack,
]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.py_func.__name__)
@pytest.mark.parametrize(("grid", "block"), [(1, 1), (2, 33), (3, 64), (1, 7)])
def test_same_result_and_counts_as_thread_by_thread(kernel, grid, block):
    size = grid * block - 2 if grid * block > 4 else grid * block
    rng = np.random.default_rng(size)
    a = rng.integers(-3, 30, size).astype(np.int64)
    expected, out = np.full(size, -77), np.full(size, -77)
    record = run_threads(kernel, grid, block, expected, a.copy())
    run = gpusim.simulate(kernel)[grid, block](out, a)
    np.testing.assert_array_equal(out, expected)
    shape = (grid, block)
    for op in ("load", "store"):
        assert run.counts["global"][op + "s"] == record.count("global", op)
        np.testing.assert_array_equal(run.per_thread("global", op + "s"), record.per_thread("global", op, shape))


@cuda.jit(device=True)
def clamp(x, low, high=9):
    if x < low:
        return low
    if x > high:
        return high
    return x


@cuda.jit(device=True)
def factorial(n):
    if n <= 1:
        return 1
    return n * factorial(n - 1)


@cuda.jit(device=True)
def store_twice(out, i, value):
    out[i] = value
    if value > 4:
        out[i] = value * 2


def test_device_functions_merge_their_returns():
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        if i < a.size:
            store_twice(out, i, clamp(a[i], 0) + clamp(a[i], 2, high=5) + factorial(a[i] % 6))

    a = np.arange(-8, 25)
    out = np.zeros_like(a)
    run = gpusim.simulate(kernel)[2, 32](out, a)

    def reference(x):
        fact = [1, 1, 2, 6, 24, 120][x % 6]
        value = min(max(x, 0), 9) + min(max(x, 2), 5) + fact
        return value * 2 if value > 4 else value

    np.testing.assert_array_equal(out, [reference(x) for x in a])
    # Stores in the device function belong to the caller's array and the device function's line.
    assert run.arrays["out"]["stores"] == run.counts["global"]["stores"]
    first = store_twice.py_func.__code__.co_firstlineno
    assert run.lines[first + 2]["global_stores"] == a.size


def test_nested_functions_see_the_variables_around_them():
    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        base = i * 10

        def shifted(x):
            return base + x

        out[i] = shifted(1) + shifted(2)

    out = np.zeros(5, dtype=np.int64)
    gpusim.simulate(kernel)[1, 5](out)
    np.testing.assert_array_equal(out, [20 * i + 3 for i in range(5)])


@cuda.jit
def with_lambda(out, a):
    i = cuda.grid(1)
    factor = 2
    if i > 3:
        factor = 3
    scaled = lambda x: x * factor  # noqa: E731
    out[i] = scaled(a[i]) + sum((a[i], i, 1)) + len("four")


def test_lambdas_see_the_variables_around_them():
    a, out, i = np.arange(8.0), np.zeros(8), np.arange(8)
    gpusim.simulate(with_lambda)[1, 8](out, a)
    np.testing.assert_array_equal(out, a * np.where(i > 3, 3, 2) + a + i + 1 + 4)


def test_iteration_over_tuples_arrays_enumerate_and_zip():
    weights = (2.0, 3.0, 5.0)

    @cuda.jit
    def kernel(out, a, pair):
        i = cuda.grid(1)
        total = 0.0
        for w in weights:
            total += w
        for k, v in enumerate(a):
            total += k * v
        for x, y in zip(a, pair):  # noqa: B905 (Numba's zip has no strict)
            total += x * y
        out[i] = total + len(pair) + len(a)

    a = np.array([1.0, 4.0, 9.0])
    out = np.zeros(3)
    run = gpusim.simulate(kernel)[1, 3](out, a, (10, 20))
    expected = 10 + (0 * 1 + 1 * 4 + 2 * 9) + (1 * 10 + 4 * 20) + 2 + 3
    np.testing.assert_allclose(out, expected)
    assert run.arrays["a"]["loads"] == 3 * (3 + 2)


def test_divergence_is_counted_per_warp():
    @cuda.jit
    def kernel(out):
        i = cuda.threadIdx.x
        if i < 16:
            out[i] = 1
        if i < 64:
            out[i] = 2
        for _ in range(i // 32):
            out[i] = 3
        for _ in range(i % 2):
            out[i] = 4

    out = np.zeros(96)
    warp = gpusim.simulate(kernel)[1, 96](out).counts.warp
    assert warp.branches == 6
    assert warp.divergent_branches == 1
    # range(i // 32): 1 + 2 + 3 tests, uniform in each warp; range(i % 2): 2 in each of 3 warps, 1 divergent.
    assert warp.loop_tests == 6 + 6
    assert warp.divergent_loop_tests == 3


def test_none_equals_only_none():
    def kernel(out, x):
        out[0] = x == 0
        out[1] = x != None  # noqa: E711
        out[2] = x == None  # noqa: E711

    for x, expected in ((None, [0, 0, 1]), (0, [1, 1, 0]), (2, [0, 1, 0])):
        out = np.full(3, -1)
        gpusim.simulate(kernel)[1, 1](out, x)
        assert out.tolist() == expected
