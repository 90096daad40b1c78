"""The tour on small settings: its numbers, its page, and that it fails when a result disagrees."""

from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from puzzles import tour  # noqa: E402
from puzzles.spec import Limit  # noqa: E402
from puzzles.tour import attention, gemm, language  # noqa: E402
from puzzles.tour.check import Check  # noqa: E402
from puzzles.tour.measure import measure, readable, reads_table  # noqa: E402
from puzzles.tour.progress import Progress  # noqa: E402


class References(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.found, self.tags = [], []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.found += [value for name, value in attributes if name in ("src", "href")]


@pytest.fixture(scope="module")
def products():
    return gemm.explore(Progress(), uneven=gemm.UNEVEN[:1])


@pytest.fixture(scope="module")
def attentions():
    return attention.explore(Progress(), rows=5, columns=6, length=9)


@pytest.fixture(scope="module")
def model():
    return language.explore(Progress(), characters=40, sampled=8)


def test_the_lecture_s_numbers(products):
    parts = (products.naive3, products.shared3, products.naive6, products.tiled6)
    assert [m.reads for m in parts] == [54, 18, 432, 144] == [m.by_hand for m in parts]
    assert [m.per_thread for m in parts] == [6, 2, 12, 4]


def test_every_claim_of_the_kernels_holds(products, attentions):
    checks = [*products.checks(), *attentions.checks()]
    assert len(checks) == 3 * (5 + 7)
    assert [check.claim for check in checks if not check.holds] == []


def test_errors_are_differences_from_torch(attentions):
    assert 0 < attentions.online.error < 1e-6
    assert 0 < attentions.tiled.error <= attentions.tiled.allowed


def test_fused_attention_reads_and_writes_less(attentions):
    assert attentions.scores.reads > attentions.streaming.reads > attentions.tiled.reads
    assert attentions.scores.writes > attentions.tiled.writes == 9 * attention.WIDTH


def test_a_wrong_result_fails_its_check():
    def transposed(arguments):
        return (arguments["a"] @ arguments["b"]).T

    failed = [check for check in measure("gemm-naive-3x3", transposed).checks() if not check.holds]
    assert len(failed) == 1 and "differs from torch" in failed[0].claim


def test_a_wrong_formula_fails_its_check(products):
    wrong = replace(products.naive3.puzzle, limits=(Limit("global loads", "2 * n**3 + 1"),))
    failed = [check for check in replace(products.naive3, puzzle=wrong).checks() if not check.holds]
    assert [check.claim for check in failed] == ["gemm-naive-3x3 at n = 3: 55 reads by hand, 54 measured"]


def test_perplexities_agree_and_disagreement_fails(model):
    assert model.torch.characters == model.simulator.characters == 40
    assert model.checks()[0].holds and model.difference < language.AGREEMENT
    off = replace(model, simulator=replace(model.simulator, perplexity=model.torch.perplexity * 1.002))
    assert not off.checks()[0].holds
    other_text = replace(model, simulator=replace(model.simulator, characters=39))
    assert not other_text.checks()[0].holds


def test_perplexity_is_compared_with_three_simpler_models(model):
    values = language.perplexities(model)
    assert list(values) == ["uniform", "unigram", "bigram", "transformer, torch", "transformer, simulator"]
    assert values["uniform"] == pytest.approx(model.checkpoint.config.vocabulary)


def test_kernel_table_has_what_the_simulator_counted(model):
    rows = {row.cells[0]: row.cells for row in language.kernel_table(model).rows}
    assert rows.keys() == {row.kernel for row in model.simulator.kernels}
    embed = next(row for row in model.simulator.kernels if row.place.startswith("embed"))
    assert rows[embed.kernel][2] == f"{embed.global_loads:,}"


def test_sections_are_told_with_pictures_and_measured_numbers(products, attentions, model):
    bodies = [part.section().body for part in (products, attentions, model)]
    assert [References(body).tags.count("svg") for body in bodies] == [4, 1, 0]
    for number in ("54", "18", "432", "144"):
        assert f">{number}</td>" in bodies[0]
    assert f"{model.simulator.perplexity:.3f}" in bodies[2]
    assert "# HOLE" not in "".join(bodies)


def small(monkeypatch):
    monkeypatch.setattr(gemm, "explore", partial(gemm.explore, uneven=gemm.UNEVEN[:1]))
    monkeypatch.setattr(attention, "explore", partial(attention.explore, rows=3, columns=4, length=5))
    monkeypatch.setattr(language, "explore", partial(language.explore, characters=20, sampled=4))


def test_the_tour_writes_one_self_contained_page(tmp_path, monkeypatch, capsys):
    small(monkeypatch)
    out = tmp_path / "new" / "tour.html"
    assert tour.main(out) == 0
    source = out.read_text(encoding="utf-8")
    assert all(reference.startswith("#") for reference in References(source).found)
    assert References(source).tags.count("script") == 1 + 5  # the player, and five launches that are told with it
    printed = capsys.readouterr()
    assert "results agree" in printed.out and str(out) in printed.out
    assert printed.err == ""


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch, capsys):
    small(monkeypatch)
    (tmp_path / "file").write_text("")
    assert tour.main(tmp_path / "file" / "tour.html") == 1
    error = capsys.readouterr().err
    assert error.startswith("tour: cannot write ") and error.count("\n") == 1


def test_a_missing_checkpoint_is_one_sentence(tmp_path, monkeypatch, capsys):
    small(monkeypatch)
    monkeypatch.setattr(language, "DEFAULT", tmp_path / "missing.safetensors")
    assert tour.main(tmp_path / "tour.html") == 1
    error = capsys.readouterr().err
    assert error.startswith("tour: ") and "missing.safetensors" in error and error.count("\n") == 1
    assert not (tmp_path / "tour.html").exists()


def test_a_failed_check_fails_the_tour(capsys):
    assert tour.report([Check("one is one", True), Check("one is two", False)]) == 1
    captured = capsys.readouterr()
    assert "1 of 2 results agree" in captured.out and captured.err == "tour: one is two\n"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("2 * n**3", "2 n³"),
        ("2 * n**3 // 3", "2 n³ / 3"),
        ("m * k * ceil(n / 4) + m * n", "m k ⌈n/4⌉ + m n"),
        ("2 * d * sum(min(t, last + 4) for last in range(0, t, 4))", "2 d Σ min(t, last + 4), last = 0, 4, … < t"),
    ],
)
def test_formulas_are_written_as_mathematics(formula, text):
    assert readable(formula) == text


def test_tables_say_zero_error_plainly(products):
    exact = replace(products.naive3, error=0.0)
    (row,) = reads_table("", {"naive": exact}).rows
    assert row.cells[:4] == ("naive", "54", "54", "6") and row.cells[5] == "0"


def test_progress_counts_seconds_without_a_terminal(capsys):
    with Progress().step("counting"):
        np.zeros(3)
    assert capsys.readouterr().out == "counting  0.0 s\n"
