"""Name the two lines, then repair: defects that a test does not show."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Debugging",
    about=__doc__,
    modules=(),
)
