"""The library of programs, by name, and programs in files."""

from __future__ import annotations

from pathlib import Path

from lm.corpus import read_text
from lm.rasp.language import RaspError
from lm.rasp.programs import arithmetic, brackets, counting, finding, moving, ordering
from lm.rasp.programs.program import Program
from lm.rasp.source import parse

SUFFIX = ".rasp"

PROGRAMS: dict[str, Program] = {
    program.name: program
    for module in (counting, moving, finding, ordering, brackets, arithmetic)
    for program in module.PROGRAMS
}


def find(name: str) -> Program:
    """The program of that name, or in that file if the name ends in .rasp (as `lm.rasp.source` reads it).

    Raises RaspError when there is none, LMError when the file cannot be read.
    """
    if name.endswith(SUFFIX):
        return Program(Path(name).stem, f"the program in {name}", parse(read_text(name), name), "abc")
    if name not in PROGRAMS:
        known = ", ".join(PROGRAMS)
        raise RaspError(f"there is no program {name!r}: the programs are {known}, or a file that ends in {SUFFIX}")
    return PROGRAMS[name]


__all__ = ["PROGRAMS", "Program", "find"]
