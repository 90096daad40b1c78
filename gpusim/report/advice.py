"""What usually fixes a finding: a sentence for every tool, and for kinds that need one of their own."""

from __future__ import annotations

from gpusim.observe.finding import Finding

_BY_KIND = {
    "negative-index": "Check the sign of the index: as in NumPy, index -1 is the last element of an array.",
}

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
    """A sentence on what usually fixes this kind of finding; empty for a tool that is not known here."""
    return _BY_KIND.get(finding.kind) or _BY_TOOL.get(finding.tool, "")
