"""The README's pictures: `make pictures` draws them, and tests/test_pictures.py finds out when one is not current.

`tile.svg` and `race.svg` are drawn by gpusim and are the same on every machine. `player.png` is the step player in a
browser, whose fonts differ; so it carries a digest of what is shown, the player's script and style included.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numba import cuda, float32

import gpusim
from gpusim import view
from gpusim.view.player import Player
from gpusim.view.player.bundle import script, style
from puzzles import catalog
from puzzles.check.cases import cases

FOLDER = Path(__file__).parent
KEY = b"gpusim"
"""The keyword of the text in the PNG that holds the digest."""


@cuda.jit
def block_sum(out, a):
    part = cuda.shared.array(8, float32)
    i = cuda.threadIdx.x
    part[i] = a[cuda.grid(1)]
    step = 4
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    if i == 0:
        out[cuda.blockIdx.x] = part[0]


def tile() -> str:
    """The tiled product of 6 by 6 matrices: what the upper right block reads, and from where (SVG)."""
    puzzle = catalog.load("gemm-tiled-6x6")
    case = next(cases(puzzle, seed=0))
    (launch,) = case.launches
    run = gpusim.simulate(puzzle.kernel, trace=True)[launch.grid, launch.block](*case.arguments.values())
    return view.draw(run, block=(1, 0), thread=(0, 1), title="432 reads become 144").svg + "\n"


def race() -> str:
    """A sum without its first barrier: the two accesses that race, and the cell (SVG)."""
    return view.draw(_racing(), title="a race on part").svg + "\n"


def player() -> Player:
    """The same launch in the step player, at the race."""
    return Player(_racing().play().recordings, at_finding=True)


def _racing() -> gpusim.Run:
    return gpusim.simulate(block_sum, trace=True)[1, 8](np.zeros(1, np.float32), np.ones(8, np.float32))


def digest(shown: Player) -> str:
    """Of all that the screenshot depends on, but for the browser and the place of this file."""
    folder = str(FOLDER)
    parts = [script(), style(), *(repr(_without(recording.header, folder)) for recording in shown.recordings)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _without(value: Any, folder: str) -> Any:
    """JSON without the name of a folder."""
    if isinstance(value, str):
        return value.replace(folder, "").replace("\\", "/")
    if isinstance(value, dict):
        return {key: _without(part, folder) for key, part in value.items()}
    return [_without(part, folder) for part in value] if isinstance(value, list | tuple) else value


def screenshot(shown: Player) -> bytes:
    """PNG of the player in Chromium, with its digest."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        page_file = shown.save(Path(folder) / "player.html")
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 730})
        page.goto(page_file.as_uri())
        page.wait_for_selector(".gpusim-player .say code")
        page.wait_for_timeout(500)
        png = page.screenshot(full_page=True)
        browser.close()
    return with_text(png, digest(shown))


def with_text(png: bytes, text: str) -> bytes:
    """The PNG with a text chunk behind its header (PNG specification, 11.3.3)."""
    body = b"tEXt" + KEY + b"\0" + text.encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = 8 + 25  # signature and IHDR
    return png[:end] + chunk + png[end:]


def text_of(png: bytes) -> str:
    """The text that `with_text` put into a PNG; empty if there is none."""
    for kind, body in _chunks(png):
        if kind == b"tEXt" and body.startswith(KEY + b"\0"):
            return body[len(KEY) + 1 :].decode("latin-1")
    return ""


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def main() -> None:
    for name, svg in (("tile.svg", tile()), ("race.svg", race())):
        (FOLDER / name).write_text(svg, encoding="utf-8", newline="\n")
    (FOLDER / "player.png").write_bytes(screenshot(player()))


if __name__ == "__main__":
    main()
