"""The committed typing table is what Numba says today, and reading it needs no Numba."""

import itertools
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.kernel.target import numpy_support
from gpusim.numeric import _table, as_dtype, generate
from gpusim.numeric.dtypes import TypingError, binary_rule, unary_rule, unify
from gpusim.numeric.ufuncs import find_loop

DTYPES = [as_dtype(letter) for letter in "?bhiqBHIQfdFD"]
UFUNCS = [getattr(np, name) for names in _table.UFUNCS for name in names.split()]


@pytest.mark.numba_cuda("its types, bfloat16 among them")
def test_committed_table_is_fresh():
    committed = Path(_table.__file__).read_text(encoding="utf-8")
    assert committed == generate.render(), "run `python -m gpusim.numeric.generate`"


@pytest.mark.skipif(NUMBA is not IN_NUMBA, reason="numba.cuda is numba-cuda here, and the test before is about that")
def test_the_table_holds_for_the_numba_cuda_in_numba(monkeypatch):
    """What it types otherwise is listed; for nextafter and exp2 of `math`, which it does not have, see the judge."""
    monkeypatch.setattr(generate, "NAMES", generate.NAMES[:-1])
    monkeypatch.setattr(generate, "LETTERS", generate.LETTERS[:-1])
    binary, unary = generate.scalar_rules()
    assert {name for name in binary if rows(binary[name]) != rows(table("BINARY")[name])} == {"math.nextafter"}
    other = {name for name in unary if rows(unary[name]) != rows(table("UNARY")[name])}
    assert other == {"int", "pos", "math.exp2", "math.tanh"}
    assert generate.ufunc_loops() == {name: " ".join(text.split()) for name, text in table("UFUNCS").items()}


def table(title):
    return {name: text for names, text in getattr(_table, title).items() for name in names.split()}


def rows(text):
    """The rules between types that both packages have."""
    return [row.split()[:14] for row in text.strip().split("\n")][:14]


def test_known_rules():
    i4, i8, f4, f8 = (np.dtype(t) for t in ("i4", "i8", "f4", "f8"))
    assert binary_rule("add", i4, i4) == ((i8, i8), (i8,))
    assert binary_rule("math.atan2", f4, f4) == ((f4, f4), (f4,))
    assert binary_rule("divmod", f4, f8) == ((f8, f8), (f8, f8))
    assert unary_rule("math.sqrt", i4) == ((i8,), (f8,))
    assert unary_rule("math.frexp", f4) == ((f4,), (f4, i4))


def test_unknown_types_are_refused():
    with pytest.raises(TypingError, match=r"no \+ of"):
        binary_rule("add", np.dtype("S3"), np.dtype("i4"))
    with pytest.raises(TypingError, match=r"no math\.sqrt of complex64"):
        unary_rule("math.sqrt", np.dtype("c8"))


def test_unify():
    for a, b in itertools.product(DTYPES, DTYPES):
        assert unify(a, b) == unify(b, a)
        assert unify(a, a) == a
    assert unify(np.dtype("i4"), np.dtype("f4")) == np.dtype("f8")
    assert unify(np.dtype("i8"), np.dtype("u8")) == np.dtype("f8")
    with pytest.raises(TypingError, match="no variable of"):
        unify(np.dtype("S3"), np.dtype("i4"))


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_ufunc_loops_are_numbas(ufunc):
    for inputs in itertools.product(DTYPES, repeat=ufunc.nin):
        expected = numpy_support.ufunc_find_matching_loop(ufunc, [numba.from_dtype(dtype) for dtype in inputs])
        actual = find_loop(ufunc, inputs)
        if expected is None:
            assert actual is None, inputs
        else:
            assert actual == tuple(np.dtype(str(t)) for t in (*expected.inputs, *expected.outputs)), inputs


def test_arithmetic_loads_no_numba():
    script = (
        "import sys, types; package = types.ModuleType('gpusim'); package.__path__ = [sys.argv[1]]\n"
        "sys.modules['gpusim'] = package\n"  # only this part of the package
        "import numpy as np, gpusim.numeric as n, math\n"
        "assert n.BINARY[__import__('operator').add](np.int32(1), np.int32(2)).dtype == np.int64\n"
        "n.FUNCTIONS[math.exp](np.float32(1)), n.implementation(np.sqrt)(np.arange(3)), n.as_dtype(np.float32)\n"
        "assert 'numba' not in sys.modules, 'numba was imported'\n"
    )
    package = str(Path(_table.__file__).parent.parent)
    finished = subprocess.run([sys.executable, "-c", script, package], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
