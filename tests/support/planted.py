"""Random correct kernels in shared memory, with or without defects planted in them.

A kernel is a list of phases with a barrier between them. Planting drops or misplaces something; often
that does harm, sometimes not: `race_oracle` decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

HEADER = """from numba import cuda, float32

"""


@dataclass(frozen=True)
class Line:
    """A statement with what can be taken away from it: its guard, or an atomic's atomicity."""

    text: str
    guard: str = ""
    plain: str = ""

    def written(self) -> str:
        return f"if {self.guard}:\n        {self.text}" if self.guard else self.text


@dataclass(frozen=True)
class Program:
    """Source of `kernel(out, acc, a)` and its launch; `size` elements of input and output."""

    lines: tuple[Line, ...]
    grid: int
    block: int
    size: int
    tile: int

    @property
    def source(self) -> str:
        start = [
            f"s = cuda.shared.array({self.tile}, float32)",
            "mine = cuda.local.array(2, float32)",
            "t = cuda.threadIdx.x",
            "i = cuda.grid(1)",
            "x = float32(t)",
        ]
        body = "".join(f"    {line}\n" for line in [*start, *(line.written() for line in self.lines)])
        return f"{HEADER}def kernel(out, acc, a):\n{body}"


BARRIER = Line("cuda.syncthreads()")
WARP_BARRIER = Line("cuda.syncwarp()")


def correct(random: Random) -> Program:
    """A kernel without defects."""
    block = random.choice([2, 7, 31, 32, 33, 40, 64, 70, 97])
    grid = random.randint(1, 3)
    size = random.randint((grid - 1) * block + 1, grid * block)
    tile = block + random.randint(0, 2)
    phases = [[Line("s[t] = a[i]", "i < a.size"), Line("s[t] = 0", "i >= a.size")]]
    if tile > block:
        phases[0].append(Line(f"s[t + {block}] = a[0]", f"t < {tile - block}"))
    phases += [_phase(random, block, tile) for _ in range(random.randint(1, 4))]
    lines = [line for phase in phases for line in (*phase, BARRIER)]
    lines.append(Line("out[i] = x + s[t]", "i < out.size"))
    return Program(tuple(lines), grid, block, size, tile)


def _phase(random: Random, block: int, tile: int) -> list[Line]:
    """What can stand between two barriers."""
    k, m = random.randint(0, tile), random.randint(1, block)
    half = block // 2
    return random.choice(
        [
            [Line(f"x += s[(t + {k}) % {tile}]")],
            [Line(f"x += s[{block - 1} - t]")],
            [Line(f"x += s[t + {tile - block}]")],
            [Line(f"s[(t + {k}) % {block}] = x + t")],
            [Line("s[t] += x")],
            [Line(f"s[t] += s[t + {half}]", f"t < {half}")],
            [Line("s[0] = x", f"t == {m - 1}"), BARRIER, Line("x += s[0]")],
            [Line("s[t] = 0", f"t < {m}"), BARRIER, _atomic(f"s, t % {m}", f"s[t % {m}]")],
            [_atomic(f"acc, i % {m}", f"acc[i % {m}]")],
            [Line("mine[0] = a[i]", "i < a.size"), Line("mine[0] = x", "i >= a.size"), Line("x += mine[0]")],
            [Line("mine[1] = t"), Line("mine[1] += s[t]"), Line("x += mine[1]")],
            [Line("s[0] = 1", "t == 0"), BARRIER, Line("x += s[0]")],
        ]
    )


def _atomic(place: str, element: str) -> Line:
    return Line(f"cuda.atomic.add({place}, x)", plain=f"{element} += x")


def planted(random: Random) -> Program:
    """A kernel with one to three things taken away or put in the wrong place."""
    program = correct(random)
    lines = list(program.lines)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(lines))
        line = lines[place]
        harms = [lambda line=line: ()]  # drop it
        if line.guard:
            harms.append(lambda line=line: (replace(line, guard=""),))
        if line.plain:
            harms.append(lambda line=line: (Line(line.plain, line.guard),))
        if line is BARRIER:
            harms.append(lambda: (WARP_BARRIER,))
            if random.random() < 0.2:
                harms.append(lambda line=line: (replace(line, guard=f"t < {random.randint(1, program.block)}"),))
        if "s[t]" in line.text:
            harms.append(lambda line=line: (replace(line, text=line.text.replace("s[t]", "s[t // 2]", 1)),))
        if place + 1 < len(lines):
            harms.append(lambda line=line, place=place: (lines.pop(place + 1), line))
        lines[place : place + 1] = random.choice(harms)()
    return replace(program, lines=tuple(lines))
