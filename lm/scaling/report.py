"""The measured law as a page: what a sweep shows, beside the published laws and the known models.

Pictures are embedded for light and dark pages; the page needs no network.
"""

from __future__ import annotations

from html import escape

from gpusim.report.page import Section, facts, heading, page, prose, table
from gpusim.report.tables import Column, Row, Table
from lm.scaling import pictures
from lm.scaling.canvas import DARK, LIGHT, NARROW, SIZE, Draw, data_url, render, short
from lm.scaling.embeddings import CHINCHILLA, KAPLAN_SIZES, seen_exponent
from lm.scaling.mixture import MixtureLaw
from lm.scaling.models import MODELS
from lm.scaling.named import DEFAULT, FORMS, LAWS, Law, named
from lm.scaling.sweep.measured import COUNTS, SCHEDULES, Reading, rises

BUDGET = 5.88e23  # 6 N D of Chinchilla


def document(readings: list[Reading], entropy: float) -> str:
    """The whole page as HTML; `readings` as `measured.readings` gives them, entropy in nats a token."""
    lead = "How loss falls with the size of a model and the text it sees: measured, fitted, and as published."
    return page("Scaling laws", sections(readings, entropy), lead)


def sections(readings: list[Reading], entropy: float) -> list[Section]:
    """The parts of the page, for a page of their own or a larger one."""
    return [
        Section("Measured", measured(readings, entropy)),
        Section("Kaplan's exponent", counting(readings)),
        Section("Published laws", published()),
        Section("Known models", known()),
    ]


def measured(readings: list[Reading], entropy: float) -> str:
    """The first reading: its law against the entropy, and pictures of the runs."""
    first = readings[0]
    body = prose(
        f"""Tiny transformers, {len(first.runs)} pairs of a size and a length, learned a language whose entropy is known
        in closed form, {entropy:.4f} nats a token: the E that the law should find, and that nobody knows for English.

        `L(N, D) = E + A / N^alpha + B / D^beta`, fitted by the least sum of Huber losses on the logarithm."""
    )
    if first.fit is None or first.errors is None:
        return body + prose(first.reason)
    low, high = first.errors.intervals["E"]
    errors = first.errors.errors
    body += facts([
        ("entropy, nats a token", f"{entropy:.4f}"),
        ("E of the law", f"{first.fit.law.E:.4f}"),
        ("95 % of resamples", f"{low:.4f} to {high:.4f}"),
        ("alpha", f"{first.fit.law.alpha:.3f} ± {errors['alpha']:.3f}"),
        ("beta", f"{first.fit.law.beta:.3f} ± {errors['beta']:.3f}"),
    ])  # fmt: skip
    runs, law = first.runs, first.fit.law
    caption = "Loss against compute: a curve for each size, the lowest of all, what the law calls optimal, the entropy."
    body += picture(pictures.compute_picture(runs, law, entropy), caption)
    body += picture(pictures.isoflop_picture(runs, law), "The same runs at fixed compute, with parabolas in log N.")
    body += picture(pictures.residuals_picture(runs, first.fit), "What the law leaves unexplained.")
    return body + picture(pictures.cloud_picture(first.fit, first.errors, entropy), "The law of each resample.")


