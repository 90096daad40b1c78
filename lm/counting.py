"""What a transformer holds and does, counted exactly: parameters, multiplications and additions, bytes of the cache.

A product of [M, K] and [K, N] is 2 M K N operations: a multiplication and an addition for each of M K N pairs.
As usual (Kaplan et al. 2020, section 2.1; Hoffmann et al. 2022, appendix F) only matrix products count, attention's for
every pair of positions, masked or not.  A backward pass is twice the forward pass.
"""

from __future__ import annotations

from math import prod

from lm.config import Config, parameter_shapes

FLOAT = 4  # bytes


def parameters_by_part(config: Config) -> dict[str, int]:
    """Number of scalars: embedding, positions, tables (hashed n-grams), attention, mlp, norms, head."""
    counts = dict.fromkeys(("embedding", "positions", "tables", "attention", "mlp", "norms", "head"), 0)
    for name, shape in parameter_shapes(config).items():
        counts[_part(name)] += prod(shape)
    return counts


def _part(name: str) -> str:
    if name == "embedding.token":
        return "embedding"
    if name == "embedding.position":
        return "positions"
    if name.startswith("embedding.ngram"):
        return "tables"
    if name.startswith("head."):
        return "head"
    for part in ("attn", "mlp"):
        if f".{part}." in name:
            return "attention" if part == "attn" else part
    return "norms"


def dense_parameters(config: Config) -> int:
    """All parameters but those of hashed tables, of which a token uses one row each."""
    counts = parameters_by_part(config)
    return sum(counts.values()) - counts["tables"]


def forward_flops(config: Config, length: int, past: int = 0) -> dict[str, int]:
    """Operations of a forward pass over `length` new positions of one sequence, by kind of product.

    `past` positions lie in the cache: the new ones attend to them but they are not computed again.
    """
    per_layer = {
        "queries": 2 * length * config.width * config.query_width,
        "keys and values": 2 * 2 * length * config.width * config.kv_width,
        "scores": 2 * length * (past + length) * config.query_width,
        "values": 2 * length * (past + length) * config.query_width,
        "projection": 2 * length * config.query_width * config.width,
        "mlp": 2 * 2 * length * config.width * config.hidden,
    }
    counts = {name: config.layers * count for name, count in per_layer.items()}
    return counts | {"head": 2 * length * config.width * config.vocabulary}


def training_flops(config: Config, tokens: int) -> int:
    """Operations of forward and backward passes over so many tokens, in windows of the context."""
    return 3 * sum(forward_flops(config, config.context).values()) * tokens // config.context


def cache_bytes(config: Config, positions: int, sequences: int = 1) -> int:
    """Bytes of float32 keys and values: two vectors of G d numbers for each layer and position."""
    return 2 * config.layers * config.kv_width * positions * sequences * FLOAT
