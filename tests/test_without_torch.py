"""The first minute without torch: what works, and what says in one sentence what it needs.

Nothing of the extra `lm` is there, nor other optional packages; `support.elsewhere` hides them from every process.
"""

from __future__ import annotations

import pytest
from support.elsewhere import System

HIDDEN = (
    *("torch", "scipy", "matplotlib", "constriction", "zstandard"),  # gpusim[lm]
    *("watchfiles", "datasets", "IPython", "anywidget", "ipywidgets", "hypothesis", "numba_cuda_mlir"),
)

PICTURES = """
import numpy as np
from numba import cuda

import gpusim

@cuda.jit
def kernel(out, a):
    i = cuda.grid(1)
    if i < a.size:
        out[i] = a[i] + 1

run = gpusim.simulate(kernel, trace=True)[2, 4](np.zeros(7), np.arange(7.0))
print(run)
run.draw().save("first.svg")
run.play().save("first.html")
print(run.time("h200"))
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    with System.made("bare", tmp_path_factory.mktemp("bare"), HIDDEN) as made:
        yield made


def test_a_kernel_and_its_pictures(bare):
    (bare.here / "first.py").write_text(PICTURES, encoding="utf-8")
    done = bare.run("first.py")
    assert done.returncode == 0, done.stderr
    assert (bare.here / "first.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "<script" in (bare.here / "first.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command",
    [
        "puzzles start mine",
        "puzzles show map --svg map.svg",
        "puzzles hint map",
        "lm generate --chars 3 --device sim",
        "lm rasp run addition 683+345",
        "gpusim info",
    ],
)
def test_what_works(bare, command):
    done = bare.run("-m", *command.split())
    assert done.returncode == 0, done.stderr
    assert not done.stderr or done.stderr == "wrote map.svg\n"


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ("puzzles tour", "torch is missing: pip install 'gpusim[lm]'"),
        ("puzzles watch .", "needs watchfiles, which is not installed: pip install 'gpusim[watch]', or run `python"),
        ("lm generate", "needs torch, which is not installed: `pip install"),
        ("lm train --text first.py --out first.safetensors", "needs torch, which is not installed: `pip install"),
        ("lm compress first.py", "needs constriction, which is not installed: `pip install constriction`"),
        ("lm lecture --only transformer", "transformer: this needs torch, which is not installed: `pip install"),
    ],
)
def test_what_is_missing_is_one_sentence(bare, command, needs):
    (bare.here / "first.py").write_text("text = 'some text'\n" * 300, encoding="utf-8")
    done = bare.run("-m", *command.split())
    assert done.returncode == 1
    assert needs in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


def test_the_lecture_has_the_other_sections(bare):
    done = bare.run("-m", "lm", "lecture", "--only", "codes", "transformer", "--out", "lecture.html")
    assert "lecture.html is written, but 1 of its sections could not be measured" in done.stderr
    page = (bare.here / "lecture.html").read_text(encoding="utf-8")
    assert page.count("Not measured: ") == 1 and "this needs torch" in page
