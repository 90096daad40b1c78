"""Prefill and decode: wide against deep, a reserved cache against one that grows, and no cache at all.

    python benchmarks/inference.py [--context 512] [--tokens 64] [--json OUT]

Random weights, torch on one thread of the CPU, one sequence, the best of three.  Wide and deep have the same number of
parameters in their blocks: prefill, which computes all positions at once, is bound by arithmetic, and large products
run faster than many small ones; decode reads every parameter for a single position.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lm.config import Config, modern
from lm.counting import forward_flops, parameters_by_part
from lm.inference.timing import Timing, generation
from lm.torch_model import TorchModel
from lm.transformer import initial

RESULTS = Path(__file__).parent / "results" / "inference.json"
SHAPES = {"wide": (512, 2), "middle": (256, 8), "deep": (128, 32)}  # width, layers: width^2 layers is the same


def model_of(config: Config) -> TorchModel:
    parameters = initial(config, torch.Generator().manual_seed(0))
    return TorchModel(config, {name: p.numpy() for name, p in parameters.items()})


def best(model: TorchModel, prompt: np.ndarray, tokens: int, cache: str) -> Timing:
    """The fastest of three, each with a cache of its own."""
    make = {"none": lambda: None, "reserved": model.new_cache, "grown": lambda: model.new_cache(reserve=False)}[cache]
    return min((generation(model, prompt, tokens, make()) for _ in range(3)), key=lambda timing: timing.first)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="OUT")
    options = parser.parse_args()
    torch.set_num_threads(1)
    prompt = np.arange(options.context - options.tokens, dtype=np.int32) % 65
    rows: list[dict[str, Any]] = []
    for shape, (width, layers) in SHAPES.items():
        config = modern(65, context=options.context, width=width, layers=layers, heads=width // 32)
        model = model_of(config)
        parts = parameters_by_part(config)
        flops = sum(forward_flops(config, len(prompt)).values())
        for cache in ("reserved", "grown", "none") if shape == "middle" else ("reserved",):
            timing = best(model, prompt, options.tokens, cache)
            row = {"shape": shape, "width": width, "layers": layers, "cache": cache, **asdict(timing)}
            row |= {"block_parameters": parts["attention"] + parts["mlp"], "prefill_flops": flops}
            rows.append(row)
            print(
                f"{shape:7} {width:4} x {layers:2}  cache {cache:9} first token {timing.first * 1e3:8.1f} ms"
                f" ({flops / timing.first / 1e9:5.1f} GFLOP/s)  each after {timing.each * 1e3:6.2f} ms"
                f"  cache {timing.cache_bytes:,} bytes, needed {timing.bytes_needed:,}",
                flush=True,
            )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"torch": torch.__version__, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
