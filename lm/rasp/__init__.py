"""RASP: programs that say what attention looks at, run by an interpreter or compiled to a transformer's weights.

    from lm.rasp import indices, key, length, query, run, tokens

    flip = (key(indices) == query(length - 1 - indices)).value(tokens)
    run(flip, "abc")                                             # ['c', 'b', 'a']

Reading order: `language`, `selectors`, `interpreter`, `programs`; `compiler` with the stages that it names, `check`;
`expressible`, `backdoor`, `trained`, `view`.
"""

from lm.rasp.interpreter import Interpreter, run
from lm.rasp.language import (
    Expression,
    RaspError,
    Undefined,
    apply,
    constant,
    indices,
    lookup,
    tokens,
    where,
)
from lm.rasp.selectors import (
    Selector,
    aggregate,
    before,
    everything,
    key,
    length,
    query,
    select,
    selector_width,
)

__all__ = [
    "Expression", "Interpreter", "RaspError", "Selector", "Undefined", "aggregate", "apply", "before", "constant",
    "everything", "indices", "key", "length", "lookup", "query", "run", "select", "selector_width", "tokens", "where",
]  # fmt: skip
