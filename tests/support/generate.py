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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

HEADER = "from numba import cuda, float32, float64, int16, int32, int64\n"

INT_COLUMNS, FLOAT_COLUMNS, BINS = 4, 3, 8
VECTOR, ROWS, COLUMNS, DEEP = 13, 5, 6, (3, 4, 5)
SLOTS, PRIVATE = 40, 6
RECORD = np.dtype([("count", np.int32), ("weight", np.float64), ("tag", np.int16)], align=True)
ATOMICS = ("add", "sub", "max", "min", "and_", "or_", "xor")

LAUNCHES = (
    ((3,), (7,)),
    ((2,), (33,)),
    ((1,), (40,)),
    ((5,), (4,)),
    ((2, 2), (3, 2)),
    ((2,), (9, 4)),
    ((1, 2), (2, 3, 2)),
)


@dataclass(frozen=True)
class Flavour:
    """What one kernel may do.

    plain: int64 and float64 only, and no more than the oracle of `support.oracle` knows.
    barriers: shared memory, and barriers where all threads of the block come.
    returns: threads may return early (with barriers: others then wait at barriers without them).
    guard: how threads beyond the outputs are kept away: "none" (there are none), "if" or "return".
    undefined: shared and local arrays may be read before they are written.
    outside: indices may leave their arrays (to be run without memcheck).
    """

    plain: bool
    barriers: bool
    returns: bool
    guard: str
    undefined: bool
    outside: bool


