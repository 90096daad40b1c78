"""Pages: self-contained, well-formed, escaped, and saying what text says."""

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import cuda, float32

import gpusim
from gpusim.findings import Finding
from gpusim.report import html
from gpusim.report.highlight import highlight
from gpusim.report.page import Section, bars, facts, inline, page, prose, table
from gpusim.report.tables import Column, Row, Table

VOID = {"meta", "br", "hr", "img", "input", "link"}


@cuda.jit
def reverse(out, x):
    tile = cuda.shared.array(8, float32)
    t = cuda.threadIdx.x
    tile[t] = x[t]
    cuda.syncthreads()
    out[t] = tile[7 - t]


class Outline(HTMLParser):
    """Checks that tags nest, and collects text and references."""

    def __init__(self, source):
        super().__init__()
        self.open, self.text, self.references, self.tags = [], "", [], []
        self.feed(source)
        self.close()
        assert not self.open, f"unclosed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.references += [value for name, value in attributes if name in ("src", "href", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def run():
    return gpusim.simulate(reverse)[1, 8](np.zeros(8, np.float32), np.ones(8, np.float32))


def outside(source):
    """References to anything that is not in the page."""
    local = [r for r in Outline(source).references if not r.startswith("#")]
    return local + re.findall(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", source)


def test_documents_are_self_contained_and_well_formed(run):
    source = html.document([run, run], "two runs")
    assert source.startswith("<!doctype html>")
    assert outside(source) == []
    outline = Outline(source)
    assert outline.tags.count("svg") == 2 and outline.tags.count("section") == 2
    assert outline.tags.count("script") == 3  # the player, and each run's recording
    assert 'name="viewport"' in source and "prefers-color-scheme: dark" in source


def test_links_lead_to_sections():
    source = page("title", [Section("One & two", "<p>x</p>"), Section("Three", "")])
    anchors = [r[1:] for r in Outline(source).references]
    assert anchors == ["one-two", "three"] == re.findall(r'<section id="([^"]+)"', source)


def test_a_summary_shows_table_findings_and_picture(run):
    outline = Outline(html.summary(run))
    assert "svg" in outline.tags and "table" in outline.tags
    assert "no findings" in outline.text and "reverse" in outline.text
    assert run._repr_html_() == html.summary(run)


def test_a_summary_of_an_untraced_run_does_without_a_picture():
    x = np.ones(8, np.float32)
    run = gpusim.simulate(reverse)[200, 8](np.zeros(8, np.float32), x)
    assert run.trace is None
    assert "svg" not in Outline(html.summary(run)).tags


def test_source_shows_each_line_with_its_counts(run):
    source = html.source(run)
    rows = re.findall(r"<tr.*?</tr>", source)
    (row,) = [row for row in rows if "tile[t]" in Outline(row).text and "x[t]" in Outline(row).text]
    assert re.findall(r'<td class="n"[^>]*>([^<]+)</td>', row)[:2] == ["8", "8"]
    text = Outline(source).text
    assert all(line.strip() in text for _, line in run.source)


def test_findings_are_escaped(run, monkeypatch):
    bad = Finding("memcheck", "out-of-bounds", "error", "<script>alert(1)</script>", __file__, 1, kernel="<k>")
    monkeypatch.setattr(run, "findings", [bad])
    source = html.summary(run)
    assert "script" not in Outline(source).tags and "<script>alert(1)</script>" in Outline(source).text


def test_metrics_of_the_profiler_are_tooltips(run):
    assert 'title="l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum"' in html.source(run)


def test_prose_knows_code_and_emphasis():
    assert prose("one *two*\nthree\n\n`a * b * c` < 1") == (
        "<p>one <em>two</em> three</p><p><code>a * b * c</code> &lt; 1</p>"
    )


@given(st.text())
def test_inline_text_is_always_well_formed(text):
    assert "<script" not in inline(text).lower()
    Outline(f"<p>{inline(text)}</p>")


def test_tables_facts_and_bars_are_escaped_and_complete():
    shown = Table("t", (Column("a<b", False), Column("n")), (Row(("<i>", "3"), "total"),))
    outline = Outline(table(shown) + facts([("<x>", "7")]) + bars([("one", 2.0, "two"), ("none", 0.0, "0")]))
    for text in ("a<b", "<i>", "3", "<x>", "7", "two"):
        assert text in outline.text
    assert "width:100.00%" in bars([("one", 2.0, "2")]) and bars([]) == '<div class="bars"></div>'


PIECES = st.sampled_from(
    [
        "def f(x):",
        "    return x + 1",
        "# a 'comment' <b>",
        "s = 'a<b' + \"&\"",
        "'''",
        "if x > 0 and y:",
        "@jit",
        "((",
        "",
    ]
)


@given(st.lists(PIECES | st.text(st.characters(exclude_characters="\n\r\f\v\x1c\x1d\x1e\x85\u2028\u2029"))))
def test_highlighting_changes_no_character(lines):
    marked = highlight(lines)
    assert [unescape(re.sub(r"<[^>]*>", "", line)) for line in marked] == lines


def test_highlighting_marks_keywords_strings_and_comments():
    (line,) = highlight(["if x: y = 'a'  # b"])
    assert line == (
        '<span class="hl-k">if</span> x: y = <span class="hl-s">&#x27;a&#x27;</span>  <span class="hl-c"># b</span>'
    )
