"""Random functions of four numbers whose variables change types from path to path."""

from __future__ import annotations

import random

NAMES = ("v", "w", "x", "y")
PARAMETERS = ("p", "q", "r", "s")
LITERALS = ("0", "3", "-2", "0.5", "1.25", "True")


class Writer:
    """Writes one function; every variable has a value before anything reads it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.loops = 0

    def function(self) -> str:
        self.lines = ["def f(p, q, r, s):"]
        for name, start in zip(NAMES, ("p", "r", "0", "0.1"), strict=True):
            self.put(1, f"{name} = {start}")
        self.suite(1, depth=3)
        self.put(1, "return v * 3 + w * 5 + x * 7 + y" if self.random.random() < 0.7 else "return y if q > 2 else x")
        return "\n".join(self.lines) + "\n"

    def put(self, level: int, text: str) -> None:
        self.lines.append("    " * level + text)

    def suite(self, level: int, depth: int, in_loop: bool = False) -> None:
        for _ in range(self.random.randint(1, 3)):
            self.statement(level, depth, in_loop)

    def statement(self, level: int, depth: int, in_loop: bool) -> None:
        kind = self.random.random()
        if depth == 0 or kind < 0.35:
            self.assign(level)
        elif kind < 0.7:
            self.put(level, f"if {self.condition()}:")
            self.suite(level + 1, depth - 1, in_loop)
            self.maybe_leave(level + 1, in_loop)
            if self.random.random() < 0.5:
                self.put(level, "else:")
                self.suite(level + 1, depth - 1, in_loop)
        else:
            self.loop(level, depth)

    def loop(self, level: int, depth: int) -> None:
        self.loops += 1
        counter = f"k{self.loops}"
        if self.random.random() < 0.6:
            self.put(level, f"for {counter} in range({self.random.choice(('3', 'p', 'q'))}):")
            self.suite(level + 1, depth - 1, True)
        else:
            self.put(level, f"{counter} = 0")
            endless = self.random.random() < 0.4
            self.put(level, "while True:" if endless else f"while {counter} < q:")
            self.put(level + 1, f"{counter} += 1")
            if endless:
                self.put(level + 1, f"if {counter} > p:")
                self.put(level + 2, "break")
            self.suite(level + 1, depth - 1, True)
        if self.random.random() < 0.3:
            self.put(level, "else:")
            self.assign(level + 1)

    def maybe_leave(self, level: int, in_loop: bool) -> None:
        kind = self.random.random()
        if in_loop and kind < 0.25:
            self.put(level, self.random.choice(("break", "continue")))
        elif kind < 0.35:
            self.put(level, f"return {self.value(1)}")

    def assign(self, level: int) -> None:
        name = self.random.choice(NAMES)
        if self.random.random() < 0.3:
            self.put(level, f"{name} {self.random.choice(('+=', '-=', '*='))} {self.value(1)}")
        else:
            self.put(level, f"{name} = {self.value(2)}")

    def value(self, depth: int) -> str:
        kind = self.random.random()
        if depth == 0 or kind < 0.4:
            return self.random.choice((*NAMES, *PARAMETERS, *LITERALS[:-1]))
        if kind < 0.55:
            return f"({self.value(depth - 1)} if {self.condition()} else {self.value(depth - 1)})"
        if kind < 0.65:
            return f"({self.random.choice(NAMES)} {self.random.choice(('//', '%'))} {self.random.choice(('3', '2.5'))})"
        if kind < 0.72:
            return f"min({self.value(depth - 1)}, {self.value(depth - 1)})"
        return f"({self.value(depth - 1)} {self.random.choice('+-*')} {self.value(depth - 1)})"

    def condition(self) -> str:
        simple = f"{self.value(0)} {self.random.choice(('<', '>=', '=='))} {self.value(0)}"
        if self.random.random() < 0.2:
            return f"{simple} {self.random.choice(('and', 'or'))} {self.value(0)} < {self.value(0)}"
        return simple
