"""From three passes over a row to one; what the weights are for: the loss of a language model, and its next token."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Softmax",
    about=__doc__,
    modules=(
        "softmax_three_pass",
        "softmax_online",
        "softmax_warp",
        "cross_entropy",
        "perplexity",
        "sampling",
    ),
)
