"""`python -m gpusim compile` and `info`."""

from __future__ import annotations

import json
from pathlib import Path

import numba
import pytest

from gpusim.__main__ import main

KERNELS = """
import gpusim
from numba import cuda, float32

@cuda.jit(device=True)
def helper(x):
    return x * 2

@cuda.jit
def lazy(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = helper(a[i])

@cuda.jit("void(float32[::1])")
def eager(a):
    tile = cuda.shared.array(64, float32)
    tile[cuda.threadIdx.x] = a[cuda.threadIdx.x]
    cuda.syncthreads()
    a[cuda.threadIdx.x] = tile[63 - cuda.threadIdx.x]

@gpusim.jit
def everywhere(a):
    a[cuda.grid(1)] = 1
"""


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("kernels.py").write_text(KERNELS, encoding="utf-8")
    return "kernels.py"


@pytest.mark.numba_cuda("compiling for a GPU")
def test_a_lazy_kernel_with_a_signature(kernels: str, capsys) -> None:
    signature = "void(float32[::1], float32[::1])"
    assert main(["compile", f"{kernels}:lazy", "--signature", signature, "--cc", "8.0", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["kernel"] == "lazy"
    assert result["cc"] == "8.0"
    assert result["signature"] == signature
    assert 0 < result["registers"] <= 255
    assert result["shared_bytes"] == 0


@pytest.mark.numba_cuda("compiling for a GPU")
def test_an_eager_kernel_brings_its_signature(kernels: str, capsys) -> None:
    assert main(["compile", f"{kernels}:eager", "--ptx", "out.ptx", "--cubin", "out.cubin"]) == 0
    printed = capsys.readouterr().out
    assert "eager void(float32[::1]) for compute capability 9.0" in printed
    assert "static shared bytes         256 per block" in printed
    assert ".target sm_90" in Path("out.ptx").read_text(encoding="utf-8")
    assert Path("out.cubin").read_bytes().startswith(b"\x7fELF")


@pytest.mark.numba_cuda("compiling for a GPU")
def test_one_single_kernel_needs_no_name(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.py").write_text(
        KERNELS.replace("@cuda.jit\ndef lazy", "def lazy").replace("@gpusim.jit\n", ""), encoding="utf-8"
    )
    assert main(["compile", "one.py"]) == 0
    assert capsys.readouterr().out.startswith("eager ")


@pytest.mark.numba_cuda("compiling for a GPU")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.py"], "there is no file missing.py"),
        (["kernels.py"], "kernels.py has not one single kernel; it has lazy, eager, everywhere: give FILE:KERNEL"),
        (["kernels.py:helper"], "has not kernel 'helper'"),
        (["kernels.py:lazy"], "kernel 'lazy' needs --signature"),
        (["kernels.py:lazy", "--signature", "void(float"], "cannot read the signature"),
        (["kernels.py:lazy", "--signature", "void(float32)"], "Signature mismatch"),
        (["kernels.py:everywhere"], "kernel 'everywhere' needs --signature"),
        (["kernels.py:eager", "--cc", "hopper"], "not of the form major.minor"),
        (["kernels.py:eager", "--ptx", "nowhere/out.ptx"], "cannot write nowhere/out.ptx"),
        (["fails.py"], "fails.py cannot be imported: ZeroDivisionError"),
    ],
)
def test_bad_input_is_one_sentence(kernels: str, capsys, arguments: list[str], message: str) -> None:
    Path("fails.py").write_text("1 / 0\n", encoding="utf-8")
    assert main(["compile", *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("gpusim compile: ") and error.count("\n") == 1


def test_a_package_that_is_not_installed(tmp_path: Path, capsys) -> None:
    file = tmp_path / "successor.py"  # what the import says when there is nothing to import
    file.write_text("raise ModuleNotFoundError(\"No module named 'numba_cuda_mlir'\", name='numba_cuda_mlir')\n")
    assert main(["compile", str(file)]) == 1
    assert capsys.readouterr().err.endswith(": pip install 'numba-cuda-mlir[cu13]'\n")


def test_info(capsys) -> None:
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["versions"]["numba"] == numba.__version__
    assert facts["limits"]["threads per block"] == 1024
    assert "memcheck" in facts["checks"]["tools"]
    for package, uses in facts["kernels written for"].items():
        installed = facts["versions"][package] != "not installed"
        assert uses.startswith("simulate" if installed else "nothing: pip install")
    assert main(["info"]) == 0
    assert "threads per block" in capsys.readouterr().out