@dataclass
class Scope:
    """Names that have a value in all threads that come here, by kind."""

    ints: list[str] = field(default_factory=list)
    floats: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)  # integers that nobody may assign
    uniform: list[str] = field(default_factory=list)  # the same, with one value in a block
    int_loads: list[str] = field(default_factory=list)  # "name[{} % 5]": patterns for an index
    float_loads: list[str] = field(default_factory=list)
    vectors: list[str] = field(default_factory=list)  # one-dimensional integer arrays

    def copy(self) -> Scope:
        return Scope(*(list(getattr(self, name)) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Place:
    """Where a statement stands: may barriers, `break`, `continue` and `return` stand there, too?"""

    depth: int
    barriers: bool
    loop: bool = False
    returns: bool = False

    def deeper(self, **changes: Any) -> Place:
        return Place(**{**self.__dict__, "depth": self.depth + 1, **changes})


class Source:
    """Lines of text with indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = 0

    def __call__(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    @contextmanager
    def block(self, line: str) -> Iterator[None]:
        self(line)
        self.indent += 1
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self("pass")
        self.indent -= 1


class Generator:
    """Makes one module. Every choice comes from `random`, so that a seed names a module."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        chance = self.chance
        plain = chance(0.4)
        barriers = chance(0.5)
        returns = chance(0.15 if barriers else 0.6)
        guard = "none" if barriers else self.random.choice(["none", "if", "return"])
        self.flavour = Flavour(plain, barriers, returns, guard, not plain and chance(0.15), not plain and chance(0.15))
        self.grid, self.block = self.random.choice(LAUNCHES)
        self.write = Source()
        self.scope = Scope()
        self.functions: list[tuple[str, str]] = []  # (kind, name)
        self.names = 0
        self.budget = 0

    # Choices

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Names that are set inside are unknown afterwards."""
        outer, self.scope = self.scope, self.scope.copy()
        yield
        self.scope = outer

    # Expressions

    def integer(self, depth: int = 2) -> str:
        scope = self.scope
        names = scope.ints + scope.fixed + scope.uniform
        if depth <= 0 or self.chance(0.2):
            return self.pick(*names, *names, str(self.random.randint(-4, 12)))
        sub = depth - 1
        kind = self.random.randrange(14)
        if kind <= 2:
            return f"({self.integer(sub)} {self.pick('+', '-', '*', '+', '-')} {self.integer(sub)})"
        if kind == 3:
            return f"({self.integer(sub)} {self.pick('//', '%')} {self.random.randint(2, 9)})"
        if kind == 4:
            return f"({self.integer(sub)} {self.pick('&', '|', '^')} {self.integer(sub)})"
        if kind == 5:
            return f"({self.integer(sub)} {self.pick('<<', '>>')} {self.random.randint(0, 3)})"
        if kind == 6:
            return f"{self.pick('-', '~', '+')}({self.integer(sub)})"
        if kind == 7:
            return self.pick(
                f"abs({self.integer(sub)})",
                f"min({self.integer(sub)}, {self.integer(sub)})",
                f"max({self.integer(sub)}, {self.integer(sub)}, 2)",
            )
        if kind == 8:
            return f"({self.integer(sub)} if {self.condition(sub)} else {self.integer(sub)})"
        if kind == 9:
            return f"({self.condition(sub)}) * {self.integer(sub)}"
        if kind == 10:
            return f"({self.pick(*names)} {self.pick('and', 'or')} {self.integer(sub)})"
        if kind == 11 and self.functions:
            return self.call("int") or self.int_load(sub)
        return self.int_load(sub)

    def int_load(self, depth: int) -> str:
        if not self.scope.int_loads:
            return self.integer(0)
        return self.loaded(self.pick(*self.scope.int_loads), depth)

    def loaded(self, pattern: str, depth: int) -> str:
        if self.flavour.outside and self.chance(0.2):
            pattern = pattern.replace("{} %", "{} + 0 *")
        while "{}" in pattern:
            pattern = pattern.replace("{}", self.integer(min(depth, 1)), 1)
        return pattern

    def floating(self, depth: int = 2) -> str:
        scope = self.scope
        if depth <= 0 or self.chance(0.2):
            literal = str(self.random.randint(-12, 12) / 4)
            return self.pick(*scope.floats, *scope.floats, literal)
        sub = depth - 1
        kind = self.random.randrange(11)
        if kind <= 2:
            return f"({self.floating(sub)} {self.pick('+', '-')} {self.floating(sub)})"
        if kind == 3:
            return f"({self.floating(sub)} * {self.pick(2, -1, 3)})"
        if kind == 4:
            return f"({self.floating(sub)} % {self.pick('8.0', '5', '2.5')})"
        if kind == 5:
            return f"{self.pick('min', 'max')}({self.floating(sub)}, {self.floating(sub)})"
        if kind == 6:
            return f"({self.floating(sub)} if {self.condition(sub)} else {self.floating(sub)})"
        if kind == 7:
            return f"({self.floating(sub)} {self.pick('+', '-')} ({self.integer(sub)}) % 16)"
        if kind == 8 and not self.flavour.plain:
            return f"{self.pick('float32', 'float64')}({self.floating(sub)})"
        if kind == 9:
            return self.pick(f"abs({self.floating(sub)})", f"-({self.floating(sub)})")
        if not scope.float_loads:
            return self.floating(0)
        return self.loaded(self.pick(*scope.float_loads), sub)

    def condition(self, depth: int = 2) -> str:
        kind = self.random.randrange(9)
        order = self.pick("<", "<=", ">", ">=", "==", "!=")
        if depth <= 0 or kind <= 2:
            return f"{self.integer(depth)} {order} {self.integer(depth - 1)}"
        sub = depth - 1
        if kind == 3:
            return f"{self.floating(sub)} {order} {self.floating(sub)}"
        if kind == 4:
            return f"{self.integer(sub)} {order} {self.integer(sub)} {self.pick('<', '>=')} {self.integer(sub)}"
        if kind == 5:
            return f"not ({self.condition(sub)})"
        if kind == 6 and self.scope.flags:
            return self.pick(*self.scope.flags)
        if kind == 7:
            return f"({self.integer(sub)}) % 5 {self.pick('in', 'not in')} (0, 3, 4)"
        glue = self.pick("and", "or")
        return "(" + f" {glue} ".join(self.condition(sub) for _ in range(self.random.randint(2, 3))) + ")"

    def call(self, kind: str) -> str:
        """A call of a device function of this kind, or nothing when there is none."""
        integer = ("int", "inner", "of array")
        names = [name for k, name in self.functions if k == kind or (kind == "int" and k in integer)]
        if not names:
            return ""
        name = self.pick(*names)
        first, second = self.integer(1), self.integer(1)
        if ("inner", name) in self.functions:  # Numba inlines these, and knows no defaults and keywords there
            return f"{name}({first}, {second})"
        if ("of array", name) in self.functions:
            return f"{name}({self.pick(*self.scope.vectors)}, {first})" if self.scope.vectors else ""
        return self.pick(
            f"{name}({first})",
            f"{name}({first}, {second})",
            f"{name}({first}, q={second})",
            f"{name}(q={second}, p={first})",
        )

    # Statements

    def suite(self, place: Place, least: int = 1) -> None:
        for _ in range(self.random.randint(least, least + 2)):
            self.statement(place)
            if self.budget <= 0:
                break

    def statement(self, place: Place) -> None:
        self.budget -= 1
        simple = [
            self.assignment, self.assignment, self.assignment, self.augmented, self.unpacking,
            self.output, self.output, self.update,
        ]  # fmt: skip
        if self.in_kernel:
            simple += [self.atomic, self.private_array, self.view, self.device_store, self.record]
        compound = [self.branch, self.branch, self.for_loop, self.for_loop, self.while_loop]
        if place.barriers:
            compound += [self.exchange, self.uniform_branch, self.uniform_loop]
        if place.depth < 4 and self.budget > 0 and self.chance(0.45):
            self.pick(*compound)(place)
        elif place.loop and self.chance(0.12):
            self.leave(place)
        else:
            self.pick(*simple)(place)

    def assignment(self, place: Place) -> None:
        kind = self.random.randrange(5)
        scope = self.scope
        if kind == 0:
            name = self.target("flags", "h")
            self.write(f"{name} = {self.condition()}")
            self.known("flags", name)
        elif kind <= 2:
            name = self.target("floats", "f")
            value = self.floating(3) if self.chance(0.85) else f"({self.integer()}) % 16"
            self.write(f"{name} = {self.bounded_float(value)}")
            self.known("floats", name)
        else:
            name = self.target("ints", "x")
            value = self.bounded(self.integer(3))
            if not self.flavour.plain and self.chance(0.2):
                value = f"{self.pick('int32', 'int64', 'int16')}({value})"
            if self.chance(0.1) and scope.ints:
                other = self.pick(*scope.ints)
                name = name if name != other else self.fresh("x")
                self.write(f"{name} = {other} = {value}")
            else:
                self.write(f"{name} = {value}")
            self.known("ints", name)

    def target(self, kind: str, prefix: str) -> str:
        """A variable to assign: one that has a value, or one that this or another suite uses for itself."""
        known = getattr(self.scope, kind)
        if known and self.chance(0.6):
            return self.pick(*known)
        return f"{prefix}{self.random.choice('abc')}" if self.chance(0.6) else self.fresh(prefix)

    def known(self, kind: str, name: str) -> None:
        names = getattr(self.scope, kind)
        if name not in names:
            names.append(name)

    def bounded(self, value: str) -> str:
        return f"({value}) % {self.pick(97, 1009)}" if self.flavour.plain or self.chance(0.8) else value

    @staticmethod
    def bounded_float(value: str) -> str:
        return f"({value}) % 64.0"

    def augmented(self, place: Place) -> None:
        if self.scope.ints and self.chance(0.6):
            name = self.pick(*self.scope.ints)
            op, value = self.pick(
                ("+", self.integer(1)), ("-", self.integer(1)), ("^", "5"), ("//", "3"), ("%", "7"), (">>", "1")
            )
            self.write(f"{name} {op}= {value}")
            self.write(f"{name} %= 211")
        elif self.scope.floats:
            name = self.pick(*self.scope.floats)
            self.write(f"{name} {self.pick('+', '-')}= {self.floating(1)}")
            self.write(f"{name} %= 32")

    def unpacking(self, place: Place) -> None:
        ints = self.scope.ints
        if len(ints) < 2:
            return
        first, second = self.random.sample(ints, 2)
        pair = self.call("pair") if self.chance(0.5) else ""
        if pair:
            self.write(f"{first}, {second} = {pair}")
        elif self.chance(0.3):
            pair = self.fresh("pair")
            self.write(f"{pair} = ({self.bounded(self.integer(1))}, {self.bounded(self.integer(1))})")
            self.write(f"{first} = {pair}[0] - {pair}[1]")
            self.scope.fixed.append(f"{pair}[1]")
        else:
            self.write(f"{first}, {second} = {second}, {self.bounded(f'{first} + {self.integer(1)}')}")

    def output(self, place: Place) -> None:
        if not self.outputs:
            return
        kind, pattern = self.pick(*self.outputs)
        value = self.integer() if kind == "int" else self.floating()
        self.write(f"{self.loaded(pattern, 1)} = {value if kind == 'float' else self.bounded(value)}")

    def update(self, place: Place) -> None:
        if not self.outputs:
            return
        kind, pattern = self.pick(*self.outputs)
        element = self.loaded(pattern, 1)
        self.write(f"{element} {self.pick('+', '-')}= {self.integer(1) if kind == 'int' else self.floating(1)}")
        if kind == "float" or self.flavour.plain:
            self.write(f"{element} %= {61 if kind == 'int' else 32}")

    def atomic(self, place: Place) -> None:
        row = self.random.randrange(len(ATOMICS))
        value = f"({self.integer()}) % 64"
        if self.chance(0.3) and self.flavour.barriers:
            self.write(f"cuda.atomic.add(count, ({self.integer(1)}) % {BINS}, 1)")
        else:
            self.write(f"cuda.atomic.{ATOMICS[row]}(bins, ({row}, ({self.integer(1)}) % {BINS}), {value})")

    def private_array(self, place: Place) -> None:
        self.write(f"mine[({self.integer(1)}) % {PRIVATE}] = {self.bounded(self.integer())}")

    def record(self, place: Place) -> None:
        if self.flavour.plain:
            return
        thing = self.pick("items[g]", "item")
        if self.chance(0.5):
            self.write(f"{thing}.count {self.pick('+', '-')}= ({self.integer()}) % 64")
        elif self.chance(0.5):
            self.write(f"{thing}.weight = {self.floating()} % 16 + {thing}.tag")
        else:
            self.write(f"{thing}.tag = {thing}.count % 100")

    def device_store(self, place: Place) -> None:
        names = [name for kind, name in self.functions if kind == "store"]
        if names:
            self.write(f"{self.pick(*names)}({self.pick('out[g]', 'row')}, {self.integer()})")

    def view(self, place: Place) -> None:
        """A part of an input, with its own offset (or length) in every thread."""
        name = self.fresh("v")
        start = f"({self.integer(1)}) % 4"
        made = self.random.randrange(7)
        if made == 0:
            self.write(f"{name} = a[{start} : {self.pick('', f'({self.integer(1)}) % 5 + 6')}{self.pick('', ':2')}]")
            self.scope.int_loads.append(f"{name}[({{}}) % {self.pick(f'len({name})', f'{name}.size', 2)}]")
            self.scope.vectors.append(name)
            self.scope.fixed.append(f"{name}.shape[0]")
        elif made == 1:
            self.write(f"{name} = a[{self.pick('::-1', '::-2', '9:2:-1', '-5:')}]")
            self.scope.int_loads.append(f"{name}[({{}}) % {name}.size]")
            self.scope.vectors.append(name)
        elif made == 2:
            self.write(f"{name} = b[{start}]")
            if self.chance(0.5):
                with self.write.block(f"if {self.condition()}:"):
                    self.write(f"{name} = b[({self.integer(1)}) % {ROWS}]")
            self.scope.int_loads.append(f"{name}[({{}}) % {COLUMNS}]")
        elif made == 3:
            self.write(f"{name} = b[{self.pick(':', '1:', '::2')}, {start}]")
            self.scope.int_loads.append(f"{name}[({{}}) % {name}.size]")
        elif made == 4:
            self.write(f"{name} = b[{start} % 3 :, 1:5]")
            self.scope.int_loads.append(f"{name}[({{}}) % {name}.shape[0], ({{}}) % 4]")
        elif made == 5:
            self.write(f"{name} = c[{start} % 3{self.pick('', f', :, {start} % 3', ', 1')}]")
            last = self.write.lines[-1]
            if last.count(",") == 0:
                self.scope.float_loads.append(f"{name}[({{}}) % 4, ({{}}) % 5]")
            else:
                self.scope.float_loads.append(f"{name}[({{}}) % 4]")
        else:
            self.write(f"{name} = c[:, ({self.integer(1)}) % 4][({self.integer(1)}) % 3]")
            self.scope.float_loads.append(f"{name}[({{}}) % 5]")

    # Control flow

    def branch(self, place: Place) -> None:
        inner = place.deeper(barriers=False)
        with self.write.block(f"if {self.condition()}:"), self.nested():
            self.suite(inner)
        for _ in range(self.pick(0, 0, 1, 2)):
            with self.write.block(f"elif {self.condition()}:"), self.nested():
                self.suite(inner)
        if self.chance(0.5):
            with self.write.block("else:"), self.nested():
                self.suite(inner)

    def leave(self, place: Place) -> None:
        word = self.pick("break", "continue")
        if self.chance(0.8):
            with self.write.block(f"if {self.condition()}:"):
                self.write(word)
        else:  # both sides leave or do something else first
            with self.write.block(f"if {self.condition()}:"), self.nested():
                self.statement(place.deeper(depth=9, barriers=False))
                self.write(word)
            with self.write.block("else:"), self.nested():
                self.suite(place.deeper(depth=9, barriers=False))
                if self.chance(0.3):
                    self.write(self.pick("break", "continue"))

    def maybe_return(self, place: Place) -> None:
        if place.returns and self.chance(0.25):
            with self.write.block(f"if {self.condition()}:"), self.nested():
                self.finish(place)

    def finish(self, place: Place) -> None:
        if self.chance(0.4):
            self.output(place)
        self.write(self.returning())

    def for_loop(self, place: Place) -> None:
        name = self.fresh("k")
        kind = self.random.randrange(8)
        if kind <= 1:
            head = f"range(({self.integer()}) % {self.random.randint(2, 5)})"
        elif kind == 2:
            head = f"range(({self.integer(1)}) % 4, {self.random.randint(2, 5)})"
        elif kind == 3:
            head = f"range(({self.integer(1)}) % 6, {self.random.randint(-3, 1)}, {self.pick(-1, -2, -3)})"
        elif kind == 4:
            head = f"range({self.random.randint(0, 2)}, ({self.integer(1)}) % 7, 1 + ({self.integer(1)}) % 3)"
        elif kind == 5 and self.scope.vectors:
            head = self.pick(*self.scope.vectors)
        elif kind == 6:
            head = f"(int64({self.integer(1)}), int64({self.integer(1)}), int64({self.integer(0)}))"
        else:
            head = f"range({self.random.randint(1, 4)})"
        outside = self.chance(0.3)
        if outside:
            self.write(f"{name} = -1")
        prefix, known = name, [name]
        if kind == 5 and self.chance(0.4) and self.scope.vectors:
            other = self.fresh("k")
            prefix, known = f"{other}, {name}", [name, other]
            head = f"enumerate({head})" if self.chance(0.5) else f"zip(range(4), {head})"
        with self.write.block(f"for {prefix} in {head}:"), self.nested():
            (self.scope.ints if self.chance(0.3) else self.scope.fixed).extend(known)
            self.loop_body(place.deeper(barriers=False, loop=True))
        self.loop_else(place)
        if outside:
            self.scope.fixed.append(name)

    def while_loop(self, place: Place) -> None:
        name = self.fresh("w")
        self.write(f"{name} = ({self.integer()}) % {self.random.randint(2, 6)}")
        kind = self.random.randrange(3)
        extra = f" {self.pick('and', 'and not')} ({self.condition()})" if kind == 1 else ""
        with self.write.block("while True:" if kind == 2 else f"while {name} > 0{extra}:"), self.nested():
            self.write(f"{name} -= 1")
            if kind == 2:
                with self.write.block(f"if {name} < 0{self.pick('', f' or {self.condition()}')}:"):
                    self.write("break")
            self.scope.fixed.append(name)
            self.loop_body(place.deeper(barriers=False, loop=True))
        if kind != 2:
            self.loop_else(place)
        self.scope.fixed.append(name)

    def loop_body(self, place: Place) -> None:
        self.suite(place)
        if self.chance(0.4):
            self.leave(place)
            self.suite(place)
        self.maybe_return(place)

    def loop_else(self, place: Place) -> None:
        if self.chance(0.25):
            with self.write.block("else:"), self.nested():
                self.suite(place.deeper(barriers=False))

    # Statements that all threads of a block execute together

    def uniform_integer(self) -> str:
        return self.pick("n", "cuda.blockIdx.x", "cuda.gridDim.x", *self.scope.uniform)

    def uniform_branch(self, place: Place) -> None:
        inner = place.deeper()
        with self.write.block(f"if {self.uniform_integer()} % 2 == {self.pick(0, 1)}:"), self.nested():
            self.suite(inner)
        if self.chance(0.5):
            with self.write.block("else:"), self.nested():
                self.suite(inner)

    def uniform_loop(self, place: Place) -> None:
        name = self.fresh("u")
        inner = place.deeper(loop=False)
        with self.write.block(f"for {name} in range({self.uniform_integer()} % 3 + {self.pick(0, 1)}):"), self.nested():
            self.scope.uniform.append(name)
            self.exchange(inner)
            self.suite(inner)
            if self.chance(0.2):
                with self.write.block(f"if {name} + n > 2:"):
                    self.write(self.pick("break", "continue"))

    def exchange(self, place: Place) -> None:
        """Write own slots of shared memory between two barriers; from then on everybody may read them."""
        self.write("cuda.syncthreads()")
        with self.nested():
            for loads in (self.scope.int_loads, self.scope.float_loads):
                loads[:] = [load for load in loads if not load.startswith(("tile", "grid"))]
            self.scope.int_loads.append("tile[tx + ({}) * 0]")
            if self.chance(0.6):
                self.write(f"tile[tx] = {self.bounded(self.integer())}")
            else:
                self.branch_with(f"tile[tx] = {self.bounded(self.integer())}")
            if self.chance(0.4):
                self.write(f"grid[tx // {COLUMNS}, tx % {COLUMNS}] {self.pick('', '+')}= {self.floating()} % 16")
        self.write("cuda.syncthreads()")

    def branch_with(self, line: str) -> None:
        with self.write.block(f"if {self.condition()}:"):
            self.write(line)

    # Functions

    def device_functions(self) -> None:
        for kind in self.random.sample(["int", "of array", "pair", "store", "int"], self.random.randint(1, 4)):
            self.device_function(kind, self.fresh("d"))

    def device_function(self, kind: str, name: str) -> None:
        parameters = {"int": "p, q=3", "pair": "p, q=5", "of array": "v, p", "store": "o, p"}[kind]
        self.write("@cuda.jit(device=True)")
        self.scope = Scope(fixed=["p"], floats=[])
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
        dtype = "int64" if flavour.plain else self.pick("int64", "int32", "int16")
        real = "float64" if flavour.plain else self.pick("float64", "float32")
        write(f"mine = cuda.local.array({PRIVATE}, {dtype})")
        if not flavour.undefined:
            with write.block(f"for z in range({PRIVATE}):"):
                write("mine[z] = z * tx")
        if flavour.barriers:
            write(f"tile = cuda.shared.array({SLOTS}, {dtype})")
            write(f"grid = cuda.shared.array(({SLOTS // COLUMNS + 1}, {COLUMNS}), {real})")
            write(f"count = cuda.shared.array({BINS}, int32)")
            slots = self.threads
            if not flavour.undefined:
                write("tile[tx] = tx * 3")
                write(f"grid[tx // {COLUMNS}, tx % {COLUMNS}] = tx % 8 * 0.25")
            with write.block(f"for z in range(tx, {BINS}, {slots}):"):
                write("count[z] = 0")
            write("cuda.syncthreads()")

    @property
    def threads(self) -> int:
        return int(np.prod(self.block))

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
        scope.fixed += ["g", "tx"]
        scope.uniform += ["n"]
        scope.vectors += ["a"]
        scope.int_loads += [
            f"a[({{}}) % {self.pick(VECTOR, 'a.size', 'len(a)')}]",
            f"b[({{}}) % {ROWS}, ({{}}) % {self.pick(COLUMNS, 'b.shape[1]')}]",
            f"mine[({{}}) % {PRIVATE}]",
            f"out[g, ({{}}) % {INT_COLUMNS}]",
        ]
        scope.float_loads += [f"c[({{}}) % 3, ({{}}) % 4, ({{}}) % {DEEP[2]}]", f"real[g, ({{}}) % {FLOAT_COLUMNS}]"]
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

    def arguments(self) -> tuple[Any, ...]:
        """(out, real, items, bins, a, b, c, n, s); `a`, `b` and `c` are only read."""
        rng = np.random.default_rng(self.seed)
        threads = int(np.prod(self.grid) * np.prod(self.block))
        rows = threads if self.flavour.guard == "none" else max(1, threads - 3)
        if self.flavour.plain:
            narrow, wide, real = np.int64, np.int64, np.float64
        else:
            narrow = rng.choice([np.int8, np.uint8, np.int16, np.int32, np.uint16, np.int64])
            wide = rng.choice([np.int32, np.int64])
            real = rng.choice([np.float32, np.float64])
        out = rng.integers(-9, 40, (rows, INT_COLUMNS)).astype(wide)
        reals = (rng.integers(-20, 20, (rows, FLOAT_COLUMNS)) / 4).astype(real)
        items = np.zeros(rows, dtype=RECORD)
        items["count"] = rng.integers(0, 50, rows)
        items["weight"] = rng.integers(0, 50, rows) / 4
        items["tag"] = np.arange(rows)
        bins = rng.integers(0, 100, (len(ATOMICS), BINS)).astype(wide)
        a = rng.integers(0, 100, VECTOR).astype(narrow)
        b = rng.integers(-50 if np.iinfo(wide).min else 0, 50, (ROWS, COLUMNS)).astype(wide)
        if rng.random() < 0.3:
            b = np.asfortranarray(b)
        elif rng.random() < 0.3:
            b = np.repeat(b, 2, axis=1)[:, ::2]
        c = (rng.integers(-30, 30, DEEP) / 4).astype(real)
        return out, reals, items, bins, a, b, c, int(rng.integers(0, 5)), float(rng.integers(0, 20) / 4)


def generate(seed: int) -> Case:
    """The kernel of a seed."""
    generator = Generator(seed)
    source = generator.module()
    return Case(seed, source, generator.flavour, generator.grid, generator.block)


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1])).source)
