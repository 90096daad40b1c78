"""Colours by role, for light and dark pages.

Reads, writes, atomics and threads use hues of Okabe and Ito's set (jfly.uni-koeln.de/color, 2008), which
people with any common form of colour blindness can tell apart; strength is carried by opacity, never by hue.
"""

from __future__ import annotations

import math
from typing import Any

from gpusim.view.themes import themed

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1d2430",
    "muted": "#667085",
    "line": "#d5dae2",
    "cell": "#f6f7f9",
    "read": "#0072b2",
    "write": "#d55e00",
    "atomic": "#a5528b",
    "thread": "#00866a",
    "mark": "#101418",
    "fault": "#c00030",
}

DARK = {
    "paper": "#14171c",
    "ink": "#e7eaf0",
    "muted": "#98a2b3",
    "line": "#39404b",
    "cell": "#1c2027",
    "read": "#56b4e9",
    "write": "#f0913a",
    "atomic": "#dd9ac6",
    "thread": "#35c9a3",
    "mark": "#ffffff",
    "fault": "#ff6b81",
}

_ROLE_OF = {value: role for role, value in LIGHT.items()}


def color(role: str) -> Any:
    """The light page's colour of `role`, as the `colour.Color` that chalk's styles take."""
    from chalk.style import Color

    return Color(LIGHT[role])


def role_of(value: Any) -> str:
    """The role whose colour `value` is; raises KeyError for a colour outside the palette."""
    return _ROLE_OF[value.hex_l]


def rules(scope: str) -> str:
    """CSS for the class `scope`: its variables `--ROLE`, and the classes `f-ROLE` (fill) and `s-ROLE` (stroke) in it.

    What knows no variables keeps the colours of light pages, which stand in the shapes' attributes.
    """
    colors = "".join(f"--{role}:light-dark({light},{DARK[role]});" for role, light in LIGHT.items())
    shapes = "".join(
        f".{scope} .f-{role}{{fill:var(--{role})}}.{scope} .s-{role}{{stroke:var(--{role})}}" for role in LIGHT
    )
    return themed(f".{scope}{{{colors}}}").replace("\n", "") + f"@supports (color:var(--ink)){{{shapes}}}"


def strength(count: int, most: int) -> float:
    """Opacity in [0.28, 0.95] of a cell met `count` times where the busiest cell was met `most` times.

    Logarithmic, so that one read stays visible beside a thousand.
    """
    if most <= 1:
        return 0.6
    return 0.28 + 0.67 * math.log(max(count, 1)) / math.log(most)
