"""The published laws: constants, errors, the runs behind them, sources."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lm.scaling.named import LAWS

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
        spans = [f"{k} {v[0]:.3g} to {v[1]:.3g}" for k, v in law.runs.to_dict().items() if v]
        lines += [f"  fitted on {', '.join(spans)}", f"  {law.source}", f"  {law.note}", ""]
    return {"laws": result}, "\n".join(lines).rstrip()


def _short(name: str, value: float, errors: dict[str, float]) -> str:
    return f"{value:.6g}" + (f" +- {errors[name]:g}" if name in errors else "")
