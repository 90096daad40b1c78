"""The command line, in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from puzzles import catalog, cli
from puzzles.source import file_name, skeleton


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`python -m puzzles ...`, with this repository's packages importable from anywhere."""
    root = Path(cli.__file__).parent.parent
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from puzzles.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=120)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that could not be carried out."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("puzzles ") and done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_module_is_the_command():
    root = Path(cli.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "puzzles", "list"], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == len(catalog.ids()) + len(catalog.chapters())


def test_from_start_to_passed(tmp_path, edited):
    """What a learner does: start, fail, fill the hole, pass; in a folder far from the repository."""
    folder = tmp_path / "mine"
    done = run("start", folder)
    assert done.returncode == 0
    names = [file_name(puzzle, number) for number, puzzle in enumerate(catalog.puzzles(), 1)]
    assert sorted(p.name for p in folder.iterdir()) == [*names, "test_puzzles.py"]

    first = folder / "01_map.py"
    assert run("check", first).returncode == 1
    first.write_text(edited("map"), encoding="utf-8")
    done = run("check", first, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("passed  map: ")
    assert done.stdout.splitlines()[-1].startswith("sandbox: ")
    assert f"1 of {len(catalog.ids())} passed; next: {catalog.ids()[1]}" in done.stdout

    # Starting again keeps the work, and puts back what is missing.
    guard = catalog.load("guard")
    second = folder / file_name(guard, catalog.number(guard))
    second.unlink()
    done = run("start", folder)
    assert done.returncode == 0
    assert f"kept   {first}" in done.stdout and f"wrote  {second}" in done.stdout
    assert first.read_text(encoding="utf-8") == edited("map")
    assert second.read_text(encoding="utf-8") == skeleton(guard, catalog.number(guard))

    # The folder as a whole: one passed, the others open.
    (folder / "notes.py").write_text("x = 1\n", encoding="utf-8")
    done = run("check", folder, "--json")
    assert done.returncode == 1
    verdicts = json.loads(done.stdout)["verdicts"]
    assert [v["puzzle"] for v in verdicts if v["passed"]] == ["map"]
    assert {v["reasons"][0]["kind"] for v in verdicts if not v["passed"]} == {"untouched"}
    assert len(verdicts) == len(catalog.ids())


def test_a_failed_check_can_be_repeated(tmp_path, edited, capsys):
    path = tmp_path / "wrong.py"
    path.write_text(edited("guard", ("alpha * x[i]", "x[i]")), encoding="utf-8")
    assert cli.main(["check", str(path), "--json"]) == 1
    first = json.loads(capsys.readouterr().out)["verdicts"][0]
    assert not first["passed"]
    assert cli.main(["check", str(path), "--seed", str(first["seed"])]) == 1
    told = capsys.readouterr().out
    assert f"--seed {first['seed']}" in told
    assert first["reasons"][0]["message"] in told


def test_list_and_show_as_json():
    listed = json.loads(run("list", "--json").stdout)
    assert [puzzle["id"] for puzzle in listed] == catalog.ids()
    shown = json.loads(run("show", "gemm-tiled-6x6", "--json").stdout)
    first = {"size": {"n": 6, "tile": 3}, "kernel": "kernel", "grid": [2, 2], "block": [3, 3], "shared": 0}
    assert shown["launches"][0] == first
    assert shown["signatures"] == {"kernel": "void(float32[:,::1], float32[:,::1], float32[:,::1])"}
    assert shown["limits"][0] == "global loads: at most 2 * n**3 // tile"


def test_show_prints_the_task_and_writes_the_picture(tmp_path):
    picture = tmp_path / "deep" / "picture.svg"
    done = run("show", "gemm-shared-3x3", "--svg", picture)
    assert done.returncode == 0
    assert "18 global reads instead of 54" in " ".join(done.stdout.split())
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_hints_come_one_by_one():
    one, two = run("hint", "map").stdout, run("hint", "map", 2).stdout
    assert one.startswith("1. ") and "2. " not in one
    assert two.startswith(one.splitlines()[0]) and "\n2. " in two


def test_the_solution_is_a_file_that_passes(tmp_path):
    path = tmp_path / "solution.py"
    path.write_text(run("solution", "4").stdout, encoding="utf-8")
    assert run("check", path).returncode == 0


@pytest.mark.parametrize("command", ["show", "hint", "solution"])
def test_an_unknown_puzzle(command):
    assert "did you mean gemm-naive-3x3" in refused(run(command, "gemm-naive"))


def test_bad_input_is_answered_with_one_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    assert "no file or folder" in refused(run("check", tmp_path / "nothing.py"))
    assert "python -m puzzles start" in refused(run("check", tmp_path / "empty"))
    assert "cannot write to" in refused(run("start", file / "folder"))
    assert "has 3 hints" in refused(run("hint", "map", 4))
    assert "has 3 hints" in refused(run("hint", "map", 0))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("check",),
        ("check", "x", "--seed", "-1"),
        ("check", "x", "--time-limit", "0"),
        ("check", "x", "--time-limit", "soon"),
        ("hint", "map", "many"),
    ],
)
def test_usage_errors(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "does not say which puzzle"),
        (b'PUZZLE = "gem-naive-3x3"\n', "did you mean gemm-naive-3x3"),
        (b'PUZZLE = "map"\ndef kernel(out, a:\n', "line 2: This is not Python yet"),
        (b'PUZZLE = "map"\n', "defines no kernel"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"PUZZLE = 3\n", "does not say which puzzle"),
    ],
)
def test_a_file_that_is_no_answer(tmp_path, content, words):
    path = tmp_path / "answer.py"
    path.write_bytes(content)
    done = run("check", path)
    assert done.returncode == 1
    assert words in done.stdout and str(path) in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert path.read_bytes() == content
