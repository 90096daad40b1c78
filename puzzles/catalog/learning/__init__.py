"""Gradients without atomics, and the step that an optimiser takes."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Learning",
    about=__doc__,
    modules=(),
)
