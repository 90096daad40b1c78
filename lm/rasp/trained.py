"""A program's trained counterpart: a small transformer that learns from the program's answers, tested on longer inputs.

It sees inputs up to a length with the causal program's output at each position, and is tested on longer ones, as the
compiled weights are.  Who is right there?  `lm.rasp.expressible` says what to expect.

The transformer is this package's: layer norm, GELU, rotary positions, as many layers as the compiled program.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lm.attention import split_heads
from lm.config import Config
from lm.positions import rotary_angles, rotate
from lm.rasp import interpreter
from lm.rasp.compiler import Compiled, compile_program
from lm.rasp.forward import encode, run
from lm.rasp.language import RaspError, text
from lm.rasp.programs import Program
from lm.transformer import cross_entropy, embed, forward, initial, linear, mlp, norm, part, self_attention

POOL, TESTED, BATCH = 6000, 300, 64
RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 0.05, 100
PAIRS = string.ascii_lowercase[:10], string.digits

Sampler = Callable[[random.Random, int, int], list[str]]


def any_tokens(program: Program) -> Sampler:
    """Random tokens of the program's vocabulary."""

    def sample(generator: random.Random, shortest: int, longest: int) -> list[str]:
        return generator.choices(program.vocabulary, k=generator.randint(shortest, longest))

    return sample


