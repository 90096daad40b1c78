"""Name the two lines, then repair: defects that a test does not show."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Debugging",
    about=__doc__,
    modules=(
        "bug_maximum",
        "bug_total",
        "bug_reverse",
        "bug_histogram",
        "bug_blur",
        "bug_neighbours",
        "bug_differences",
        "bug_row_sum",
    ),
)
