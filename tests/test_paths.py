"""Messages name files as somebody in the working directory would: relative to it where that is shorter."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpusim.__main__ import main as gpusim
from gpusim.places import shown_path, shown_paths
from lm.__main__ import main as lm
from puzzles import catalog
from puzzles.cli import main as puzzles
from puzzles.source import solution

OUT_OF_BOUNDS = """
import numpy as np
from numba import cuda

@cuda.jit
def kernel(a):
    a[cuda.grid(1)] = 1

kernel[1, 4](np.zeros(3))
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory, below the folder of the test."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(("place", "shown"), [("here/script.py", "script.py"), ("script.py", "../script.py")])
def test_findings(here, place, shown, capsys):
    script = here.parent / place
    script.write_text(OUT_OF_BOUNDS, encoding="utf-8")
    assert gpusim(["run", str(script)]) == 3
    told = capsys.readouterr()
    assert f"  {shown}:7  in kernel" in told.out
    assert told.err.startswith(f"gpusim: {shown}:7: out of bounds") and f"(launched at {shown}:9)" in told.err
    assert str(here.parent) not in told.out + told.err


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (gpusim, ("run", "{}/none")),
        (gpusim, ("compile", "{}/none", "--signature", "void()")),
        (puzzles, ("check", "{}/none")),
        (puzzles, ("watch", "{}/none")),
        (puzzles, ("debug", "map", "--out", "{}")),
        (lm, ("eval", "--text", "{}/none")),
        (lm, ("eval", "--checkpoint", "{}/none")),
        (lm, ("train", "--text", "{}/none", "--out", "{}/out")),
        (lm, ("ngram", "--train", "{}/none", "--valid", "{}/none", "--test", "{}/none")),
        (lm, ("compress", "{}/none")),
        (lm, ("scaling", "fit", "{}/none")),
        (lm, ("rasp", "run", "{}/none", "aab")),
    ],
)
def test_errors(here, program, arguments, capsys):
    assert program([argument.format(here) for argument in arguments]) in (1, 2)
    told = capsys.readouterr().err
    assert str(here) + "/" not in told and told.count("\n") == 1


def test_verdicts(here, capsys):
    assert puzzles(["start", str(here / "mine")]) == 0
    assert puzzles(["check", str(here / "mine" / "01_map.py")]) == 1
    (here / "wrong.py").write_text(solution(catalog.load("map"), 1).replace("+ 1", "+ 2"), encoding="utf-8")
    assert puzzles(["check", str(here / "wrong.py")]) == 1
    told = capsys.readouterr()
    assert not told.err and str(here) not in told.out
    assert "wrote  mine/01_map.py\n" in told.out and told.out.count("python -m puzzles check mine\n") == 1
    assert "the hole in mine/01_map.py is still empty" in told.out
    assert "failed  map  (wrong.py)" in told.out


def test_paths_in_a_text(here, monkeypatch):
    text = f"{here}/a.py and ({here}/b/c.py): {here} /x{here}/a {here}s/a"
    assert shown_paths(text) == f"a.py and (b/c.py): {here} /x{here}/a {here}s/a"
    assert shown_path(str(here / "a")) == "a" and shown_path("a") == "a"
    assert shown_path(str(here.parent / "a")) == "../a"
    monkeypatch.chdir(Path(here.anchor))
    assert shown_paths(text) == text
