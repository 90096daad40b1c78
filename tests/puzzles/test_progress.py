"""Progress beside the files, and the commands that read and write it."""

from __future__ import annotations

import json

import pytest

from puzzles import catalog, cli
from puzzles.course import after
from puzzles.errors import PuzzleError
from puzzles.progress import NAME, Progress
from puzzles.source import file_name, skeleton
from puzzles.verdict import Score, Verdict


def passed(name, measured=None):
    score = Score("global loads", {"n": 6}, 432, 144, measured) if measured is not None else None
    return Verdict(name, f"{name}.py", 1, (), score=score)


def test_what_is_noted_is_read_again(tmp_path):
    progress = Progress.of(tmp_path)
    assert not progress.passed
    assert progress.note(passed("map")) and not progress.note(passed("map"))
    assert progress.note(passed("gemm-tiled-6x6", 200))
    assert progress.note(passed("gemm-tiled-6x6", 144))
    assert not progress.note(passed("gemm-tiled-6x6", 300)), "the best score stays"
    progress.save()
    assert Progress.of(tmp_path).passed == {"map": None, "gemm-tiled-6x6": 144}
    assert [path.name for path in tmp_path.iterdir()] == [NAME], "nothing is left beside it"


def test_a_damaged_file_is_a_sentence_and_stays(tmp_path):
    (tmp_path / NAME).write_text("{", encoding="utf-8")
    with pytest.raises(PuzzleError, match="is damaged"):
        Progress.of(tmp_path)
    assert (tmp_path / NAME).read_text(encoding="utf-8") == "{"


def test_the_next_puzzle():
    ids = catalog.ids()
    assert after("", set()) == ids[0]
    assert after(ids[0], {ids[0]}) == ids[1]
    assert after(ids[-1], {ids[-1]}) == ids[0], "from the end back to what was left out"
    assert after(ids[0], set(ids)) == ""


def test_skip_next_list_and_reset(tmp_path, capsys):
    folder = str(tmp_path)
    assert cli.main(["start", folder]) == 0
    assert cli.main(["skip", "map", folder]) == 0
    following = catalog.load("2")
    assert f"next: {following.id}" in capsys.readouterr().out
    assert cli.main(["next", folder]) == 0
    assert file_name(following, 2) in capsys.readouterr().out
    progress = Progress.of(tmp_path)
    progress.note(passed("guard"))
    progress.save()
    progress.note(passed("gemm-tiled-6x6", 200))
    progress.save()
    assert cli.main(["list", folder]) == 0
    assert "(best so far: 200)" in capsys.readouterr().out
    assert cli.main(["list", folder, "--json"]) == 0
    listed = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert listed["map"]["skipped"] and listed["guard"]["passed"] and not listed["add-bias"]["passed"]
    guard = catalog.load("guard")
    path = tmp_path / file_name(guard, catalog.number(guard))
    path.write_text("mine\n", encoding="utf-8")
    assert cli.main(["reset", "guard", folder]) == 0
    assert path.read_text(encoding="utf-8") == skeleton(guard, catalog.number(guard))
    assert path.with_suffix(".py.1").read_text(encoding="utf-8") == "mine\n"
    assert "guard" not in Progress.of(tmp_path).passed


def test_what_is_said_on_passing(tmp_path, capsys, edited):
    """Naive, par and yours; what was saved; the best so far; a solution to compare with; progress and what is next."""
    path = tmp_path / "answer.py"
    path.write_text(edited("gemm-shared-3x3"), encoding="utf-8")
    assert cli.main(["check", str(path)]) == 0
    first = capsys.readouterr().out
    assert "naive 54, par 18, yours 18: par (54 -> 18)" in first
    assert "predicted right, 18" in first and "best so far" not in first
    assert "python -m puzzles solution gemm-shared-3x3" in first
    assert f"1 of {len(catalog.ids())} passed; next: gemm-naive-6x6" in first
    assert cli.main(["check", str(path)]) == 0
    assert "your best so far: 18" in capsys.readouterr().out


def test_scores_are_told_apart():
    better, par, above = (Score("global loads", {"n": 3}, 54, 18, measured) for measured in (12, 18, 54))
    assert str(better).endswith("yours 12: better than par, and than our solution! (54 -> 12)")
    assert str(par).endswith("yours 18: par (54 -> 18)")
    assert str(above).endswith("naive 54, par 18, yours 54")
    assert str(Score("layers", {"tokens": 6}, None, 2, 2)) == "layers for tokens=6: par 2, yours 2: par"


def test_predictions_on_the_command_line(capsys):
    assert cli.main(["predict", "gemm-tiled-6x6"]) == 0
    assert "How many" in capsys.readouterr().out
    assert cli.main(["predict", "gemm-tiled-6x6", "144"]) == 0
    assert capsys.readouterr().out.startswith("right")
    assert cli.main(["predict", "gemm-tiled-6x6", "432"]) == 1
    assert "but 144" in capsys.readouterr().out
    assert cli.main(["predict", "gemm-naive-3x3", "(0,0)", "(0,1)", "(0,2)"]) == 0


def test_start_writes_tests_for_pytest(tmp_path):
    assert cli.main(["start", str(tmp_path)]) == 0
    text = (tmp_path / "test_puzzles.py").read_text(encoding="utf-8")
    compile(text, "test_puzzles.py", "exec")
    for number, puzzle in enumerate(catalog.puzzles(), 1):
        assert f'check("{file_name(puzzle, number)}")' in text
