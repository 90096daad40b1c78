"""How badly a law fits a table of runs: the sum of Huber losses of log L, and its gradient.

    S(theta) = sum_i Huber_delta( log L_theta(N_i, D_i) - log L_i ),
    log L_theta = logsumexp(a - alpha log N, b - beta log D, e),      A = exp a, B = exp b, E = exp e

as Hoffmann et al. 2022 have it (section D.2, delta = 1e-3), and as the replication of Besiroglu et al. 2024
(arXiv:2404.10102) does: the sum, not the mean.  The minimiser is the same; a minimiser that stops at a fixed size of
the gradient is not, which is why the former's printed constants are no optimum (the same paper, section 4).

Here log N and log D are taken about their means, which decorrelates a from alpha and b from beta, and the objective
handed to the minimiser is S / (delta rows), which is of order one.  Both change the path, not the minimum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lm.scaling.law import Floats, Law
from lm.scaling.table import Runs

DELTA = 1e-3


@dataclass(frozen=True)
class Objective:
    """S of one table.  theta [5] = (a, b, e, alpha, beta), with a and b at the mean of log N and log D."""

    n: Floats  # log N - its mean, [rows]
    d: Floats  # log D - its mean, [rows]
    log_loss: Floats  # [rows]
    means: tuple[float, float]
    delta: float = DELTA

    @classmethod
    def of(cls, runs: Runs, delta: float = DELTA) -> Objective:
        log_n, log_d = np.log(runs.parameters), np.log(runs.tokens)
        means = float(log_n.mean()), float(log_d.mean())
        return cls(log_n - means[0], log_d - means[1], np.log(runs.loss), means, delta)

    def take(self, rows: np.ndarray) -> Objective:
        """S of these rows; theta keeps its meaning."""
        return replace(self, n=self.n[rows], d=self.d[rows], log_loss=self.log_loss[rows])

    def constants(self, theta: Floats) -> Floats:
        """E, A, B, alpha, beta: [5]."""
        a, b, e, alpha, beta = theta
        log_n, log_d = self.means
        with np.errstate(over="ignore"):  # a resample's law may be out of bounds; who asks looks for finite ones
            return np.array([np.exp(e), np.exp(a + alpha * log_n), np.exp(b + beta * log_d), alpha, beta])

    def law(self, theta: Floats) -> Law:
        return Law(*self.constants(theta).tolist())

    def theta(self, law: Law) -> Floats:
        log_n, log_d = self.means
        a, b = np.log(law.A) - law.alpha * log_n, np.log(law.B) - law.beta * log_d
        return np.array([a, b, np.log(law.E), law.alpha, law.beta])

    def terms(self, theta: Floats) -> tuple[Floats, Floats]:
        """log L [rows], and the shares of the size, data and irreducible terms in L [3, rows]."""
        a, b, e, alpha, beta = theta
        logs = np.empty((3, len(self.n)))
        logs[0] = a - alpha * self.n
        logs[1] = b - beta * self.d
        logs[2] = e
        top = logs.max(axis=0)
        shares = np.exp(logs - top)
        total = shares.sum(axis=0)
        return top + np.log(total), shares / total

    def residuals(self, theta: Floats) -> Floats:
        """log L_theta - log L, [rows]."""
        return self.terms(theta)[0] - self.log_loss

    def jacobian(self, theta: Floats) -> Floats:
        """d log L / d theta, [rows, 5]."""
        _, (size, data, floor) = self.terms(theta)
        return np.stack([size, data, floor, -size * self.n, -data * self.d], axis=1)

    def value(self, theta: Floats) -> float:
        """S, the sum of Huber losses."""
        return float(huber(self.residuals(theta), self.delta).sum())

    def scaled(self, theta: Floats) -> tuple[float, Floats]:
        """S / (delta rows) and its gradient [5]."""
        predicted, (size, data, floor) = self.terms(theta)
        residual = predicted - self.log_loss
        scale = 1 / (self.delta * len(residual))
        slope = np.clip(residual, -self.delta, self.delta) * scale  # Huber's derivative
        pull_n, pull_d = slope * size, slope * data
        gradient = np.array([pull_n.sum(), pull_d.sum(), slope @ floor, -(pull_n @ self.n), -(pull_d @ self.d)])
        return float(huber(residual, self.delta).sum()) * scale, gradient


def huber(residual: Floats, delta: float) -> Floats:
    """r^2 / 2 within delta, delta (|r| - delta / 2) beyond (Huber 1964), elementwise."""
    size = np.abs(residual)
    return np.where(size <= delta, 0.5 * residual**2, delta * (size - 0.5 * delta))
