"""Programs that look on while Numba compiles: an ordinary kernel is compiled for them, and for nobody else."""

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.host.onlookers import looks_on
from gpusim.kernel.dialects import NUMBA
from gpusim.kernel.target import config, errors


def launch(session):
    @cuda.jit
    def seen_by_its_name(out):
        out[0] = 1

    out = np.zeros(1, np.float32)
    with session:
        seen_by_its_name[1, 1](out)
    assert out[0] == 1


@pytest.fixture
def seen(monkeypatch):
    """The names of the functions that a rewrite sees."""
    names = []
    rewrites = NUMBA.module("core.rewrites")

    class Look(rewrites.Rewrite):
        def match(self, func_ir, block, typemap, calltypes):
            names.append(func_ir.func_id.func_name)
            return False

    kinds = rewrites.rewrite_registry.rewrites
    monkeypatch.setitem(kinds, "after-inference", [*kinds["after-inference"], Look])
    return names


def test_a_rewrite_sees_an_ordinary_kernel(seen):
    launch(gpusim.install())
    assert "seen_by_its_name" in seen


def test_what_numba_prints_on_its_way(monkeypatch, capsys):
    monkeypatch.setattr(config, "DUMP_IR", 1)
    launch(gpusim.install())
    written = capsys.readouterr().out
    assert "IR DUMP: " in written and "seen_by_its_name" in written


def test_nobody_looks_on_by_default():
    NUMBA.module("compiler")
    assert not looks_on()


def test_errors_of_numba_in_a_rehearsal_are_told_by_the_judge():
    def object_array():
        cuda.shared.array(10, dtype=np.dtype("O"))

    with gpusim.install(), pytest.raises(errors.TypingError, match="Cannot infer the type of variable"):
        cuda.jit("void()")(object_array)
