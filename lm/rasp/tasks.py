"""Tasks for thinking like a transformer: a program with a hole, what it must compute, and a par for layers.

A solution is RASP as text (`lm.rasp.source` reads it without executing Python).  `judge` runs it on inputs that are
not shown, compares with plain Python, and counts the layers that its compiled form needs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from lm.rasp.compiler import circuit
from lm.rasp.interpreter import run
from lm.rasp.language import Expression, RaspError, Value, text
from lm.rasp.programs import Program

SHORT, LONGEST, HIDDEN = 4, 12, 60
COMPILED = 6  # the length for which layers are counted


@dataclass(frozen=True)
class Task:
    """statement   what each position's output must be
    vocabulary  the tokens of inputs
    reference   input tokens -> output values
    layers      par: the layers of a good solution
    hole        the program to complete; solution: a complete one
    sample      draws an input, where not all sequences of tokens are inputs
    """

    name: str
    title: str
    statement: str
    vocabulary: str
    reference: Callable[[list[str]], list[Value]]
    layers: int
    hole: str
    solution: str
    hints: tuple[str, ...]
    sample: Callable[[random.Random], list[str]] | None = None


@dataclass(frozen=True)
class Judgement:
    """right: whether every output was; layers: None where the program was wrong or cannot be compiled."""

    right: bool
    layers: int | None
    message: str


def judge(task: Task, output: Expression, seed: int = 0) -> Judgement:
    """Run a solution on short inputs, all of them, and on random longer ones; then count its layers."""
    for tokens in inputs(task, seed):
        expected = task.reference(tokens)
        shown = "".join(tokens)
        try:
            found = run(output, tokens)
        except RaspError as error:
            return Judgement(False, None, f"for {shown!r} it has no result: {error}")
        for i, (right, said) in enumerate(zip(expected, found, strict=True)):
            if right != said:
                where = f"for {shown!r} position {i} must be {text(right)} and is {text(said)}"
                return Judgement(False, None, where)
    try:
        layers = circuit(Program(task.name, "", output, "", tuple(task.vocabulary)), length=COMPILED).layers
    except RaspError as error:
        return Judgement(True, None, f"right, but it does not compile: {error}")
    used = f"{layers} layer{'s' * (layers != 1)}"
    if layers > task.layers:
        return Judgement(True, layers, f"right, with {used}; par is {task.layers}")
    return Judgement(True, layers, f"right, with {used}" + ", which is par" * (layers == task.layers))


def inputs(task: Task, seed: int) -> Iterator[list[str]]:
    """What a solution is tried on."""
    generator = random.Random(seed)
    if task.sample is not None:
        for _ in range(4 * HIDDEN):
            yield task.sample(generator)
        return
    for length in range(1, SHORT + 1):
        yield from map(list, product(task.vocabulary[:3], repeat=length))
    for _ in range(HIDDEN):
        yield generator.choices(task.vocabulary, k=generator.randint(SHORT + 1, LONGEST))


def _pairs(generator: random.Random) -> list[str]:
    keys = generator.sample("abc", generator.randint(1, 3))
    return [token for key in keys for token in (key, generator.choice("123"))] + [">", generator.choice(keys)]


def _sum(generator: random.Random) -> list[str]:
    first, second = (generator.randrange(10 ** generator.randint(1, 5)) for _ in range(2))
    if generator.random() < 0.4:  # long carries
        second = max(0, 10 ** len(str(first)) - first - generator.randrange(2))
    return list(f"{first}+{second}")


def _recalled(tokens: list[str]) -> list[Value]:
    return [None] * (len(tokens) - 1) + [tokens[tokens.index(tokens[-1]) + 1]]


def _added(tokens: list[str]) -> list[Value]:
    answer = str(sum(map(int, "".join(tokens).split("+"))))
    return [None] * (len(tokens) - len(answer)) + [int(digit) for digit in answer]


TASKS = (
    Task(
        "count",
        "Count",
        "Every position says how many a there are.",
        "abc",
        lambda tokens: [tokens.count("a")] * len(tokens),
        1,
        'is_a = key(tokens == "a")\n...\n',
        'is_a = key(tokens == "a")\nis_a.count()\n',
        ("A selector has .count().",),
    ),
    Task(
        "shift",
        "Shift",
        "Every position says the token to its left; the first one says _.",
        "abc",
        lambda tokens: ["_", *tokens[:-1]],
        1,
        'left = key(indices) == ...\nleft.value(tokens, "_")\n',
        'left = key(indices) == query(indices) - 1\nleft.value(tokens, "_")\n',
        ("The key's index is the query's index minus one.",),
    ),
    Task(
        "find",
        "Find",
        "Every position says where its own token occurs first.",
        "abc",
        lambda tokens: [tokens.index(token) for token in tokens],
        1,
        "same = key(tokens) == query(tokens)\nsame.best(...).only(indices)\n",
        "same = key(tokens) == query(tokens)\nsame.best(-indices).only(indices)\n",
        ("best(score) keeps the selected position with the highest score.", "The first is the one of lowest index."),
    ),
    Task(
        "histogram",
        "Histogram",
        "Every position says how often its own token occurs.",
        "abc",
        lambda tokens: [tokens.count(token) for token in tokens],
        1,
        "same = ...\nsame.count()\n",
        "same = key(tokens) == query(tokens)\nsame.count()\n",
        ("Which keys should a query with the token b look at?",),
    ),
    Task(
        "reverse",
        "Reverse",
        "The tokens backwards.",
        "abc",
        lambda tokens: tokens[::-1],
        2,
        "opposite = ...\n(key(indices) == query(opposite)).value(tokens)\n",
        "opposite = length - 1 - indices\n(key(indices) == query(opposite)).value(tokens)\n",
        ("Position 0 looks at the last one: length - 1.",),
    ),
    Task(
        "recall",
        "Associative recall",
        "Pairs of a key and its value, then > and a key: the last position says that key's value, others nothing.",
        "abc123>",
        _recalled,
        2,
        'token_before = (key(indices) == query(indices) - 1).value(tokens)\nvalue = ...\n'
        'where(token_before == ">", value, None)\n',
        'token_before = (key(indices) == query(indices) - 1).value(tokens)\n'
        "found = (key(token_before) == query(tokens)) & before()\nvalue = found.best(indices).only(tokens)\n"
        'where(token_before == ">", value, None)\n',
        ("The first head tells each position which token stands before it.", "The value is where that is the key."),
        _pairs,
    ),
    Task(
        "sort",
        "Sort",
        "The tokens in order.",
        "abc",
        sorted,
        3,
        "smaller = key(tokens) < query(tokens)\nrank = ...\n(key(rank) == query(indices)).only(tokens)\n",
        "smaller = key(tokens) < query(tokens)\n"
        "equal = (key(tokens) == query(tokens)) & (key(indices) < query(indices))\n"
        "rank = (smaller | equal).count()\n(key(rank) == query(indices)).only(tokens)\n",
        ("A token's rank is how many positions come before it.", "Equal tokens must not have the same rank."),
    ),
    Task(
        "addition",
        "Addition",
        "The sum of two numbers, its last digit at the last position; nothing before its first digit.",
        "0123456789+",
        _added,
        3,
        'digit = lookup({"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9}, tokens, 0)\n'
        'plus = key(tokens == "+").only(indices, -1)\nsource = ...\n'
        "upper = (key(indices) == query(source)).mean(digit)\nlower = where(indices - plus > 0, digit, 0)\n"
        "place = upper + lower\ncarry = ...\n"
        "outside = (source < 0) & (indices - plus <= 0)\n"
        "where(outside & (place + carry == 0), None, (place + carry) % 10)\n",
        'digit = lookup({"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9}, tokens, 0)\n'
        'plus = key(tokens == "+").only(indices, -1)\nsource = indices - length + plus\n'
        "upper = (key(indices) == query(source)).mean(digit)\nlower = where(indices - plus > 0, digit, 0)\n"
        "place = upper + lower\ndecides = key(place != 9) & (key(indices) > query(indices))\n"
        "carry = decides.best(-indices).only(place > 9, False)\n"
        "outside = (source < 0) & (indices - plus <= 0)\n"
        "where(outside & (place + carry == 0), None, (place + carry) % 10)\n",
        (
            "The first number's digit for position i is as far left of the plus as i is from the end of the input.",
            "A 9 passes a carry on; any other sum of two digits decides by itself.",
            "So look right, for the nearest place that is not 9.",
        ),
        _sum,
    ),
)
