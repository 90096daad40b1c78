"""Teachers' own puzzles: a module that `new` writes works at once, and a broken one is told in a sentence."""

from __future__ import annotations

import pytest

from puzzles import catalog, cli
from puzzles.catalog import others
from puzzles.check import check_kernel, check_text
from puzzles.source import skeleton, solution


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a new module, in a catalogue that is forgotten afterwards."""
    known = dict(catalog._modules())
    monkeypatch.setattr(catalog, "_modules", lambda: known)
    assert cli.main(["new", str(tmp_path / "week_1" / "scale.py")]) == 0
    return tmp_path / "week_1"


def test_a_new_module_is_a_puzzle(folder, workers):
    catalog.include(folder)
    assert catalog.ids()[-1] == "scale" and catalog.is_extended()
    puzzle = catalog.load("scale")
    assert catalog.chapter(puzzle).title == "week_1"
    assert check_kernel(puzzle.kernels, puzzle).passed
    number = catalog.number(puzzle)
    verdict = check_text(solution(puzzle, number), "scale.py", workers=workers)
    assert verdict.passed and verdict.predicted and verdict.predicted.right
    assert check_text(skeleton(puzzle, number), "scale.py", workers=workers).untouched


def test_the_command_line_takes_a_folder(folder, capsys):
    assert cli.main(["show", "scale", "--catalog", str(folder)]) == 0
    assert "Scale a vector" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("SPEC = ", "SPOC = ", "defines no SPEC"),
        ("from numba import cuda", "from numba import cada", "scale.py:7: ImportError"),
        ("def kernel(", "def kernel((", "scale.py:1"),
        ('"global loads", "n"', '"global lodes", "n"', "nothing counts 'global lodes'"),
    ],
)
def test_a_broken_module_is_one_sentence(folder, capsys, old, new, words):
    path = folder / "scale.py"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert cli.main(["show", "scale", "--catalog", str(folder)]) == 1
    told = capsys.readouterr().err
    assert words in told and told.count("\n") == 1


def test_names_of_the_course_are_taken(folder, capsys):
    (folder / "scale.py").rename(folder / "map.py")
    assert cli.main(["list", "--catalog", str(folder)]) == 1
    assert "so has the course" in capsys.readouterr().err


def test_a_folder_that_is_none(tmp_path, capsys):
    assert cli.main(["list", "--catalog", str(tmp_path / "nothing")]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert cli.main(["list", "--catalog", str(tmp_path)]) == 1
    assert "python -m puzzles new" in capsys.readouterr().err


def test_new_overwrites_nothing(folder, capsys):
    before = (folder / "scale.py").read_text(encoding="utf-8")
    assert cli.main(["new", str(folder / "scale.py")]) == 1
    assert "stays as it is" in capsys.readouterr().err
    assert (folder / "scale.py").read_text(encoding="utf-8") == before
    assert cli.main(["new", str(folder / "no-module.txt")]) == 1


def test_installed_packages_announce_themselves(monkeypatch):
    class Point:
        value = "puzzles.catalog.threads"

        def load(self):
            from puzzles.catalog import threads

            return threads

    monkeypatch.setattr(others, "entry_points", lambda group: [Point()] if group == "puzzles.catalog" else [])
    assert list(others.installed()) == ["puzzles.catalog.threads"]
    monkeypatch.setattr(Point, "load", lambda self: 1 / 0)
    with pytest.raises(catalog.PuzzleError, match="cannot be loaded: ZeroDivisionError"):
        others.installed()
