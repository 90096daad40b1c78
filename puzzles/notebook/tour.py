"""The tour's three parts as notebooks: each runs its kernels, shows its chapter, and lets one change something."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from puzzles.notebook.cells import written

_RUN = """from puzzles.notebook.chapter import chapter
from puzzles.tour import {part}
from puzzles.tour.progress import Progress

found = {part}.explore(Progress())
chapter(found)"""

_TORCH = "\n\nResults are compared with torch: `pip install 'gpusim[lm]'`."

_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "1_matrix_product": (
        (
            "text",
            "# The tour, part 1: the matrix product\n\nFrom 54 reads to 18, from 432 to 144, and on to any shape.",
        ),
        ("code", _RUN.format(part="gemm")),
        ("text", "Each story again, on its own: `n` goes on, the arrow keys step."),
        ("code", 'found.stories()["naive"]'),
        ("code", 'found.stories()["shared"]'),
        ("code", 'found.stories()["tiled"]'),
        ("text", "Naive beside tiled, on the same 6 by 6 matrices, from barrier to barrier (Shift and an arrow key):"),
        ("code", "found.naive6.run.play().beside(found.tiled6.run.play())"),
        ("text", "Change the size, or the tile (4 or 8). Work out the reads by hand before you run the cell."),
        (
            "code",
            """from puzzles.tour.measure import measure

mine = measure("gemm-any-size", gemm.general, {"m": 11, "k": 6, "n": 9, "beta": 2, "tile": 4})
print(mine.by_hand, "reads by hand,", mine.reads, "measured")
mine.run""",
        ),
    ),
    "2_attention": (
        (
            "text",
            "# The tour, part 2: softmax and attention\n\nOnce over the row less, and without a matrix of weights.",
        ),
        ("code", _RUN.format(part="attention")),
        ("text", "The stories on their own:"),
        ("code", 'found.stories()["softmax"]'),
        ("code", 'found.stories()["tiled"]'),
        ("text", "How do reads grow with the length of the sequence? Change it, and predict."),
        ("code", "longer = attention.explore(Progress(), rows=8, columns=8, length=96)"),
    ),
    "3_language_model": (
        (
            "text",
            "# The tour, part 3: a language model\n\nEvery operation of it is a kernel on the simulator." + _TORCH,
        ),
        ("code", _RUN.format(part="language")),
        ("text", "Which kernel reads most, for each number that it writes? `found.simulator.kernels` has all counts."),
        (
            "code",
            """for row in sorted(found.simulator.kernels, key=lambda row: row.global_loads, reverse=True)[:5]:
    print(f"{row.kernel:24} {row.global_loads / row.global_stores:8.1f} global reads for each write")""",
        ),
        ("text", "Text from the model, in torch. Another seed, another text; a lower temperature, a surer one."),
        (
            "code",
            """from lm.evaluation import open_model
from lm.sampling import sample

model, vocabulary = open_model("torch", found.checkpoint), found.checkpoint.vocabulary
prompt = vocabulary.encode("A function ", "the prompt")
drawn = sample(model.logits, prompt, 120, found.checkpoint.config.context, 0.6, 1)
print("A function " + vocabulary.decode(list(drawn)))""",
        ),
    ),
}


def tour_notebooks() -> Iterator[tuple[str, Any]]:
    """The three notebooks."""
    for name, cells in _PARTS.items():
        yield f"tour_{name}.ipynb", partial(written, cells)