def pairs(generator: random.Random, shortest: int, longest: int) -> list[str]:
    """Different keys, each with a value, then every key after a >, in another order: a1b2>b>a."""
    keys, values = PAIRS
    least, most = max(1, -(-shortest // 4)), min(len(keys), longest // 4)
    chosen = generator.sample(keys, _between(generator, least, most, shortest, longest))
    told = [token for key in chosen for token in (key, generator.choice(values))]
    asked = [token for key in generator.sample(chosen, len(chosen)) for token in (">", key)]
    return [*told, *asked]


def sums(generator: random.Random, shortest: int, longest: int) -> list[str]:
    """A sum with its answer: 683+345=1028, at least one number as long as the lengths say, and its line's end."""
    least, most = max(1, -((3 - shortest) // 3)), (longest - 3) // 3
    digits = _between(generator, least, most, shortest, longest)
    a, b = generator.randrange(10**digits), generator.randrange(10 ** generator.randint(1, digits))
    a = max(a, 10 ** (digits - 1)) if least > 1 else a
    return [*f"{a}+{b}={a + b}\n"]


def _between(generator: random.Random, least: int, most: int, shortest: int, longest: int) -> int:
    """A number of pairs or digits.  Raises RaspError where the lengths allow none."""
    if least > most:
        raise RaspError(f"there is no example of {shortest} to {longest} tokens to draw: choose other lengths")
    return generator.randint(least, most)


@dataclass(frozen=True)
class Lesson:
    """Examples as arrays: token ids [N, T], the right answers [N, T], and where they count [N, T]."""

    inputs: np.ndarray
    answers: np.ndarray
    counted: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """Shares of inputs with every answer right."""

    compiled: float
    compiled_longer: float
    trained: float
    trained_longer: float


@dataclass(frozen=True)
class Counterpart:
    """The trained transformer beside the compiled program."""

    compiled: Compiled
    config: Config
    parameters: dict[str, Tensor]
    symbols: tuple[str, ...]
    outcome: Outcome


def sampler(program: Program) -> Sampler:
    """Inputs that make sense for the program."""
    return {"recall": pairs, "adder": sums}.get(program.name, any_tokens(program))


def learn(
    program: Program,
    length: int,
    longer: int,
    steps: int = 1500,
    width: int = 64,
    heads: int = 4,
    seed: int = 0,
    vocabulary: Sequence[str] | None = None,
    progress: Callable[[int, float], None] = lambda step, loss: None,
    shown: Sequence[str] = (),
) -> Counterpart:
    """Train on inputs of 1 to `length` tokens, test on fresh ones of those lengths, and of length + 1 to `longer`.

    shown   an input for a picture of both models, which must suit them
    Raises RaspError when the lengths leave nothing to learn or to test, and for an input that does not suit.
    """
    if not 2 <= length < longer:
        raise RaspError(f"the lengths must be at least 2 and growing, got {length} and {longer}")
    words = tuple(vocabulary or ((*PAIRS[0], *PAIRS[1], ">") if program.name == "recall" else program.vocabulary))
    compiled = compile_program(program, words, longer, causal=True)
    if shown:
        encode(compiled.checkpoint, [shown])  # before the work, not after it
    generator, draw = random.Random(seed), sampler(program)
    examples = {
        "train": list(_examples(program, draw, generator, POOL, 1, length)),
        "test": list(_examples(program, draw, generator, TESTED, 1, length)),
        "longer": list(_examples(program, draw, generator, TESTED, length + 1, longer)),
    }
    symbols = ("begin", *words)
    asked = {answer for group in examples.values() for _, answers in group for answer in answers if answer}
    symbols += tuple(sorted(asked - set(words)))
    context = max(len(tokens) for group in examples.values() for tokens, _ in group) + 1
    config = Config(
        len(symbols), context, width, max(2, compiled.circuit.layers), heads, positions="rotary", causal=True
    )
    parameters = train(config, _lesson(examples["train"], symbols), steps, seed, progress)
    outcome = Outcome(
        _compiled_right(compiled, examples["test"]),
        _compiled_right(compiled, examples["longer"]),
        _right(config, parameters, _lesson(examples["test"], symbols)),
        _right(config, parameters, _lesson(examples["longer"], symbols)),
    )
    return Counterpart(compiled, config, parameters, symbols, outcome)


def train(
    config: Config, lesson: Lesson, steps: int, seed: int, progress: Callable[[int, float], None]
) -> dict[str, Tensor]:
    """AdamW (Loshchilov & Hutter 2019) with a warm-up and a linear decay to 0; the loss is of the counted answers."""
    torch.manual_seed(seed)
    parameters = {n: p.requires_grad_() for n, p in initial(config, torch.Generator().manual_seed(seed)).items()}
    optimizer = torch.optim.AdamW(parameters.values(), lr=RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98))
    rows = np.random.default_rng(seed)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min((step + 1) / WARM_UP, 1 - step / steps)
        batch = rows.integers(len(lesson.inputs), size=BATCH)
        mask = torch.from_numpy(lesson.counted[batch])
        logits = forward(parameters, torch.from_numpy(lesson.inputs[batch]), config)
        loss = cross_entropy(logits[mask], torch.from_numpy(lesson.answers[batch])[mask]).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        progress(step + 1, loss.item())
    return {name: p.detach() for name, p in parameters.items()}


def attention_maps(counterpart: Counterpart, tokens: Sequence[str]) -> list[np.ndarray]:
    """What each head of the trained transformer looks at: [H, T, T] for each layer, the beginning token first."""
    config, p = counterpart.config, counterpart.parameters
    ids = torch.tensor([[0, *(counterpart.symbols.index(token) for token in tokens)]])
    maps = []
    with torch.no_grad():
        x = embed(ids, part(p, "embedding"), config)
        turn = rotary_angles(0, ids.shape[1], config.head_width)
        for i in range(config.layers):
            block = part(p, f"blocks.{i}")
            normed = norm(x, part(block, "ln1"), config)
            attn = part(block, "attn")
            q, k = (split_heads(linear(normed, attn[f"w{of}"], attn[f"b{of}"]), config.heads) for of in "qk")
            q, k = rotate(q, *turn), rotate(k, *turn)
            scores = q @ k.mT / config.head_width**0.5
            hidden = torch.ones_like(scores, dtype=torch.bool).triu(1)
            maps.append(scores.masked_fill(hidden, -torch.inf).softmax(-1)[0].numpy())
            x = x + self_attention(normed, attn, config)
            x = x + mlp(norm(x, part(block, "ln2"), config), part(block, "mlp"), config)
    return maps


def _examples(
    program: Program, draw: Sampler, generator: random.Random, count: int, shortest: int, longest: int
) -> Iterator[tuple[list[str], list[str]]]:
    """Inputs and the program's answers; "" where none is asked for."""
    while count:
        tokens = draw(generator, shortest, longest)
        if program.language:
            start = tokens.index("=")
            tokens, answers = tokens[:-1], [""] * start + tokens[start + 1 :]
            if not shortest <= len(tokens) <= longest:
                continue
        else:
            values = interpreter.run(program.output, tokens, causal=True)
            answers = ["" if value is None else text(value) for value in values]
        yield tokens, answers
        count -= 1


def _lesson(examples: Sequence[tuple[list[str], list[str]]], symbols: Sequence[str]) -> Lesson:
    number = {symbol: i for i, symbol in enumerate(symbols)}
    longest = max(len(tokens) for tokens, _ in examples) + 1
    inputs, answers = np.zeros((2, len(examples), longest), np.int64)
    counted = np.zeros((len(examples), longest), bool)
    for row, (tokens, right) in enumerate(examples):
        for i, (token, answer) in enumerate(zip(tokens, right, strict=True), 1):
            inputs[row, i] = number[token]
            answers[row, i], counted[row, i] = number.get(answer, 0), answer != ""
    return Lesson(inputs, answers, counted)


@torch.no_grad()
def _right(config: Config, parameters: dict[str, Tensor], lesson: Lesson) -> float:
    said = forward(parameters, torch.from_numpy(lesson.inputs), config).argmax(-1).numpy()
    return float(((said == lesson.answers) | ~lesson.counted).all(axis=1).mean())


def _compiled_right(compiled: Compiled, examples: Sequence[tuple[list[str], list[str]]]) -> float:
    right = 0
    for tokens, answers in examples:
        (said,) = run(compiled.checkpoint, [tokens])
        right += all(a in ("", s) for a, s in zip(answers, said, strict=True))
    return right / len(examples)
