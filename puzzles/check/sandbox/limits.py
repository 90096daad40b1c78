"""What one run of a learner's kernels may use: bounds that the operating system keeps, as far as it has them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FORKS = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether a process can be doubled, and safely; elsewhere each job has a process that starts from nothing."""

MEMORY = 2 << 30
"""Bytes of address space beyond what the process has at the start."""

OPEN_FILES = 64


def limit_resources(seconds: float, everything: bool = True) -> None:
    """Bounds for this process and its children: CPU time, memory, file size, open files, processes, core dumps.

    Without `everything`, CPU time only: the driver of a GPU needs the rest.
    """
    try:
        import resource  # POSIX has it
    except ImportError:
        return
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


def _address_space() -> int:
    """Bytes that the process has mapped."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 4 << 30
    return pages * 4096
