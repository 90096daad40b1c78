"""Programs for attention: what looks at what, in how few layers. The compiler makes a transformer of each."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Thinking like a transformer",
    about=__doc__,
    modules=(
        "rasp_count",
        "rasp_shift",
        "rasp_histogram",
        "rasp_find",
        "rasp_reverse",
        "rasp_recall",
        "rasp_sort",
        "rasp_addition",
    ),
)
