"""Pictures: every one in both themes, the same file each time, and nothing half-written."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from lm.errors import LMError
from lm.scaling import canvas, pictures
from lm.scaling.canvas import DARK, LIGHT
from lm.scaling.fit import fit
from lm.scaling.table import Runs

from .conftest import TRUE, synthetic


def square() -> Runs:
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 6)))
    return Runs(n, d, TRUE.loss(n, d), "square.csv")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("picture", ["compute", "isoflop", "residuals", "cloud", "models", "kaplan"])
def test_every_picture(cli, tmp_path, picture, theme):
    path = tmp_path / "picture.svg"
    csv = tmp_path / "runs.csv"
    runs = square()
    rows = zip(runs.parameters, runs.tokens, runs.loss, strict=True)
    csv.write_text("N,D,loss\n" + "".join(f"{n},{d},{loss}\n" for n, d, loss in rows), encoding="utf-8")
    name = next(name for name, known in canvas.THEMES.items() if known is theme)
    call = ("scaling", "plot", picture, "--csv", csv, "--theme", name, "--bootstrap", 3, "--entropy", 1.82)
    status, out, err = cli(*call, "--out", path)
    assert (status, err) == (0, "")
    assert out == f"wrote {path}\n"
    drawn = path.read_text(encoding="utf-8")
    assert drawn.startswith("<?xml")
    assert theme.page in drawn
    assert ">loss, nats a token<" in drawn or ">parameters N<" in drawn or "%<" in drawn or ">E, nats" in drawn
    cli(*call, "--out", path)
    assert path.read_text(encoding="utf-8") == drawn
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


def test_runs_without_curves_or_budgets(tmp_path):
    runs = synthetic(0, 30)
    canvas.save(pictures.compute_picture(runs), tmp_path / "scatter.png", LIGHT)
    assert (tmp_path / "scatter.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(LMError, match="no three sizes whose compute overlaps"):
        pictures.isoflop_picture(runs)


def test_curves_cut_at_budgets_follow_the_law():
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 60)))
    cut = pictures.cut(Runs(n, d, TRUE.loss(n, d)), 5)
    assert cut.loss == pytest.approx(TRUE.loss(cut.parameters, cut.tokens), rel=1e-4)
    assert len(np.unique(np.round(np.log(cut.compute), 6))) == 5


def test_what_cannot_be_drawn(cli, tmp_path):
    with pytest.raises(LMError, match=r"ends with \.svg"):
        canvas.save(pictures.kaplan_picture(), tmp_path / "x.gif", LIGHT)
    assert "give --csv" in cli("scaling", "plot", "cloud", "--out", tmp_path / "x.svg")[2]
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LMError, match="cannot be written"):
        canvas.save(pictures.kaplan_picture(), tmp_path / "file" / "x.svg", LIGHT)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_matplotlib_keeps_its_settings(tmp_path):
    before = dict(matplotlib.rcParams)
    canvas.save(pictures.residuals_picture(square(), fit(square())), tmp_path / "x.svg", DARK)
    assert dict(matplotlib.rcParams) == before
