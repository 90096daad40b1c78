"""What usually fixes a finding: one sentence for every kind of finding."""

from __future__ import annotations

from gpusim.observe.finding import Finding

_FIXES = {
    "out-of-bounds": "Guard the access with a test of the index against the array's shape, such as "
    "`if i < a.shape[0]:`, or launch fewer threads.",
    "negative-index": "Check the sign of the index: in a kernel, index -1 is the last element, as in NumPy.",
    "read-only": "Write to an array that was not passed as read-only, or pass a writeable one.",
    "race": "Put `cuda.syncthreads()` between the two accesses; between blocks, use an atomic operation "
    "or two launches.",
    "uninitialized": "Write the element before it is read: fill the tile in every thread, or wait for the "
    "threads that fill it with `cuda.syncthreads()`.",
    "barrier": "Move the barrier out of the branch or loop, so that every thread of the block reaches it.",
}

_OF_TOOL = {
    "memcheck": "out-of-bounds",
    "racecheck": "race",
    "initcheck": "uninitialized",
    "synccheck": "barrier",
}


def fix(finding: Finding) -> str:
    """A sentence on what usually fixes this kind of finding, or this tool's findings; may be empty."""
    return _FIXES.get(finding.kind) or _FIXES.get(_OF_TOOL.get(finding.tool, ""), "")
