"""`python -m gpusim run`: the script's own behaviour, reports, exit status, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gpusim.__main__ import main

SCALE = """
import sys
import numpy as np
from numba import cuda

@cuda.jit
def scale(a, n):
    i = cuda.grid(1)
    if i < n:
        a[i] *= 2

a = np.arange(40, dtype=np.float32)
device = cuda.to_device(a)
scale[2, 32](device, {limit})
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes, name: str = "script.py") -> str:
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    return write


def test_a_clean_script(write, capsys) -> None:
    script = write(SCALE.format(limit=40) + "print(device.copy_to_host()[39])\n")
    before = list(sys.argv), list(sys.path), sys.modules["__main__"]
    assert main(["run", "--json", "out.json", "--html", "out.html", script]) == 0
    assert (sys.argv, sys.path, sys.modules["__main__"]) == before
    printed = capsys.readouterr()
    assert printed.out.startswith("78.0\n")
    assert "scale" in printed.out and "no findings" in printed.out
    assert printed.err == ""
    data = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert data["schema"] == 1
    assert data["findings"] == []
    (launch,) = data["launches"]
    assert set(launch) == {"kernel", "file", "line", "grid", "block", "counts", "seconds"}
    assert launch["kernel"] == "scale"
    assert launch["file"] == str(Path("script.py").absolute())
    assert (launch["grid"], launch["block"]) == ([2, 1, 1], [32, 1, 1])
    assert (launch["counts"]["global"]["loads"], launch["counts"]["global"]["stores"]) == (40, 40)
    assert launch["counts"]["warp"]["divergent_branches"] == 1
    page = Path("out.html").read_text(encoding="utf-8")
    assert "scale" in page and "http" not in page.replace("http://www.w3.org", "")


def test_a_fault_ends_the_script_but_not_the_report(write, capsys) -> None:
    script = write(SCALE.format(limit=64) + "print('not reached')\n")
    assert main(["run", "--json", "out.json", script]) == 3
    printed = capsys.readouterr()
    assert "not reached" not in printed.out
    assert "Traceback" not in printed.err
    assert printed.err.count("\n") == 1
    assert "out of bounds" in printed.err and "script.py:14" in printed.err
    (finding,) = json.loads(Path("out.json").read_text(encoding="utf-8"))["findings"]
    assert finding["severity"] == "error"
    assert (finding["tool"], finding["array"], finding["line"]) == ("memcheck", "a", 10)
    assert finding["file"] == str(Path("script.py").absolute())
    assert finding["thread"] == [8, 0, 0] and finding["block"] == [1, 0, 0]


def test_without_checks_the_script_goes_on(write, capsys) -> None:
    script = write(SCALE.format(limit=64) + "print('reached')\n")
    assert main(["run", "--check", "none", "--quiet", script]) == 0
    assert capsys.readouterr().out == "reached\n"
    assert main(["run", "--check", "memcheck", "--quiet", script]) == 3


def test_arguments_files_and_imports_are_the_scripts_own(write, capsys) -> None:
    write("value = 5\n", "neighbour.py")
    script = write(
        "import sys, pickle, neighbour\n"
        "class Thing: pass\n"
        "print(sys.argv, __name__, neighbour.value, sys.path[0])\n"
        "print(type(pickle.loads(pickle.dumps(Thing()))).__name__)\n"
    )
    assert main(["run", "--quiet", script, "--flag", "-x", "3"]) == 0
    full = str(Path(script).absolute())
    folder = str(Path(script).absolute().parent)
    assert capsys.readouterr().out == f"{[full, '--flag', '-x', '3']} __main__ 5 {folder}\nThing\n"


