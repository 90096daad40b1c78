"""Part 3: a language model whose every operation is a kernel on the simulator."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import torch

from gpusim.report.page import Section, bars, facts, heading, prose, table
from gpusim.report.tables import Column, Row, Table, number
from gpusim.report.text import table as text_table
from lm.checkpoint import DEFAULT, Checkpoint, load_checkpoint
from lm.config import parameter_count
from lm.evaluation import CHARACTERS, Evaluation, evaluate, open_model
from lm.sampling import sample
from puzzles.tour.check import Check
from puzzles.tour.progress import Progress

AGREEMENT = 1e-3
"""Largest relative difference between the perplexities of torch and of the simulator."""

PROMPT = "The value of "
SAMPLED, TEMPERATURE, SEED = 420, 0.5, 0


@dataclass(frozen=True)
class Language:
    """The model's perplexity on both, and a sample of its text."""

    checkpoint: Checkpoint
    torch: Evaluation
    simulator: Evaluation
    sampled: str

    @property
    def difference(self) -> float:
        """Relative difference of the two perplexities."""
        return abs(self.simulator.perplexity - self.torch.perplexity) / self.torch.perplexity

    def checks(self) -> list[Check]:
        return [
            Check(
                f"perplexity is {self.simulator.perplexity:.6f} on the simulator and "
                f"{self.torch.perplexity:.6f} in torch, for the same {self.torch.characters} characters",
                self.difference <= AGREEMENT and self.simulator.characters == self.torch.characters,
            ),
            Check(
                f"the transformer's perplexity is {self.torch.perplexity:.2f}, the bigram's {self.torch.bigram:.2f}",
                self.torch.perplexity < self.torch.bigram,
            ),
            Check(f"{len(self.simulator.findings)} findings in the model's kernels", not self.simulator.findings),
        ]

    def section(self) -> Section:
        """This part of the page."""
        return Section("A language model", _body(self))


def explore(
    progress: Progress, characters: int = CHARACTERS, sampled: int = SAMPLED, checkpoint: Checkpoint | None = None
) -> Language:
    """Evaluate the repository's model in torch and on the simulator, and print what came out.

    Raises LMError without a checkpoint.
    """
    loaded = checkpoint or load_checkpoint(DEFAULT)
    with progress.step(f"language model in torch, {characters:,} held-out characters"):
        in_torch = evaluate("torch", loaded, characters=characters)
        text = _sample(loaded, sampled)
    with progress.step(f"language model on the simulator, {characters:,} held-out characters"):
        simulated = evaluate("sim", loaded, characters=characters)
    result = Language(loaded, in_torch, simulated, text)
    progress.show(text_table(perplexity_table(result)))
    progress.show(text_table(kernel_table(result)))
    progress.show(f"{PROMPT}{text}")
    return result


def _sample(checkpoint: Checkpoint, characters: int) -> str:
    """Text drawn from the model in torch.

    One character's matrices are small: several threads would wait for each other longer than they compute,
    much longer on a busy machine.
    """
    model = open_model("torch", checkpoint)
    prompt = checkpoint.vocabulary.encode(PROMPT, "the prompt")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        drawn = sample(model.logits, prompt, characters, checkpoint.config.context, TEMPERATURE, SEED)
        return str(checkpoint.vocabulary.decode(list(drawn)))
    finally:
        torch.set_num_threads(threads)


def perplexities(result: Language) -> dict[str, float]:
    """Every model's perplexity on the same characters, worst first."""
    return {
        "uniform": result.torch.uniform,
        "unigram": result.torch.unigram,
        "bigram": result.torch.bigram,
        "transformer, torch": result.torch.perplexity,
        "transformer, simulator": result.simulator.perplexity,
    }


def perplexity_table(result: Language) -> Table:
    """Models and their perplexities."""
    rows = tuple(Row((name, f"{value:.4f}")) for name, value in perplexities(result).items())
    return Table("perplexity", (Column("model", False), Column("perplexity")), rows)


def kernel_table(result: Language) -> Table:
    """What the launches of each kernel read and wrote, and the seconds that they took."""
    headings = ("launches", "global reads", "global writes", "shared reads", "shared writes", "seconds")
    rows = [
        Row(
            (
                row.kernel,
                number(row.launches),
                number(row.global_loads),
                number(row.global_stores),
                number(row.shared_loads),
                number(row.shared_stores),
                f"{row.seconds:.2f}",
            )
        )
        for row in result.simulator.kernels
    ]
    columns = (Column("kernel", False, code=True), *(Column(heading) for heading in headings))
    return Table("kernels", columns, tuple(rows))


def _body(result: Language) -> str:
    config, simulator = result.checkpoint.config, result.simulator
    reads = sum((row.global_loads or 0) + (row.shared_loads or 0) for row in simulator.kernels)
    launches = sum(row.launches for row in simulator.kernels)
    weights = parameter_count(config)
    return "".join(
        (
            prose(
                INTRODUCTION.format(
                    layers=config.layers, heads=config.heads, width=config.width, source=simulator.source
                )
            ),
            facts(
                [
                    ("parameters", f"{weights:,}"),
                    ("characters predicted", f"{simulator.characters:,}"),
                    ("kernel launches", f"{launches:,}"),
                    ("reads counted", f"{reads / 1e6:,.0f} million"),
                    ("seconds", f"{simulator.seconds:.0f}"),
                ]
            ),
            heading("How surprised is it?"),
            prose(PERPLEXITY.format(difference=result.difference)),
            bars([(name, value, f"{value:.3f}") for name, value in perplexities(result).items()]),
            heading("Where the reads go"),
            prose(KERNELS),
            table(kernel_table(result)),
            heading("What it writes"),
            prose(SAMPLE.format(prompt=PROMPT.strip())),
            f'<pre class="sample"><b>{escape(PROMPT)}</b>{escape(result.sampled)}</pre>',
        )
    )


INTRODUCTION = """A transformer with {layers} layers, {heads} heads and a width of {width}, trained by
`python -m lm train` on the Python documentation that every Python installation carries. It predicts one
character at a time. Each step of its forward pass, from the embedding to the cross-entropy, is a kernel like
those above, and each ran on the simulator with all checks on. The text is {source}: the model never saw it
in training."""

PERPLEXITY = """Perplexity is the number of characters between which a model hesitates: 1 would be certainty.
A uniform model hesitates between all characters that there are, a unigram model knows how frequent each is, a
bigram model knows which follow which. All are measured on the same held-out characters. The simulator and
torch differ by {difference:.1e}, relative to the perplexity."""

KERNELS = """All launches of each kernel together. The products read shared memory far more often than global
memory: that is what their tiles are for."""

SAMPLE = """Characters drawn one by one from the model's distribution in torch, beginning with “{prompt}”."""
