"""Random kernels: modules of source text that use much of the language, and inputs for them.

Kernels are free of races by construction, so that every scheduler must give the same results: a
thread writes its own rows of the outputs, shared memory is written between barriers in slots of the
thread's own, and atomics combine integers. Floating-point values are small multiples of 1/4, which
all float types hold exactly, so that results do not depend on how a variable's type is chosen.

`python -m support.generate SEED` (in `tests/`) prints the module of a seed.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from support.random_expressions import (
    ATOMICS,
    BINS,
    COLUMNS,
    DEEP,
    FLOAT_COLUMNS,
    INT_COLUMNS,
    PRIVATE,
    ROWS,
    SLOTS,
    TABLE,
    VECTOR,
    Flavour,
    Place,
    Scope,
)
from support.random_statements import Statements

HEADER = f"""import math

import numpy as np
from numba import cuda, float32, float64, int8, int16, int32, int64

TABLE = np.arange({TABLE}) * 5 % 7
WEIGHTS = (2, 3, 5)
SHIFT = 3
"""

BARRIER = "cuda.syncthreads()"
RECORD = np.dtype([("count", np.int32), ("weight", np.float64), ("tag", np.int16)], align=True)

LAUNCHES = (
    ((3,), (7,)),
    ((2,), (33,)),
    ((1,), (40,)),
    ((5,), (4,)),
    ((2, 2), (3, 2)),
    ((2,), (9, 4)),
    ((1, 2), (2, 3, 2)),
)


class Generator(Statements):
    """Makes one module."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        chance = self.chance
        plain = chance(0.4)
        barriers = chance(0.5)
        returns = chance(0.15 if barriers else 0.6)
        guard = "none" if barriers else self.random.choice(["none", "if", "return"])
        undefined, outside, dynamic = (not plain and chance(0.15) for _ in range(3))
        self.flavour = Flavour(plain, barriers, returns, guard, undefined, outside, barriers and dynamic)
        self.grid, self.block = self.random.choice(LAUNCHES)
        self.threads = int(np.prod(self.block))
        self.budget = 0

    # Functions

    def device_functions(self) -> None:
        kinds = ["int", "of array", "pair", "store", "int", "real", "real"]
        for kind in self.random.sample(kinds, self.random.randint(1, 5)):
            self.device_function(kind, self.fresh("d"))
        if self.flavour.barriers and self.chance(0.4):
            self.exchange_function()

    def device_function(self, kind: str, name: str) -> None:
        parameters = {"of array": "v, p", "store": "o, p", "pair": "p, q=5"}.get(kind, "p, q=3")
        self.write("@cuda.jit(device=True)")
        self.scope = Scope(fixed=["p", "SHIFT"], int_loads=["WEIGHTS[({}) % 3]"])
        self.outputs = [("int", f"o[({{}}) % {INT_COLUMNS}]")] if kind == "store" else []
        if "q" in parameters:
            self.scope.ints.append("q")
        if kind == "of array":
            self.scope.int_loads.append("v[({}) % v.size]")
            self.scope.vectors.append("v")
        self.returning = {
            "int": lambda: f"return {self.bounded(self.integer())}",
            "of array": lambda: f"return {self.bounded(self.integer())}",
            "pair": lambda: f"return {self.bounded(self.integer(1))}, {self.bounded(self.integer(1))}",
            "store": lambda: "return",
            "real": lambda: (
                self.pick("return {}", "return {} % 16").format(f"({self.bounded_float(self.floating(1))})")
                if self.chance(0.6)
                else f"return ({self.integer(1)}) % 16"
            ),
        }[kind]
        self.in_kernel = False
        self.budget = 6
        place = Place(depth=2, barriers=False, returns=True)
        with self.write.block(f"def {name}({parameters}):"):
            self.write("fa = 0.5")
            self.scope.floats.append("fa")
            if kind == "store":
                self.output(place)
            self.maybe_return(place)
            self.suite(place, least=2)
            self.maybe_return(place)
            self.write(self.returning())
        self.write("")
        self.functions.append((kind, name))

    def exchange_function(self) -> None:
        """A function with barriers: what the next thread gave."""
        name = self.fresh("d")
        self.write("@cuda.jit(device=True)")
        with self.write.block(f"def {name}(slots, place, value):"):
            self.write("cuda.syncthreads()")
            self.write("slots[place] = value")
            self.write("cuda.syncthreads()")
            with self.write.block("if value > 50:"):
                self.write("return 1")
            self.write(f"return slots[(place + 1) % {self.threads}]")
        self.write("")
        self.functions.append(("exchange", name))

    def kernel(self) -> None:
        flavour = self.flavour
        self.write("@cuda.jit")
        with self.write.block("def kernel(out, real, items, bins, a, b, c, n, s):"):
            self.prologue()
            self.in_kernel = True
            self.outputs = [
                ("int", f"out[g, ({{}}) % {INT_COLUMNS}]"),
                ("float", f"real[g, ({{}}) % {FLOAT_COLUMNS}]"),
                ("int", f"row[({{}}) % {INT_COLUMNS}]"),
                ("int", f"mine[({{}}) % {PRIVATE}]"),
            ]
            self.returning = lambda: "return"
            self.budget = self.random.randint(6, 16)
            place = Place(depth=0, barriers=flavour.barriers, returns=flavour.returns)
            if flavour.guard == "if":
                with self.write.block("if g < out.shape[0]:"), self.nested():
                    self.body(place.deeper())
            else:
                if flavour.guard == "return":
                    with self.write.block("if g >= out.shape[0]:"):
                        self.write("return")
                self.body(place)
            if flavour.barriers:
                self.write("cuda.syncthreads()")
                self.write(f"real[g, 1] += count[tx % {BINS}] % 16")

    def prologue(self) -> None:
        flavour, write = self.flavour, self.write
        if len(self.block) == 1:
            write("tx = cuda.threadIdx.x")
        else:
            write("tx = cuda.threadIdx.x + cuda.blockDim.x * (cuda.threadIdx.y + cuda.blockDim.y * cuda.threadIdx.z)")
        if len(self.block) == len(self.grid) == 1:
            write("g = cuda.grid(1)")
        elif len(self.block) == len(self.grid) == 2:
            write("i, j = cuda.grid(2)")
            write("g = j * (cuda.gridDim.x * cuda.blockDim.x) + i")
        else:
            write("size = cuda.blockDim.x * cuda.blockDim.y * cuda.blockDim.z")
            write("g = (cuda.blockIdx.x + cuda.blockIdx.y * cuda.gridDim.x) * size + tx")
        dtype = "int64" if flavour.plain else self.pick("int64", "int32", "int16", "int8")
        real = "float64" if flavour.plain else self.pick("float64", "float32")
        write(f"mine = cuda.local.array({PRIVATE}, {dtype})")
        if not flavour.undefined:
            with write.block(f"for z in range({PRIVATE}):"):
                write("mine[z] = z * tx")
        if flavour.barriers:
            write(f"tile = cuda.shared.array({0 if flavour.dynamic else SLOTS}, {dtype})")
            write(f"grid = cuda.shared.array(({SLOTS // COLUMNS + 1}, {COLUMNS}), {real})")
            write(f"count = cuda.shared.array({BINS}, int32)")
            slots = self.threads
            if not flavour.undefined:
                write("tile[tx] = tx * 3")
                write(f"grid[tx // {COLUMNS}, tx % {COLUMNS}] = tx % 8 * 0.25")
            with write.block(f"for z in range(tx, {BINS}, {slots}):"):
                write("count[z] = 0")
            write("cuda.syncthreads()")

    def body(self, place: Place) -> None:
        flavour, write, scope = self.flavour, self.write, self.scope
        write("xa = g % 7")
        write("xb = n + 1")
        write("fa = s")
        write("row = out[g]")
        if not flavour.plain:
            write("item = items[g]")
        scope.ints += ["xa", "xb"]
        scope.floats += ["fa"]
        scope.fixed += ["g", "tx", "SHIFT"]
        scope.uniform += ["n"]
        scope.vectors += ["a"]
        scope.int_loads += [
            f"a[({{}}) % {self.pick(VECTOR, 'a.size', 'len(a)')}]",
            f"b[({{}}) % {ROWS}, ({{}}) % {self.pick(COLUMNS, 'b.shape[1]')}]",
            f"mine[({{}}) % {PRIVATE}]",
            f"int64(out[g, ({{}}) % {INT_COLUMNS}])",  # unsigned integers would turn others into floats
        ]
        scope.float_loads += [f"c[({{}}) % 3, ({{}}) % 4, ({{}}) % {DEEP[2]}]", f"real[g, ({{}}) % {FLOAT_COLUMNS}]"]
        scope.int_loads.append("WEIGHTS[({}) % 3]")
        if not flavour.plain:
            scope.int_loads.append(f"TABLE[({{}}) % {TABLE}]")
        if self.chance(0.3):
            scope.int_loads.append(f"a[-1 - ({{}}) % {VECTOR}]")
        if flavour.barriers:
            scope.int_loads += [f"tile[({{}}) % {self.threads}]"] * 2
            scope.float_loads.append(f"grid[tx // {COLUMNS}, ({{}}) % {min(COLUMNS, max(1, self.threads % COLUMNS))}]")
        if self.chance(0.3):
            self.nested_function()
        while self.budget > 0:
            self.statement(place)
            self.maybe_return(place)
        write("out[g, 0] += xa + xb")
        write("real[g, 0] = fa")

    def nested_function(self) -> None:
        """A function inside the kernel: with a variable of the kernel, or with an early return (Numba has not both)."""
        name = self.fresh("inner")
        with self.write.block(f"def {name}(p, q):"):
            if self.chance(0.5):
                self.write("return p * q + tx - g")
            else:
                with self.write.block("if p > 4:"):
                    self.write("return p - q")
                self.write("return p * q")
        self.functions.append(("inner", name))
        self.write(f"xb += {name}(xa, tx) % 97")

    def module(self) -> str:
        self.device_functions()
        self.scope = Scope()
        self.kernel()
        return HEADER + "\n\n" + "\n".join(self.write.lines) + "\n"


