"""What a block shares: a fast memory, and the barrier that makes it safe."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Shared memory",
    about=__doc__,
    modules=(
        "reverse",
        "pooling",
        "row_sum",
        "dot_tree",
        "dot_shuffles",
        "convolution",
        "block_scan",
        "grid_scan",
        "transpose",
        "stencil",
    ),
)
