"""What training costs, and which model a budget is best spent on, by the published laws."""

from __future__ import annotations

from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import INK, LINE, SERIES, SHEET, draw
from lm.scaling import hardware, pictures
from lm.scaling.canvas import Draw, Theme, legend
from lm.scaling.law import Law
from lm.scaling.models import MODELS
from lm.scaling.named import LAWS, named

PAGE = Theme(SHEET, INK, LINE, SERIES, None)
"""The page's colours."""
WIDTH, HEIGHT = 4.8, 4.2  # inches: a phone shows it at its own size, with text that can be read
CHINCHILLA = 5.88e23
GPUS, DAYS, MFU = 600_000, 100, 0.4


def _measure(split: Split) -> Finding:
    h100 = hardware.device("h100")
    cluster = hardware.cluster_compute(GPUS, DAYS, MFU, h100)
    laws: list[list[str | float | int | None]] = []
    values: dict[str, float] = {}
    for name, published in LAWS.items():
        if not isinstance(published.law, Law):
            continue
        small, large = published.law.optimum(CHINCHILLA), published.law.optimum(cluster)
        laws.append([name, small.tokens_per_parameter, large.parameters / 1e9, large.tokens / 1e12])
        values[f"tokens per parameter, {name}"] = small.tokens_per_parameter
    law = named("besiroglu-2024").dense
    assert isinstance(law, Law)
    models: list[list[str | float | int | None]] = []
    for model in MODELS:
        best = model.optimum(law)
        models.append([
            model.name,
            model.parameters / 1e9,
            model.tokens / 1e9 if model.tokens else None,
            _power(model.compute),
            _power(model.six_nd),
            best.parameters / 1e9 if best else None,
        ])  # fmt: skip
        if model.six_nd:
            values[f"6 N D, {model.name}"] = model.six_nd
    says = f"""
`C = 6 N D`: two floating-point operations for each parameter and token forwards, four backwards. What the laws make
of {CHINCHILLA:g} FLOP, Chinchilla's budget, differs by a factor of five, and most of it is no physics: rounding an
exponent from 0.2849 to 0.28 moves 59 tokens a parameter to 93, and the unrounded constants are not the minimum that
they were meant to be; the replication is, and gives 18.

{GPUS:,} H100 for {DAYS} days at {MFU:.0%} of their peak are {cluster:.3g} FLOP. Every law extrapolates there, by a
factor of a hundred thousand and more.
"""
    heads = ["law", f"tokens a parameter at {CHINCHILLA:g}", "N for the cluster, 1e9", "D for the cluster, 1e12"]
    return Finding(
        says,
        values | {"cluster, FLOP": cluster},
        [
            Grid(heads, laws, "Optima"),
            Grid(["model", "N, 1e9", "D, 1e9", "C quoted", "6 N D", "N optimal, 1e9"], models, "Known models"),
        ],
        [
            Picture(
                sketch("budget", pictures.models_picture()),
                "Known models and three lines of optima; dotted where a law extrapolates.",
            )
        ],
    )


def _power(value: float | None) -> str:
    return f"{value:.2e}" if value else ""


def sketch(name: str, drawing: Draw) -> str:
    """A picture of scaling laws as inline SVG in the page's colours."""

    def paint(axes: Any) -> None:
        drawing(axes, PAGE)
        legend(axes, PAGE, WIDTH)

    return draw(name, paint, WIDTH, HEIGHT)


LESSON = Lesson(
    4,
    "a budget and its best model",
    "training costs 6 N D operations, and a budget is best split between parameters and tokens.",
    "in its fourth formula",
    f"python -m lm scaling optimal --gpus {GPUS} --days {DAYS} --mfu {MFU}",
    _measure,
)
