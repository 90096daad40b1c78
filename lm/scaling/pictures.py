"""Pictures of scaling laws, with matplotlib: each function returns a drawing that `lm.scaling.canvas.save` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lm.errors import LMError
from lm.scaling import kaplan
from lm.scaling.bootstrap import Bootstrap
from lm.scaling.canvas import Draw, Theme, by_size, name_point, short, sizes_axis, titles
from lm.scaling.envelope import curves, envelope, loss_at
from lm.scaling.fit import Fit
from lm.scaling.isoflop import Parabola, budgets, parabolas
from lm.scaling.law import Floats, Law
from lm.scaling.models import MODELS
from lm.scaling.named import LAWS, Range
from lm.scaling.objective import DELTA
from lm.scaling.sweep.measured import COUNTS, HOFFMANN, KAPLAN, SCHEDULES, Reading
from lm.scaling.table import Runs

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MANY = 5  # runs of a budget that are no coincidence


def compute_picture(runs: Runs, law: Law | None = None, entropy: float | None = None) -> Draw:
    """Loss against compute: a curve for each N, the envelope below them, the law's optimum and the entropy."""

    def draw(axes: Axes, theme: Theme) -> None:
        lines = curves(runs)
        if not lines:
            axes.scatter(runs.compute, runs.loss, c=by_size(list(runs.parameters), theme), s=18)
        for line, colour in zip(lines, by_size([line.parameters[0] for line in lines], theme), strict=True):
            axes.plot(line.compute, line.loss, "o-", ms=3.2, lw=1.1, color=colour)
            name_point(axes, theme, short(line.parameters[0]), (line.compute[0], line.loss[0]), xytext=(0, 6),
                       ha="center", color=colour)  # fmt: skip
        if len(lines) >= 2:
            lowest = envelope(runs)
            axes.plot(lowest.compute, lowest.loss, color=theme.ink, lw=2.4, alpha=0.55, label="envelope")
        if law:
            compute = np.geomspace(runs.compute.min(), runs.compute.max(), 100)
            best = [law.optimum(c).loss for c in compute]
            axes.plot(compute, best, "--", color=theme.series[1], label="the law's optimum")
        if entropy:
            axes.axhline(entropy, color=theme.series[2], lw=1.2, ls=":", label=f"entropy {entropy:.3f}")
        titles(axes, theme, "compute C = 6 N D, FLOP", "loss, nats a token")
        axes.set_xscale("log")

    return draw


