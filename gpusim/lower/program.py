"""Programs: lowered kernels and device functions, ready to run on lanes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gpusim.device import signatures
from gpusim.device.surface import Surface
from gpusim.errors import KernelError
from gpusim.kernel.constants import read_once
from gpusim.kernel.source import Kernel, python_function
from gpusim.lower.desugar import Plain
from gpusim.lower.namespace import Namespace
from gpusim.lower.statements import Statements
from gpusim.simt.joins import Type, type_of
from gpusim.simt.lanes import Lanes


class Program:
    """One function, lowered. Call it with the lanes and the arguments."""

    def __init__(self, kernel: Kernel, programs: ProgramCache) -> None:
        self.kernel = kernel
        namespace = Namespace()
        tree = Plain(kernel).visit(kernel.tree)
        definition = Statements(kernel, namespace, programs, programs.surface).function(tree, "__kernel")
        module = ast.fix_missing_locations(ast.Module([definition], []))
        # Compiled under the kernel's own file name, so that a traceback shows the kernel's own lines.
        exec(compile(module, kernel.file, "exec"), namespace.values)
        self.run: Callable[..., Any] = namespace.values["__kernel"]

        self._programs = programs
        self.followed = programs.followed
        self.learned: dict[Any, Any] = {}  # by types of arguments (gpusim.infer.types)
        self._has_while = any(isinstance(node, ast.While) for node in ast.walk(tree))

    @property
    def may_wait(self) -> bool:
        """Can a thread wait for another one: has the kernel, or what it calls, a `while`?"""
        return self._has_while or self._programs.has_functions


class DeviceFunction:
    """A device function as the kernels that call it see it: lowered at the first call."""

    def __init__(self, target: Any, programs: ProgramCache) -> None:
        self._target = target
        self._programs = programs
        self._by_types: dict[tuple[Type, ...], Program] = {}
        self._latest: Program | None = None
        self._signatures = signatures.declared(target)

    def learn(self, types: tuple[Type, ...]) -> Program:
        """The program for arguments of these types, with the constants that Numba has for them."""
        known = self._by_types.get(types)
        if known is None:
            kernel = Kernel.of(self._target)
            constants = read_once(kernel.function, types)
            known = next((p for p in self._by_types.values() if _same(p.kernel.constants, constants)), None)
            if known is None:
                known = self._latest = Program(replace(kernel, constants=constants), self._programs)
                self._programs.device_kernels.append(known.kernel)
            self._by_types[types] = known
            if any(program is not known for program in self._by_types.values()):
                self._latest = None
        return known

    def program(self, arguments: tuple[Any, ...]) -> Program:
        """The program for these arguments."""
        return self._latest or self.learn(tuple(map(type_of, arguments)))

    def __call__(self, lanes: Lanes, *arguments: Any, **keywords: Any) -> Any:
        signature = signatures.choose(self._signatures, arguments) if self._signatures else None
        if signature is None:
            return lanes.paths.run(lanes, self, arguments, keywords)
        types, result = signature
        values = tuple(map(signatures.cast_value, arguments, types))
        return signatures.cast_value(lanes.paths.run(lanes, self, values, keywords), result)


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Are all values the same objects? Arrays are copies, and never are."""
    return a is b or all(value is b.get(name) for name, value in a.items())


class ProgramCache:
    """The programs of one kernel: its own, and those of the device functions that it calls.

    Like Numba, a program keeps the values that globals and closure variables had when it was made. With `debug`,
    division by zero is an error, as it is in kernels made with `@cuda.jit(debug=True)`. Programs to be `followed`
    announce each statement that lanes reach, and each value that a variable gets.
    """

    def __init__(self, surface: Surface, debug: bool = False, followed: bool = False) -> None:
        self.surface = surface
        self.debug = debug
        self.followed = followed
        self.device_kernels: list[Kernel] = []
        self.cooperative = False  # whether a program asks for the grid, to synchronise it
        self.doubts: list[KernelError] = []  # what Numba may refuse, for reasons that are its own
        self._functions: dict[Any, DeviceFunction] = {}
        self._frozen: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    @property
    def has_functions(self) -> bool:
        return bool(self._functions)

    def freeze(self, array: np.ndarray) -> np.ndarray:
        """The elements that a global array has now, in C order: what programs see of it from now on."""
        known = self._frozen.get(id(array))
        if known is None:
            known = self._frozen[id(array)] = array, np.array(array, order="C", copy=True)
        return known[1]

    def device(self, target: Any) -> DeviceFunction:
        function = python_function(target)
        if function not in self._functions:
            self._functions[function] = DeviceFunction(target, self)
        return self._functions[function]
