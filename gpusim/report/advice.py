"""What usually fixes a finding, as a sentence."""

from __future__ import annotations

from gpusim.findings import Finding

_BY_TOOL = {
    "memcheck": "Guard the access with a test of the index against the array's shape, such as "
    "`if i < a.shape[0]:`, or launch fewer threads.",
    "racecheck": "Put `cuda.syncthreads()` between the two accesses; between blocks, use an atomic operation "
    "or two launches.",
    "initcheck": "Write the element before it is read: fill the array in every thread, or wait with "
    "`cuda.syncthreads()` for the threads that fill it.",
    "synccheck": "Move the barrier out of the branch or loop, so that every thread of the block reaches it.",
}


def fix(finding: Finding) -> str:
    """What usually fixes it: as the finding says, else what its tool's findings have in common, else nothing."""
    return finding.fix or _BY_TOOL.get(finding.tool, "")
