"""Defects, declared and drawn: made again whenever they are checked, found by the checker, named by lines, repaired."""

from __future__ import annotations

import re

import pytest

from puzzles import catalog, cli
from puzzles.debug.defects import defects
from puzzles.debug.planted import plant
from puzzles.defect import QUESTION, Defect
from puzzles.errors import PuzzleError
from puzzles.source import question, skeleton, solution

CURATED = [puzzle for puzzle in catalog.kernel_puzzles() if puzzle.defect]

RACES = [("row-sum", 2), ("gemm-tiled-6x6", 1)]


@pytest.mark.parametrize(("name", "seed"), [*RACES, ("map", 1), ("guard", 1), ("gemm-any-size", 5)])
def test_a_planted_file_fails_and_is_open_until_it_is_changed(name, seed, check_text):
    planted = plant(name, seed)
    assert plant.__wrapped__(name, seed) == planted, "the same defect again"
    assert check_text(planted.text).untouched
    touched = planted.text.replace("\n@cuda.jit", "\nTOUCHED = 1\n@cuda.jit", 1)
    verdict = check_text(touched)
    assert not verdict.passed and not verdict.untouched


@pytest.mark.parametrize(("name", "seed"), RACES)
def test_a_race_has_two_lines(name, seed):
    planted = plant(name, seed)
    assert len(planted.answer) == 2 and "race" in planted.symptom
    assert planted.is_named(planted.answer[::-1]) and not planted.is_named(planted.answer[:1])
    text = planted.text.splitlines()
    assert all("[" in text[line - 1] for line in planted.answer), "both lines touch the array"


def repaired(planted, prediction):
    """The planted file with its one changed line as the solution has it, and an answer."""
    whole = solution(catalog.load(planted.puzzle), catalog.number(catalog.load(planted.puzzle)))
    start = whole.index("PUZZLE = ")
    start = whole.index("\n", whole.index("PREDICTION", start) if "PREDICTION" in whole[start:] else start)
    head = planted.text[: planted.text.index("PREDICTION = None")]
    return f"{head}PREDICTION = {prediction!r}{whole[start:]}"


def test_naming_comes_before_passing(check_text):
    planted = plant("row-sum", 2)
    unnamed = check_text(repaired(planted, None))
    assert [reason.kind for reason in unnamed.reasons] == ["prediction"]
    wrong = check_text(repaired(planted, (1, 2)))
    assert not wrong.passed and wrong.predicted and not wrong.predicted.right
    right = check_text(repaired(planted, planted.answer))
    assert right.passed and right.predicted and right.predicted.right


def test_every_defect_changes_the_program_in_one_place():
    for puzzle in catalog.kernel_puzzles():
        text = solution(puzzle, catalog.number(puzzle))
        lines = text.splitlines()
        for defect in defects(text):
            different = [n for n, (old, new) in enumerate(zip(lines, defect.lines, strict=False), 1) if old != new]
            assert different[0] == defect.line


def test_the_kinds_of_defects():
    text = """
@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array((32, 32 + 1), float32)
    i = cuda.grid(1)
    if i < out.shape[0]:
        tile[i, 0] = a[i + 1]
    cuda.syncthreads()
    total = cuda.shfl_down_sync(0xFFFFFFFF, a[i], 1)
    total += tile[i, 0]
    cuda.atomic.add(out, (i, 0), total)
"""
    assert {defect.what for defect in defects(text)} == {
        "a barrier was dropped",
        "a barrier was moved into a branch",
        "a guard was dropped",
        "a bound is off by one",
        "an index or an extent is off by one",
        "an atomic became a load and a store",
        "a mask names half of the warp",
        "a sum keeps its last term only",
    }
    made = "\n".join(defect.text for defect in defects(text))
    for line in ("out[i, 0] += total", "shfl_down_sync(0xFFFF, a", "(32, 32)", "tile[i, 0] = a[i]", "<= out.shape"):
        assert line in made


