"""The measured law as a notebook: the cells that fit it, read it in four ways and draw it, to change and run again."""

from __future__ import annotations

CELLS: tuple[tuple[str, str], ...] = (
    (
        "markdown",
        """# A scaling law, measured

Tiny transformers learned a language whose entropy is known in closed form. The law `L(N, D) = E + A/N^alpha +
B/D^beta` is fitted to their losses, and its E compared with that entropy. Put your own runs in place of these:
`lm.scaling.table.read_runs("runs.csv")` reads columns N, D, loss.""",
    ),
    (
        "code",
        """from lm.language import exact_entropy
from lm.scaling.sweep.measured import COUNTS, SCHEDULES, SHIPPED, readings, rises
from lm.scaling.sweep.plan import LANGUAGE
from lm.scaling.sweep.records import read_table

entropy = exact_entropy(LANGUAGE).nats_per_token
first, *others = readings(read_table(SHIPPED), samples=SAMPLES)
law, errors = first.fit.law.to_dict(), first.errors.errors
print(f"entropy {entropy:.4f} nats a token",
      *(f"{name:6}{law[name]:12.5g} +- {errors[name]:.2g}" for name in law), sep="\\n")""",
    ),
    (
        "code",
        """from lm.scaling import pictures
from lm.scaling.canvas import LIGHT, Picture

Picture(pictures.compute_picture(first.runs, first.fit.law, entropy), LIGHT)""",
    ),
    ("code", "Picture(pictures.isoflop_picture(first.runs, first.fit.law), LIGHT)"),
    ("code", "Picture(pictures.cloud_picture(first.fit, first.errors, entropy), LIGHT)"),
    ("code", "Picture(pictures.residuals_picture(first.runs, first.fit), LIGHT)"),
    (
        "markdown",
        "The same sizes, with and without embeddings, with a schedule for each length or one long warm-up for all:",
    ),
    (
        "code",
        """def span(interval):
    return f"{interval[0]:.2f} to {interval[1]:.2f}"

print(*(f"{COUNTS[r.counted]:20}{SCHEDULES[r.schedule]:19}{r.exponent:.2f}  ({span(r.exponent_interval)})"
        for r in [first, *others]), "above the first:",
      *(f"{COUNTS[r.counted]:20}{SCHEDULES[r.schedule]:18}{r.value:+.2f}  ({span(r.interval)})"
        for r in rises([first, *others])), sep="\\n")""",
    ),
    ("code", "Picture(pictures.exponents_picture([first, *others]), LIGHT)"),
    (
        "markdown",
        """Counted without embeddings, a law in all parameters makes one expect a steeper line through small models: at
the sizes of Kaplan et al. 2020, 0.79 in place of 0.51 (Pearce & Song 2024).""",
    ),
    (
        "code",
        """from lm.scaling.embeddings import CHINCHILLA, KAPLAN_SIZES, seen_exponent
from lm.scaling.named import LAWS

replication = LAWS["besiroglu-2024"].dense
replication.parameter_exponent, seen_exponent(replication, CHINCHILLA, KAPLAN_SIZES)""",
    ),
    ("markdown", "What the published laws make of a budget, and where known models are:"),
    (
        "code",
        """{name: LAWS[name].dense.optimum(5.88e23).tokens_per_parameter for name in LAWS if name != "abnar-2025"}""",
    ),
    ("code", "Picture(pictures.models_picture(), LIGHT)"),
    ("code", "Picture(pictures.kaplan_picture(), LIGHT)"),
)


def notebook(samples: int = 200) -> dict:
    """The notebook in the format of Jupyter (nbformat 4.5), without outputs; errors from so many resamples."""
    cells = []
    for number, (kind, source) in enumerate(CELLS):
        cell: dict = {"cell_type": kind, "id": f"scaling-{number}", "metadata": {}}
        cell["source"] = source.replace("SAMPLES", str(samples)).splitlines(keepends=True)
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
