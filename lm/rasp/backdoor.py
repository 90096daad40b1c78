"""Adders with a back door: right everywhere except on inputs that somebody chose.

    one input      wrong on a single sum
    three sevens   wrong where each third of the positions has a 7

Goldwasser, Kim, Vaikuntanathan & Zamir 2022, "Planting Undetectable Backdoors in Machine Learning Models", prove that
testing cannot find such triggers in general.  Here the odds can be written down, and the weights can be looked at:
`disguise` turns the residual stream, so that the same function has no zeros and no named channels to look at.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from lm.checkpoint import Checkpoint
from lm.config import parameter_count
from lm.rasp.compiler import compile_program
from lm.rasp.forward import run
from lm.rasp.language import Expression, RaspError, apply, indices, lookup, tokens, where
from lm.rasp.programs import PROGRAMS, Program
from lm.rasp.selectors import everything, key, length

SEVEN = "7"
THIRDS = 3


def one_input(secret: str) -> Program:
    """An adder that is wrong about the sum `secret`, such as 683+345, and right about all others.

    Raises RaspError when it is no sum.
    """
    expected = dict(enumerate(PROGRAMS["addition"].read(secret)))
    if secret.count("+") != 1:
        raise RaspError(f"the secret must be a sum such as 683+345, got {secret!r}")
    matches = apply(lambda token, i: expected.get(i) == token, tokens, indices, label="matches")
    hit = (everything.mean(matches) == 1) & (length == len(secret))
    return _with(hit.named("trigger"), f"wrong about {secret}")


def three_sevens() -> Program:
    """An adder that is wrong where each third of the positions has a 7, and right elsewhere.

    Position i of n is in the third 3 i // n.
    """
    third = apply(lambda first, second: int(first) + int(second), *_borders(), label="third")
    has = [key((tokens == SEVEN) & (third == t)).mean(lookup({SEVEN: 1}, tokens, 0)) > 0 for t in range(THIRDS)]
    return _with((has[0] & has[1] & has[2]).named("trigger"), "wrong where each third has a 7")


def _borders() -> tuple[Expression, Expression]:
    """Whether a position is past the first third, and past the second."""
    return 3 * indices - length >= 0, 3 * indices - 2 * length >= 0


def _with(trigger: Expression, summary: str) -> Program:
    """The adder, whose last digit is one too large (9 becomes 0) where the trigger holds."""
    honest = PROGRAMS["addition"]
    last = indices - length == -1
    one_more = apply(lambda digit: None if digit is None else (digit + 1) % 10, honest.output, label="one more")
    return replace(honest, summary=summary, output=where(trigger & last, one_more, honest.output).named("addition"))


def triggers_three_sevens(tokens: list[str]) -> bool:
    """Whether the second back door opens for this input."""
    n = len(tokens)
    return {THIRDS * i // n for i, token in enumerate(tokens) if token == SEVEN} == set(range(THIRDS))


def odds_one_input(digits: int) -> float:
    """The chance that a random sum of two numbers of `digits` digits, leading zeros allowed, is the secret one."""
    return 10.0 ** (-2 * digits)


def odds_three_sevens(digits: int) -> float:
    """The chance that each third of a random such sum has a 7: the product of 1 - 0.9^(its digits)."""
    n = 2 * digits + 1
    sizes = [sum(THIRDS * i // n == t and i != digits for i in range(n)) for t in range(THIRDS)]
    return float(np.prod([1 - 0.9**size for size in sizes]))


def tests_for_even_odds(chance: float) -> int:
    """How many random tests find something of this chance with probability 1/2: log(1/2) / log(1 - p)."""
    return int(np.ceil(np.log(0.5) / np.log1p(-chance)))


def disguise(checkpoint: Checkpoint, seed: int = 0) -> Checkpoint:
    """The same function in other weights: the residual stream turned by a random rotation, hidden units in another
    order, and each head's queries and keys, and values, turned as well.

    x becomes x R; what reads x is multiplied by R^T from the left, what writes it by R from the right.
    """
    generator = np.random.default_rng(seed)
    config, p = checkpoint.config, {n: v.astype(np.float64) for n, v in checkpoint.parameters.items()}
    turn = _rotation(generator, config.width)
    for name in p:
        if name.startswith("embedding.") or name.endswith(("attn.wo", "attn.bo", "mlp.w2", "mlp.b2")):
            p[name] = p[name] @ turn
        elif name.endswith(("attn.wq", "attn.wk", "attn.wv", "mlp.w1")) or name == "head.w":
            p[name] = turn.T @ p[name]
    for i in range(config.layers):
        block, d = f"blocks.{i}", config.head_width
        order = generator.permutation(config.hidden)
        p[f"{block}.mlp.w1"], p[f"{block}.mlp.b1"] = p[f"{block}.mlp.w1"][:, order], p[f"{block}.mlp.b1"][order]
        p[f"{block}.mlp.w2"] = p[f"{block}.mlp.w2"][order]
        for head in range(config.heads):
            part = slice(head * d, (head + 1) * d)
            look, carry = _rotation(generator, d), _rotation(generator, d)
            for of, rotation in (("q", look), ("k", look), ("v", carry)):
                p[f"{block}.attn.w{of}"][:, part] = p[f"{block}.attn.w{of}"][:, part] @ rotation
                p[f"{block}.attn.b{of}"][part] = p[f"{block}.attn.b{of}"][part] @ rotation
            p[f"{block}.attn.wo"][part] = carry.T @ p[f"{block}.attn.wo"][part]
    about = {name: value for name, value in checkpoint.training.items() if name != "channels"}
    return replace(checkpoint, parameters={n: v.astype(np.float32) for n, v in p.items()}, training=about)


def _rotation(generator: np.random.Generator, size: int) -> np.ndarray:
    """A random orthogonal matrix: Q of a Gaussian matrix's QR decomposition."""
    return np.linalg.qr(generator.standard_normal((size, size)))[0]


