"""What stands between the matrix products of a language model."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="The block of a transformer",
    about=__doc__,
    modules=(
        "layer_norm",
        "gelu",
        "embedding",
    ),
)
