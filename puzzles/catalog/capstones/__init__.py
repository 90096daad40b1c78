"""A language model runs, and learns, on your kernels."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Capstones",
    about=__doc__,
    modules=(
        "language_model",
        "five_steps",
    ),
)
