"""Pictures of grids, of single accesses, of failed checks, of weights and of predicted times: what they say is true."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim import GpusimError, view

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture):
    return [element.text for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def tooltips(picture):
    return [element.text for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}title")][1:]


@cuda.jit
def triangle(out, a):
    total = 0.0
    for k in range(3 * cuda.blockIdx.x + cuda.blockIdx.y):
        total += a[k]
    out[cuda.grid(1)] = total


@cuda.jit
def columns(out, a, stride):
    tile = cuda.shared.array((32, 32), float32)
    i = cuda.threadIdx.x
    tile[i, 0] = a[i * stride]
    cuda.syncthreads()
    out[i] = tile[i, 0]


def test_every_block_says_its_count():
    run = gpusim.simulate(triangle)[(4, 3), 8](np.zeros(32), np.ones(20))
    picture = run.draw_blocks()
    counts = run.per_thread("global", "loads").sum(axis=1)
    assert tooltips(picture) == [f"block ({b % 4}, {b // 4}): {counts[b]} global loads" for b in range(12)]
    assert f"{counts.min()} to {counts.max()}" in " ".join(texts(picture))


def test_a_large_grid_is_drawn_in_squares_of_blocks():
    run = gpusim.simulate(triangle)[(100, 100), 1](np.zeros(100), np.ones(400))
    picture = run.draw_blocks("global", "stores")
    assert "a cell is the mean of 4 × 4 blocks" in " ".join(texts(picture))
    assert set(tooltips(picture)) == {"16 blocks: 1 global stores"}


def test_unknown_counters_are_refused():
    run = gpusim.simulate(triangle)[(2, 2), 1](np.zeros(2), np.ones(9))
    with pytest.raises(ValueError, match="loads, stores or atomics"):
        run.draw_blocks("global", "sectors")


@pytest.mark.parametrize("stride", [1, 2, 8])
def test_the_sectors_of_an_access_are_those_that_are_counted(stride):
    run = gpusim.simulate(columns)[1, 32](np.zeros(32, np.float32), np.zeros(32 * stride, np.float32), stride)
    line = columns.py_func.__code__.co_firstlineno + 4
    sectors = run.lines[line]["global_load_sectors"]
    said = " ".join(texts(run.draw_access(line, "a")))
    assert f"{sectors} sectors of 32 bytes travel" in said
    assert ("as few as can be" in said) == (stride == 1)


def test_the_conflicts_of_an_access_are_those_that_are_counted():
    run = gpusim.simulate(columns)[1, 32](np.zeros(32, np.float32), np.zeros(32, np.float32), 1)
    line = columns.py_func.__code__.co_firstlineno + 6
    said = " ".join(texts(run.draw_access(line, "tile")))
    assert f"{run.lines[line]['shared_load_wavefronts']} wavefronts" in said
    assert f"{run.lines[line]['shared_load_bank_conflicts']} bank conflicts" in said


def test_an_access_that_is_not_there_is_one_sentence():
    run = gpusim.simulate(columns)[1, 32](np.zeros(32, np.float32), np.zeros(32, np.float32), 1)
    with pytest.raises(GpusimError, match="warp 3 of block 0 does not access global or shared memory in line 1"):
        run.draw_access(1, warp=3)


def test_a_difference_marks_what_is_wrong():
    expected = np.arange(12.0).reshape(3, 4)
    got = expected.copy()
    got[1, 2] += 0.5
    got[2, 0] = np.nan
    picture = view.draw_difference(expected, got, got != expected, "mine")
    said = texts(picture)
    assert "2 of 12 elements differ" in said
    assert [said.count(name) for name in ("expected", "got", "got − expected", ".5", "nan")] == [1, 1, 1, 1, 2]
    assert len(re.findall(r'class="f-fault', picture.svg)) == 4


def test_a_large_difference_marks_its_bins():
    expected = np.zeros((400, 400))
    got = expected.copy()
    got[399, 0] = 1
    picture = view.draw_difference(expected, got, got != expected, "large")
    assert len(re.findall(r'class="f-fault', picture.svg)) == 2


def test_weights_are_as_strong_as_they_are_great():
    weights = np.array([[1.0, 0.0], [0.25, 0.75]])
    picture = view.draw_weights(weights, "head", ["a", "b"], ["a", "b"])
    opacities = [float(x) for x in re.findall(r'f-read[^>]*fill-opacity="([\d.]+)"', picture.svg)]
    np.testing.assert_allclose((np.array(opacities) - 0.04) / 0.92, weights.reshape(-1), atol=0.01)


def test_the_bars_of_a_predicted_time_are_its_roofs():
    pytest.importorskip("matplotlib")
    run = gpusim.simulate(triangle)[(4, 3), 8](np.zeros(32), np.ones(20))
    bound = run.time("h200", registers=32)
    picture = run.draw_time("h200", registers=32)
    said = " ".join(texts(picture))
    assert f"bound by {bound.bound_by}" in said
    for name, roof in bound.roofs.items():
        assert name in said
        assert f"{roof.amount:,.0f} {roof.unit}" in said
    assert picture.svg == run.draw_time("h200", registers=32).svg