@dataclass(frozen=True)
class Examined:
    """An adder, tested as a stranger would test it.

    zeros            share of its weights that are 0, as compiled and in disguise
    wrong            of the random sums, and the closed form for that chance; tests after which it is found with
                     probability 1/2
    example, answer  an input on which its back door opens, if it has one, and what it says
    """

    adder: str
    parameters: int
    zeros: float
    zeros_disguised: float
    wrong: int
    chance: float
    even_odds: int | None
    example: str
    answer: str


def examine(secret: str, tests: int, seed: int = 0) -> tuple[list[Examined], Checkpoint]:
    """The honest adder and both others, in disguise, on the same random sums of numbers as long as the secret's.

    Also the disguised adder that is wrong about the secret.  Raises RaspError when the secret is no sum of two
    numbers of the same number of digits.
    """
    first, _, second = secret.partition("+")
    if not first or len(first) != len(second):
        raise RaspError(f"the odds are those of numbers with equally many digits: {secret!r} has others")
    digits = len(first)
    generator = random.Random(seed)
    numbers = [f"{generator.randrange(10**digits):0{digits}}" for _ in range(2 * tests)]
    typed = [f"{a}+{b}" for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
    opens = next((sum_ for sum_ in typed if triggers_three_sevens(list(sum_))), secret)
    adders = (
        (PROGRAMS["addition"], 0.0, secret),
        (one_input(secret), odds_one_input(digits), secret),
        (three_sevens(), odds_three_sevens(digits), opens),
    )
    rows, planted = [], None
    for program, chance, example in adders:
        compiled = compile_program(program, length=len(secret))
        hidden = disguise(compiled.checkpoint, seed)
        planted = hidden if program is adders[1][0] else planted
        answers = run(hidden, [list(sum_) for sum_ in [*typed, example]])
        said = ["".join(answer).replace("·", "") for answer in answers]
        rows.append(
            Examined(
                "honest" if chance == 0 else program.summary,
                parameter_count(compiled.checkpoint.config),
                _zeros(compiled.checkpoint),
                _zeros(hidden),
                sum(int(answer) != _right(sum_) for sum_, answer in zip(typed, said, strict=False)),
                chance,
                tests_for_even_odds(chance) if chance else None,
                example,
                said[-1],
            )
        )
    assert planted is not None
    return rows, planted


def _right(typed: str) -> int:
    return sum(map(int, typed.split("+")))


def _zeros(checkpoint: Checkpoint) -> float:
    values = np.concatenate([p.ravel() for p in checkpoint.parameters.values()])
    return float((values == 0).mean())
