"""One thread, one element: who am I, and which element is mine?"""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Threads",
    about=__doc__,
    modules=(
        "map",
        "zip",
        "guard",
        "map_2d",
        "add_bias",
        "broadcast",
        "blocks",
        "blocks_2d",
        "grid_stride",
    ),
)
