"""Thirty-two threads that run together: what they read together, and what they tell each other."""

from puzzles.chapter import Chapter

CHAPTER = Chapter(
    title="Warps",
    about=__doc__,
    modules=(
        "structures",
        "clamp",
        "warp_sum",
        "warp_max",
        "warp_scan",
        "compact",
        "occupancy",
    ),
)
