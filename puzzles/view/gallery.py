"""Every puzzle's solution as a page to step through, and an index of them: files for any static host."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from gpusim.errors import GpusimError
from gpusim.report.page import Section, figure, page
from gpusim.view.player import assets
from puzzles import catalog
from puzzles.check.replay import performance
from puzzles.exercise import Exercise
from puzzles.picture import picture
from puzzles.source import code, solution
from puzzles.spec import Puzzle
from puzzles.view.markdown import facts, paragraphs
from puzzles.view.puzzle import rendered

INDEX = "index.html"

_CSS = """
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; }
.card { display: flex; flex-direction: column; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 10px; padding: 0.8rem; color: var(--ink); text-decoration: none; font-family: var(--sans); }
.card:hover, .card:focus-visible { border-color: var(--accent); }
.card img { width: 100%; height: 11rem; object-fit: contain; object-position: left center; margin-bottom: 0.6rem; }
.card span { color: var(--muted); font-size: 0.9rem; }
.turn { display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem; font-family: var(--sans); }
"""


def files() -> Iterator[tuple[str, str]]:
    """(name, text) of all files: the index first, then two for each puzzle."""
    yield INDEX, index_page()
    for puzzle in catalog.puzzles():
        svg = _picture(puzzle)
        yield f"{puzzle.id}.svg", svg
        yield f"{puzzle.id}.html", puzzle_page(puzzle, svg, turns(puzzle))


def index_page() -> str:
    """All puzzles as cards, by chapter."""
    sections = []
    for chapter in catalog.chapters():
        cards = "".join(_card(catalog.load(name)) for name in chapter.ids)
        about = f"<p>{escape(chapter.about.strip())}</p>" if chapter.about else ""
        sections.append(Section(chapter.title, f'{about}<div class="cards">{cards}</div>'))
    return page(TITLE, sections, lead=LEAD, footer=FOOTER, head=f"<style>{_CSS}</style>")


TITLE = "GPU kernels, step by step"

LEAD = """A course of GPU kernels, solved. Each page plays one of them: who is active, what each thread reads and
writes, what it costs. Nothing is installed, and no GPU is involved: a simulator has recorded it all."""

FOOTER = """Made by `python -m puzzles gallery`. To solve them yourself: `python -m puzzles start my-puzzles`, or
`python -m puzzles lab`."""


def puzzle_page(puzzle: Exercise, svg: str, links: str = "") -> str:
    """One puzzle: its task, the solution to step through, its picture, and the rules."""
    sections = [Section("The task", links + rendered("\n\n".join(paragraphs(puzzle.task))))]
    sections.append(_solution(puzzle))
    sections += [Section("The picture", figure(svg, PICTURE if isinstance(puzzle, Puzzle) else HEADS))] if svg else []
    sections.append(Section("The rules", rendered("\n\n".join(facts(puzzle)))))
    title = f"{catalog.number(puzzle)}. {puzzle.title}"
    lead = f"{catalog.chapter(puzzle).title}: `{puzzle.id}`"
    return page(title, sections, lead=lead, footer=FOOTER, head=f"<style>{_CSS}</style>{assets()}")


def _solution(puzzle: Exercise) -> Section:
    """A kernel's solution to step through; a program's to read."""
    player = performance(puzzle) if isinstance(puzzle, Puzzle) else None
    if player:
        return Section("The solution, step by step", f'<div class="wide">{player.fragment}</div>')
    text = code(solution(puzzle, catalog.number(puzzle)))
    return Section("The solution", f'<pre class="sample">{escape(text)}</pre>')


PICTURE = """What the threads of one block read and write, stage by stage: a dashed line is a barrier. The stronger a
cell's colour, the more often it is used."""

HEADS = "What each head of the compiled program looks at, for the input of the task."


def turns(puzzle: Exercise) -> str:
    """Links to the index, and to the puzzles before and after."""
    ids = catalog.ids()
    at = ids.index(puzzle.id)
    near = [("Before", at - 1), ("Next", at + 1)]
    links = [f'<a href="{INDEX}">All puzzles</a>']
    for word, place in near:
        if 0 <= place < len(ids):
            links.append(f'<a href="{ids[place]}.html">{word}: {escape(catalog.load(ids[place]).title)}</a>')
    return f'<p class="turn">{"".join(links)}</p>'


def _card(puzzle: Exercise) -> str:
    image = f'<img src="{puzzle.id}.svg" alt="" loading="lazy">'
    words = f"<b>{escape(puzzle.title)}</b><span>{catalog.number(puzzle)}. {puzzle.id}</span>"
    return f'<a class="card" href="{puzzle.id}.html">{image}{words}</a>'


def _picture(puzzle: Exercise) -> str:
    """The picture; empty without the drawing library."""
    try:
        return picture(puzzle)
    except GpusimError:
        return ""