def isoflop_picture(runs: Runs, law: Law | None = None) -> Draw:
    """Loss against N at fixed compute, with parabolas and their lowest points.

    Runs without common budgets are cut at six: each curve is interpolated at their compute.
    """
    if sum(len(group) >= MANY for group in budgets(runs)) < 2:
        runs = cut(runs, 6)
    found = parabolas(runs)

    def draw(axes: Axes, theme: Theme) -> None:
        groups = [group for group in budgets(runs) if len(group) >= 3]
        every = -(-len(groups) // 9)  # a legend has at most nine budgets
        colours = by_size([group.compute[0] for group in groups], theme)
        lows: dict[float, Parabola] = {float(p.runs.compute[0]): p for p in found}
        for number, (group, colour) in enumerate(zip(groups, colours, strict=True)):
            label = None if number % every else f"{group.compute[0]:.1e} FLOP"
            axes.plot(group.parameters, group.loss, "o", ms=3.5, color=colour, label=label)
            low = lows.get(float(group.compute[0]))
            if low:
                sizes = np.geomspace(group.parameters.min(), group.parameters.max(), 80)
                axes.plot(sizes, low.curvature * np.log(sizes / low.parameters) ** 2 + low.loss, lw=1.2, color=colour)
                axes.plot(low.parameters, low.loss, "*", ms=11, color=colour, mec=theme.page)
        if law:
            best = [law.optimum(group.compute[0]) for group in groups]
            axes.plot([b.parameters for b in best], [b.loss for b in best], "--", color=theme.series[1],
                      label="the law's optimum")  # fmt: skip
        titles(axes, theme, "parameters N", "loss, nats a token")
        sizes_axis(axes)

    return draw


def cut(runs: Runs, count: int) -> Runs:
    """The curves of a table interpolated at `count` budgets that at least three of them span."""
    lines = curves(runs)
    compute = np.geomspace(runs.compute.min(), runs.compute.max(), 400)
    spanning = sum((np.isfinite(loss_at(line, compute)).astype(int) for line in lines), np.zeros(len(compute), int))
    spanned = compute[spanning >= 3]
    if len(spanned) < count:
        raise LMError(f"{runs.source} has no three sizes whose compute overlaps: give runs at common budgets 6 N D")
    chosen = np.geomspace(spanned[0] * 1.0001, spanned[-1] * 0.9999, count)
    n, c = np.repeat([line.parameters[0] for line in lines], count), np.tile(chosen, len(lines))
    loss = np.concatenate([loss_at(line, chosen) for line in lines])
    inside = np.isfinite(loss)
    return Runs(n[inside], (c / 6 / n)[inside], loss[inside], runs.source)


def models_picture(laws: tuple[str, ...] = ("besiroglu-2024", "hoffmann-2022-unrounded", "kaplan-2020")) -> Draw:
    """Known models by 6 N D and N, with the lines of optima of three laws; dotted where a law extrapolates."""

    def draw(axes: Axes, theme: Theme) -> None:
        compute = np.geomspace(3e18, 3e26, 200)
        for name, colour in zip(laws, theme.series, strict=False):
            law = LAWS[name]
            sizes = np.array([law.dense.optimum(c).parameters for c in compute])
            inside = _inside(law.runs, compute, sizes)
            axes.plot(compute, np.where(inside, sizes, np.nan), color=colour, lw=2.2, label=law.title)
            axes.plot(compute, np.where(inside, np.nan, sizes), ":", color=colour, lw=1.6)
        for model in MODELS:
            if model.six_nd is None:
                continue
            axes.plot(model.six_nd, model.parameters, "o", color=theme.ink, ms=5, zorder=4)
            right, up, side = LABELS.get(model.name, (6, 3, "left"))
            name_point(axes, theme, model.name, (model.six_nd, model.parameters), xytext=(right, up), ha=side,
                       color=theme.ink)  # fmt: skip
        titles(axes, theme, "compute 6 N D, FLOP", "parameters N")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(3e7, 1e14)

    return draw


LABELS = {
    "GPT-3": (-6, -1, "right"),
    "Gopher": (-6, 3, "right"),
    "Megatron-Turing NLG": (-6, 3, "right"),
    "Chinchilla": (-9, -3, "right"),
    "LLaMA 65B": (-4, -14, "right"),
    "Llama 2 70B": (5, -11, "left"),
    "Llama 3.1 405B": (0, -14, "center"),
}
"""Where names stand: points to the right of and above their models, and the side they start from."""


def _inside(runs: Range, compute: Floats, sizes: Floats) -> np.ndarray:
    """Where a line of optima is among the runs that its law was fitted on."""
    if runs.compute:
        return (compute >= runs.compute[0]) & (compute <= runs.compute[1])
    assert runs.parameters is not None  # every law says one of the two
    return (sizes >= runs.parameters[0]) & (sizes <= runs.parameters[1])


def kaplan_picture() -> Draw:
    """The three straight lines of Kaplan et al. 2020, figure 1, each against its own x in units of its largest."""

    def draw(axes: Axes, theme: Theme) -> None:
        spans = ((1e3, 1.5e9), (2.2e7, 2.3e10), (1e-8, 1e2))  # what their figure shows
        for line, span, colour in zip(kaplan.LINES, spans, theme.series, strict=False):
            x = np.geomspace(*span, 50)
            label = f"{line.what}: ({line.scale:.1e} / x)^{line.exponent:.3f}"
            axes.plot(x / span[1], line.loss(x), lw=2, color=colour, label=label)
        titles(axes, theme, "x, as a part of the largest in the paper", "loss, nats a token")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_yticks([2, 3, 4, 6, 8], ["2", "3", "4", "6", "8"])
        axes.minorticks_off()

    return draw


def exponents_picture(found: list[Reading]) -> Draw:
    """The exponent of N_opt in each reading of a sweep with the middle 95 % of its resamples, and the published two."""

    def draw(axes: Axes, theme: Theme) -> None:
        fitted = [r for r in found if r.exponent is not None and r.exponent_interval is not None]
        for place, r in enumerate(fitted):
            assert r.exponent is not None
            assert r.exponent_interval is not None
            axes.plot(r.exponent_interval, (place, place), lw=2.4, color=theme.series[0], alpha=0.6,
                      label="95 % of resamples" if place == 0 else None)  # fmt: skip
            axes.plot(r.exponent, place, "o", ms=8, color=theme.series[0], label="the law" if place == 0 else None)
            if r.envelope_exponent is not None:
                axes.plot(r.envelope_exponent, place, "D", ms=7, mfc="none", mew=1.6, color=theme.series[1],
                          label="the envelope" if place == 0 else None)  # fmt: skip
        for value, name, ls in ((HOFFMANN, "Hoffmann et al.", "--"), (KAPLAN, "Kaplan et al.", ":")):
            axes.axvline(value, color=theme.ink, lw=1.3, ls=ls, label=f"{name} {value:.2f}", zorder=1.9)
        axes.set_yticks(range(len(fitted)), [f"{COUNTS[r.counted]},\n{SCHEDULES[r.schedule]}" for r in fitted])
        axes.set_ylim(len(fitted) - 0.5, -0.5)  # the first above
        titles(axes, theme, "exponent a of N_opt ~ C^a", "")

    return draw


def residuals_picture(runs: Runs, fit: Fit) -> Draw:
    """log L of the law less log L of each run, against the compute; beyond the band the Huber loss is linear."""

    def draw(axes: Axes, theme: Theme) -> None:
        residual = np.log(fit.law.loss(runs.parameters, runs.tokens)) - np.log(runs.loss)
        order = np.argsort(runs.parameters)
        colours = by_size(list(runs.parameters[order]), theme)
        axes.scatter(runs.compute[order], 100 * residual[order], c=colours, s=18)
        axes.axhline(0, color=theme.ink, lw=1)
        axes.axhspan(-100 * DELTA, 100 * DELTA, color=theme.series[1], alpha=0.35, label="squared within: delta")
        titles(axes, theme, "compute C = 6 N D, FLOP (colour: N)", "law above the run, %")
        axes.set_xscale("log")

    return draw


def cloud_picture(fit: Fit, errors: Bootstrap, entropy: float | None = None) -> Draw:
    """E against the exponent of N_opt in every resample, the fit, and the true entropy where it is known."""

    def draw(axes: Axes, theme: Theme) -> None:
        e = errors.constants[:, 0]
        low, high = np.percentile(e, [2.5, 97.5])
        low, high = min(low, entropy or low, fit.law.E), max(high, entropy or high, fit.law.E)
        low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)  # a few that lost E would flatten the others
        outside = int(((e < low) | (e > high)).sum())
        axes.plot(errors.parameter_exponent, e, "o", ms=3.5, color=theme.series[0], alpha=0.45,
                  label="resamples" + (f", {outside} not in sight" if outside else ""))  # fmt: skip
        axes.set_ylim(low, high)
        axes.plot(fit.law.parameter_exponent, fit.law.E, "*", ms=14, color=theme.series[1], label="the fit")
        if entropy:
            axes.axhline(entropy, color=theme.series[2], ls=":", lw=1.4, label=f"entropy {entropy:.3f}")
        titles(axes, theme, "exponent a of N_opt ~ C^a", "E, nats a token")

    return draw
