"""Replaced attributes of modules and classes, with what they were."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """A set of replaced attributes; a context manager that puts them back."""

    def __init__(self) -> None:
        self._originals: list[tuple[Any, str, Any]] = []

    @property
    def applied(self) -> bool:
        return bool(self._originals)

    def replace(self, owner: Any, name: str, value: Any) -> None:
        self._originals.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, value)

    def original(self, owner: Any, name: str) -> Any:
        """The attribute as it was before it was replaced (or is, when it was not)."""
        for patched, attribute, value in self._originals:
            if patched is owner and attribute == name:
                return value
        return vars(owner)[name]

    def restore(self) -> None:
        for owner, name, original in reversed(self._originals):
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._originals.clear()

    def __enter__(self) -> Patches:
        return self

    def __exit__(self, *exception: object) -> None:
        self.restore()


INSTALLED = Patches()
"""What is replaced while a simulated GPU is installed in this process, in which there is one Numba to replace it in."""
