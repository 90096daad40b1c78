"""What notebooks show, and the extension that runs plain launches on the simulator."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim.host.gpu import find_gpu

CELL = """
import numpy as np
from numba import cuda

@cuda.jit
def double(a):
    a[cuda.grid(1)] *= 2

@cuda.jit
def racy(a):
    a[0] = cuda.threadIdx.x
"""


@cuda.jit
def racy(out, a):
    part = cuda.shared.array(64, float32)
    i = cuda.threadIdx.x
    part[i] = a[i]
    out[i] = part[63 - i]


@pytest.fixture(scope="module")
def run():
    return gpusim.simulate(racy)[1, 64](np.zeros(64, np.float32), np.ones(64, np.float32))


def plain(html: str) -> list[str]:
    """The lines of HTML as a browser shows them in a <pre>."""
    return unescape(re.sub(r"<[^>]+>", "", html)).splitlines()


def test_carets_stand_under_the_culprit(run):
    lines = plain(run.findings[0]._repr_html_())
    at = next(k for k, line in enumerate(lines) if "out[i] = part[63 - i]" in line)
    marked = lines[at][lines[at + 1].index("^") : lines[at + 1].rindex("^") + 1]
    assert marked == "part[63 - i]"
    assert "font-family:monospace" in run.findings[0]._repr_html_()


def test_findings_and_tables_are_html(run):
    assert run.findings._repr_html_().count("<div") == len(run.findings)
    assert gpusim.findings.Findings()._repr_html_() == "<p>no findings</p>"
    assert plain(run.table()._repr_html_()) == str(run.table()).splitlines() == repr(run.table()).splitlines()


@pytest.mark.skipif(find_gpu() is not None, reason="with a GPU, launches go there")
def test_the_extension_simulates_plain_launches():
    testing = pytest.importorskip("IPython.testing.globalipapp")
    shell = testing.get_ipython() or testing.start_ipython()
    for cell in ("%load_ext gpusim", CELL, "a = np.ones(64, np.int32)\ndouble[2, 32](a)", "%unload_ext gpusim"):
        shell.run_cell(cell).raise_error()
    assert shell.user_ns["a"].sum() == 128
    shell.run_cell("%load_ext gpusim").raise_error()
    from IPython.utils.capture import capture_output

    with capture_output() as shown:
        shell.run_cell("racy[1, 64](a)").raise_error()
    assert any("write-after-write" in str(output.data) for output in shown.outputs)
    shell.run_cell("%unload_ext gpusim").raise_error()
    assert gpusim.install is not None
    with pytest.raises(Exception, match=r"(?i)cuda|driver|nvidia"):
        shell.run_cell("double[2, 32](a)").raise_error()
