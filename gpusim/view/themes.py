"""Light or dark: as the notebook is, where there is one; as the system is elsewhere.

A notebook's theme is its own, whatever the system's. JupyterLab (and nbconvert) name it in an attribute of the body, VS
Code and Colab in others. So style sheets write `light-dark(A, B)`, which CSS Color 5 has for the system's scheme, and
`themed` makes rules of it that ask the notebook first, and that browsers without `light-dark` understand.
"""

from __future__ import annotations

import re
from html import escape

LIGHT = ':is([data-jp-theme-light="true"],[data-vscode-theme-kind$="light"],html[theme="light"])'
DARK = (
    ':is([data-jp-theme-light="false"],[data-vscode-theme-kind="vscode-dark"],'
    '[data-vscode-theme-kind="vscode-high-contrast"],html[theme="dark"])'
)
"""What is around everything in a notebook of either theme."""

_RULE = re.compile(r"([^{}]+)\{([^{}]*light-dark\([^{}]*)\}")
_CHOICE = re.compile(r"light-dark\(([^(),]+),\s*([^(),]+)\)")


def themed(css: str) -> str:
    """The same style sheet, every rule with `light-dark(A, B)` in it for both themes. A rule has one selector."""
    return _RULE.sub(_for_both, css)


def _for_both(rule: re.Match[str]) -> str:
    scope, body = rule[1].strip(), rule[2].strip()
    chosen = "; ".join(part.strip() for part in body.split(";") if "light-dark(" in part)
    light, dark = (f"{{ {_CHOICE.sub(side, chosen)}; color-scheme: {name}; }}" for side, name in _SIDES)
    return (
        f"{scope} {{ {_CHOICE.sub(_SIDES[0][0], body)} color-scheme: light; }}\n"
        f"@media (prefers-color-scheme: dark) {{ {scope} {dark} }}\n"
        f"{LIGHT} {scope} {light}\n"
        f"{DARK} {scope} {dark}\n"
    )


_SIDES = ((r"\1", "light"), (r"\2", "dark"))

_FRAME = (
    ".gpusim-frame{width:100%;border:0;color-scheme:light dark}"
    f"{LIGHT} .gpusim-frame{{color-scheme:light}}{DARK} .gpusim-frame{{color-scheme:dark}}"
)


def frame(page: str, title: str, height: str) -> str:
    """A page in a frame that plays in saved and exported notebooks, too, without a kernel. `height`: declarations.

    The page sees the frame's color-scheme as the system's: so it follows the notebook, of which it cannot know.
    """
    return (
        f'<style>{_FRAME}</style><iframe class="gpusim-frame" srcdoc="{escape(page)}" title="{escape(title)}" '
        f'style="{height}" sandbox="allow-scripts"></iframe>'
    )
