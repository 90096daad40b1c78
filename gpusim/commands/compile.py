"""compile a kernel for a GPU that need not be here: registers, shared bytes, spills"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from gpusim.codegen.compile import compile as compile_kernel
from gpusim.codegen.compiled import CompiledKernel
from gpusim.commands.script import Script, process_state, user_frames
from gpusim.errors import GpusimError
from gpusim.host import install
from gpusim.kernel.dialects import MLIR
from gpusim.kernel.source import is_dispatcher


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE[:KERNEL]", help="a Python file, and the kernel if it has several")
    parser.add_argument("--cc", default="9.0", metavar="X.Y", help="compute capability (default 9.0)")
    parser.add_argument(
        "--signature",
        metavar="TYPES",
        help='argument types, such as "void(float32[:, ::1], int32)"; '
        "not needed for a kernel that is declared with one",
    )
    parser.add_argument("--ptx", type=Path, metavar="FILE", help="write the PTX to FILE")
    parser.add_argument("--cubin", type=Path, metavar="FILE", help="write the cubin to FILE")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Compile and print."""
    file, name = _split(options.target)
    script = Script.read(file)
    with process_state(), install("none"):
        kernel = _kernel(_module(script, file), file, name)
        compiled = compile_kernel(kernel, options.signature or _declared(kernel), options.cc)
    try:
        if options.ptx is not None:
            options.ptx.write_text(compiled.ptx, encoding="utf-8")
        if options.cubin is not None:
            options.cubin.write_bytes(compiled.cubin)
    except OSError as error:
        raise GpusimError(f"cannot write {error.filename}: {error.strerror}") from None
    print(json.dumps(compiled.to_dict()) if options.json else _describe(compiled))
    return 0


def _split(target: str) -> tuple[str, str | None]:
    """FILE and KERNEL; a colon inside a path that exists belongs to the path."""
    file, colon, name = target.rpartition(":")
    return (file, name) if colon and name.isidentifier() and not Path(target).exists() else (target, None)


def _module(script: Script, file: str) -> ModuleType:
    """The file, run as an import would run it, under a name that no other module has."""
    try:
        return script.run(name="__kernels__")
    except (Exception, SystemExit) as error:
        last = user_frames(error).strip().splitlines()[-1]
        hint = f": {MLIR.install}" if getattr(error, "name", None) == "numba_cuda_mlir" else ""
        raise GpusimError(f"{file} cannot be imported: {last}{hint}") from None


def _kernel(module: ModuleType, file: str, name: str | None) -> Any:
    kernels = {
        key: value
        for key, value in vars(module).items()
        if is_dispatcher(value) and "device" in value.targetoptions and not value.targetoptions["device"]
    }
    if name is None and len(kernels) == 1:
        return next(iter(kernels.values()))
    if name not in kernels:
        listed = ", ".join(kernels) or "no kernels"
        wanted = f"kernel '{name}'" if name else "one single kernel"
        raise GpusimError(f"{file} has not {wanted}; it has {listed}: give FILE:KERNEL")
    return kernels[name]


def _declared(kernel: Any) -> Any:
    declared = list(getattr(kernel, "overloads", ()))  # `gpusim.jit` knows no signatures
    if len(declared) != 1:
        name = kernel.py_func.__name__
        raise GpusimError(f"kernel '{name}' needs --signature, such as --signature \"void(float32[:], int32)\"")
    return declared[0]


def _describe(compiled: CompiledKernel) -> str:
    accesses = [f"{count} {name}" for name, count in compiled.instructions.items() if "." in name]
    tensor = [f"{count} {name}" for name, count in compiled.instructions.items() if "." not in name]
    spills = compiled.spill_store_bytes + compiled.spill_load_bytes
    return "\n".join(
        (
            f"{compiled.name} {compiled.signature} for compute capability {compiled.cc}, by {compiled.package}",
            f"  registers per thread        {compiled.registers}",
            f"  static shared bytes         {compiled.shared_bytes} per block",
            f"  local bytes                 {compiled.local_bytes} per thread",
            f"  spilled bytes               {spills} ({compiled.spill_store_bytes} stored, "
            f"{compiled.spill_load_bytes} loaded)",
            f"  accesses by width in bits   {', '.join(accesses) or 'none'}",
            f"  tensor instructions         {', '.join(tensor) or 'none'}",
            f"  cubin bytes                 {len(compiled.cubin)}",
        )
    )
