"""The gallery: a page for every puzzle, an index that names them all, and nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from puzzles import catalog
from puzzles.cli import main
from puzzles.view import gallery


class Links(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("href", "src")]


def test_the_index_leads_to_every_page_by_chapters():
    index = gallery.index_page()
    found = [link for link in Links(index).found if link.endswith(".html")]
    assert found == [f"{name}.html" for name in catalog.ids()]
    assert re.findall(r"<h2>([^<]+)</h2>", index) == [chapter.title for chapter in catalog.chapters()]


@pytest.mark.parametrize("name", ["map", "grid-scan", "rasp-sort"])
def test_a_page_needs_nothing_from_elsewhere(name):
    chosen = catalog.load(name)
    source = gallery.puzzle_page(chosen, "<svg></svg>", gallery.turns(chosen))
    ids = catalog.ids()
    at = ids.index(name)
    near = [f"{ids[place]}.html" for place in (at - 1, at + 1) if 0 <= place < len(ids)]
    links = [link for link in Links(source).found if not link.startswith("#")]
    assert links == ["index.html", *near]
    assert ("gpusimPlayer(document" in source) == (name != "rasp-sort")
    assert chosen.title in source


def test_the_files_are_those_of_the_index(monkeypatch, tmp_path, capsys):
    names = ("map", "rasp-count")
    monkeypatch.setattr(gallery.catalog, "puzzles", lambda: [catalog.load(name) for name in names])
    assert main(["gallery", "--out", str(tmp_path / "gallery")]) == 0
    written = {path.name for path in (tmp_path / "gallery").iterdir()}
    assert written == {"index.html", *(f"{name}.{kind}" for name in names for kind in ("html", "svg"))}
    assert "wrote 5 files" in capsys.readouterr().out


def test_one_puzzle_as_a_page(tmp_path, capsys):
    assert main(["show", "map", "--html", str(tmp_path / "new" / "map.html")]) == 0
    source = (tmp_path / "new" / "map.html").read_text(encoding="utf-8")
    assert "gpusimPlayer(document" in source and "<svg" in source
    assert not [link for link in Links(source).found if not link.startswith("#")]
    assert "Puzzle 1: " in capsys.readouterr().out
