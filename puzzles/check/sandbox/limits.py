"""What one run of a learner's kernels may use: bounds that the operating system keeps, as far as it has them."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

FORKS = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether a process can be doubled, and safely; elsewhere each job has a process that starts from nothing."""

RESOURCES = find_spec("resource") is not None
"""Whether the system can bound more of a process than its time: Windows cannot."""

MEMORY = 2 << 30
"""Bytes of address space beyond what the process has at the start."""

OPEN_FILES = 64


def limit_resources(seconds: float, everything: bool = True) -> None:
    """Bounds for this process and its children: CPU time, memory, file size, open files, processes, core dumps.

    Without `everything`, CPU time only: the driver of a GPU needs the rest.
    """
    if not RESOURCES:
        return
    import resource

    wanted = {
        resource.RLIMIT_CPU: int(seconds) + 2,
        resource.RLIMIT_AS: _address_space() + MEMORY,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    if not everything:
        wanted = {resource.RLIMIT_CPU: wanted[resource.RLIMIT_CPU]}
    elif hasattr(resource, "RLIMIT_NPROC"):
        wanted[resource.RLIMIT_NPROC] = 0
    for kind, bound in wanted.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (OSError, ValueError):  # macOS refuses some
            continue


def bounded() -> str:
    """What is limited here, in words."""
    if not RESOURCES:
        return "time"
    return "time and files" if sys.platform == "darwin" else "time, memory and files"  # macOS takes no bound of memory


def _address_space() -> int:
    """Bytes that the process has mapped."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 4 << 30
    return pages * 4096
