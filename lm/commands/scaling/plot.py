"""Draw a picture: runs, IsoFLOP curves, known models, Kaplan's lines, residuals, resamples."""

from __future__ import annotations

import argparse
from pathlib import Path

from lm.errors import LMError
from lm.scaling import canvas, pictures
from lm.scaling.bootstrap import bootstrap
from lm.scaling.fit import fit
from lm.scaling.table import Runs, read_runs

NAME = "plot"
OF_LAWS = {"models": pictures.models_picture, "kaplan": pictures.kaplan_picture}
OF_RUNS = ("compute", "isoflop", "residuals", "cloud")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", choices=(*OF_RUNS, *OF_LAWS), help="of runs: " + ", ".join(OF_RUNS))
    parser.add_argument("--csv", metavar="CSV", help="the runs, as for `scaling fit`")
    parser.add_argument("--out", metavar="FILE", required=True, help="ends with .svg, .png or .pdf")
    parser.add_argument("--theme", choices=tuple(canvas.THEMES), default="light", help="default: %(default)s")
    parser.add_argument("--entropy", type=float, metavar="NATS", help="a line at the true entropy, nats a token")
    parser.add_argument("--bootstrap", type=int, default=200, metavar="SAMPLES", help="default: %(default)s")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    if options.picture in OF_LAWS:
        draw = OF_LAWS[options.picture]()
    elif options.csv:
        draw = of_runs(options.picture, read_runs(options.csv), options)
    else:
        raise LMError(f"the picture {options.picture} is of runs: give --csv")
    canvas.save(draw, Path(options.out), canvas.THEMES[options.theme])
    return {"picture": options.picture, "file": options.out}, f"wrote {options.out}"


def of_runs(picture: str, runs: Runs, options: argparse.Namespace) -> canvas.Draw:
    """A picture that needs a fit of the runs."""
    fitted = fit(runs)
    if picture == "compute":
        return pictures.compute_picture(runs, fitted.law, options.entropy)
    if picture == "isoflop":
        return pictures.isoflop_picture(runs, fitted.law)
    if picture == "residuals":
        return pictures.residuals_picture(runs, fitted)
    return pictures.cloud_picture(fitted, bootstrap(runs, fitted, options.bootstrap), options.entropy)
