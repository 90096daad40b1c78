"""The course in a real browser: JupyterLab, an exported notebook, the page of a check, the gallery."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from support.browser import Watched, chromium

from puzzles import catalog
from puzzles.cli import main
from puzzles.notebook.cells import chapter_notebook, code, notebook
from puzzles.notebook.hole import question
from puzzles.picture import picture
from puzzles.progress import Progress
from puzzles.view import gallery

playwright = pytest.importorskip("playwright.sync_api", reason="drives a browser with Playwright")

pytestmark = pytest.mark.browser

PLAYER = ".gpusim-player"
SCREENS = [(1200, "light"), (400, "dark")]


@pytest.fixture(scope="module")
def browser():
    with chromium(playwright) as running:
        yield running


@pytest.fixture
def visit(browser):
    pages = []

    def opened(path: Path, width: int = 1200, scheme: str = "light") -> Watched:
        pages.append(Watched(browser, path.as_uri(), width, color_scheme=scheme))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


# The gallery


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """The gallery's index, and the pages of three puzzles."""
    folder = tmp_path_factory.mktemp("gallery")
    (folder / gallery.INDEX).write_text(gallery.index_page(), encoding="utf-8")
    for name in ("gemm-tiled-6x6", "grid-scan", "rasp-count"):
        chosen = catalog.load(name)
        svg = picture(chosen)
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        (folder / f"{name}.html").write_text(gallery.puzzle_page(chosen, svg, gallery.turns(chosen)), encoding="utf-8")
    for name in catalog.ids():
        if not (folder / f"{name}.svg").exists():
            (folder / f"{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    return folder


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_gallery(visit, shelf, width, scheme):
    seen = visit(shelf / gallery.INDEX, width, scheme)
    page = seen.page
    links = page.eval_on_selector_all(".card", "all => all.map((one) => one.getAttribute('href'))")
    assert links == [f"{name}.html" for name in catalog.ids()]
    assert page.locator("section h2").all_inner_texts() == [chapter.title for chapter in catalog.chapters()]
    assert seen.width <= width
    page.click("text=Tiled matrix product")
    page.wait_for_selector(f"{PLAYER} .say code")
    assert seen.width <= width
    page.focus(PLAYER)
    page.keyboard.press("End")
    assert "writes c[0, 0] = " in page.inner_text(f"{PLAYER} .say")
    reads = {row.split("\t")[0]: row.split("\t")[1] for row in page.inner_text(".counters").splitlines() if "\t" in row}
    assert reads["reads"] == "36"
    assert page.locator("figure svg").count() == 1
    page.click("text=All puzzles")
    assert page.url.endswith("index.html")


def test_all_launches_of_a_puzzle_can_be_switched_to(visit, shelf):
    page = visit(shelf / "grid-scan.html").page
    page.wait_for_selector(f"{PLAYER} .say code")
    page.focus(PLAYER)
    seen = []
    for _ in range(3):
        seen.append(page.evaluate(f"() => document.querySelector('{PLAYER}').gpusim.header.kernel"))
        page.keyboard.press("o")
    assert seen == ["scan_blocks", "scan_sums", "add_sums"]


def test_programs_have_a_page_to_read(visit, shelf):
    page = visit(shelf / "rasp-count.html").page
    assert "is_a.count()" in page.inner_text("pre.sample")
    assert page.locator(PLAYER).count() == 0


# A failed check


@pytest.fixture(scope="module")
def report(edited, tmp_path_factory):
    """(page of a check of a wrong file and a right one, line of the store of the wrong one)"""
    folder = tmp_path_factory.mktemp("report")
    text = edited("gemm-tiled-6x6", ("b_tile[k, x]", "b_tile[x, k]"))
    (folder / "mine.py").write_text(text, encoding="utf-8")
    (folder / "right.py").write_text(edited("map"), encoding="utf-8")
    assert main(["check", str(folder), "--html", str(folder / "out" / "report.html")]) == 1
    line = next(i for i, line in enumerate(text.splitlines(), 1) if "c[i, j] = total" in line)
    return folder / "out" / "report.html", line


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_a_checks_page_starts_at_what_is_wrong(visit, report, width, scheme):
    path, line = report
    seen = visit(path, width, scheme)
    page = seen.page
    page.wait_for_selector(f"{PLAYER} .say code")
    assert page.inner_text(f"{PLAYER} .say .at") == f"line {line}"
    assert "and should be" in page.inner_text(f"{PLAYER} .account")
    assert page.locator(".puzzle.failed").count() == 1
    assert page.locator(".puzzle.passed").count() == 1
    assert "got − expected" in page.inner_text("main")
    assert seen.width <= width


# Notebooks


def exported(name: str, folder: Path, cells: dict[str, str]) -> Path:
    """A chapter's notebook, run with some cells replaced, as a page without a kernel."""
    nbclient, nbconvert = pytest.importorskip("nbclient"), pytest.importorskip("nbconvert")
    notebook = chapter_notebook(name, catalog.named_chapters()[name])
    for cell in notebook.cells:
        for old, new in cells.items():
            if cell.cell_type == "code":
                cell.source = cell.source.replace(old, new)
    where = {"metadata": {"path": folder}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=where, store_widget_state=False).execute()
    exporter = nbconvert.HTMLExporter(require_js_url="", mathjax_url="", jquery_url="", mermaid_js_url="")
    html, _ = exporter.from_notebook_node(notebook)
    path = folder / f"{name}.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def softmax(tmp_path_factory):
    """The chapter on softmax, exported: the first puzzle solved wrongly, the others not at all."""
    hole = "    pass\n\n\ncheck(kernel)"
    wrong = "    row = cuda.grid(1)\n    if row < x.shape[0]:\n        out[row, 0] = x[row, 0]\n\n\ncheck(kernel)"
    return exported("softmax", tmp_path_factory.mktemp("softmax"), {hole: wrong})


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_an_exported_notebook_plays_without_a_kernel(browser, softmax, width, scheme):
    seen = Watched(browser, softmax.as_uri(), width, color_scheme=scheme)
    page = seen.page
    frame = page.frame_locator("iframe").first
    frame.locator(f"{PLAYER} .say code").wait_for()
    frame.locator(PLAYER).press("End")
    frame.locator(f"{PLAYER} .where", has_text=re.compile(r"^([\d,]+) / \1$")).wait_for()
    assert page.locator(".puzzle.failed").count() >= 1
    if any(question(catalog.load(name)) for name in catalog.named_chapters()["softmax"].ids):
        assert page.locator("text=Predict first.").count() >= 1
    page.locator("summary", has_text="Hint 1").first.press("Enter")
    page.locator("summary", has_text="Hint 2").first.wait_for()
    templates = [text for text in seen.problems if "undefined" in text or "is not defined" in text]
    assert [problem for problem in seen.problems if problem not in templates] == []  # nbconvert's, without its scripts
    seen.context.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """(address of JupyterLab, as `python -m puzzles lab` starts it; its folder)"""
    pytest.importorskip("jupyterlab")
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    (home / "jupyter_server_config.py").write_text("c.ServerApp.allow_root = True\n", encoding="utf-8")
    places = {f"JUPYTER_{kind}_DIR": str(home) for kind in ("CONFIG", "DATA", "RUNTIME")}
    places |= {f"JUPYTERLAB_{kind}_DIR": str(home / kind) for kind in ("SETTINGS", "WORKSPACES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "puzzles", "lab", str(folder), "--no-browser"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **places},
        start_new_session=True,
    )
    assert process.stderr is not None
    found = None
    for line in process.stderr:
        found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?(token=\w+)", line)
        if found:
            break
    assert found, "JupyterLab did not start"
    threading.Thread(target=process.stderr.read, daemon=True).start()
    yield found[1], found[2], folder
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def run_cell(page, call: str, text: str = "") -> None:
    """Run the cell with a call in it, with another text if one is given."""
    cell = page.locator(".jp-CodeCell", has_text=call).first
    cell.locator(".cm-content").first.click()
    if text:
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")


def opened(browser, lab, name: str, **options) -> Watched:
    """A notebook alone in JupyterLab, with its kernel waiting for a cell."""
    address, token, _ = lab
    url = f"{address}/lab/workspaces/{Path(name).stem}/tree/{name}?{token}"
    seen = Watched(browser, url, here=address, **options)
    seen.page.locator(".jp-Notebook .jp-Cell").nth(1).wait_for(timeout=60_000)
    seen.page.locator("#jp-main-statusbar", has_text="(ipykernel) | Idle").wait_for(timeout=60_000)
    return seen


def test_a_chapter_in_jupyterlab_from_start_to_verdict(browser, lab):
    folder = lab[2]
    seen = opened(browser, lab, "05_gemm.ipynb")
    page = seen.page
    run = partial(run_cell, page)
    run("progress(")
    page.locator(".puzzle .track").first.wait_for(timeout=60_000)
    run('picture("gemm-naive-3x3")')
    page.locator(".puzzle svg.gpusim-picture").first.wait_for(timeout=30_000)
    run('predict("gemm-naive-3x3")')
    answer = page.locator(".widget-text input")
    answer.wait_for(timeout=30_000)
    answer.fill("(0, 0) (0, 1) (0, 2)")
    page.locator("button", has_text="Answer").click()
    page.locator("text=✓ right").wait_for(timeout=30_000)
    head = 'from numba import cuda, float32\n\nPUZZLE = "gemm-naive-3x3"\n\n\n@cuda.jit\ndef kernel(c, a, b):\n'
    body = "    i, j = cuda.threadIdx.y, cuda.threadIdx.x\n    total = float32(0)\n    for k in range(3):\n"
    end = "    c[i, j] = total\n\n\ncheck(kernel)"
    run('PUZZLE = "gemm-naive-3x3"', f"{head}{body}        total += a[k, i] * b[k, j]\n{end}")
    page.locator(".puzzle.failed").wait_for(timeout=60_000)
    frame = page.frame_locator("iframe").first
    frame.locator(f"{PLAYER} .account").wait_for(timeout=30_000)
    assert "and should be" in frame.locator(f"{PLAYER} .account").inner_text()
    assert frame.locator(f"{PLAYER} .say .at").inner_text() == "line 12"
    run('PUZZLE = "gemm-naive-3x3"', f"{head}{body}        total += a[i, k] * b[k, j]\n{end}")
    page.locator(".puzzle.passed", has_text="launches").wait_for(timeout=60_000)
    assert Progress.of(folder).passed.keys() == {"gemm-naive-3x3"}
    assert Progress.of(folder).predicted == {"gemm-naive-3x3": True}
    page.locator(".widget-html .track .done").first.wait_for(timeout=30_000)
    seen.close()


PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}
SHOWN = """import numpy as np
import gpusim
from puzzles.catalog.gemm.gemm_tiled_6x6 import kernel

a = np.ones((6, 6), np.float32)
run = gpusim.simulate(kernel, trace=True)[(2, 2), (3, 3)](a * 0, a, a)
"""


def background(place) -> str:
    return place.evaluate("(element) => getComputedStyle(element).backgroundColor")


def test_everything_follows_jupyterlabs_theme_on_a_phone_too(browser, lab):
    """Sheet, picture, frame and widget are light or dark as JupyterLab is, whatever the system; nothing is cut off."""
    (lab[2] / "theme.ipynb").write_text(nbformat_of("first", "second", "third", "fourth", "fifth"), encoding="utf-8")
    seen = opened(browser, lab, "theme.ipynb", color_scheme="null")  # a scheme that is emulated overrides the frames'
    page = seen.page
    run_cell(page, "first", f"{SHOWN}run.draw()")
    picture = page.locator("svg.gpusim-picture .f-paper").first
    picture.wait_for(timeout=60_000, state="attached")
    run_cell(page, "second", "run.play()")
    frame = page.frame_locator("iframe.gpusim-frame").first.locator(PLAYER)
    frame.locator(".say code").wait_for(timeout=30_000)
    run_cell(page, "third", "run.play().widget()")
    widget = page.locator(PLAYER)
    widget.locator(".say code").wait_for(timeout=30_000)
    run_cell(page, "fourth", 'from puzzles.notebook import puzzle\npuzzle("gemm-tiled-6x6")')
    sheet = page.locator(".puzzle").first
    sheet.wait_for(timeout=30_000)
    run_cell(page, "fifth", "display(run, run.table())")
    page.locator(".gpusim table").first.wait_for(timeout=30_000, state="attached")
    for theme, name in (("dark", "JupyterLab Dark"), ("light", "JupyterLab Light")):
        page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
        page.locator(".lm-Menu-itemLabel", has_text="Theme").first.hover()
        page.locator(".lm-Menu-itemLabel", has_text=name).first.click()
        page.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(theme == 'light').lower()}'")
        page.wait_for_timeout(500)
        assert [background(place) for place in (sheet, widget, frame)] == [PAPER[theme]] * 3
        assert picture.evaluate("(element) => getComputedStyle(element).fill") == PAPER[theme]
        painted = widget.evaluate("(element) => element.gpusim.colors.paper")
        assert painted == ("#ffffff" if theme == "light" else "#14171c")
    page.locator(".jp-SideBar .lm-TabBar-tab.lm-mod-current").first.click()  # the list of files
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_timeout(1000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate(CUT_OFF) == []
    seen.close()


CUT_OFF = """() => {
    const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
    const found = [];
    for (const output of document.querySelectorAll(".jp-OutputArea-output")) {
        const edge = output.getBoundingClientRect().right + 1;
        for (const element of output.querySelectorAll("*")) {
            if (element.getBoundingClientRect().right <= edge) continue;
            let around = element;
            while (around !== output && !scrolls(around)) around = around.parentElement;
            if (around === output) found.push(element.outerHTML.slice(0, 80));
        }
    }
    return found;
}"""
"""What stands beyond the right edge of its output, in nothing that scrolls."""


def nbformat_of(*cells: str) -> str:
    """A notebook's file with these cells."""
    import nbformat

    made = notebook(map(code, cells))
    return str(nbformat.writes(made))
