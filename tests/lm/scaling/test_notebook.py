"""The notebook's cells run, in order, and show pictures."""

from __future__ import annotations

import ast
import json

from lm.scaling.canvas import Picture
from lm.scaling.notebook import notebook


def test_the_cells_run(cli, tmp_path):
    path = tmp_path / "scaling.ipynb"
    assert cli("scaling", "notebook", "--out", path, "--bootstrap", 4)[0] == 0
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written == notebook(4)
    assert (written["nbformat"], written["nbformat_minor"]) == (4, 5)
    names: dict = {}
    pictures = 0
    for cell in written["cells"]:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"])).body
        last = body.pop()
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        assert isinstance(last, ast.Expr)
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if isinstance(shown, Picture):
            pictures += 1
            assert shown._repr_html_().startswith("<img")
    assert pictures == 7


def test_a_notebook_is_not_overwritten(cli, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text("mine", encoding="utf-8")
    status, _, err = cli("scaling", "notebook", "--out", path)
    assert status == 1
    assert "is there already" in err
    assert path.read_text(encoding="utf-8") == "mine"
    assert cli("scaling", "notebook", "--out", path, "--force")[0] == 0
