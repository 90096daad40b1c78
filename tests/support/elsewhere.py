"""Programs of ours as they would find macOS or Windows: a Python from which is taken what those do not have.

Only what Python itself shows can be taken away; paths, files that are open twice, and the linker stay those of the
system that the tests run on. Subprocesses are made poorer in the same way, also those that inherit no environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from puzzles.service import There

ROOT = Path(__file__).parents[2]

_WINDOWS = """
import os, signal, socket, sys
for module, names in {
    os: "fork forkpty killpg setsid getuid geteuid sysconf sysconf_names mkfifo chown waitid",
    signal: "SIGALRM SIGXCPU SIGHUP alarm setitimer",
    socket: "AF_UNIX",
}.items():
    for name in names.split():
        delattr(module, name)
for name in ("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty"):
    sys.modules[name] = None
"""
_MACOS = """
import multiprocessing, sys, sysconfig
import llvmlite.binding, urllib.request  # these load a library of the system
sysconfig.get_config_vars().setdefault("userbase", "")
multiprocessing.set_start_method("spawn")
sys.platform = "darwin"
"""

SYSTEMS = {"macos": _MACOS, "windows": _WINDOWS}


@dataclass(frozen=True)
class System:
    """A folder with our packages and such a Python; `run` starts programs in another folder, `here`.

    `temporary` has a short name: sockets are made in it.
    """

    packages: Path
    here: Path
    temporary: Path

    @staticmethod
    @contextmanager
    def made(name: str, folder: Path, hidden: tuple[str, ...] = ()) -> Iterator[System]:
        """One of `SYSTEMS`, or this one by another name, without the packages `hidden`."""
        packages, here = folder / "packages", folder / "here"
        packages.mkdir()
        here.mkdir()
        for package in ("gpusim", "puzzles", "lm"):
            (packages / package).symlink_to(ROOT / package)
        missing = "".join(f"sys.modules[{package!r}] = None\n" for package in hidden)
        (packages / "sitecustomize.py").write_text(f"import sys\n{SYSTEMS.get(name, '')}{missing}", encoding="utf-8")
        with tempfile.TemporaryDirectory() as temporary:
            yield System(packages, here, Path(temporary))
            for socket in Path(temporary).glob("*/*.socket"):
                There(socket).stop()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python ARGUMENTS`, without a PATH, in a locale that knows ASCII only."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "NUMBA_"))}
        changed = {"PYTHONPATH": str(self.packages), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.here,
            env=kept | changed | {"PYTHONIOENCODING": "cp1252", "PATH": "", "TMPDIR": str(self.temporary)},
            capture_output=True,
            encoding="cp1252",
            timeout=300,
        )
