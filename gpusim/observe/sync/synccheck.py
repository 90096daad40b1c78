"""synccheck: barriers and warp operations that not everybody reaches."""

from __future__ import annotations

from gpusim.observe.sync.barriers import Barriers
from gpusim.observe.sync.warps import WarpOperations
from gpusim.observe.tool import Tool

SYNCCHECK = Tool(
    "synccheck",
    fix="Move the barrier out of the branch or loop, so that every thread of the block reaches it.",
    observers=lambda configuration: [Barriers(), WarpOperations()],
)
