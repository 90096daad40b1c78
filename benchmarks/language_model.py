"""Language models in one budget: how low the loss gets in the CPU seconds that nanoGPT's small CPU recipe takes.

    python benchmarks/language_model.py --text tinyshakespeare.txt [--recipe NAME ...] [--seconds 166] [--select]

One thread.  The text's last tenth is for validation and nothing else.  `--select` keeps the last 40,000 characters of
the rest from training and measures on them instead: there the hyperparameters and the mixture's weight below were
chosen.  Recipes:

nanogpt   what nanoGPT's README suggests for a CPU (github.com/karpathy/nanoGPT), in this package's parts: GPT-2's
          arrangement without biases, head tied, 4 layers of width 128, windows of 64, 12 a step, 2,000 steps of AdamW
dense     the `modern` setting, Muon, windows of 128, 16 a step, bfloat16 products where they measure faster
tables    the same with hashed tables of 2- to 4-grams, of which training leaves out each with probability 0.4
          of these two, also mixed with modified Kneser-Ney of order 7: one weight for all characters

The first takes as many CPU seconds as it takes.  The others get `--seconds`, or as many as the first will take if it
runs: a few steps of each are timed, and the schedule is laid out for what is left.  Then all train in turn, a hundredth
of the course at a time, so that other work on the machine slows all alike.  Losses are nats per character in
consecutive windows, each character predicted from those before it in its window.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lm import corpus
from lm.config import Config, gpt2, modern
from lm.counting import dense_parameters, parameters_by_part
from lm.evaluation import losses
from lm.ngrams.fit import fit
from lm.text.stream import Encoder
from lm.tokens import Vocabulary
from lm.torch_model import TorchModel
from lm.training.loop import Run
from lm.training.options import Options
from lm.training.precision import fastest
from lm.training.text import Text

RESULTS = Path(__file__).parent / "results" / "language_model.json"
HELD_OUT = 40_000  # characters at the end of the training text
PROBE = 24  # steps that are timed
TURNS = 100  # parts of a course
WEIGHT = 0.56  # of the transformer in the mixture; `--select` found 0.55 for dense and 0.57 for tables

NANOGPT = Options(
    steps=2000, batch=12, optimizer="adamw", rate=1e-3, schedule="cosine", warmup=100, decay=0.1, clip=1.0, report=2000
)
MUON = Options(batch=16, rate=3e-3, muon_rate=0.02, warmup=50, cooldown=0.6, decay=0.1, report=10**9)


def recipe(name: str, vocabulary: int) -> tuple[Config, Options]:
    """The model and the course of a recipe, without the number of steps of those that fill a budget."""
    sizes: dict[str, Any] = {"width": 128, "layers": 4, "heads": 4}
    if name == "nanogpt":
        return gpt2(vocabulary, context=64, bias=False, tied=True, **sizes), NANOGPT
    options = replace(MUON, precision=fastest())
    if name == "tables":
        options = replace(options, table_rate=3e-3, table_dropout=0.4)
        return modern(vocabulary, context=128, ngrams=4, ngram_rows=1 << 15, **sizes), options
    return modern(vocabulary, context=128, **sizes), options


def in_turn(
    text: Text, recipes: dict[str, tuple[Config, Options]], seconds: float | None
) -> dict[str, tuple[TorchModel, dict[str, Any]]]:
    """Train all recipes side by side, each a part of its course at a time; each one's model, and facts.

    So what else the machine does slows all of them alike, and their CPU seconds can be compared.
    """
    spent, medians = timed(text, recipes)
    if seconds is None:
        seconds = spent["nanogpt"] + recipes["nanogpt"][1].steps * medians["nanogpt"]
    runs = {}
    for name, (config, options) in recipes.items():
        if name != "nanogpt":
            options = replace(options, steps=max(1, int((seconds - spent[name]) / medians[name])))
        runs[name] = Run(text, config, options)
    for turn in range(1, TURNS + 1):
        for name, run in runs.items():
            start = time.process_time()
            while run.done < run.options.steps * turn // TURNS:
                run.step()
            spent[name] += time.process_time() - start
    found = {}
    for name, run in runs.items():
        facts = {
            "cpu_seconds": spent[name],
            "steps": run.options.steps,
            "tokens": run.options.steps * run.options.batch * run.config.context,
            "precision": run.options.precision,
            "dense_parameters": dense_parameters(run.config),
            "table_parameters": parameters_by_part(run.config)["tables"],
        }
        parameters = {key: p.detach().numpy() for key, p in run.parameters.items()}
        found[name] = TorchModel(run.config, parameters), facts
    return found


def timed(text: Text, recipes: dict[str, tuple[Config, Options]]) -> tuple[dict[str, float], dict[str, float]]:
    """CPU seconds of a few steps of each recipe, in turn: their sum, which is part of its budget, and their median."""
    runs = {name: Run(text, *recipe) for name, recipe in recipes.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(PROBE):
        for name, run in runs.items():
            start = time.process_time()
            run.step()
            times[name].append(time.process_time() - start)
    return {name: sum(x) for name, x in times.items()}, {name: float(np.median(x)) for name, x in times.items()}


def evaluated(model: TorchModel, numbers: np.ndarray, context: int) -> float:
    """Mean loss, nats per character."""
    return float(losses(model, numbers, context).astype(np.float64).mean())


def mixed(model: TorchModel, learnt: str, measured: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The model and n-grams of the same training text, each character's probability mixed; and the best weight."""
    start = time.process_time()
    ngrams = fit(learnt, Encoder.of(learnt, "char", "stream"), 7, "mkn")
    neural = np.exp(-losses(model, vocabulary.encode(measured), model.config.context).astype(np.float64))
    counts = ngrams.probabilities(measured)[1:]

    def loss(weight: float) -> float:
        return float(-np.log(weight * neural + (1 - weight) * counts).mean())

    return {
        "loss": loss(WEIGHT),
        "weight": WEIGHT,
        "best_weight_here": float(min(np.linspace(0, 1, 101), key=loss)),
        "kneser_ney_loss": loss(0.0),
        "cpu_seconds_of_ngrams_and_mixing": time.process_time() - start,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, metavar="FILE")
    names = ("nanogpt", "dense", "tables")
    parser.add_argument("--recipe", nargs="+", choices=names, default=names, metavar="NAME", help="default: all three")
    parser.add_argument("--seconds", type=float, help="CPU seconds of dense and tables (default: nanogpt's)")
    parser.add_argument("--select", action="store_true", help="measure on held-out training text, not on validation")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="OUT")
    options = parser.parse_args()
    torch.set_num_threads(1)

    whole = corpus.read_text(options.text)
    first = int(len(whole) * 0.9)
    learnt, measured = whole[:first], whole[first:]
    if options.select:
        learnt, measured = learnt[:-HELD_OUT], learnt[-HELD_OUT:]
    vocabulary = Vocabulary.of(whole)
    numbers = vocabulary.encode(learnt).astype(np.uint8)
    text = Text(options.text, vocabulary, numbers, numbers[-2000:], "")  # the loop's own measurement is not looked at

    rows: dict[str, Any] = {}
    recipes = {name: recipe(name, len(vocabulary)) for name in options.recipe}
    seconds = options.seconds or (None if "nanogpt" in recipes else 166.0)
    targets = vocabulary.encode(measured)
    for name, (model, facts) in in_turn(text, recipes, seconds).items():
        rows[name] = {
            "loss": evaluated(model, targets, model.config.context),
            "loss_in_windows_of_64": evaluated(model, targets, 64),
        } | facts
        show(name, rows[name])
        if name != "nanogpt":
            rows[f"{name} mixed"] = mixed(model, learnt, measured, vocabulary)
            show(f"{name} mixed", rows[f"{name} mixed"])
    options.json.parent.mkdir(parents=True, exist_ok=True)
    where = "held-out training text" if options.select else "validation"
    about = {"measured_on": where, "text": Path(options.text).name, "characters": len(whole)}
    result = about | {"torch": torch.__version__, "recipes": rows}
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def show(name: str, row: dict[str, Any]) -> None:
    """One line."""
    loss = row["loss"]
    rest = ", ".join(f"{key} {round(v, 4) if isinstance(v, float) else v}" for key, v in row.items())
    print(f"{name:12} {loss:.4f} nats, {loss / math.log(2):.4f} bits a character: {rest}", flush=True)


if __name__ == "__main__":
    main()
