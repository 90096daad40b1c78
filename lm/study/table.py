"""The measured numbers for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lm.study.measure import UNITS

LECTURE = {0: 10_000, 1: 600, 2: 200, 3: 140}  # the lecture's perplexities of the Penn Treebank, by order
LAST = 20.5  # GPT-3's, zero-shot: Brown et al. 2020, section 3.1.1


def table(result: dict[str, Any]) -> str:
    """What `measure` returned, as text."""
    tokens = result["tokens"]
    lines = [
        f"{tokens['train']:,} {result['unit']} tokens of {result['types']:,} types, {result['smoothing']} of order "
        f"{result['order']}, {result['mode']} mode",
        f"{sum(result['ngrams']):,} different n-grams, {result['bytes'] / 1e6:,.1f} MB, {result['seconds']:.2f} s",
    ]
    for name in result["ppl"]:
        lines += totals(result, name)
    if "ladder" in result:
        lines += ["", *ladder(result["ladder"])]
    for name, row in result.get("unbounded", {}).items():
        lines.append(
            f"{name:6} without a longest context: {row['mean_context']:.1f} tokens of context on average, "
            f"{row['zero']:.1%} of tokens impossible; mixed with the model above perplexity {number(row['ppl'])}"
        )
    for name, row in result.get("by_document", {}).items():
        lines += ["", *documents(name, row)]
    for name, row in result.get("accuracy", {}).items():
        lines.append(f"{name:6} " + ", ".join(f"{k.replace('_', ' ')} {share:.1%}" for k, share in row.items()))
    for order, text in result.get("samples", {}).items():
        lines += ["", f"order {order}:", text]
    return "\n".join(lines)


def number(value: float | None) -> str:
    return "infinite" if value is None else f"{value:,.3f}"


def totals(result: dict[str, Any], name: str) -> Iterator[str]:
    """One text's perplexity, and its bits by unit."""
    yield f"{name:6} perplexity {number(result['ppl'][name])} over {result['tokens'][name]:,} tokens"
    if result["impossible"][name]:
        yield f"{'':6} {result['impossible'][name]:,} tokens were called impossible"
    else:
        yield f"{'':6} bits: " + ", ".join(f"{number(result[f'bits_per_{unit}'][name])} a {unit}" for unit in UNITS)
    if result["unknown"][name]:
        yield f"{'':6} {result['unknown'][name]:,} tokens are unknown, and their spelling was not paid"


def ladder(rungs: list[dict[str, Any]]) -> Iterator[str]:
    """Perplexity by order, beside the lecture's of the Penn Treebank."""
    names = list(rungs[0]["ppl"])
    yield f"{'order':8}" + "".join(f"{name:>14}" for name in names) + f"{'lecture, on PTB':>18}"
    for rung in rungs:
        order = rung["order"]
        cells = "".join(f"{number(rung['ppl'][name]):>14}" for name in names)
        yield f"{order or 'uniform':<8}{cells}{format(LECTURE[order], ',') if order in LECTURE else '':>18}"
    yield f"{'GPT-3':8}{'':{14 * len(names)}}{LAST:>18}"


def documents(name: str, row: dict[str, Any]) -> Iterator[str]:
    """Uncertainty, repeats and histogram of one text."""
    if row["standard_error"] is not None:
        yield (
            f"{name:6} {row['documents']:,} documents: perplexity from {number(row['ppl_low'])} to "
            f"{number(row['ppl_high'])} in 95 % of cases"
        )
        yield f"{'':6} the mean of the documents' perplexities, which is not the text's: {number(row['mean_of_ppl'])}"
    yield (
        f"{'':6} {row['repeated']['share']:.1%} of tokens repeat a bigram of their document: "
        f"{number(row['repeated']['bits_per_token'])} bits each, the rest {number(row['new']['bits_per_token'])}"
    )
    counts = row["histogram_of_bits"]
    last = max(bits for bits, count in enumerate(counts) if count)
    for bits, count in enumerate(counts[: last + 1]):
        above = "or more" if bits == len(counts) - 1 else f"to {bits + 1}"
        yield f"{'':6} {bits:3} {above:8} {'#' * round(40 * count / max(counts)):40} {count:>9,}"
