"""The five formulas of language models as notebooks: the sections of `lm lecture`, each measured when it is run.

The third, the matrix product, is told by kernels (`product.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Any

from lm.lecture.lessons import lessons
from lm.lecture.pages import notebook
from puzzles.notebook.product import product_notebook


def formula_notebooks() -> Iterator[tuple[str, Any]]:
    """A notebook for each formula, in their order."""
    import nbformat

    made = [product_notebook()]
    chosen = sorted(lessons().items(), key=lambda item: item[1].formula)
    for formula, sections in groupby(chosen, key=lambda item: item[1].formula):
        text = notebook(dict(sections), None)
        made.append((f"formula_{formula}.ipynb", partial(nbformat.reads, text, as_version=4)))
    yield from sorted(made, key=lambda one: one[0])
