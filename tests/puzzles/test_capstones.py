"""A language model within a puzzle: the shipped one, as lm has it, and what large puzzles need of the checker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lm.checkpoint import load_checkpoint
from lm.perplexity import perplexity
from puzzles import catalog, shipped
from puzzles.check import check_kernel
from puzzles.check.build import build
from puzzles.check.cases import cases
from puzzles.check.judge import judge
from puzzles.check.launch import run_case
from puzzles.describe import page
from puzzles.source import solution
from puzzles.verdict import Verdict

MODEL = catalog.load("language-model")


def passages(count):
    """The first cases of so many checks: passages of the held-out text, and what the reference says."""
    for seed in range(count):
        case = next(cases(MODEL, seed))
        yield case.arguments["text"], MODEL.expected(case.arguments)


def test_the_reference_is_the_shipped_model_in_torch():
    """Formula 1 of lm on the same weights and text, to 1e-4 and far better."""
    pytest.importorskip("torch", reason="torch is not installed")
    from lm.torch_model import TorchModel

    checkpoint = load_checkpoint()
    model = TorchModel(checkpoint.config, checkpoint.parameters)
    found = []
    for text, expected in passages(4):
        losses = model.losses(text[None, :-1], text[None, 1:])
        np.testing.assert_allclose(expected["losses"], losses[0], atol=5e-5)
        assert abs(expected["result"][0] - perplexity(losses)) < 1e-4
        found.append(perplexity(losses))
    assert max(found) < 12, "the model knows this kind of text"


def test_passages_are_held_out_text():
    text = shipped.checkpoint().vocabulary.decode(shipped.held_out())
    for numbers, _ in passages(3):
        assert len(numbers) == 65
        assert shipped.checkpoint().vocabulary.decode(numbers) in text


def test_a_verdict_says_the_perplexity():
    verdict = check_kernel(MODEL.kernels, replace(MODEL, sizes=MODEL.sizes[:1]), seed=0)
    assert verdict.passed, verdict
    ((_, expected),) = passages(1)
    told = f"perplexity {expected['result'][0]:.4f} on your kernels"
    assert told in verdict.report and told in str(verdict)
    assert "naive 59904192, par 4534464, yours 4534464" in str(verdict)
    assert Verdict.from_dict(verdict.to_dict()) == verdict


def test_a_verdict_says_the_losses():
    """Of five steps on other text each: from about log(96) down, as PyTorch's."""
    puzzle = catalog.load("five-steps")
    verdict = check_kernel(puzzle.kernels, replace(puzzle, sizes=puzzle.sizes[:1]), seed=0)
    assert verdict.passed, verdict
    expected = puzzle.expected(next(cases(puzzle, seed=0)).arguments)["losses"]
    told = " ".join(f"{loss:.4f}" for loss in expected)
    assert f"losses on your kernels: {told};" in verdict.report
    assert expected[-1] < expected[0]


def test_a_kernel_that_fails_has_no_report():
    kernels = MODEL.kernels
    swapped = replace(MODEL, sizes=MODEL.sizes[1:2], tolerance=replace(MODEL.tolerance, relative=0, absolute=0))
    verdict = check_kernel(kernels, swapped, seed=0)
    assert not verdict.passed and verdict.report == ""


def test_a_puzzle_chooses_its_rounds_and_the_size_of_single_threads():
    puzzle = catalog.load("guard")
    usual = list(cases(puzzle, seed=0))
    assert sum(case.size == puzzle.sizes[0] for case in usual[: 3 * len(puzzle.sizes)]) == 3
    assert usual[-1].order is not None and usual[-1].size == puzzle.sizes[0]
    fewer = list(cases(replace(puzzle, rounds=1, one_by_one={"n": 2}), seed=0))
    assert [case.size for case in fewer[: len(puzzle.sizes)]] == list(puzzle.sizes)
    assert len(usual) - len(fewer) == 2 * len(puzzle.sizes)
    assert fewer[-1].order is not None and fewer[-1].size == {"n": 2}


def test_many_launches_are_told_by_kernel_and_order():
    text = page(MODEL, 1)
    assert "layers=4: 53 launches" in text
    assert "matmul(q, normed, projections, 0, 0): grid (6, 4), block (16, 16); 24 more" in text
    assert "in order: embed, norm, 3 matmul, 2 turn, attention, matmul, norm" in " ".join(text.split())
    assert "layers=1: 17 launches" in text


def test_nothing_is_launched_after_a_launch_that_races():
    """The kernels after it would compute with its numbers, and to find all their races takes far longer."""
    puzzle = catalog.load("grid-scan")
    text = solution(puzzle, 1).replace("        cuda.syncthreads()\n        values[t]", "        values[t]")
    case = next(cases(puzzle, seed=0))
    outcome = run_case(build(text, "racy.py", tuple(puzzle.kernels)), next(cases(puzzle, seed=0)))
    assert outcome.counters["launches"] == 1
    _, reasons = judge(puzzle, case, outcome)
    assert {reason.kind for reason in reasons} == {"finding"}
    silent = replace(outcome, findings=[])
    _, (reason,) = judge(puzzle, case, silent)
    assert reason.message == "Only 1 of 3 launches were made."


def test_a_race_is_told_through_the_sandbox_as_well(edited, check_text):
    wait = "        cuda.syncthreads()\n        values[t]"
    verdict = check_text(edited("grid-scan", (wait, "        values[t]")))
    assert {reason.kind for reason in verdict.reasons} == {"finding"}
