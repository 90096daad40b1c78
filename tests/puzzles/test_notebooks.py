"""The course in notebooks: what the cells say, what they show, and what calls do, with and without ipywidgets."""

from __future__ import annotations

import ast
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from numba import cuda

from puzzles import catalog
from puzzles.check import check_kernel
from puzzles.check.build import build
from puzzles.check.replay import performance, replay
from puzzles.cli import main
from puzzles.errors import PuzzleError
from puzzles.notebook import check, hints, picture, predict, progress, puzzle, shown
from puzzles.notebook.calls import read
from puzzles.notebook.cells import chapter_notebook
from puzzles.notebook.files import named
from puzzles.notebook.hole import hole, question
from puzzles.progress import Progress
from puzzles.source import skeleton
from puzzles.spec import Puzzle


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def built(text: str, name: str, path: Path) -> dict:
    """Kernels of a file, whose text the simulator and `check` can read."""
    path.write_text(text, encoding="utf-8")
    return build(text, str(path), list(catalog.load_kernel(name).kernels))


# The notebooks


@pytest.mark.parametrize("name", catalog.named_chapters())
def test_a_chapters_notebook_has_every_puzzle(name):
    chapter = catalog.named_chapters()[name]
    notebook = chapter_notebook(name, chapter)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    for identity in chapter.ids:
        found = catalog.load(identity)
        assert sum(found.title.split(":")[0] in text.replace("\\", "") for text in texts) >= 1
        assert f'picture("{identity}")' in code
        assert f'hints("{identity}")' in code
        assert (f'predict("{identity}")' in code) == (question(found) is not None)
        assert hole(found) in code


@pytest.mark.parametrize("puzzle", catalog.puzzles(), ids=catalog.ids())
def test_the_cell_with_the_hole(puzzle):
    empty, filled = hole(puzzle), hole(puzzle, filled=True)
    assert empty != filled
    assert "HOLE" not in filled
    if isinstance(puzzle, Puzzle):
        tree = ast.parse(filled)
        assert ast.unparse(tree.body[-1]) == f"check({', '.join(puzzle.kernels)})"
        assert f'PUZZLE = "{puzzle.id}"' in empty
    else:
        assert empty.startswith(f"%%puzzle {puzzle.id}\n")
        ast.parse(filled.partition("\n")[2])


def run(notebook, folder: Path):
    return NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
    ).execute()


