"""Thinking like a transformer: associative recall and addition as programs, what their heads look at, their size."""

from __future__ import annotations

from lm.config import parameter_count
from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.rasp.check import compare
from lm.rasp.compiler import compile_program
from lm.rasp.expressible import judge
from lm.rasp.programs import PROGRAMS
from lm.rasp.view.program import draw_attention, draw_stream

SHOWN = ("shift", "histogram", "flip", "recall", "sort", "dyck-1", "dyck-2", "addition")
LENGTH = 5
RECALL, SUM = "a1b2>a", "683+345"


def _measure(split: Split) -> Finding:
    rows: list[tuple[str | int, ...]] = []
    compared = differ = 0
    for name in SHOWN:
        program = PROGRAMS[name]
        compiled = compile_program(program, length=LENGTH)
        result, config = compare(compiled, 400), compiled.checkpoint.config
        compared, differ = compared + result.compared, differ + len(result.disagreements)
        verdict = judge(program.output)
        inside = ["yes" if not why else "no" for why in (verdict.c_rasp, verdict.rasp_l)]
        rows.append((name, program.summary, config.layers, parameter_count(config), *inside))
    recall = compile_program(PROGRAMS["recall"], tuple("ab12>"), len(RECALL))
    addition = compile_program(PROGRAMS["addition"], length=len(SUM))
    says = f"""
A program says which keys each query looks at, `key(token_before) == query(tokens)`, and what comes of it. An
interpreter runs it; a compiler turns it into the weights of the transformer of this package, and both give the same
answer on all of {compared:,} inputs here.

*Recall* takes two heads in a row: the first tells every position which token stands before it, the second looks for
the place where that is one's own token. *Addition* of numbers of any length takes three layers: a 9 passes a carry on,
so the nearest place to the right that is not 9 decides.

C-RASP and RASP-L are what transformers tend to learn for all lengths: counting is inside, addition is not.
"""
    headings = ("program", "computes", "layers", f"parameters, length {LENGTH}", "C-RASP", "RASP-L")
    pictures = (
        Picture(draw_attention(recall, RECALL).svg, "Associative recall: what the two heads look at."),
        Picture(draw_attention(addition, SUM).svg, "Addition: what the heads of three layers look at."),
        Picture(draw_stream(addition, SUM).svg, "Addition: what each position knows, layer by layer."),
    )
    return Finding(says, {"inputs": float(compared), "differ": float(differ)}, (Grid(headings, rows),), pictures)


LESSON = Lesson(
    5,
    "thinking like a transformer",
    "attention can be programmed: select and aggregate are enough for recall and for addition (Weiss et al. 2021).",
    "the last of the five formulas",
    "python -m lm rasp steps addition 683+345",
    _measure,
)
