"""Defects that generated kernels found, as small as they get; every name says what went wrong."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda
from support.agreement import check_schedulers
from support.oracle import run_threads

THREADS = 40


def integers() -> tuple[np.ndarray, np.ndarray]:
    """(out, a): zeros, and numbers that differ between threads."""
    return np.zeros(2 * THREADS, dtype=np.int64), np.arange(2 * THREADS) * 7 % 11


def agree(kernel, arguments=integers):
    """All schedulers agree, and the oracle finds the same results and loads."""
    run, results = check_schedulers(cuda.jit(kernel), (2, THREADS), arguments)
    given = arguments()
    record = run_threads(kernel, 2, THREADS, *given)
    np.testing.assert_array_equal(results[0], given[0])
    for op in ("load", "store"):
        assert run.counts["global"][f"{op}s"] == record.count("global", op)
    return run


def test_else_of_a_loop_was_not_one_instruction_in_threads_that_left_in_different_iterations():
    def kernel(out, a):
        i = cuda.grid(1)
        n = a[i]
        while n > 0:
            n -= 1
        else:
            out[i] = a[i]

    assert agree(kernel).counts["global"]["store_requests"] == 4


def test_first_and_second_test_of_a_loop_were_one_instruction_in_threads_that_load_in_only_one_of_them():
    def kernel(out, a):
        i = cuda.grid(1)
        k = 0
        while k < 3 and (k == i % 2 or a[k] >= 0):
            k += 1
        out[i] = k

    assert agree(kernel).counts["global"]["load_requests"] == 3 * 4


def test_calls_of_a_nested_function_were_one_instruction_in_threads_wherever_they_stood():
    def kernel(out, a):
        i = cuda.grid(1)

        def item(k):
            return a[k]

        if i % 2:
            out[i] = item(i)
        else:
            out[i] = item(i) + 1

    assert agree(kernel).counts["global"]["load_requests"] == 8


def test_chained_comparison_loaded_its_end_where_its_start_had_failed():
    def kernel(out, a):
        i = cuda.grid(1)
        out[i] = 3 < i < a[i] + 20 != a[i - 1]

    agree(kernel)


@pytest.mark.parametrize("word", ["and", "or"])
def test_chained_comparisons_inside_each_other(word):
    def both(out, a):
        i = cuda.grid(1)
        out[i] = 1 < a[i] < (3 if 0 < a[i] <= a[i // 2] < 9 else a[i // 3]) and a[i] > 2

    def either(out, a):
        i = cuda.grid(1)
        out[i] = 1 < a[i] < (3 if 0 < a[i] <= a[i // 2] < 9 else a[i // 3]) or a[i] > 2

    agree(both if word == "and" else either)
