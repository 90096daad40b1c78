"""What may stand in a learner's file, judged from its text. None of the file's own Python is ever executed.

1. `text`: a syntax tree of bounded size.
2. `module`: imports are matched with the checker's `vocabulary`, `constants` are evaluated from the tree, functions are
   noted. A name is bound once (`scope`).
3. `bodies`: the functions that the kernels reach hold only variables, constants, functions of the file, and words of
   the vocabulary.

A file for a program of attention has no functions: `program` takes the statements out that `lm.rasp.source` reads.

What a file may do is thus a list of what there is, not of what is forbidden. A block under `if __name__ == "__main__":`
is free to hold what it likes, and so are functions that no kernel reaches.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from puzzles.check.gate import vocabulary
from puzzles.check.gate.bodies import reached
from puzzles.check.gate.module import read
from puzzles.check.gate.program import program
from puzzles.check.gate.refusal import Refused, quoted
from puzzles.check.gate.scope import Scope
from puzzles.check.gate.text import claimed_id, debug_seed, parse, prediction, puzzle_id

__all__ = ["Refused", "claimed_id", "debug_seed", "inspect_file", "parse", "prediction", "program", "puzzle_id"]


def inspect_file(tree: ast.Module, kernels: Sequence[str] = ("kernel",)) -> tuple[Scope, dict[str, ast.FunctionDef]]:
    """The file's names, and the functions that its kernels reach. Raises Refused for what a file may not hold."""
    scope = read(tree)
    for name in kernels:
        if name not in scope.functions:
            raise Refused(f"The file defines no {name}: expected `@cuda.jit` and below it `def {name}(...):`.")
        _is_kernel(scope, scope.functions[name])
    functions = reached(scope, tuple(kernels))
    for name, function in functions.items():
        if not function.decorator_list:
            raise Refused(
                f"`{name}` is a plain Python function, which a GPU cannot call; decorate it with "
                "@cuda.jit(device=True).",
                function.lineno,
            )
    return scope, functions


def _is_kernel(scope: Scope, function: ast.FunctionDef) -> None:
    """Raises Refused unless the one decorator is `@cuda.jit`, and not for device functions."""
    for decorator in function.decorator_list:
        maker = decorator.func if isinstance(decorator, ast.Call) else decorator
        options = decorator.keywords if isinstance(decorator, ast.Call) else []
        on_host = scope.meaning(maker) != vocabulary.KERNEL_DECORATOR
        is_device = any(o.arg == "device" and ast.unparse(o.value) != "False" for o in options)
        if on_host or is_device:
            what = "makes a function for the CPU" if on_host else "makes a function that only other kernels can call"
            raise Refused(f"`@{quoted(decorator)}` {what}; a kernel is decorated with @cuda.jit.", decorator.lineno)
    if len(function.decorator_list) != 1:
        raise Refused(f"`{function.name}` is not a kernel yet; decorate it with @cuda.jit, once.", function.lineno)
