"""No barrier holds blocks together: atomics, fences and locks."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Between blocks",
    about=__doc__,
    modules=(),
)
