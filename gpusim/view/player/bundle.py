"""The player's modules (`js/`) as one script that needs nothing else.

Each module becomes the body of a function that returns what it exports, so that their names do not meet; `import`
becomes a look at what another one has returned.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from gpusim.view.themes import themed

MODULES = (
    "reader", "dom", "words", "machine", "measure", "layout", "paint", "source", "timeline", "warp", "predict",
    "speech", "screen", "tour", "player",
)  # fmt: skip
"""In the order in which they need each other."""

_IMPORT = re.compile(r'^import (\{[^}]+\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:const|function|class) (\w+))", re.MULTILINE)

_MARGIN = re.compile(r"^(?: *//.*\n| */\*\*.*\*/\n| +|\n)", re.MULTILINE)
_TEXT = re.compile(r'"[^"]*"|`(?:[^`$]|\$\{[^`{}]*\})*`')
_COMMENT = re.compile(r" // [^\"'`]*$")
_NOT_PLAIN = re.compile(r"['`]|/(?! )|(?<! )/")
_CONSTANT = re.compile(r"\bconst ")
_SPACES = re.compile(r" ?(=>|[=,;:?{}()[\]<>*|&%]|(?<= )[-+/](?= )) ?")


@cache
def script() -> str:
    """The script: it defines `mount(element, recordings, options)`."""
    return "\n".join(["// gpusim step player", *map(_wrapped, MODULES), "const { mount } = player;", ""])


def _squeezed(text: str) -> str:
    """Without indentation and comments, and without spaces around punctuation outside strings."""
    return "\n".join(_line(_COMMENT.sub("", line)) for line in _MARGIN.sub("", text).split("\n"))


def _line(line: str) -> str:
    """A line without needless spaces, and with `let` for `const`; as it is where a regular expression, or a template
    within one, is in it."""
    code, texts = _TEXT.split(line), [*_TEXT.findall(line), ""]
    if any(map(_NOT_PLAIN.search, code)):
        return line
    code = [_CONSTANT.sub("let ", _SPACES.sub(r"\1", part)) for part in code]
    return "".join(part + text for part, text in zip(code, texts, strict=True))


@cache
def style() -> str:
    return themed(_read("player.css"))


def widget_module() -> str:
    """The script as the module that anywidget asks for."""
    return script() + _read("js/widget.js")


def _wrapped(module: str) -> str:
    text = _IMPORT.sub(r"const \1 = \2;", _read(f"js/{module}.js"))
    names = ", ".join(name for _, name in _EXPORT.findall(text))
    body = _squeezed(_EXPORT.sub(r"\1", text))
    return f"const {module} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"


def _read(name: str) -> str:
    return resources.files("gpusim.view.player").joinpath(name).read_text(encoding="utf-8")
