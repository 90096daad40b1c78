"""From three passes over a row to two, and to the loss of a language model."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Softmax",
    about=__doc__,
    modules=(
        "softmax_three_pass",
        "softmax_online",
        "cross_entropy",
    ),
)
