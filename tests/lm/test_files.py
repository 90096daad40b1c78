"""Files are written whole or not at all, and before long work it is known whether they can be."""

from __future__ import annotations

import os

import pytest

from lm.errors import LMError
from lm.files import check_writable, write_file


def test_a_file_in_a_new_folder(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    check_writable(path)
    assert list(path.parent.iterdir()) == []
    write_file(path, b"first")
    check_writable(path)
    write_file(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("function", [check_writable, lambda path: write_file(path, b"x")])
def test_where_there_can_be_no_file(tmp_path, function):
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(LMError, match=r"cannot be written: .*file is no directory"):
        function(tmp_path / "file" / "x")
    with pytest.raises(LMError, match=r"cannot be written: .*no directory"):
        function(tmp_path / "file" / "x" / "y")
    with pytest.raises(LMError, match="it is a directory"):
        function(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"kept"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    write_file(path, b"old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(LMError, match="file cannot be written: No space left"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
