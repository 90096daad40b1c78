"""The project can be installed where it says: for each platform there are wheels of everything that it requires.

pip resolves for another platform without installing anything. It judges conditions of our own requirements by the
machine that it runs on, so those are judged here; conditions of other projects' requirements are those of this machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")


def manylinux(machine: str) -> list[str]:
    """The tags that a system with glibc 2.28 takes."""
    return [*(f"manylinux_2_{minor}_{machine}" for minor in range(28, 16, -1)), f"manylinux2014_{machine}"]


# Tags of wheels, what Python calls the system and the processor, and whether numba-cuda is to be there.
PLATFORMS = {
    "macosx_14_0_arm64": (["macosx_14_0_arm64"], ("darwin", "arm64"), False),
    "win_amd64": (["win_amd64"], ("win32", "AMD64"), True),
    "manylinux_2_28_aarch64": (manylinux("aarch64"), ("linux", "aarch64"), True),
    "manylinux_2_28_x86_64": (manylinux("x86_64"), ("linux", "x86_64"), True),
}


def required(system: str, machine: str, python: str, extras: tuple[str, ...] = ()) -> list[str]:
    """The project's requirements there, without conditions."""
    there = {"sys_platform": system, "platform_machine": machine, "python_version": python}
    lines = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    found = [Requirement(line) for line in lines]
    chosen = [one for one in found if one.marker is None or one.marker.evaluate(there)]
    for one in chosen:
        one.marker = None
    return list(map(str, chosen))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_numba_cuda_is_required_where_it_has_wheels(platform):
    _, (system, machine), there = PLATFORMS[platform]
    for extras in ((), ("compile", "mlir")):
        names = {Requirement(line).name for line in required(system, machine, "3.12", extras)}
        assert {"numba", "numpy", "chalk-diagrams"} <= names
        assert ("numba-cuda" in names) == there
        assert ("numba-cuda-mlir" in names) == (there and bool(extras))


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """pip can reach a package index: one small package comes from there."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "mdurl"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("offline: pip reaches no package index")


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_there_are_wheels_of_everything(platform, python, index, tmp_path):
    tags, (system, machine), there = PLATFORMS[platform]
    requirements = required(system, machine, python, ("compile", "mlir"))
    report = tmp_path / "report.json"
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
        *("--only-binary=:all:", "--implementation", "cp", "--python-version", python),
        *(part for tag in tags for part in ("--platform", tag)),
        *("--target", str(tmp_path / "nowhere"), "--report", str(report), *requirements),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = {item["metadata"]["name"].lower() for item in json.loads(report.read_text(encoding="utf-8"))["install"]}
    assert "llvmlite" in found
    assert ("numba-cuda" in found) == ("cuda-bindings" in found) == there
