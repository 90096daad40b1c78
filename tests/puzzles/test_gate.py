"""What a learner's file may hold; `test_rejections` has what it may not."""

from __future__ import annotations

import pytest

from puzzles.check import gate

KERNEL = "\n@cuda.jit\ndef kernel(out):\n    pass\n"


@pytest.mark.parametrize(
    "text",
    [
        "from numba import cuda\n",
        "import numba\nfrom numba import cuda, float32\nZERO = float32(0)\nKIND = numba.types.float32\n",
        "import numpy as np\nfrom numba import cuda\nW = np.array([1.0, 2.0], dtype=np.float32)\nN = len(range(3))\n",
        "import math\nfrom numba import cuda\nA, B = 3, (4 * 5) ** 2\nC = D = -math.pi if A > 2 else 0.5\n",
        "from numba import cuda\nfrom numba.cuda import jit\n@jit(device=True)\ndef f(x: int, y=1.5):\n    pass\n",
        "from numba import cuda, njit\nTILE: int = 16\n@njit\ndef f(x):\n    pass\n",
        "from __future__ import annotations\nfrom numba import cuda\n'''words'''\npass\n",
        "from numba import cuda\nif __name__ == '__main__':\n    import os\n    os.system('true')\n",
        "from numba import cuda\ndef main():\n    import gpusim\n    print(gpusim)\n",
    ],
)
def test_ordinary_files_are_let_through(text):
    gate.inspect_file(gate.parse(text + KERNEL))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = (1,\ny = 2", 1, "never closed"),
        ("def kernel(out)\n    pass", 1, "expected ':'"),
        ("ok = 1\n  bad = 2", 2, "unexpected indent"),
        ("a = 'open", 1, "unterminated"),
    ],
)
def test_a_syntax_error_has_its_line(text, line, words):
    with pytest.raises(gate.Refused, match=words) as refused:
        gate.parse(text)
    assert refused.value.line == line


@pytest.mark.parametrize("text", ["a\0b", "(" * 5000, "-" * 100_000 + "1"])
def test_what_is_not_python_at_all(text):
    with pytest.raises(gate.Refused):
        gate.inspect_file(gate.parse(text))


def test_an_eager_signature_is_explained():
    text = 'from numba import cuda\n@cuda.jit("void(float32[:])")\ndef kernel(out):\n    pass\n'
    with pytest.raises(gate.Refused, match="Leave the signature out"):
        gate.inspect_file(gate.parse(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [('PUZZLE = "map"', "map"), ("PUZZLE = map", None), ("x = 1", None), ("def f():\n    PUZZLE = 'map'", None)],
)
def test_the_puzzle_line(text, name):
    assert gate.puzzle_id(gate.parse(text)) == name
