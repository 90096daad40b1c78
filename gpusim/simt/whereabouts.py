"""Where a lane is that is not here: which `return`, branch or loop took it out of the active mask.

Only asked when something is reported, so nothing is recorded for it while a kernel runs. A lowered
kernel keeps its branches, loops and calls in local variables, on the kernel's own lines; the frames
of the running program, read together with the kernel's syntax tree, say which of them are open.
"""

from __future__ import annotations

import ast
import sys
from types import FrameType
from typing import TYPE_CHECKING

from gpusim.events.whereabouts import Whereabouts
from gpusim.kernel.source import Kernel
from gpusim.simt.semantics.control import Branch, Frame, Loop

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def whereabouts(t: Lanes, lane: int) -> Whereabouts:
    """How the lane left the active lanes `t.mask`."""
    for mask, line in t.exits:
        if mask.bits[lane]:
            return Whereabouts("returned", f"has returned in line {line}", line)
    if t.exited is not None and t.exited.bits[lane]:
        return Whereabouts("returned", "has come to the end of the kernel")
    here = t.mask.first()
    innermost = t.launch.kernel
    for frame in _frames(t):
        call = frame.f_locals.get("__f")
        kernel = _kernel_of(t, frame)
        if kernel is None or not isinstance(call, Frame) or not call.mask.bits[lane]:
            break
        innermost = kernel
        for control in _open_controls(kernel, frame):
            if not control.outer.bits[lane]:
                return Whereabouts("returned", f"has returned from `{kernel.name}`")
            found = _in_branch(control, lane, here) if isinstance(control, Branch) else _in_loop(control, lane)
            if found is not None:
                return found
    if innermost is not t.launch.kernel:
        return Whereabouts("returned", f"has returned from `{innermost.name}`")
    return Whereabouts("unknown", "is elsewhere")


def _in_branch(branch: Branch, lane: int, here: int) -> Whereabouts | None:
    ours = branch.then if branch.then is not None and branch.then.bits[here] else branch.other
    if ours is None or ours.bits[lane]:
        return None
    site = branch.site
    return Whereabouts("branch", f"takes the other way at `{site.text}` in line {site.line}", site.line)


def _in_loop(loop: Loop, lane: int) -> Whereabouts | None:
    site = loop.site
    for mask, said in (
        (loop.exited, "has left"),
        (loop.broken, "has broken out of"),
        (loop.continued, "skips the rest of this iteration of"),
    ):
        if mask is not None and mask.bits[lane]:
            return Whereabouts("loop", f"{said} `{site.text}` in line {site.line}", site.line)
    return None


def _frames(t: Lanes) -> list[FrameType]:
    """The frames of lowered functions that run on these lanes, the kernel's first."""
    frames = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_locals.get("__t") is t:
            frames.append(frame)
        frame = frame.f_back
    return frames[::-1]


def _kernel_of(t: Lanes, frame: FrameType) -> Kernel | None:
    """The kernel or device function whose source a frame executes."""
    for kernel in (t.launch.kernel, *t.launch.programs.device_kernels):
        tree = kernel.tree
        if kernel.file == frame.f_code.co_filename and tree.lineno <= frame.f_lineno <= (tree.end_lineno or 0):
            return kernel
    return None


def _open_controls(kernel: Kernel, frame: FrameType) -> list[Branch | Loop]:
    """The branches and loops around the line that a frame executes, the outermost first."""
    line = frame.f_lineno
    around = {
        node.lineno
        for node in ast.walk(kernel.tree)
        if isinstance(node, (ast.If, ast.For, ast.While)) and node.body[0].lineno <= line <= (node.end_lineno or 0)
    }
    controls: dict[int, Branch | Loop] = {}
    for value in frame.f_locals.values():
        if isinstance(value, (Branch, Loop)) and value.site.line in around:
            controls[value.site.line] = value
    return [controls[first] for first in sorted(controls)]
