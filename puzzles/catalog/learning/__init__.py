"""Gradients without atomics, and the step that an optimiser takes."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Learning",
    about=__doc__,
    modules=(
        "product_backward",
        "cross_entropy_backward",
        "layer_norm_backward",
        "attention_backward",
        "adam",
    ),
)
