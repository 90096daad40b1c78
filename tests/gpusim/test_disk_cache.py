"""The simulator's own compiled loops on disk: never those of another processor, nor of another version of a file."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys

from llvmlite import binding as llvm
from numba.core.dispatcher import Dispatcher

import gpusim
from gpusim.kernel.dialects import IN_NUMBA, NUMBA

PROGRAM = """
import sys, types
package = types.ModuleType("gpusim")
package.__path__ = [sys.argv[1]]
sys.modules["gpusim"] = package  # only this part of the package, which is quicker
import numpy as np
from gpusim.memory.loops import extremes
assert extremes(np.array([3, 1, 2])) == (1, 3)
print(sum(extremes.stats.cache_hits.values()), sum(extremes.stats.cache_misses.values()))
"""


def loaded(folder, **settings):
    """(loops loaded from the folder, loops compiled) by a process for a processor."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_CPU")}
    environment |= {"NUMBA_CACHE_DIR": str(folder), **settings}
    command = [sys.executable, "-c", PROGRAM, gpusim.__path__[0]]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    return tuple(map(int, done.stdout.split()))


def test_code_of_another_processor_is_compiled_anew(tmp_path):
    """By its name, and by its features: a virtual machine may hide some, and the processor's name stays."""
    generic = {"NUMBA_CPU_NAME": "generic"}
    this, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    assert loaded(tmp_path, **generic) == (0, 1)
    assert loaded(tmp_path, NUMBA_CPU_NAME=this, NUMBA_CPU_FEATURES=features) == (0, 1)
    if this != "generic":
        assert loaded(tmp_path, NUMBA_CPU_NAME=this, NUMBA_CPU_FEATURES="") == (0, 1)
    assert loaded(tmp_path, **generic) == (1, 0)


def compiled_functions():
    """(module, what it imports from gpusim, compiled function) of every function that Numba compiles."""
    for found in pkgutil.walk_packages(gpusim.__path__, "gpusim."):
        if found.name.endswith(("__main__", "mlir")) or ".mlir." in found.name:
            continue
        try:
            module = importlib.import_module(found.name)
        except ImportError:  # what makes code for a GPU needs numba-cuda; the binding is for where that is not
            assert NUMBA is IN_NUMBA or found.name == "gpusim.host.binding"
            continue
        tree = ast.parse(inspect.getsource(module))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        imported = {a.asname or a.name for node in nodes if str(node.module).startswith("gpusim") for a in node.names}
        for value in vars(module).values():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module.__name__:
                yield module, imported, value


def test_compiled_functions_stand_on_their_own_file():
    """Numba compiles a cached function anew when its file changes, and knows nothing of other files that it uses."""
    functions = list(compiled_functions())
    assert len(functions) > 20
    for module, imported, function in functions:
        elsewhere = imported & set(function.py_func.__code__.co_names)
        assert not elsewhere, f"{module.__name__}.{function.__name__} uses {elsewhere} of another file"
