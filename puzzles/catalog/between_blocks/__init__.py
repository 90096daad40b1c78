"""No barrier holds blocks together: atomics, fences, tickets, and one launch after the other."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Between blocks",
    about=__doc__,
    modules=(
        "histogram",
        "last_block",
        "ordered_blending",
        "bitonic_sort",
        "sparse_matrix",
    ),
)
