"""A scaling law measured on tiny models, whose irreducible loss can be compared with the true entropy."""

from __future__ import annotations

from lm.corpus import Split
from lm.language import exact_entropy
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.lessons.budget import sketch
from lm.scaling import pictures
from lm.scaling.embeddings import CHINCHILLA, KAPLAN_SIZES, seen_exponent
from lm.scaling.law import Law
from lm.scaling.named import DEFAULT, named
from lm.scaling.sweep.measured import COUNTS, HOFFMANN, KAPLAN, SCHEDULES, SHIPPED, expected_exponent, readings, rises
from lm.scaling.sweep.plan import LANGUAGE
from lm.scaling.sweep.records import read_table

SAMPLES = 20


def _measure(split: Split) -> Finding:
    rows = read_table(SHIPPED)
    entropy = exact_entropy(LANGUAGE).nats_per_token
    found = readings(rows, SAMPLES)
    first, higher = found[0], {(rise.counted, rise.schedule): rise for rise in rises(found)}
    table: list[list[str | float | int | None]] = []
    values = {"entropy": entropy, "lowest loss": entropy + min(row["excess"] for row in rows)}
    for r in found:
        e = r.fit.law.E if r.fit else None
        rise = higher.get((r.counted, r.schedule))
        above = (rise.value, *rise.interval) if rise else (None, None, None)
        table.append([COUNTS[r.counted], SCHEDULES[r.schedule], r.exponent, r.exponent_error, *above, e])
        if r.fit:
            values |= {f"{name}, {r.counted}, {r.schedule}": value for name, value in r.fit.law.to_dict().items()}
    if first.fit:
        values["exponent without embeddings to expect"] = expected_exponent(rows, first.fit.law)
    replication = named(DEFAULT).dense
    assert isinstance(replication, Law)
    at_kaplan = seen_exponent(replication, CHINCHILLA, KAPLAN_SIZES)
    values["exponent without embeddings to expect at Kaplan's sizes"] = at_kaplan
    sizes = first.runs.parameters
    says = f"""
Transformers of {sizes.min():,.0f} to {sizes.max():,.0f} parameters, {len(first.runs)} pairs of a size and a length,
learned a language whose entropy is known: {entropy:.4f} nats a token. Fitted to their losses, `E` should be that
entropy.

Kaplan et al. 2020 found that the best size grows as C^{KAPLAN}, Hoffmann et al. 2022 as C^{HOFFMANN:.2f}; the former
counted parameters without embeddings and gave all sizes one warm-up, which is too long for small models (Porian et al.
2024). The table reads the same sizes in all four ways; a change is sure where its interval leaves out zero.

Embeddings are most of a small model, so without them the line through small models is too steep (Pearce & Song 2024).
By the law of the replication of Chinchilla, whose exponent is {replication.parameter_exponent:.2f}, it is
{at_kaplan:.2f} at the sizes of Kaplan et al. 2020.
"""
    heads = ["N counts", "learning rate", "exponent", "its error", "change", "2.5 %", "97.5 %", "E"]
    images = []
    if first.fit:
        images += [
            Picture(sketch("scaling-compute", pictures.compute_picture(first.runs, first.fit.law, entropy)),
                    "A curve for each size, the lowest of all, the law's optimum, and the entropy."),
            Picture(sketch("scaling-isoflop", pictures.isoflop_picture(first.runs, first.fit.law)),
                    "The same at fixed compute, with parabolas in log N."),
        ]  # fmt: skip
    if first.fit and first.errors:
        cloud = pictures.cloud_picture(first.fit, first.errors, entropy)
        images.append(Picture(sketch("scaling-cloud", cloud), "The law of each resample."))
    exponents = pictures.exponents_picture(found)
    images.append(Picture(sketch("scaling-exponents", exponents), "The exponent of each reading."))
    images.append(Picture(sketch("scaling-kaplan", pictures.kaplan_picture()), "Kaplan's three lines."))
    return Finding(says, values, [Grid(heads, table, "One sweep, four readings")], images)


LESSON = Lesson(
    4,
    "a scaling law, measured",
    "loss falls as a power of parameters and of tokens, down to an irreducible loss.",
    "in its fourth formula",
    "python -m lm scaling measured",
    _measure,
)
