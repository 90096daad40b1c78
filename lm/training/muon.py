"""Muon: momentum whose matrix is replaced by the nearest one with equal singular values.

    M <- mu M + G,    W <- W - rate sqrt(max(1, outputs / inputs)) orthogonal(G + mu M)

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".  orthogonal(X) is near U V^T of
X = U S V^T: every direction is learned at the same speed.  It comes from Newton and Schulz' iteration

    X <- a X + (b A + c A^2) X,   A = X X^T

with coefficients that bring singular values near 1 fast rather than exactly.  Matrices of one shape are updated
together, as one batch of products.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor

A, B, C = 3.4445, -4.7750, 2.0315
ITERATIONS = 5


def orthogonal(x: Tensor) -> Tensor:
    """[N, n, m] -> [N, n, m], singular values near 1 (within 0.68 .. 1.13), in bfloat16 as the authors do."""
    wide = x.shape[1] <= x.shape[2]
    x = (x if wide else x.transpose(1, 2)).bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        a = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(a, a, a, beta=B, alpha=C), x, beta=A)
    return (x if wide else x.transpose(1, 2)).float()


class Muon(torch.optim.Optimizer):
    """The update above for matrices (inputs, outputs), with decoupled weight decay (Loshchilov & Hutter 2019)."""

    def __init__(self, parameters: Mapping[str, Tensor], rate: float, decay: float, momentum: float = 0.95) -> None:
        super().__init__(list(parameters.values()), {"lr": rate, "weight_decay": decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    by_shape[p.shape].append(p)
            for (inputs, outputs), parameters in by_shape.items():
                updates = orthogonal(torch.stack([self._look_ahead(p, group["momentum"]) for p in parameters]))
                rate = group["lr"] * max(1.0, outputs / inputs) ** 0.5
                for p, update in zip(parameters, updates, strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-rate)

    def _look_ahead(self, p: Tensor, momentum: float) -> Tensor:
        """Nesterov's momentum: the gradient plus `momentum` times the running sum that already has it."""
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(p)
        assert p.grad is not None
        running = state["momentum"].mul_(momentum).add_(p.grad)
        return p.grad.add(running, alpha=momentum)
