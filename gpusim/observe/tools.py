"""The checks, by name, in the order in which reports list them. Each is declared beside its observer."""

from __future__ import annotations

from gpusim.observe.initcheck import INITCHECK
from gpusim.observe.memcheck import MEMCHECK
from gpusim.observe.race.racecheck import RACECHECK
from gpusim.observe.sync.synccheck import SYNCCHECK

TOOLS = {tool.name: tool for tool in (MEMCHECK, RACECHECK, INITCHECK, SYNCCHECK)}

ADVICE = {tool.name: tool.fix for tool in TOOLS.values()}
"""What usually fixes the findings of each tool."""
