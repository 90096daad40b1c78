"""What a transformer holds and does: exact counts of GPT-2's small model, and what flash attention does not move."""

from __future__ import annotations

from typing import Any

from lm.comparison import flash_traffic
from lm.config import gpt2
from lm.corpus import Split
from lm.counting import cache_bytes, forward_flops, parameters_by_part
from lm.lecture.lesson import Finding, Grid, Lesson

CONTEXT = 1024
LENGTHS, WIDTHS = (32, 64, 128), (8, 32)


def _measure(split: Split) -> Finding:
    config = gpt2(50257, context=CONTEXT, width=768, layers=12, heads=12, bias=False, tied=True)
    parts, flops = parameters_by_part(config), forward_flops(config, CONTEXT)
    parameters, operations = sum(parts.values()), sum(flops.values())
    cache = cache_bytes(config, CONTEXT)
    traffic = [flash_traffic(length, width) for width in WIDTHS for length in LENGTHS]
    moved: list[list[Any]] = [
        [t.length, t.width, t.paper_standard, t.paper_flash, t.materialised, t.fused] for t in traffic
    ]
    says = f"""
GPT-2's small model without biases has {parameters:,} parameters; a forward pass over {CONTEXT:,} positions is
{operations:,} multiplications and additions, and the cache of keys and values {cache:,} bytes in 32 bits.

Attention that keeps its scores on the chip moves fewer numbers: below as its paper counts, and as the simulator counts
this package's kernels, without a mask. The paper's count is for tiles of keys as it writes them; the kernel here takes
tiles of queries.
"""
    return Finding(
        says,
        {"parameters": float(parameters), "operations": float(operations), "bytes of the cache": float(cache)},
        [
            Grid(["part", "parameters"], [[k, v] for k, v in parts.items() if v], "Parameters"),
            Grid(["product", "operations"], [[k, v] for k, v in flops.items()], "A forward pass"),
            Grid(
                ["positions", "width", "standard, paper", "flash, paper", "scores in memory", "fused"],
                moved,
                "Numbers moved by one head",
            ),
        ],
    )


LESSON = Lesson(
    2,
    "what a transformer costs",
    "parameters, operations and memory traffic, exactly.",
    "",
    "python -m lm lecture --only counts",
    _measure,
)
