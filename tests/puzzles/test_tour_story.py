"""The stories of the tour stop where they say: each station is a line that the block comes to so often."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda

import gpusim

pytest.importorskip("torch", reason="the tour compares with torch")

from support.recordings import Played

from puzzles.tour import attention, gemm
from puzzles.tour.progress import Progress
from puzzles.tour.story import Station, story


@pytest.fixture(scope="module")
def told():
    products = gemm.explore(Progress(), uneven=gemm.UNEVEN[:1])
    attentions = attention.explore(Progress(), rows=5, columns=6, length=9)
    return {
        "naive": (products.naive3.run, gemm._naive_story(products)),
        "shared": (products.shared3.run, gemm._shared_story(products)),
        "tiled": (products.tiled6.run, gemm._tiled_story(products)),
        "softmax": (attentions.told.run, attention.SOFTMAX_STORY),
        "attention": (attentions.drawn.run, attention.TILED_STORY),
    }


@pytest.mark.parametrize("name", ["naive", "shared", "tiled", "softmax", "attention"])
def test_stations_are_reached_in_order(told, name):
    run, stations = told[name]
    played = Played(run.play().recordings[0].data)
    source = dict(run.source)
    steps = []
    for station in stations:
        visits = [
            number
            for number, step in enumerate(played.steps)
            if station.code in source[step[0].line] and station.block in {block for block, _ in step[0].threads}
        ]
        assert len(visits) >= station.visit, station.code
        steps.append(visits[station.visit - 1])
    assert steps == sorted(steps)


def test_the_numbers_in_the_stories_are_the_lectures(told):
    said = " ".join(station.text for _, stations in told.values() for station in stations)
    for sentence in ("54 reads of 18 different elements", "18 global reads have done the work of 54", "become 144"):
        assert sentence in said


def test_a_station_that_is_not_there_is_an_error():
    @cuda.jit
    def kernel(a):
        a[0] = 1

    run = gpusim.simulate(kernel)[1, 1](np.zeros(1))
    with pytest.raises(LookupError, match="no line with `a\\[1\\]`"):
        story(run, [Station("a[1]", "nowhere")])
