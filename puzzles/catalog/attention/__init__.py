"""Every query looks at all keys: with its weights in memory, without them, and in tiles."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Attention",
    about=__doc__,
    modules=(
        "attention_scores",
        "attention_streaming",
        "attention_tiled",
    ),
)
