"""Queries look things up by their keys: with weights in memory, without them, in tiles, and over several blocks."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Attention",
    about=__doc__,
    modules=(
        "hard_lookup",
        "soft_lookup",
        "attention_scores",
        "attention_streaming",
        "attention_tiled",
        "grouped_query",
        "decode_split",
    ),
)
