"""Players as pages, frames and widgets; what they do in a browser is in test_player_browser.py."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.view.player import Caption
from gpusim.view.player.bundle import MODULES, script, widget_module


@cuda.jit
def double(a):
    i = cuda.grid(1)
    a[i] *= 2


@pytest.fixture(scope="module")
def player():
    return gpusim.simulate(double)[2, 8](np.ones(16)).play()


def test_the_script_is_small_and_names_no_address():
    assert len(script().encode()) <= 80_000
    assert re.findall(r"https?://[^\s\"'`]+", script()) == []
    assert "import " not in script()


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("made", [script, widget_module])
def test_the_script_is_a_script(made, tmp_path):
    path = tmp_path / ("script.js" if made is script else "module.mjs")
    path.write_text(made(), encoding="utf-8")
    subprocess.run(["node", "--check", str(path)], check=True)


def test_no_two_modules_are_forgotten():
    from importlib import resources

    files = {path.name for path in resources.files("gpusim.view.player").joinpath("js").iterdir()}
    assert files == {f"{name}.js" for name in MODULES} | {"widget.js"}


def test_pages_are_whole_or_not_there(player, tmp_path):
    with pytest.raises(OSError, match="missing"):
        player.save(tmp_path / "missing" / "page.html")
    path = player.save(tmp_path / "page.html")
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_a_page_has_a_picture_for_where_no_script_runs(player):
    picture = re.search(r"<noscript>(.*?)</noscript>", player.html, re.DOTALL)
    assert picture is not None
    assert "<svg" in picture[1]


def test_notebooks_get_a_frame_a_picture_and_a_sentence(player):
    shown = player._repr_mimebundle_()
    frame = re.search(r'<iframe [^>]*srcdoc="([^"]*)" [^>]*sandbox="allow-scripts"></iframe>$', shown["text/html"])
    assert frame is not None
    assert unescape(frame[1]) == player.html
    assert shown["image/svg+xml"].startswith("<svg")
    assert shown["text/plain"].startswith("double: 3 steps, ")


def test_source_text_cannot_end_the_script(tmp_path):
    @cuda.jit
    def kernel(a):
        a[0] = 1  # </script><b>

    page = gpusim.simulate(kernel)[1, 1](np.zeros(1)).play().guided([Caption("</script><b>")]).html
    assert page.count("</script>") == 2


def test_widgets_carry_the_recordings(player):
    pytest.importorskip("anywidget")
    widget = player.guided([Caption("here", line=3)]).widget()
    assert widget.recordings == player.texts
    assert json.loads(json.dumps(widget.options))["captions"][0]["text"] == "here"


def test_beside_takes_the_first_recording_of_each(player):
    both = player.beside(player)
    assert both.recordings == (player.recordings[0], player.recordings[0])
    assert both.options["beside"]
