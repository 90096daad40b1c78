"""Which optimizer updates which parameter."""

from __future__ import annotations

import torch
from torch import Tensor

from lm.training.muon import Muon
from lm.training.options import Options

BETAS = (0.9, 0.99)


class Optimizers:
    """The optimizers of one model, stepped and saved together.

    Matrices of the blocks: Muon (or AdamW).  Embedding, head, gains and biases: AdamW (Loshchilov & Hutter 2019), with
    weight decay for matrices only.  Hashed tables: Adam on the rows that a step touches (`torch.optim.SparseAdam`).
    """

    def __init__(self, parameters: dict[str, Tensor], options: Options) -> None:
        tables = {name: p for name, p in parameters.items() if name.startswith("embedding.ngram")}
        muon = {name: p for name, p in parameters.items() if name.startswith("blocks.") and p.ndim == 2}
        if options.optimizer == "adamw":
            muon = {}
        rest = {name: p for name, p in parameters.items() if name not in tables and name not in muon}
        self.dense = [p for name, p in parameters.items() if name not in tables]
        self.options = options
        groups = [
            {"params": [p for p in rest.values() if p.ndim > 1], "weight_decay": options.decay},
            {"params": [p for p in rest.values() if p.ndim == 1], "weight_decay": 0.0},
        ]
        self._all: list[tuple[torch.optim.Optimizer, float]] = [
            (torch.optim.AdamW([group for group in groups if group["params"]], betas=BETAS), options.rate)
        ]
        if muon:
            self._all.append((Muon(muon, options.muon_rate, options.decay), options.muon_rate))
        if tables:
            self._all.append((torch.optim.SparseAdam(list(tables.values()), betas=BETAS), options.table_rate))

    def step(self, factor: float) -> None:
        """One update with every highest rate times `factor`; gradients are gone afterwards."""
        if self.options.optimizer == "adamw":
            torch.nn.utils.clip_grad_norm_(self.dense, self.options.clip)
        for optimizer, rate in self._all:
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> list[dict[str, object]]:
        return [optimizer.state_dict() for optimizer, _ in self._all]

    def load(self, state: list[dict[str, object]]) -> None:
        for (optimizer, _), saved in zip(self._all, state, strict=True):
            optimizer.load_state_dict(saved)