@dataclass(frozen=True)
class Case:
    """A generated module with its launch; `arguments()` makes the same fresh arrays every time."""

    seed: int
    source: str
    flavour: Flavour
    grid: tuple[int, ...]
    block: tuple[int, ...]

    @property
    def configuration(self) -> tuple[Any, ...]:
        """What stands in the brackets of the launch."""
        return self.grid, self.block, 0, 8 * SLOTS if self.flavour.dynamic else 0

    def arguments(self) -> tuple[Any, ...]:
        """(out, real, items, bins, a, b, c, n, s); `a`, `b` and `c` are only read."""
        rng = np.random.default_rng(self.seed)
        threads = int(np.prod(self.grid) * np.prod(self.block))
        rows = threads if self.flavour.guard == "none" else max(1, threads - 3)
        if self.flavour.plain:
            narrow, wide, real = np.int64, np.int64, np.float64
        else:
            narrow = rng.choice([np.int8, np.int16, np.int32, np.int64])
            wide = rng.choice([np.int32, np.int64])
            real = rng.choice([np.float32, np.float64])
        result = wide if self.flavour.plain else rng.choice([np.int64, np.int32, np.int16, np.uint8, np.uint32])
        out = rng.integers(-9, 40, (rows, INT_COLUMNS)).astype(result)
        reals = (rng.integers(-20, 20, (rows, FLOAT_COLUMNS + 1)) / 4).astype(real)
        items = np.zeros(rows, dtype=RECORD)
        items["count"] = rng.integers(0, 50, rows)
        items["weight"] = rng.integers(0, 50, rows) / 4
        items["tag"] = np.arange(rows)
        bins = rng.integers(0, 100, (len(ATOMICS), BINS)).astype(wide)
        a = rng.integers(0, 100, VECTOR).astype(narrow)
        b = rng.integers(-50, 50, (ROWS, COLUMNS)).astype(wide)
        if rng.random() < 0.3:
            b = np.asfortranarray(b)
        elif rng.random() < 0.3:
            b = np.repeat(b, 2, axis=1)[:, ::2]
        c = (rng.integers(-30, 30, DEEP) / 4).astype(real)
        return out, reals, items, bins, a, b, c, int(rng.integers(0, 5)), float(rng.integers(0, 20) / 4)


def without_a_barrier(case: Case) -> Case:
    """The case with one of its `cuda.syncthreads()` left out: perhaps a race."""
    lines = case.source.split("\n")
    barriers = [number for number, line in enumerate(lines) if line.strip() == BARRIER]
    chosen = random.Random(case.seed).choice(barriers)
    lines[chosen] = lines[chosen].replace(BARRIER, "pass")
    return replace(case, source="\n".join(lines))


def generate(seed: int) -> Case:
    """The kernel of a seed."""
    generator = Generator(seed)
    source = generator.module()
    return Case(seed, source, generator.flavour, generator.grid, generator.block)


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1])).source)
