"""Several processes that train one model: each computes a share of every batch, and gradients are summed.

`torchrun --nproc-per-node 2 -m lm train ...` starts them; gloo carries the sums (Li et al. 2020, "PyTorch
Distributed").  All processes then make the same update, so their parameters stay equal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed
from torch import Tensor


@dataclass(frozen=True)
class Processes:
    """How many there are and which one this is: 0 .. count - 1."""

    count: int = 1
    rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the process that reports and writes."""
        return self.rank == 0

    def sum(self, tensor: Tensor) -> None:
        """Replace the tensor, dense or sparse, by the sum of all processes' tensors."""
        if self.count > 1:
            torch.distributed.all_reduce(tensor)

    def wait(self) -> None:
        """Go on when all processes are here."""
        if self.count > 1:
            torch.distributed.barrier()


@contextmanager
def started() -> Iterator[Processes]:
    """The processes that torchrun started, or this one alone."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes()
        return
    torch.distributed.init_process_group("gloo")
    try:
        yield Processes(count, torch.distributed.get_rank())
    finally:
        torch.distributed.destroy_process_group()