def counting(readings: list[Reading]) -> str:
    """The four readings side by side."""
    rows, higher = [], {(rise.counted, rise.schedule): rise for rise in rises(readings)}
    for r in readings:
        rise = higher.get((r.counted, r.schedule))
        rows.append(
            Row(
                (
                    COUNTS[r.counted],
                    SCHEDULES[r.schedule],
                    "-" if r.exponent is None else f"{r.exponent:.3f}",
                    _span(r.exponent_interval),
                    f"{rise.value:+.3f}" if rise else "-",
                    _span(rise.interval) if rise else "-",
                )
            )
        )
    names = ("N counts", "learning rate", "exponent", "95 %", "change", "95 %")
    columns = tuple(Column(name, numeric=number >= 2) for number, name in enumerate(names))
    replication = named(DEFAULT).dense
    assert isinstance(replication, Law)
    caption = "The exponent of each reading, by the law and by the envelope."
    return (
        prose(
            """Kaplan et al. 2020 found that the best size grows as C^0.73, Hoffmann et al. 2022 as C^0.50. The first
        counted parameters without embeddings and gave all sizes one warm-up, too long for the small ones (Porian et al.
        2024); the second did neither. The same sizes, read in four ways:"""
        )
        + table(Table("readings", columns, tuple(rows)))
        + (picture(pictures.exponents_picture(readings), caption) if any(r.fit for r in readings) else "")
        + prose(
            f"""A change is sure where its interval leaves out zero.

            Embeddings are most of a small model, so without them the line through small models is too steep (Pearce
        & Song 2024): at Kaplan's sizes, {KAPLAN_SIZES[0]:.0f} to {KAPLAN_SIZES[1]:.2g} parameters, the law of the
        replication of Chinchilla makes one expect {seen_exponent(replication, CHINCHILLA, KAPLAN_SIZES):.2f} where its
        own exponent is {replication.parameter_exponent:.2f}."""
        )
    )


def _span(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def published() -> str:
    """Constants, and the optimum at one budget."""
    rows = []
    for law in LAWS.values():
        if isinstance(law.law, MixtureLaw) or not isinstance(law.dense, Law):
            continue
        best = law.dense.optimum(BUDGET)
        constants = (f"{value:g}" for value in law.dense.to_dict().values())
        rows.append(Row((law.name, *constants, f"{best.tokens_per_parameter:.1f}")))
    names = ("E", "A", "B", "alpha", "beta", "tokens a parameter")
    columns = (Column("law", False), *(Column(name) for name in names))
    notes = [f"`{law.name}`, {law.title}: {law.note}" for law in LAWS.values()]
    notes += [f"`{form.name}`, {form.title}: {form.note}" for form in FORMS]
    return (
        prose(f"Tokens a parameter at {BUDGET:g} FLOP, the 6 N D of Chinchilla.")
        + table(Table("laws", columns, tuple(rows)))
        + prose("\n\n".join(notes))
        + heading("Kaplan's three lines")
        + picture(pictures.kaplan_picture(), "Power laws without an irreducible loss (arXiv:2001.08361, figure 1).")
    )


def known() -> str:
    """Models on the line of optima."""
    law = named("besiroglu-2024").dense
    assert isinstance(law, Law)
    rows = []
    for model in MODELS:
        best = model.optimum(law)
        sizes = [short(x) if x else "-" for x in (model.parameters, model.tokens)]
        costs = [f"{x:.2e}" if x else "-" for x in (model.compute, model.six_nd)]
        rows.append(Row((model.name, *sizes, *costs, short(best.parameters) if best else "-")))
    names = ("N", "D", "C quoted", "6 N D", "N optimal")
    columns = (Column("model", False), *(Column(name) for name in names))
    caption = "Solid where a law was fitted, dotted where it extrapolates."
    return picture(pictures.models_picture(), caption) + table(Table("models", columns, tuple(rows)))


def picture(draw: Draw, caption: str) -> str:
    """A figure in both themes, each for wide and for narrow screens; the page shows the one that fits."""
    dark, narrow = "(prefers-color-scheme: dark)", "(max-width: 40rem)"
    sources = "".join(
        f'<source media="{media}" srcset="{data_url(render(draw, theme, size=size))}">'
        for media, theme, size in (
            (f"{narrow} and {dark}", DARK, NARROW),
            (narrow, LIGHT, NARROW),
            (dark, DARK, SIZE),
        )
    )
    words = escape(caption)
    image = f'<img alt="{words}" style="width:100%;height:auto" src="{data_url(render(draw, LIGHT))}">'
    return f"<figure><picture>{sources}{image}</picture><figcaption>{words}</figcaption></figure>"