def outputs(notebook, call: str) -> list[str]:
    """The words of the results of cells that hold a call."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and call in cell.source]
    return ["".join(o.data["text/plain"] for o in cell.outputs if "data" in o) for cell in cells]


FAST = ("threads", "warps")


@pytest.mark.parametrize(
    "name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in catalog.named_chapters()]
)
def test_notebooks_with_the_solutions_run(name, tmp_path):
    chapter = catalog.named_chapters()[name]
    done = run(chapter_notebook(name, chapter, filled=True), tmp_path)
    verdicts = [*outputs(done, "check("), *outputs(done, "%%puzzle")]
    assert [verdict.split(":")[0].split()[0] for verdict in verdicts] == ["passed"] * len(chapter.ids), verdicts
    assert set(Progress.of(tmp_path).passed) == set(chapter.ids)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tour", "formulas"])
def test_the_tour_and_the_formulas_run(name, tmp_path):
    pytest.importorskip("torch")
    for _, make in named(name):
        run(make(), tmp_path)


def test_each_formula_has_a_notebook():
    assert [name for name, _ in named("formulas")] == [f"formula_{n}.ipynb" for n in range(1, 6)]


def test_the_matrix_products_notebook_measures_what_it_says(tmp_path):
    """Against numbers worked out by hand, those of the lecture among them."""
    make = dict(named("formulas"))["formula_3.ipynb"]
    done = run(make(), tmp_path)
    said = "".join(o.text for c in done.cells if c.cell_type == "code" for o in c.outputs if o.output_type == "stream")
    assert "54 reads of global memory, 54 by hand" in said
    assert "18 reads of global memory, 18 by hand; 54 of shared memory" in said
    assert "432 reads by the naive kernel, 432 by hand" in said
    assert "144 reads with tiles, 144 by hand" in said
    rows = re.findall(r"^ *(\d+)  (naive|tiled|register tile) +([\d,]+) +([\d.]+) ", said, re.MULTILINE)
    assert len(rows) == 12
    for n, name, reads, intensity in rows:
        share = {"naive": 1, "tiled": 16, "register tile": 64}[name]
        assert int(reads.replace(",", "")) == 2 * int(n) ** 3 // share
        assert float(intensity) == 0.25 * share
    assert "tiled         2.00 shared reads a product" in said
    assert "register tile 0.50 shared reads a product" in said
    assert "n = 512: 64 blocks for 132 multiprocessors" in said


def test_the_tours_notebooks_name_what_there_is():
    made = {name: make() for name, make in named("tour")}
    assert len(made) == 3
    for notebook in made.values():
        nbformat.validate(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)


def test_notebooks_are_written_once(capsys, tmp_path):
    assert main(["notebook", "softmax", "--out", "here"]) == 0
    (path,) = Path("here").glob("*.ipynb")
    path.write_text("mine", encoding="utf-8")
    assert main(["notebook", "softmax", "--out", "here"]) == 0
    assert "kept" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == "mine"
    assert main(["notebook", "softmax", "--out", "here", "--force", "--solutions"]) == 0
    assert "HOLE" not in path.read_text(encoding="utf-8")
    assert len(nbformat.read(path, as_version=4).cells) > 10


def test_a_chapter_that_is_none(capsys):
    assert main(["notebook", "sofmax"]) == 1
    assert "there is no chapter 'sofmax'; choose from threads, " in capsys.readouterr().err


def test_the_lab_needs_jupyterlab(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setattr("puzzles.commands.lab.find_spec", lambda name: None)
    assert main(["lab", "here"]) == 1
    assert capsys.readouterr().err == "puzzles lab: JupyterLab is not installed: pip install 'gpusim[notebook]'\n"
    assert not Path("here").exists()


# Calls


def test_a_kernel_that_passes_is_noted(edited, tmp_path):
    kernels = built(edited("gemm-shared-3x3"), "gemm-shared-3x3", tmp_path / "a.py")
    report = check(kernels["kernel"], puzzle="gemm-shared-3x3")
    assert report.passed
    assert repr(report).startswith("passed  gemm-shared-3x3: 13 launches")
    html = report._repr_html_()
    assert "✓ passed" in html
    assert re.search(r"<span>naive</span><i[^>]*width:100.0%[^>]*></i><b>54</b>", html)
    assert "1 of " in html
    assert Progress.of(Path()).passed == {"gemm-shared-3x3": 18}


def test_a_wrong_result_is_shown_at_the_store_that_made_it(edited, tmp_path):
    wrong = edited("gemm-tiled-6x6", ("b_tile[k, x]", "b_tile[x, k]"))
    kernels = built(wrong, "gemm-tiled-6x6", tmp_path / "a.py")
    report = check(kernels, puzzle="gemm-tiled-6x6", seed=3)
    store = next(i for i, line in enumerate(wrong.splitlines(), 1) if "c[i, j] = total" in line)
    (finding,) = report.replay.player.recordings[0].header["findings"]
    (difference,) = report.replay.differences
    case_is_wrong = difference.got[0, 0], difference.expected[0, 0]
    assert finding["line"] == store
    assert finding["message"] == "c[0, 0] ends as {:.6g} here, and should be {:.6g}".format(*case_is_wrong)
    assert f"should be {case_is_wrong[1]:.6g} but is {case_is_wrong[0]:.6g}" in str(report.verdict)
    html = report._repr_html_()
    assert "✗ not yet" in html and "got − expected" in html and "<iframe " in html
    assert Progress.of(Path()).passed == {}


def test_a_race_is_where_the_player_starts(edited, tmp_path):
    text = edited(
        "gemm-tiled-6x6",
        (
            "            total += a_tile[y, k] * b_tile[k, x]\n        cuda.syncthreads()",
            "            total += a_tile[y, k] * b_tile[k, x]",
        ),
    )
    report = check(built(text, "gemm-tiled-6x6", tmp_path / "a.py"), puzzle="gemm-tiled-6x6")
    assert report.verdict.reasons[0].kind == "finding"
    assert report.replay.player.at_finding
    assert report.replay.player.recordings[0].header["findings"][0]["tool"] == "racecheck"


def test_an_access_out_of_bounds_can_be_stepped_to(edited, tmp_path):
    text = edited("gemm-naive-3x3", ("range(N)", "range(N + 1)"))
    report = check(built(text, "gemm-naive-3x3", tmp_path / "a.py"), puzzle="gemm-naive-3x3")
    assert report.verdict.reasons[0].kind == "launch"
    findings = report.replay.player.recordings[0].header["findings"]
    assert findings[0]["tool"] == "memcheck"


def test_of_several_launches_the_guilty_one_is_first(edited, tmp_path):
    text = edited("grid-scan", ("sums[block - 1]", "sums[block]"))
    kernels = built(text, "grid-scan", tmp_path / "a.py")
    report = check(*kernels.values(), puzzle="grid-scan")
    assert not report.passed
    player = report.replay.player
    assert player.recordings[0].header["kernel"] == "add_sums"
    assert player.recordings[0].header["title"] == "launch 3 of 3"
    assert len(player.recordings) == 3


def test_a_kernel_that_cannot_start_has_no_steps(tmp_path):
    @cuda.jit
    def kernel(out):
        out[0] = 1

    report = check(kernel, puzzle="map")
    assert report.replay.player is None
    assert "but the puzzle passes 2" in str(report)
    report._repr_html_()


def test_an_untouched_hole_is_open(tmp_path):
    chosen = catalog.load("layer-norm")
    report = check(built(skeleton(chosen, 1), "layer-norm", tmp_path / "a.py"), puzzle="layer-norm")
    assert report.verdict.untouched
    assert "○ open" in report._repr_html_()


def test_the_puzzle_is_the_one_named_beside_the_kernel(edited, tmp_path):
    kernels = built(edited("map"), "map", tmp_path / "a.py")
    kernels["kernel"].py_func.__globals__["PUZZLE"] = "map"
    assert check(kernels["kernel"]).passed
    del kernels["kernel"].py_func.__globals__["PUZZLE"]
    with pytest.raises(PuzzleError, match=r'Put PUZZLE = "map" above the kernel'):
        check(kernels["kernel"])
    with pytest.raises(PuzzleError, match="nothing to check"):
        check()
    with pytest.raises(PuzzleError, match="missing: scan_sums, add_sums"):
        check({"scan_blocks": None}, puzzle="grid-scan")
    assert "_render_traceback_" in dir(PuzzleError)


def test_every_solution_can_be_stepped_through():
    for name in ("map", "grid-scan", "attention-tiled"):
        chosen = catalog.load_kernel(name)
        player = performance(chosen)
        assert [r.header["kernel"] for r in player.recordings] == [x.kernel for x in chosen.launches(chosen.sizes[0])]


def test_a_passed_kernel_replayed_has_no_differences(edited, tmp_path):
    chosen = catalog.load_kernel("map")
    kernels = built(edited("map"), "map", tmp_path / "a.py")
    assert replay(kernels, chosen, check_kernel(kernels, chosen)).differences == ()


def test_predictions_are_marked_and_the_first_counts(monkeypatch):
    asked = predict("gemm-naive-3x3")
    assert "Predict first" in asked.html
    wrong = predict("gemm-naive-3x3", "(0, 0)")
    assert "✗ not quite" in wrong.html
    right = predict("gemm-naive-3x3", ((0, 0), (0, 1), (0, 2)))
    assert repr(right).startswith("right: ")
    assert Progress.of(Path()).predicted == {"gemm-naive-3x3": False}
    assert predict("gemm-tiled-6x6", 144).html.count("✓ right") == 1
    assert "1 of 2 predicted at once" in progress("gemm").html
    monkeypatch.setattr("puzzles.notebook.hole.question", lambda puzzle: None)
    with pytest.raises(PuzzleError, match="has no question"):
        predict("map")


def test_hints_stand_one_inside_the_other():
    html = hints("map").html
    assert re.findall(r"<summary>(Hint \d)</summary>|(</details>)", html) == [
        ("Hint 1", ""), ("Hint 2", ""), ("Hint 3", ""), *[("", "</details>")] * 3
    ]  # fmt: skip
    assert repr(hints("map")).startswith("1. ")


def test_puzzles_and_pictures_are_html():
    html = puzzle("gemm-tiled-6x6")._repr_html_()
    assert "<svg" in html and "2 * n**3 // tile" in html and "Hint 3" in html
    assert "<svg" in picture(1).html
    with pytest.raises(PuzzleError, match="choose from threads"):
        progress("gem")


def test_tasks_mean_nothing_in_markdown():
    chosen = catalog.load("zip")
    text = chapter_notebook("threads", catalog.chapter(chosen)).cells
    (cell,) = [cell.source for cell in text if cell.source.startswith("## 2. ")]
    assert r"a[i] \* b[i]" in cell


def test_everything_works_without_ipywidgets(monkeypatch):
    monkeypatch.setattr(shown, "find_spec", lambda name: None)
    for found in (predict("zip"), progress()):
        assert set(found._repr_mimebundle_()) == {"text/html", "text/plain"}
    assert 'predict("zip", 12)' in predict("zip").html


def test_forms_answer_and_boards_follow(edited, tmp_path):
    ipywidgets = pytest.importorskip("ipywidgets")
    board = progress("threads").widget()
    form = predict("zip").widget()
    question_shown, line, marked = form.children
    field, button = line.children
    assert isinstance(field, ipywidgets.Text) and "Eight threads" in question_shown.value
    button.click()
    assert marked.value == ""
    field.value = "16"
    button.click()
    assert "✓ right" in marked.value
    assert "1 of 1 predicted at once" in board.value
    kernels = built(edited("map"), "map", tmp_path / "a.py")
    check(kernels, puzzle="map")
    assert 'title="map: passed">✓' in board.value
    view = "application/vnd.jupyter.widget-view+json"
    assert {view, "text/html", "text/plain"} <= set(predict("zip")._repr_mimebundle_())


def test_verdicts_escape_what_kernels_print(edited, tmp_path):
    chosen = catalog.load_kernel("map")
    verdict = check_kernel(built(edited("map"), "map", tmp_path / "a.py"), chosen)
    html = replace(verdict, printed="<script>", notes=("<b>",))._repr_html_()
    assert "<script>" not in html and "note: &lt;b&gt;" in html


# Cells


def test_the_magic_runs_a_cell_and_checks_it(capsys):
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell()
    shell.run_line_magic("load_ext", "puzzles")
    cell = hole(catalog.load("map"), filled=True).rpartition("check(")[0]
    assert shell.run_cell_magic("puzzle", "map", cell).passed
    assert shell.run_line_magic("puzzle", "map").id == "map"
    assert shell.run_cell_magic("puzzle", "map", cell + "syntax error") is None
    wrong = shell.run_cell_magic("puzzle", "map", cell.replace("out[i] =", "out[i + 1] ="))
    line = next(i for i, text in enumerate(cell.splitlines(), 2) if "out[i] =" in text)
    assert wrong.verdict.reasons[0].line == line


@pytest.mark.skipif("rasp-count" not in catalog.ids(), reason="no puzzles for programs")
def test_programs_are_read_and_not_executed():
    chosen = catalog.load("rasp-count")
    filled = hole(chosen, filled=True).partition("\n")[2]
    assert read(chosen, filled).passed
    assert "rasp-count" in Progress.of(Path()).passed
    assert read(chosen, hole(chosen).partition("\n")[2]).verdict.untouched
    refused = read(chosen, "import os\noutput = os.getcwd()")
    assert refused.verdict.reasons[0].line == 2
    with pytest.raises(PuzzleError, match="begin its cell with %%puzzle rasp-count"):
        check(object(), puzzle="rasp-count")


def defects() -> list[str]:
    return [puzzle.id for puzzle in catalog.puzzles() if puzzle.defect]


@pytest.mark.skipif(not defects(), reason="no puzzles with a defect")
def test_a_defect_is_named_by_the_cells_own_lines_and_repaired(tmp_path):
    name = defects()[0]
    chosen = catalog.load_kernel(name)
    cell = hole(chosen)
    asked = question(chosen)
    lines = [cell.splitlines()[line - 1] for (line,) in asked.answer]
    assert all(any(part in line for line in lines) for part in chosen.defect.lines)
    text = cell.rpartition("check(")[0]
    assert check(built(text, name, tmp_path / "a.py"), puzzle=name).verdict.untouched
    repaired = built(hole(chosen, filled=True).rpartition("check(")[0], name, tmp_path / "b.py")
    assert check(repaired, puzzle=name).verdict.reasons[0].kind == "prediction"
    assert "✓ right" in predict(name, ", ".join(str(line) for (line,) in asked.answer)).html
    assert check(repaired, puzzle=name).passed


# Progress


def test_progress_of_an_earlier_version_has_no_predictions(tmp_path):
    record = {"schema": 1, "passed": {"map": {"best": None}}, "skipped": []}
    (tmp_path / ".puzzles.json").write_text(json.dumps(record), encoding="utf-8")
    found = Progress.of(tmp_path)
    assert found.predicted == {}
    assert found.answered("map", True) and not found.answered("map", False)
    found.save()
    assert Progress.of(tmp_path).predicted == {"map": True}


def test_numbers_of_a_difference(edited, tmp_path):
    kernels = built(edited("map", ("+ 1", "+ 2")), "map", tmp_path / "a.py")
    report = check(kernels, puzzle="map")
    (difference,) = report.replay.differences
    np.testing.assert_array_equal(difference.got - difference.expected, 1)
