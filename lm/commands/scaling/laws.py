"""The published laws: constants, errors, the runs behind them, sources."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lm.scaling.named import FORMS, LAWS, Range

NAME = "laws"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> tuple[dict, str]:
    result, lines = {}, []
    for name, law in LAWS.items():
        constants = asdict(law.law)
        result[name] = {
            "title": law.title,
            "constants": constants,
            "errors": law.errors,
            "runs": law.runs.to_dict(),
            "source": law.source,
            "note": law.note,
        }
        flat = constants.pop("law", {}) | constants
        lines += [f"{name}: {law.title}", "  " + ", ".join(f"{k} {_short(k, v, law.errors)}" for k, v in flat.items())]
        lines += [_ranges(law.runs), f"  {law.source}", f"  {law.note}", ""]
    for form in FORMS:
        lines += [f"{form.name}: {form.title}", f"  {form.formula}", _ranges(form.runs), f"  {form.source}"]
        lines += [f"  {form.note}", ""]
    return {"laws": result, "forms": [asdict(form) for form in FORMS]}, "\n".join(lines).rstrip()


def _ranges(runs: Range) -> str:
    return "  fitted on " + ", ".join(f"{k} {v[0]:.3g} to {v[1]:.3g}" for k, v in runs.to_dict().items() if v)


def _short(name: str, value: float, errors: dict[str, float]) -> str:
    return f"{value:.6g}" + (f" +- {errors[name]:g}" if name in errors else "")
