"""Where the commands' output goes may end: a pipe that is closed, a disk that is full."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COMMANDS = [("gpusim", "info"), ("puzzles", "list"), ("lm", "rasp", "list")]


def program(command: tuple[str, ...], output: int) -> tuple[int, str]:
    """The exit status, and what was said on standard error."""
    name, *rest = command
    done = subprocess.run(
        [sys.executable, "-m", name, *rest], stdout=output, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_closed_pipe_ends_quietly(command):
    read, write = os.pipe()
    os.close(read)
    try:
        assert program(command, write) == (0, "")
    finally:
        os.close(write)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux's")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_full_disk_is_told_in_a_sentence(command):
    with open("/dev/full", "wb") as full:
        status, said = program(command, full.fileno())
    assert status == 1
    assert said.endswith("the output cannot be written: No space left on device\n") and said.count("\n") == 1
