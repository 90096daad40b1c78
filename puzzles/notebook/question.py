"""A puzzle's question: asked, marked and explained; with a form where ipywidgets is installed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise
from puzzles.notebook import board
from puzzles.notebook.shown import Live, Shown
from puzzles.prediction import Prediction
from puzzles.progress import Progress
from puzzles.view.puzzle import error_html
from puzzles.view.style import sheet
from puzzles.view.verdict import text


def ask(puzzle: Exercise, asked: Prediction) -> Live:
    """The question, to be answered in the form or with `predict(id, answer)`."""
    how = f'predict("{puzzle.id}", {_example(asked)})'
    words = f"{asked.question} Answer with {asked.form}: {how}"
    return Live(
        sheet(f"{_question(asked)}<p>Answer with <code>{how}</code>.</p>"), words, partial(_form, puzzle, asked)
    )


def mark(puzzle: Exercise, asked: Prediction, answer: str) -> Shown:
    """Whether an answer is right, and why. The first one counts for the score."""
    right = asked.is_right(answer)
    progress = Progress.of(Path())
    if progress.answered(puzzle.id, right):
        progress.save()
        board.refresh()
    if right:
        return Shown(_marked("passed", "✓ right", asked.why), f"right: {asked.why}")
    told = f"not {answer}, but {asked.answer}: {asked.why}"
    return Shown(_marked("failed", "✗ not quite", told), told)


def _question(asked: Prediction) -> str:
    return f'<p><b>Predict first.</b> {text(asked.question)} <span class="muted">({text(asked.form)})</span></p>'


def _marked(kind: str, word: str, told: str) -> str:
    return sheet(f'<div class="verdict"><span class="mark">{word}</span></div><p>{text(told)}</p>', kind)


def _example(asked: Prediction) -> str:
    if asked.choices:
        return repr(asked.choices[0])
    return "12" if isinstance(asked.answer, int) else repr(asked.form.removeprefix("cells such as "))


def _form(puzzle: Exercise, asked: Prediction) -> Any:
    """Question, a field or a choice, a button, and below them the answer's mark."""
    import ipywidgets

    question, marked = ipywidgets.HTML(sheet(_question(asked))), ipywidgets.HTML()
    button = ipywidgets.Button(description="Answer", button_style="primary")
    field: Any
    if asked.choices:
        field = ipywidgets.ToggleButtons(options=asked.choices, value=None)
    else:
        field = ipywidgets.Text(placeholder=asked.form)

    def answered(_: Any) -> None:
        if not field.value:
            return
        try:
            marked.value = mark(puzzle, asked, field.value).html
        except PuzzleError as error:
            marked.value = error_html(error)

    button.on_click(answered)
    return ipywidgets.VBox([question, ipywidgets.HBox([field, button]), marked])
