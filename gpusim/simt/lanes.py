"""The lanes of a chunk while they execute: what a lowered kernel calls `t`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from gpusim.errors import KernelError, thrown
from gpusim.events.access import Access
from gpusim.events.statements import Block, Statement
from gpusim.findings import Finding
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import Buffer
from gpusim.memory.view import View
from gpusim.numeric import select, truth
from gpusim.places import Site
from gpusim.simt.joins import Join, Table, coerced
from gpusim.simt.semantics import memory as path
from gpusim.simt.semantics.attributes import attribute, item
from gpusim.simt.semantics.control import Branch, For, Frame, Loop, While, rejoin
from gpusim.simt.semantics.indexing import describe_index
from gpusim.simt.semantics.iteration import iterable
from gpusim.simt.values import is_number, merge, shown

if TYPE_CHECKING:
    from gpusim.simt.launch import Launch


class Lanes:
    """Execution state of one chunk.

    `mask` holds the active lanes; `exited` the lanes that have returned from the kernel, and `exits` at which line
    each did. `types` says where paths meet that bring different types (gpusim.simt.joins).
    """

    def __init__(self, launch: Launch, chunk: Chunk) -> None:
        self.launch = launch
        self.chunk = chunk
        self.mask: Mask = chunk.geometry.everyone
        self.types: Table = launch.types.main
        self.exited: Mask | None = None
        self.exits: list[tuple[Mask, int]] = []
        self.depth = 0
        self.buffers: dict[Any, Buffer] = {}
        self.observers = launch.watching("access")
        self.on_branch = launch.watching("branch")
        self.on_issue = launch.watching("issue")
        self.on_statement = launch.watching("statement")
        self.on_assigned = launch.watching("assigned")
        self.on_barrier = launch.watching("barrier")
        self.on_warp_barrier = launch.watching("warp_barrier")
        self.on_fence = launch.watching("fence")
        self.value_observers = [observer for observer in launch.observers if observer.wants_values]

    # Statements

    def issue(self, block: Block) -> None:
        """A straight-line block of statements starts."""
        mask = self.mask
        for observer in self.on_issue:
            observer.issue(block, mask)

    def reach(self, statement: Statement) -> None:
        """A statement starts, in a program that is lowered to be followed."""
        for observer in self.on_statement:
            observer.statement(statement, self.mask, self.chunk)

    def assigned(self, statement: Statement, name: str, value: Any) -> None:
        """A variable has got a value, in a program that is lowered to be followed."""
        for observer in self.on_assigned:
            observer.assigned(statement, name, value, self.mask, self.chunk)

    def branch(self, condition: Any, site: Site, decided: bool = False) -> Branch:
        """`if condition`; Numba compiles only one side of a `decided` one."""
        return Branch(self, condition, site)

    def rejoin(self, branch: Branch) -> None:
        self.mask = rejoin(branch.then, branch.other, branch.outer)  # type: ignore[assignment]

    def join(self, branch: Branch, join: Join, then: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
        """The variables after an `if`: of lanes on its one side and on its other side."""
        if branch.then is None:
            values = other
        elif branch.other is None:
            values = then
        else:
            values = tuple(map(partial(merge, branch.then.bits), then, other))
        return coerced(values, self.types.get(join)) if self.types else values

    def repeat(self, site: Site, endless: bool) -> While:
        """`while ...`; one that is `endless` can only be left by `break` or `return`."""
        return While(self, site)

    def each(self, items: Any, site: Site) -> For:
        return For(self, iterable(items), site)

    def call(self, join: Join) -> Frame:
        return Frame(self, join)

    def check(self, condition: Any, message: Any, site: Site) -> None:
        """`assert condition, message`"""
        condition = truth(condition)
        if isinstance(condition, np.ndarray):
            failed = self.mask.bits & ~condition
            if not failed.any():
                return
            lane = int(np.argmax(failed))
        elif condition:
            return
        else:
            lane = self.mask.first()
        block, thread = self.chunk.where(lane)
        said = f" ({message})" if message else ""
        raise KernelError(f"{site.file}:{site.line}: `{site.text}` fails{said} in thread {thread} of block {block}")

    def raised(self, exception: Callable[[], Exception], site: Site) -> None:
        """`raise ...` ends the launch: the host gets an exception of that class that is a `KernelError`, too."""
        lane = self.mask.first()
        said = " ".join(shown(value, lane) for value in exception.args)  # type: ignore[attr-defined]
        self._throw(exception.func, said, lane, site)  # type: ignore[attr-defined]

    def _throw(self, kind: type[Exception], said: str, lane: int, site: Site) -> NoReturn:
        block, thread = self.chunk.where(lane)
        place = f"In function '{site.kernel}', file {site.file}, line {site.line}: "
        raise thrown(kind, f"{place}tid={list(thread)} ctaid={list(block)}{said and ': ' + said}")

    def unpack(self, value: Any, count: int, site: Site) -> tuple[Any, ...]:
        """The items of the right-hand side of `a, b = value`."""
        if isinstance(value, View) and value.ndim and value.shape[0] == count:
            value = tuple(path.load(self, value, (np.int64(k),), site) for k in range(count))
        if not isinstance(value, tuple) or len(value) != count:
            raise KernelError(f"{site.file}:{site.line}: `{site.text}` does not give {count} values")
        return value

    # Expressions

    def load(self, value: Any, index: Any, site: Site) -> Any:
        """`value[index]`"""
        if type(value) is View:
            if type(index) is str:
                return attribute(self, value, index, site)
            return path.load(self, value, index if type(index) is tuple else (index,), site)
        return item(self, value, index, site)

    def store(self, value: Any, index: Any, new: Any, site: Site) -> None:
        """`value[index] = new`"""
        if type(value) is not View:
            raise KernelError(f"{site.file}:{site.line}: `{site.text}` assigns to something that is not an array")
        if type(index) is str:
            self.store_attribute(value, index, new, site)
            return
        path.store(self, value, index if type(index) is tuple else (index,), new, site)

    def attribute(self, value: Any, name: str, site: Site) -> Any:
        """`value.name`"""
        return attribute(self, value, name, site)

    def store_attribute(self, value: Any, name: str, new: Any, site: Site) -> None:
        """`record.name = new`"""
        if type(value) is not View or value.dtype.fields is None or name not in value.dtype.fields:
            raise KernelError(f"{site.file}:{site.line}: `{site.text}` is not a field of a record")
        field = value.field(name)
        path.store(self, field, (), new, site)

    def both(self, a: Any, b: Callable[[], Any], join: Join | None) -> Any:
        """`a and b()`: b is evaluated by the lanes in which a holds; without `join`, Numba knows `a`."""
        return self._short_circuit(a, b, True, join)

    def either(self, a: Any, b: Callable[[], Any], join: Join | None) -> Any:
        """`a or b()`: b is evaluated by the lanes in which a does not hold; without `join`, Numba knows `a`."""
        return self._short_circuit(a, b, False, join)

    def _short_circuit(self, a: Any, b: Callable[[], Any], needs_b: bool, join: Join | None) -> Any:
        condition = truth(a)
        if not isinstance(condition, np.ndarray):
            return self._met(b() if bool(condition) is needs_b else a, join)
        outer = self.mask
        then, other, _ = outer.split(condition)
        evaluating = then if needs_b else other
        if evaluating is None:
            return self._met(a, join)
        self.mask = evaluating
        value = b()
        self.mask = outer
        return self._met(merge(evaluating.bits, value, a), join)

    def _met(self, value: Any, join: Join | None) -> Any:
        return coerced((value,), self.types.get(join))[0] if self.types and join else value

    def choose(self, condition: Any, yes: Callable[[], Any], no: Callable[[], Any], join: Join | None) -> Any:
        """`yes() if condition else no()`; without `join`, Numba knows the condition."""
        condition = truth(condition)
        if not isinstance(condition, np.ndarray):
            return self._met(yes() if condition else no(), join)
        outer = self.mask
        then, other, _ = outer.split(condition)
        if then is None:
            return self._met(no(), join)
        if other is None:
            return self._met(yes(), join)
        self.mask = then
        a = yes()
        self.mask = other
        b = no()
        self.mask = outer
        return self._met(merge(then.bits, a, b), join)

    @staticmethod
    def pick(condition: Any, yes: Any, no: Any) -> Any:
        """`choose` for operands that touch no memory."""
        condition = truth(condition)
        if is_number(yes) and is_number(no):
            return select(condition, yes, no)
        if isinstance(condition, np.ndarray):
            return merge(condition, yes, no)
        return yes if condition else no

    def divide(self, operator: Callable[..., Any], a: Any, b: Any, site: Site) -> Any:
        """`a / b`, `a // b` or `a % b` in a kernel made for debugging, where b must not be 0."""
        zero = np.broadcast_to(b == 0, self.chunk.lanes) & self.mask.bits
        if zero.any():
            self._throw(ZeroDivisionError, "division by zero", int(np.argmax(zero)), site)
        return operator(a, b)

    def run(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Execute the program of a device function."""
        outer = self.types
        self.types = self.launch.types.table(function, arguments)
        result = function.program.run(self, *arguments, **keywords)
        self.types = outer
        return result

    def invoke(self, function: Callable[..., Any], site: Site, *arguments: Any, **keywords: Any) -> Any:
        """`function(*arguments)`, a device function."""
        return function(self, *arguments, **keywords)

    def doubt(self, site: Site, what: str) -> None:
        """Something that Numba may refuse to compile; it is asked before the launch (gpusim.infer)."""

    # What lanes in lockstep get for nothing, and a thread that runs by itself does not (gpusim.simt.policies.threads)

    def pause(self, loop: Loop) -> None:
        """A loop goes round: other threads may run now."""

    def stuck(self, loop: While) -> None:
        """Nothing changes in a loop."""
        raise loop.no_progress()

    def enter_loop(self, loop: Loop) -> None:
        """A loop starts."""

    def leave_loop(self, loop: Loop) -> None:
        """The loop that started last is over."""

    def collective(self, scope: str, operation: Callable[..., Any], site: Site, *arguments: Any) -> Any:
        """An operation of all threads of a "block" or a "warp" together."""
        return operation(self, site, *arguments)

    @property
    def sees_grid(self) -> bool:
        """Can these lanes wait for all threads of the grid?"""
        return self.chunk.blocks == self.launch.blocks

    def write(self, text: str) -> None:
        """What a kernel prints."""
        sys.stdout.write(text)

    def debug(self, site: Site, frame: FrameType) -> None:
        """`breakpoint()`: open a debugger at the kernel's frame; a hook other than Python's own is called as it is."""
        if sys.breakpointhook is not sys.__breakpointhook__:
            sys.breakpointhook()
        else:
            self.open_debugger(site, frame)

    def open_debugger(self, site: Site, frame: FrameType) -> None:
        raise KernelError(
            f"{site.file}:{site.line}: all threads are at `{site.text}` together; "
            "to stop in each of them, run with simulate(kernel, scheduler='threads')"
        )

    def own(self, vector: Any) -> Any:
        """What these lanes see of a vector with one element for each lane of the chunk."""
        return vector

    # Events

    def wrapped(self, view: View, index: tuple[Any, ...], site: Site) -> None:
        """A negative index wrapped around: legal in Numba, and rarely meant."""
        if site in self.launch.wrapped:
            return
        self.launch.wrapped.add(site)
        if _is_meant(site, index):
            return
        lane = self._first_negative(index)
        block, thread = self.chunk.where(lane)
        array = view.buffer.array
        finding = Finding(
            tool="memcheck",
            kind="negative-index",
            severity="note",
            message=(
                f"`{site.text}` uses negative index {describe_index(index, lane)} of {array.space} array "
                f"'{array.name}' in thread {thread} of block {block}, which Numba counts from the end; "
                "check the sign of the index"
            ),
            file=site.file,
            line=site.line,
            space=array.space,
            array=array.name,
            kernel=site.kernel,
            block=block,
            thread=thread,
            text=site.text,
        )
        for observer in self.launch.observers:
            observer.note(finding)

    def _first_negative(self, index: tuple[Any, ...]) -> int:
        negative = np.zeros(self.chunk.lanes, dtype=np.bool_)
        for part in index:
            if is_number(part):
                negative |= part < 0
        return int(np.argmax(negative & self.mask.bits))

    def report_outside(self, finding: Finding) -> None:
        for observer in self.launch.observers:
            observer.outside(finding)

    def read_only(self, view: View, mask: Mask, site: Site) -> None:
        """A store (or an atomic) to memory that a kernel cannot change; it is dropped if nobody raises."""
        array = view.buffer.array
        what = f"writes to {array.space} array '{array.name}'"
        why = "which is read-only; copy it to an array that is not"
        self.report_fault("read-only", what, why, view, mask.first(), mask.lanes, site)

    def report_fault(self, kind: str, what: str, why: str, view: View, lane: int, count: int, site: Site) -> None:
        """An access that a GPU refuses for another reason than its index."""
        block, thread = self.chunk.where(lane)
        array = view.buffer.array
        message = f"`{site.text}` {what} in thread {thread} of block {block}, {why}"
        finding = Finding(
            tool="memcheck",
            kind=kind,
            severity="error",
            message=message,
            file=site.file,
            line=site.line,
            space=array.space,
            array=array.name,
            kernel=site.kernel,
            block=block,
            thread=thread,
            count=count,
        )
        self.report_outside(finding)

    def report_value(self, access: Access, value: Any) -> None:
        for observer in self.value_observers:
            observer.value(access, value)


def _is_meant(site: Site, index: tuple[Any, ...]) -> bool:
    """Are all negative parts of an index written with a minus, as in `a[-1]`?"""
    try:
        node = ast.parse(site.text, mode="eval").body
    except SyntaxError:
        return False
    if not isinstance(node, ast.Subscript):
        return False
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if len(parts) != len(index):
        return False
    return all(
        isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant)
        for part, value in zip(parts, index, strict=True)
        if is_number(value) and bool(np.any(value < 0))
    )
