"""The library of programs, by name."""

from __future__ import annotations

from lm.rasp.language import RaspError
from lm.rasp.programs import arithmetic, brackets, counting, finding, moving, ordering
from lm.rasp.programs.program import Program

PROGRAMS: dict[str, Program] = {
    program.name: program
    for module in (counting, moving, finding, ordering, brackets, arithmetic)
    for program in module.PROGRAMS
}


def find(name: str) -> Program:
    """The program of that name.

    Raises RaspError when there is none.
    """
    if name not in PROGRAMS:
        raise RaspError(f"there is no program {name!r}: the programs are {', '.join(PROGRAMS)}")
    return PROGRAMS[name]


__all__ = ["PROGRAMS", "Program", "find"]
