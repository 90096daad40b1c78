"""What pip installs is what is here: the wheel's files, its metadata, and the commands that it brings along."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytest.importorskip("hatchling", reason="the wheel is built with it")

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ("gpusim", "puzzles", "lm")


def build(kind: str, source: Path, folder: Path) -> Path:
    """A wheel or an sdist of a checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    (built,) = folder.iterdir()
    return built


def contents(wheel: Path) -> dict[str, bytes]:
    """The packages' files by name."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.startswith("gpusim-")}


def requirement(line: str) -> tuple[str, str, str]:
    """What is required, which versions of it, and when."""
    found = Requirement(line)
    return canonicalize_name(found.name), str(found.specifier), str(found.marker)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_file_of_the_packages(wheel):
    here = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    assert contents(wheel) == here
    data = {name for name in here if not name.endswith(".py")}
    assert {f"{package}/py.typed" for package in PACKAGES} < data
    assert {Path(name).suffix for name in data} >= {".js", ".css", ".safetensors", ".md"}


def test_the_source_distribution_makes_the_same_wheel(wheel, tmp_path):
    (tmp_path / "sdist").mkdir()
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("gpusim-*")
    (tmp_path / "again").mkdir()
    assert contents(build("wheel", unpacked, tmp_path / "again")) == contents(wheel)


def test_the_metadata(wheel):
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        head = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    extras = PROJECT["optional-dependencies"]
    assert set(head.get_all("Provides-Extra")) == set(extras)
    required = {requirement(line) for line in head.get_all("Requires-Dist") if "extra ==" not in line}
    assert required == set(map(requirement, PROJECT["dependencies"]))
    assert {name for name, *_ in required}.isdisjoint({"torch", "scipy", "matplotlib"})


def test_commands_of_the_installed_wheel(wheel, tmp_path):
    """Installed in a folder of its own, whose name has a space, and started elsewhere."""
    installed = tmp_path / "site packages"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(installed)]
    subprocess.run([*command, str(wheel)], check=True)

    def run(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(installed)}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    for package in PACKAGES:
        assert str(installed) in run("-c", f"import {package}; print({package}.__file__)")
        assert f"{package} {PROJECT['version']}" in run("-m", package, "--version")
    assert "map" in run("-m", "puzzles", "list")
    run("-m", "puzzles", "start", "mine")
    assert len(list((tmp_path / "mine").glob("*_*.py"))) > 30


@pytest.mark.slow
@pytest.mark.parametrize("before", [(), ("numba",)], ids=["nothing", "numba"])
def test_pip_installs_it(wheel, before, tmp_path):
    """In an environment with nothing, and in one that has Numba, which stays as it is."""
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [str(python), *arguments], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
        )

    def versions() -> set[str]:
        return set(run("-m", "pip", "list", "--format", "freeze").stdout.splitlines())

    if run("-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path), "mdurl").returncode:
        pytest.skip("offline: pip reaches no package index")
    for name in before:
        assert run("-m", "pip", "install", "--quiet", name).returncode == 0
    present = versions()
    done = run("-m", "pip", "install", "--quiet", str(wheel))
    assert done.returncode == 0, done.stderr
    assert present <= versions()
    assert not any(line.startswith(("torch==", "nvidia-")) for line in versions())
    done = run("-m", "pip", "check")
    assert done.returncode == 0, done.stdout
    done = run("-m", "puzzles", "show", "map", "--svg", "map.svg")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")
