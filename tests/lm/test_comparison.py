"""Reads counted by hand equal reads counted by the simulator, and results equal torch's."""

from __future__ import annotations

import pytest

from lm.comparison import (
    compare_attention,
    compare_matmul,
    compare_softmax,
    flash_accesses,
    flash_traffic,
    standard_accesses,
)


def check(variants, tolerance=1e-5):
    for variant in variants:
        assert variant.global_reads == variant.reads_by_hand, variant.name
        assert variant.error < tolerance


@pytest.mark.parametrize("size", [(50, 70, 37), (64, 128, 16), (1, 1, 1)])
@pytest.mark.parametrize("beta", [0.0, 0.5])
def test_matmul(size, beta):
    tiled, register_tiled = compare_matmul(*size, beta=beta)
    check((tiled, register_tiled), 1e-4)
    assert tiled.global_writes == register_tiled.global_writes == size[0] * size[1]


def test_register_tiling_reads_shared_memory_half_a_time_per_product():
    tiled, register_tiled = compare_matmul(64, 64, 64)
    assert tiled.shared_reads == 2 * 64**3
    assert register_tiled.shared_reads == 64**3 // 2


@pytest.mark.parametrize("size", [(64, 200), (3, 17)])
def test_softmax(size):
    three_pass, online = compare_softmax(*size)
    check((three_pass, online))
    assert (three_pass.global_reads, online.global_reads) == (3 * size[0] * size[1], 2 * size[0] * size[1])


@pytest.mark.parametrize("size", [(64, 2, 16), (37, 2, 20)])
def test_attention(size):
    variants = compare_attention(*size)
    check(variants)
    reads = [variant.global_reads for variant in variants]
    assert reads == sorted(reads, reverse=True)
    assert variants[-1].kernels == ("attention",)
    assert variants[-1].global_writes == size[0] * size[1] * size[2]


@pytest.mark.parametrize(("length", "width"), [(64, 8), (37, 20), (128, 32)])
def test_numbers_that_attention_moves(length, width):
    found = flash_traffic(length, width)
    tiles = -(-length // 32)
    assert found.fused == (2 + 2 * tiles) * length * width
    assert found.paper_standard == 4 * length * (width + length)
    assert found.paper_flash == 2 * length * width + tiles * length * (3 * width + 4)
    # Kernels that fetch tiles of 16 read queries and keys again for each of them: more than the paper's least.
    assert found.materialised > found.paper_standard


def test_where_flash_attention_pays():
    """The paper's counts cross where a head is about as wide as 4/3 of the tile."""
    assert flash_accesses(4096, 40, 32) < standard_accesses(4096, 40)
    assert flash_accesses(4096, 44, 32) > standard_accesses(4096, 44)
    assert flash_accesses(4096, 44, 64) < standard_accesses(4096, 44)
    traffic = flash_traffic(256, 8)
    assert traffic.fused < traffic.materialised / 4