def test_the_command_writes_a_file_and_overwrites_none(tmp_path, capsys):
    path = tmp_path / "bug.py"
    assert cli.main(["debug", "row-sum", "--seed", "2", "--out", str(path)]) == 0
    assert "race" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == plant("row-sum", 2).text
    assert cli.main(["debug", "row-sum", "--seed", "2", "--out", str(path)]) == 1
    assert "stays as it is" in capsys.readouterr().err


def test_a_puzzle_without_a_place_for_a_defect():
    with pytest.raises(PuzzleError, match="choose another"):
        plant("embedding", 1)


every_curated = pytest.mark.parametrize("puzzle", CURATED, ids=lambda puzzle: puzzle.id)


def test_there_are_eight_curated_ones():
    assert len(CURATED) >= 8
    assert len({puzzle.defect.why for puzzle in CURATED}) == len(CURATED)


@every_curated
def test_a_curated_file_fails_for_the_stated_reason_at_the_stated_lines(puzzle, judge_text):
    text = skeleton(puzzle, catalog.number(puzzle))
    named = {line for (line,) in question(puzzle).answer}
    assert len(named) == 2
    assert [text.splitlines()[line - 1] in puzzle.defect.lines for line in named] == [True, True]
    first = judge_text(puzzle.id, text).reasons[0]
    assert puzzle.defect.symptom and puzzle.defect.symptom in first.message
    if first.kind == "finding":
        assert first.line in named
        for other in map(int, re.findall(r"in line (\d+)", first.message)):
            assert other in named
    else:
        assert first.kind == "result"


@every_curated
def test_a_curated_file_is_named_then_repaired(puzzle, check_text):
    number = catalog.number(puzzle)
    start, right = skeleton(puzzle, number), solution(puzzle, number)
    opened = check_text(start)
    assert opened.untouched and "still there" in str(opened) and QUESTION[:20] not in str(opened)
    lines = ", ".join(str(line) for (line,) in question(puzzle).answer)
    named = check_text(start.replace("PREDICTION = None", f"PREDICTION = {lines}"))
    assert named.untouched and "named right" in str(named) and puzzle.defect.why in str(named)
    others = check_text(start.replace("PREDICTION = None", "PREDICTION = 1, 2"))
    assert "not these lines" in str(others) and puzzle.defect.why not in str(others)
    assert not any(line in str(others) for line in lines.split(", "))
    verdict = check_text(right)
    assert verdict.passed and verdict.predicted.right, verdict


def test_a_repaired_file_without_the_lines_does_not_pass(check_text):
    puzzle = catalog.load("bug-reverse")
    text = re.sub(r"PREDICTION = .*", "PREDICTION = 1, 2", solution(puzzle, catalog.number(puzzle)))
    verdict = check_text(text)
    assert [reason.kind for reason in verdict.reasons] == ["prediction"]
    assert "named 1, 2" in str(verdict) or "not these lines" in str(verdict)


@pytest.mark.parametrize(
    ("edits", "lines", "words"),
    [
        ((("c", "x"),), ("a", "b"), "stands 0 times"),
        ((("a", "x"),), ("a", "b"), "stands 2 times"),
        ((("b", "x"),), ("a", "x"), "stands 2 times"),
        ((("b", "x"),), ("x", "y"), "stands 0 times"),
    ],
)
def test_a_defect_that_does_not_fit_is_an_error(edits, lines, words):
    defect = Defect(edits, lines, "So.", "race")
    with pytest.raises(ValueError, match=words):
        defect.numbers("\n".join(defect.planted(["a", "b", "a"])))


def test_a_defect_drawn_without_an_id_skips_puzzles_without_a_place(tmp_path, capsys):
    for seed in range(3):
        assert cli.main(["debug", "--seed", str(seed), "--out", str(tmp_path / f"{seed}.py")]) == 0
    assert "The checker says" in capsys.readouterr().out