@pytest.mark.parametrize(
    ("ending", "status", "error"),
    [
        ("sys.exit(7)", 7, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit('goodbye')", 1, "goodbye\n"),
        ("raise KeyboardInterrupt", 130, "gpusim: interrupted\n"),
    ],
)
def test_exit_status_is_the_scripts(write, capsys, ending: str, status: int, error: str) -> None:
    script = write(f"import sys\n{ending}\n")
    assert main(["run", script]) == status
    printed = capsys.readouterr()
    assert printed.err == error
    assert "no kernel was launched" in printed.out


def test_the_scripts_own_exception_shows_its_own_frames(write, capsys) -> None:
    script = write("def inner():\n    return {}['key']\n\ninner()\n")
    assert main(["run", "--quiet", script]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Traceback (most recent call last):\n")
    assert error.endswith("KeyError: 'key'\n")
    files = [line.strip() for line in error.splitlines() if line.startswith("  File")]
    full = Path(script).absolute()
    assert files == [f'File "{full}", line 4, in <module>', f'File "{full}", line 2, in inner']


def test_an_impossible_launch_is_one_sentence(write, capsys) -> None:
    script = write(SCALE.format(limit=40) + "scale[1, 2000](device, 40)\n")
    assert main(["run", "--quiet", script]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "2,000" in error and "script.py:15" in error


def test_bad_input_is_one_sentence_and_overwrites_nothing(write, capsys) -> None:
    Path("kept.json").write_text("kept", encoding="utf-8")
    bad = {
        "missing.py": "there is no file missing.py",
        ".": "is a folder",
        write("def f(:\n  pass\n", "syntax.py"): "syntax.py:1: invalid syntax",
        write(b"\x00\x01\x02\xff" * 20, "binary.py"): "binary.py is not a Python file",
        write(b"print('\xff')", "latin.py"): "latin.py",
        write(b"# coding: nonsense\n", "coding.py"): "coding.py",
    }
    for name, message in bad.items():
        assert main(["run", "--json", "kept.json", name]) == 1
        error = capsys.readouterr().err
        assert error.startswith("gpusim run: ") and message in error and error.count("\n") == 1
    good = write("print('ran')\n")
    for arguments, message in (
        (["--check", "nocheck"], "unknown check nocheck"),
        (["--json", "nowhere/out.json"], "there is no folder nowhere"),
        (["--html", "nowhere/out.html"], "there is no folder nowhere"),
    ):
        assert main(["run", *arguments, good]) == 1
        printed = capsys.readouterr()
        assert message in printed.err and printed.out == ""
    assert Path("kept.json").read_text(encoding="utf-8") == "kept"


def test_as_a_program(write) -> None:
    script = write(SCALE.format(limit=64))
    done = subprocess.run([sys.executable, "-m", "gpusim", "run", script], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "memcheck" in done.stdout and "out of bounds" in done.stderr
    assert "Warning" not in done.stderr
    assert subprocess.run([sys.executable, "-m", "gpusim"], capture_output=True, check=False).returncode == 2


def test_output_that_is_not_utf_8(write) -> None:
    """A "C" locale, or output that Windows redirects: the table and the sentence come, with other characters."""
    script = write(SCALE.format(limit=64))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "gpusim", "run", script]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="ascii", check=False)
    assert done.returncode == 3
    assert "out of bounds" in done.stderr and "Traceback" not in done.stderr
    assert "-----" in done.stdout and "> " in done.stdout


def test_tracebacks_have_the_frames_of_the_program_only(write, capsys) -> None:
    write("def fail():\n    raise KeyError(3)\n\nfail()\n", "broken_module.py")
    script = write(
        "import sys\nsys.path.insert(0, '.')\n"
        "try:\n    import broken_module\nexcept KeyError as error:\n    raise ValueError('no') from error\n"
    )
    assert main(["run", "--quiet", script]) == 1
    printed = capsys.readouterr().err
    assert "broken_module.py" in printed and "direct cause" in printed and printed.endswith("ValueError: no\n")
    assert "gpusim" not in printed.replace(str(Path.cwd()), "")


def test_kernels_of_one_name_have_their_place_in_the_table(write, capsys) -> None:
    kernel = "import numpy as np\nfrom numba import cuda\n@cuda.jit\ndef same(a):\n    a[0] = 1\n"
    write(kernel, "first_module.py")
    script = write(kernel + "import first_module\nsame[1, 1](np.zeros(1))\nfirst_module.same[1, 1](np.zeros(1))\n")
    assert main(["run", script]) == 0
    printed = capsys.readouterr().out
    assert "same (script.py)" in printed and "same (first_module.py)" in printed
    twice = (
        kernel + "one = same\n" + kernel.partition("cuda\n")[2] + "one[1, 1](np.zeros(1))\nsame[1, 1](np.zeros(1))\n"
    )
    assert main(["run", write(twice)]) == 0
    printed = capsys.readouterr().out
    assert "same (script.py:4)" in printed and "same (script.py:8)" in printed


MODULE = """
import sys
import numpy as np
from {package} import add
a = np.zeros(3)
add[1, 32](a)
print(__name__, __package__, __spec__.name, sys.argv[1:], a.sum())
"""

PACKAGE = """
from numba import cuda

@cuda.jit("void(float64[:])")
def add(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] += 1
"""


@pytest.fixture
def package(write, tmp_path, request):
    """A package that compiles a kernel when it is imported; its name differs from test to test."""
    name = f"adder_{abs(hash(request.node.name))}"
    (tmp_path / name).mkdir()
    write(PACKAGE, f"{name}/__init__.py")
    for file in ("__main__.py", "tool.py"):
        write(MODULE.format(package=name), f"{name}/{file}")
    return name


@pytest.mark.parametrize(("module", "found"), [("", ".__main__"), (".tool", ".tool"), (".__main__", ".__main__")])
def test_a_module_runs_by_name(package, capsys, module, found):
    path = list(sys.path)
    assert main(["run", "-m", f"{package}{module}", "-x", "1"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"__main__ {package} {package}{found} ['-x', '1'] 3.0\n")
    assert "add" in printed and "no findings" in printed
    assert sys.path == path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no_such_module", "there is no module no_such_module"),
        ("./script.py", "./script.py is not the name of a module; a file is run without -m"),
        ("sys", "the module sys is not written in Python"),
        ("json.no_such_module", "there is no module json.no_such_module"),
        ("concurrent", "there is no module concurrent.__main__"),
    ],
)
def test_a_module_that_is_not_there_is_one_sentence(name, sentence, write, capsys):
    assert main(["run", "--quiet", "-m", name]) == 1
    assert capsys.readouterr().err.partition(": ")[2] == f"{sentence}\n"
