"""What a block knows together, and the barriers that make it true."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Shared memory",
    about=__doc__,
    modules=(
        "row_sum",
    ),
)
