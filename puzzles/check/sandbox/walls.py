"""Sandboxes that the operating system may offer, and whether one works here.

Inside, the file system can only be read, there is no network, and there are no processes but those that the worker
starts. Bubblewrap and bare namespaces do the same; both fail on many stock systems (unprivileged user namespaces are
switched off, a container forbids them), so each is tried before it is used. Limits and a session of its own
(`puzzles.check.sandbox.limits`) surround every job in any case.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from puzzles.check.sandbox.limits import bounded

_BUBBLEWRAP = (
    *("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
    *("--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--as-pid-1", "--"),
)

# Mount points are made read-only one by one; those that cannot be are not writable for us in the first place, or the
# trial below finds out.
_READ_ONLY = (
    'while read -r _ point _; do mount -o remount,bind,ro "$point" 2>/dev/null; done < /proc/self/mounts; '
    'exec "$0" "$@"'
)
_NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"),
    *("--mount-proc", "--", "sh", "-c", _READ_ONLY),
)

_TRIAL = """
import os, socket, sys, tempfile
for folder in sys.argv[1:]:
    try:
        tempfile.TemporaryFile(dir=folder).close()
        sys.exit("can write")
    except OSError:
        pass
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    probe.connect(("192.0.2.1", 9))
    sys.exit("has a network")
except OSError:
    pass
sys.exit(0 if os.getpid() == 1 else "sees other processes")
"""
"""What has to fail inside. 192.0.2.0/24 belongs to nobody (RFC 5737), and nothing is sent."""


@dataclass(frozen=True)
class Wall:
    """A command that the worker's command line is put behind, and its name for people."""

    name: str
    prefix: tuple[str, ...]

    @property
    def is_sandbox(self) -> bool:
        """Whether it is more than limits on a process."""
        return bool(self.prefix)


NONE = Wall(f"none works here; a process with limits on {bounded()}", ())


@cache
def best() -> Wall:
    """The first sandbox that works on this machine, else `NONE`."""
    for name, prefix in (("bubblewrap", _BUBBLEWRAP), ("namespaces", _NAMESPACES)):
        if shutil.which(prefix[0]) and _works(prefix):
            return Wall(name, prefix)
    return NONE


def _works(prefix: tuple[str, ...]) -> bool:
    folders = {tempfile.gettempdir(), str(Path.home()), str(Path.cwd())}
    try:
        done = subprocess.run(
            [*prefix, sys.executable, "-I", "-S", "-c", _TRIAL, *sorted(folders)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
