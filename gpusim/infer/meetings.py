"""What a rehearsal notes down: the types that the variables of each join bring along."""

from __future__ import annotations

from typing import Any

from gpusim.memory.view import View
from gpusim.numeric import TypingError
from gpusim.simt.joins import Join, Table, Type, coerce, conflict, type_of, unify
from gpusim.simt.semantics.control import Values
from gpusim.simt.values import UNDEFINED


class Notes:
    """The types that the joins of one function have seen so far."""

    def __init__(self) -> None:
        self.types: dict[Join, tuple[Type, ...]] = {}
        self.mixed: set[Join] = set()
        self.diverges = False

    def meet(self, join: Join, *paths: Values) -> Values:
        """The variables of a join, given their values on the paths that lead to it."""
        types = self.types.get(join, (type(UNDEFINED),) * len(paths[0]))
        values = paths[0]
        for other in paths:
            types = tuple(self._unified(join, *step) for step in zip(join.names, types, values, other, strict=True))
            values = tuple(b if a is UNDEFINED or a is None else a for a, b in zip(values, other, strict=True))
        self.types[join] = types
        return tuple(map(coerce, values, types))

    def _unified(self, join: Join, name: str, known: Type, value: Any, other: Any) -> Type:
        given = type_of(other)
        try:
            both = unify(known, given)
        except TypingError:
            raise conflict(join, name, value, other) from None
        undefined = (type(UNDEFINED), type(None))
        if (known != both and known not in undefined) or (given != both and given not in undefined):
            self.mixed.add(join)
        if isinstance(value, View) and isinstance(other, View) and value.buffer is not other.buffer:
            self.diverges = True
        return both

    def table(self) -> Table:
        return {join: self.types[join] for join in self.mixed}
