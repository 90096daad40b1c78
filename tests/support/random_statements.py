"""Random statements: assignments, views, control flow, and what all threads of a block do together."""

from __future__ import annotations

from collections.abc import Callable

from support.random_expressions import (
    ATOMICS,
    BINS,
    COLUMNS,
    FLOAT_COLUMNS,
    PRIVATE,
    ROWS,
    Expressions,
    Flavour,
    Place,
)


class Statements(Expressions):
    """Makes statements, and writes them."""

    flavour: Flavour
    threads: int  # of a block
    outputs: list[tuple[str, str]]  # (kind, pattern) of elements that the thread may assign
    returning: Callable[[], str]  # a `return` statement
    in_kernel: bool
    budget: int  # statements still to be made

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
            simple += [self.atomic, self.private_array, self.view, self.device_store, self.record, self.inexact_output]
            simple += [self.slice_store]
        compound = [self.branch, self.branch, self.for_loop, self.for_loop, self.while_loop, self.either_way]
        if place.barriers:
            compound += [self.exchange, self.uniform_branch, self.uniform_loop, self.tree_sum, self.together]
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
            as_it_is = self.chance(0.3) and "% 16" in value[-5:]  # an integer in some threads
            self.write(f"{name} = {value if as_it_is else self.bounded_float(value)}")
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

    def inexact_output(self, place: Place) -> None:
        self.write(f"real[g, {FLOAT_COLUMNS}] = {self.inexact()}")

    def slice_store(self, place: Place) -> None:
        """A whole slice at a time (from numbers: CUDA kernels cannot assign one array to another)."""
        if self.flavour.plain:
            return
        self.write(
            self.pick(
                f"row[1:3] = {self.bounded(self.integer(1))}",
                f"mine[:] = {self.bounded(self.integer(1))}",
                f"row[::2] = {self.bounded(self.integer(1))}",
                f"real[g, :{FLOAT_COLUMNS}] = {self.floating(1)}",
            )
        )

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
            rest = self.pick("", f", :, {start} % 3", ", 1")
            self.write(f"{name} = c[{start} % 3{rest}]")
            if not rest:
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

    def either_way(self, place: Place) -> None:
        """A variable that is set on both sides, perhaps to values of different types, and read afterwards."""
        inner = place.deeper(barriers=False)
        kind = self.pick("ints", "floats", "pairs")
        name = self.fresh("e")
        if kind == "pairs":
            with self.write.block(f"if {self.condition()}:"):
                self.write(f"{name} = (({self.integer()}) % 97, {self.floating()})")
            with self.write.block("else:"):
                self.write(f"{name} = (int32(({self.integer()}) % 97), {self.floating()})")
            self.scope.fixed.append(f"{name}[0]")
            self.scope.floats.append(self.fresh("f"))
            self.write(f"{self.scope.floats[-1]} = {self.bounded_float(f'{name}[1]')}")
            return
        casts = ("int32({})", "int64({})", "{}") if kind == "ints" else ("float32({})", "float64({})", "{}")
        first = self.pick(*casts)
        for head in (f"if {self.condition()}:", self.pick("else:", "else:", f"elif {self.condition()}:")):
            with self.write.block(head), self.nested():
                value = f"({self.integer()}) % 64" if kind == "ints" or self.chance(0.3) else self.floating()
                if self.chance(0.5):
                    self.suite(inner.deeper(loop=False))
                self.write(f"{name} = {first.format(value) if head.startswith('if') else value}")
            if head.startswith("elif"):
                with self.write.block("else:"):
                    self.write(f"{name} = 1")
        getattr(self.scope, kind).append(name)

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
        elif kind == 5 and self.in_kernel and self.chance(0.5):
            head = self.pick("range(b.shape[0])", "WEIGHTS", f"mine[1:{self.random.randint(2, 5)}]")
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

    def tree_sum(self, place: Place) -> None:
        """The sum of a block in shared memory, in a `while` that all threads go through together."""
        step = self.fresh("u")
        self.write("cuda.syncthreads()")
        self.write(f"tile[tx] = ({self.pick('g', 'xa', 'xb', 'tx')}) % 3")
        self.write("cuda.syncthreads()")
        self.write(f"{step} = {1 << (self.threads - 1).bit_length() - 1}")
        with self.write.block(f"while {step} > 0:"):
            with self.write.block(f"if tx < {step} and tx + {step} < {self.threads}:"):
                self.write(f"tile[tx] += tile[tx + {step}]")
            self.write("cuda.syncthreads()")
            self.write(f"{step} //= 2")

    def together(self, place: Place) -> None:
        """What the threads of a block (or warp) find out together."""
        if exchange := self.call("exchange"):
            name = self.fresh("x")
            self.write(f"{name} = {exchange} % 97")
            self.scope.ints.append(name)
        if self.flavour.plain or self.flavour.returns:
            return
        name = self.fresh("x")
        operation = self.pick(
            f"cuda.syncthreads_{self.pick('count', 'and', 'or')}(int32({self.condition()}))",
            f"cuda.{self.pick('ballot', 'any', 'all')}_sync(0xFFFFFFFF, {self.condition()})",
            f"cuda.shfl_sync(0xFFFFFFFF, ({self.integer()}) % 97, 0)",
            f"cuda.shfl_up_sync(0xFFFFFFFF, ({self.integer()}) % 97, 1)",
        )
        self.write(f"{name} = int64({operation})")
        self.scope.fixed.append(name)

    def branch_with(self, line: str) -> None:
        with self.write.block(f"if {self.condition()}:"):
            self.write(line)
