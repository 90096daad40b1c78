"""The README's pictures are current: `make pictures` draws them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import readme_pictures as made

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("name", "draw"), [("tile.svg", made.tile), ("race.svg", made.race)])
def test_drawn_pictures_are_what_is_drawn_now(name, draw):
    assert (made.FOLDER / name).read_text(encoding="utf-8") == draw(), "run `make pictures`"


def test_the_screenshot_is_of_the_player_as_it_is_now():
    png = (made.FOLDER / "player.png").read_bytes()
    assert made.text_of(png) == made.digest(made.player()), "run `make pictures`"
    assert len(png) < 200_000


def test_the_digest_follows_what_is_shown():
    shown = made.player()
    other = shown.recordings[0].header | {"kernel": "another"}
    changed = type(shown)((type(shown.recordings[0])(shown.recordings[0].data, other),))
    assert made.digest(changed) != made.digest(shown)


def test_a_text_in_a_png_is_found_again():
    png = (made.FOLDER / "player.png").read_bytes()
    assert made.text_of(png[:8] + png[8:33] + png[-12:]) == ""
    assert made.text_of(made.with_text(png[:8] + png[8:33] + png[-12:], "words")) == "words"


def test_the_readme_shows_each_of_them():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:src="|\()pictures/([\w.]+)', readme)) == {
        path.name for path in made.FOLDER.iterdir() if path.suffix in (".svg", ".png")
    }
