"""A program as a language model: the compiled adder's perplexity on sums."""

from __future__ import annotations

import random

from lm.answers import evaluate_answers
from lm.config import parameter_count
from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.rasp.compiler import compile_program
from lm.rasp.programs import PROGRAMS

SUMS = 200
DIGITS = 3


def sums(count: int, seed: int = 0) -> str:
    """Lines such as 683+345=1028; the numbers have one to three digits."""
    generator = random.Random(seed)
    lines = []
    for _ in range(count):
        a, b = (generator.randrange(10 ** generator.randint(1, DIGITS)) for _ in range(2))
        lines.append(f"{a}+{b}={a + b}\n")
    return "".join(lines)


def _measure(split: Split) -> Finding:
    compiled = compile_program(PROGRAMS["adder"])
    result = evaluate_answers("torch", compiled.checkpoint, sums(SUMS), "=", f"{SUMS} random sums", 10**9)
    config = compiled.checkpoint.config
    says = f"""
`adder` sees what came before, as every language model does, and says what comes next in `683+345=1028`. Its weights
({parameter_count(config):,} in {config.layers} layers) were not trained but compiled. A perplexity of 1 means that
the next character is never in doubt: here {result.perplexity:.3f} over {result.characters:,} characters of answers, the
ends of lines included.

`--device sim` computes the same from kernels on the simulator, with every read counted.
"""
    rows = (("uniform", result.uniform), ("compiled adder", result.perplexity))
    values = {"perplexity": result.perplexity, "characters": float(result.characters)}
    return Finding(says, values, (Grid(("model", "perplexity of the answers"), rows),))


LESSON = Lesson(
    5,
    "a program is a language model",
    "a compiled program predicts its own language perfectly.",
    "",
    "python -m lm rasp compile adder -o adder.safetensors && "
    'python -m lm generate --checkpoint adder.safetensors --prompt "683+345="',
    _measure,
)
