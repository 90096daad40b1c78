"""Who checks for the commands: a process that is kept ready, or this one; with a sandbox, or not at all."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from puzzles import catalog, cli, service
from puzzles.check.sandbox import walls
from puzzles.errors import PuzzleError
from puzzles.service import Here, There
from puzzles.source import solution

servers = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="servers listen on Unix sockets")


@pytest.fixture
def answer(tmp_path):
    path = tmp_path / "01_map.py"
    path.write_text(solution(catalog.load("map"), 1), encoding="utf-8")
    return path


@pytest.fixture
def short_path():
    """A folder whose name leaves room for a socket's: 104 to 108 bytes for both."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@servers
def test_a_server_gives_the_verdict_of_this_process(short_path, answer, monkeypatch):
    monkeypatch.setattr(service.tempfile, "gettempdir", lambda: str(short_path))
    with service.service() as there, Here() as here:
        assert isinstance(there, There)
        one, other = (checking.check_file(answer, seed=5) for checking in (there, here))
        assert one == other and one.passed
        assert (there.sandbox, there.is_sandbox) == (here.sandbox, here.is_sandbox)
        again = service.service()
        assert again.check_file(answer, seed=5) == one, "the same server answers again"
        assert len(list((short_path / f"gpusim-puzzles-{os.getuid()}").iterdir())) == 1
        there.stop()
    folder = short_path / f"gpusim-puzzles-{os.getuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@servers
def test_a_folder_that_others_can_enter_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(service.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = tmp_path / f"gpusim-puzzles-{os.getuid()}"
    folder.mkdir(mode=0o700)
    folder.chmod(0o777)
    assert service._private_folder() is None
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert service._private_folder() is None


def test_a_required_sandbox_that_does_not_work(answer, monkeypatch, capsys):
    monkeypatch.setattr(service, "_connect", lambda: None)
    monkeypatch.setattr(walls, "best", lambda: walls.NONE)
    assert cli.main(["check", str(answer)]) == 0
    assert "sandbox: none works here" in capsys.readouterr().out
    assert cli.main(["check", str(answer), "--require-sandbox"]) == 1
    told = capsys.readouterr()
    assert "no sandbox works here" in told.err and not told.out


def test_ctrl_c_keeps_what_is_done(tmp_path, answer, monkeypatch, capsys):
    """The second file of three is interrupted: the first verdict stands, and its progress."""
    for number, name in ((2, "guard"), (3, "add-bias")):
        puzzle = catalog.load(name)
        (tmp_path / f"0{number}_{name.replace('-', '_')}.py").write_text(solution(puzzle, number), encoding="utf-8")
    original = Here.check_text

    def interrupted(self, text, file, seed, time_limit):
        if "guard" in file:
            raise KeyboardInterrupt
        return original(self, text, file, seed, time_limit)

    monkeypatch.setattr(service, "_connect", lambda: None)
    monkeypatch.setattr(Here, "check_text", interrupted)
    assert cli.main(["check", str(tmp_path)]) == 130
    told = capsys.readouterr()
    assert told.out.startswith("passed  map") and told.err == "puzzles check: interrupted\n"
    assert '"map"' in (tmp_path / ".puzzles.json").read_text(encoding="utf-8")


def test_a_device_is_no_file(tmp_path):
    with Here() as here:
        verdict = here.check_file(tmp_path)
        assert not verdict.passed and "not a file" in verdict.reasons[0].message
    with pytest.raises(PuzzleError, match="no file or folder"):
        cli.PROGRAM._parser("check").parse_args(["check", str(tmp_path / "x")]).run(
            cli.PROGRAM._parser("check").parse_args(["check", str(tmp_path / "x")])
        )


def test_a_command_that_asks_the_process_loads_no_numba():
    code = "import sys, puzzles.cli, puzzles.commands.check, puzzles.commands.watch; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
