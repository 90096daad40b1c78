"""Random expressions over the variables and arrays of a random kernel."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

INT_COLUMNS, FLOAT_COLUMNS, BINS = 4, 3, 8
VECTOR, ROWS, COLUMNS, DEEP = 13, 5, 6, (3, 4, 5)
SLOTS, PRIVATE, TABLE = 40, 6, 9
ATOMICS = ("add", "sub", "max", "min", "and_", "or_", "xor")


@dataclass(frozen=True)
class Flavour:
    """What one kernel may do.

    plain: int64 and float64 only, and no more than the oracle of `support.oracle` knows.
    barriers: shared memory, and barriers where all threads of the block come.
    returns: threads may return early (with barriers: others then wait at barriers without them).
    guard: how threads beyond the outputs are kept away: "none" (there are none), "if" or "return".
    undefined: shared and local arrays may be read before they are written.
    outside: indices may leave their arrays (to be run without memcheck).
    dynamic: one shared array is the dynamic shared memory of the launch.
    """

    plain: bool
    barriers: bool
    returns: bool
    guard: str
    undefined: bool
    outside: bool
    dynamic: bool


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


class Expressions:
    """Makes expressions. Every choice comes from `random`, so that a seed names a module."""

    flavour: Flavour

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.write = Source()
        self.scope = Scope()
        self.functions: list[tuple[str, str]] = []  # (kind, name)
        self.names = 0

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
        kind = self.random.randrange(12)
        if kind == 11 and (called := self.call("real")):
            return called
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

    def inexact(self) -> str:
        """A number that different instructions may round differently: only to be stored where nothing reads it."""
        value = self.floating(1)
        return self.pick(
            f"math.sqrt(abs({value})) / 3",
            f"math.exp(-abs({value}))",
            f"math.sin({value}) + {self.floating(1)}",
            f"({value}) / 3 if {self.condition(1)} else ({self.integer(1)}) / 7",
            f"(({value}) % 4.0) ** 2 * 0.3",
            f"math.floor({value}) * 0.1",
        )

    def call(self, kind: str) -> str:
        """A call of a device function of this kind, or nothing when there is none."""
        integer = ("int", "inner", "of array")
        names = [name for k, name in self.functions if k == kind or (kind == "int" and k in integer)]
        if not names:
            return ""
        name = self.pick(*names)
        first, second = self.integer(1), self.integer(1)
        if kind == "exchange":
            return f"{name}(tile, tx, ({first}) % 97)"
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
