"""The page: every section measures, draws with the page's colours, and says what the command says."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shlex
from html import escape, unescape
from html.parser import HTMLParser

import nbformat
import pytest

from lm import corpus
from lm.errors import LMError
from lm.lecture.lesson import Finding, Grid
from lm.lecture.lessons import ORDER, lessons
from lm.lecture.pages import cell, section
from lm.lecture.picture import INK, SERIES, VARIABLE, draw
from lm.lecture.show import COLORS, show


class Outline(HTMLParser):
    """Headings, and whether each element that opens also closes."""

    VOID = ("meta", "br", "img", "link", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        self.loads += [v for k, v in attributes if k in ("src", "href") and not v.startswith("#")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


@pytest.fixture(scope="module")
def small():
    """A split that is quick to measure."""
    split = corpus.builtin()
    return corpus.Split(split.source, split.train[:60_000], split.validation[:6_000], split.held_out[:6_000])


SLOW = ("needed",)  # trains sixteen small models


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in ORDER])
def test_every_section(name, small):
    lesson = lessons((name,))[name]
    finding = lesson.measure(small)
    assert finding.says.strip()
    assert finding.grids or finding.pictures or finding.samples
    assert all(isinstance(value, float) and not math.isnan(value) for value in finding.values.values())
    for grid in finding.grids:
        assert all(len(row) == len(grid.headings) for row in grid.rows)
    html = section(lesson, finding, lesson.command)
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert all(load.startswith("#") for load in outline.loads)
    assert lesson.command.startswith("python -m lm ")
    for picture in finding.pictures:
        assert picture.svg.startswith("<svg")
        if "prefers-color-scheme: dark" in picture.svg:
            continue  # a picture of gpusim.view brings its own dark colours
        colors = set(re.findall(r"#[0-9a-f]{6}", re.sub(r"var\(--\w+, #[0-9a-f]{6}\)", "", picture.svg)))
        assert colors <= {"#ffffff", "#000000"}, "a colour that does not follow the page"


def test_the_page(cli, tmp_path, text_file):
    out = tmp_path / "deep" / "lecture.html"
    status, printed, err = cli("lecture", "--out", out, "--only", "zipf", "codes", "--json")
    assert status == 0
    result = json.loads(printed)
    assert list(result["sections"]) == ["zipf", "codes"]
    assert result["sections"]["codes"]["values"]["bits a letter, entropy"] > 3
    assert "zipf ..." in err
    outline = Outline()
    outline.feed(out.read_text(encoding="utf-8"))
    assert outline.headings == [
        "Large language models in five formulas, measured",
        "Formula 1: Zipf's law",
        "Formula 1: probabilities are code lengths",
    ]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["lecture.html"]


def test_commands_are_those_of_the_text(cli, tmp_path):
    """On a text of one's own, each section's command measures that text."""
    out, text = tmp_path / "page.html", tmp_path / "text"
    text.write_text(corpus.builtin().train[:45_000], encoding="utf-8")
    assert cli("lecture", "--out", out, "--only", "codes", "--text", text)[0] == 0
    command = escape(f"python -m lm lecture --text {shlex.quote(str(text))} --only codes")
    assert command in out.read_text(encoding="utf-8")


def test_values_are_those_of_the_command(cli, small):
    """The ladder's section and `lm ngram` give the same perplexity."""
    finding = lessons(("ladder",))["ladder"].measure(corpus.builtin())
    arguments = lessons(("ladder",))["ladder"].command.split()[3:]
    result = json.loads(cli(*arguments, "--json")[1])
    assert finding.values["mkn 5"] == pytest.approx(result["ppl"]["test"])
    assert finding.values["mkn 0"] == pytest.approx(result["types"] + 1)


def test_the_notebook(cli, tmp_path):
    path = tmp_path / "lecture.ipynb"
    assert cli("lecture", "--notebook", path)[0] == 0
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [c.source for c in notebook.cells if c.cell_type == "code"]
    assert len(code) == len(ORDER)
    scope: dict = {}
    exec(code[ORDER.index("codes")].replace("show(", "shown = show("), scope)
    assert "Huffman" in scope["shown"]._repr_html_()


def test_show_in_a_notebook(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(corpus.builtin().train[:50_000], encoding="utf-8")
    html = show("codes", str(path))._repr_html_()
    assert "Kraft sum" in html
    for variable in VARIABLE.values():  # light, dark, and both again where the notebook says which
        assert html.count(f"{variable}:#") == 4
    assert shlex.quote(str(path)) in unescape(html)
    assert lessons(("codes",))["codes"].claim not in html  # the cell above says it


def test_a_sheet_has_every_colour_of_the_page():
    """In both lights: what the pictures ask for must not come from a notebook's theme."""
    names = dict(rule.split(":") for rule in COLORS.split(";") if rule)
    assert {"--ink", "--sheet", "--code", *VARIABLE.values()} <= set(names)
    assert all(re.fullmatch("light-dark\\(#[0-9a-f]{6},#[0-9a-f]{6}\\)", color) for color in names.values())


def test_list_and_bad_input(cli, text_file, tmp_path):
    out = cli("lecture", "--list")[1]
    assert all(name in out for name in ORDER)
    for arguments, message in [
        (("--only", "nothing"), "there is no section 'nothing'"),
        (("--text", text_file), "too short for the lecture"),
        (("--out", tmp_path), "is a directory"),
    ]:
        status, _, err = cli("lecture", *arguments)
        assert status == 1
        assert message in err
        assert err.count("\n") == 1


def test_pictures_are_reproducible_and_keep_their_text():
    svg = draw("a", lambda axes: axes.plot([1, 2], [3, 4], label="some words") and axes.legend())
    assert svg == draw("a", lambda axes: axes.plot([1, 2], [3, 4], label="some words") and axes.legend())
    assert "some words" in svg
    assert f"var(--accent, {SERIES[0]})" in svg
    assert f"var(--ink, {INK})" in svg
    assert "var(--sans" in svg


def test_cells():
    assert [cell(x) for x in ("a", None, 1234, 12345.6, 0.123456, math.inf)] == [
        "a",
        "",
        "1,234",
        "12,346",
        "0.1235",
        "infinite",
    ]


def test_sections_escape_what_they_show():
    lesson = lessons(("codes",))["codes"]
    html = section(
        lesson, Finding("a < b & `c`", {}, [Grid(["<i>"], [["<b>"]])], samples=[("<t>", "<script>")]), lesson.command
    )
    for raw in ("<script>", "<i>", "<t>"):
        assert raw not in html


def test_names_of_sections():
    with pytest.raises(LMError, match="choose from ladder"):
        lessons(("x",))


def test_a_section_that_cannot_be_measured_does_not_lose_the_others(cli, tmp_path, monkeypatch):
    out = tmp_path / "lecture.html"

    def fails(split):
        raise LMError("no data")

    broken = dataclasses.replace(lessons(("zipf",))["zipf"], measure=fails)
    monkeypatch.setattr("lm.lecture.lessons.zipf.LESSON", broken)
    status, _, err = cli("lecture", "--out", out, "--only", "zipf", "codes")
    assert status == 1
    assert err.splitlines()[-1].endswith("1 of its sections could not be measured; zipf: no data")
    page = out.read_text(encoding="utf-8")
    assert "Not measured: no data." in page
    assert "Kraft sum" in page
