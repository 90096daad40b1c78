"""Drawing characters: distribution, temperature, seed, context."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from lm.errors import LMError
from lm.sampling import Sampler, min_p, nucleus, sample, softmax, top_k

PROMPT = np.array([0], np.int32)
LOGITS = np.log(np.array([0.1, 0.2, 0.7], np.float32))


def constant(window):
    return np.broadcast_to(LOGITS, (*window.shape, 3))


def test_characters_come_as_often_as_the_model_says():
    drawn = np.array(list(sample(constant, PROMPT, 4000, 8, temperature=1)))
    assert np.bincount(drawn) / 4000 == pytest.approx([0.1, 0.2, 0.7], abs=0.03)


def test_temperature_zero_takes_the_likeliest_and_low_ones_nearly_always():
    assert set(sample(constant, PROMPT, 20, 8, temperature=0)) == {2}
    drawn = list(sample(constant, PROMPT, 1000, 8, temperature=0.5))
    assert drawn.count(2) / 1000 == pytest.approx(0.49 / 0.54, abs=0.03)


def test_the_seed_decides():
    first, again, other = (list(sample(constant, PROMPT, 30, 8, seed=s)) for s in (1, 1, 2))
    assert first == again != other


def test_the_model_sees_at_most_its_context():
    seen = []

    def spy(window):
        seen.append(window[0].tolist())
        return constant(window)

    list(sample(spy, np.array([5, 6, 7], np.int32), 4, context=2, temperature=0))
    assert seen == [[6, 7], [7, 2], [2, 2], [2, 2]]


def test_huge_logits_do_not_overflow():
    assert Sampler(0.1).draw(np.array([1e30, -1e30], np.float32), np.random.default_rng(0)) == 0


@pytest.mark.parametrize(
    ("prompt", "characters", "temperature", "message"),
    [([], 5, 1, "prompt is empty"), ([0], 0, 1, "at least 1"), ([0], 5, -1, "temperature")],
)
def test_bad_requests(prompt, characters, temperature, message):
    with pytest.raises(LMError, match=message):
        list(sample(constant, np.array(prompt, np.int32), characters, 8, temperature))


@pytest.mark.parametrize(
    "sampler",
    [
        Sampler(),
        Sampler(temperature=0.7),
        Sampler(temperature=1.5, top_k=3),
        Sampler(top_p=0.7),
        Sampler(min_p=0.2),
        Sampler(temperature=0.9, top_k=5, top_p=0.8, min_p=0.1),
    ],
    ids=str,
)
def test_draws_follow_the_exact_distribution(sampler):
    """Chi-square of 20,000 draws; p below 1e-6 would happen once in a million seeds."""
    logits = np.log(np.array([0.02, 0.3, 0.1, 0.25, 0.08, 0.15, 0.1], np.float32))
    exact = brute_force(np.exp(logits.astype(float)), sampler)
    generator = np.random.default_rng(5)
    drawn = np.bincount([sampler.draw(logits, generator) for _ in range(20_000)], minlength=7)
    kept = exact > 0
    assert drawn[~kept].sum() == 0
    assert chisquare(drawn[kept], 20_000 * exact[kept]).pvalue > 1e-6


def brute_force(p, sampler):
    """The docstring's four steps with Python's lists."""
    p = [x ** (1 / sampler.temperature) for x in p]
    ranked = sorted(range(len(p)), key=lambda i: (-p[i], i))
    if sampler.top_k:
        ranked = ranked[: sampler.top_k]
    total, kept = sum(p[i] for i in ranked), []
    while sum(p[i] for i in kept) < sampler.top_p * total * (1 - 1e-12):
        kept.append(ranked[len(kept)])
    kept = [i for i in kept if p[i] >= sampler.min_p * p[kept[0]]]
    total = sum(p[i] for i in kept)
    return np.array([p[i] / total if i in kept else 0 for i in range(len(p))])


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=8),
    st.builds(
        Sampler,
        st.floats(0.3, 3),
        st.integers(0, 9),
        st.floats(0.01, 1),
        st.floats(0, 1).filter(lambda share: all(abs(share - a / b) > 1e-6 for a in range(21) for b in range(1, 21))),
    ),
)
def test_distributions_against_brute_force(weights, sampler):
    p = np.array(weights) / sum(weights)
    found = sampler.distribution(np.log(p))
    assert found.sum() == pytest.approx(1)
    expected = brute_force(p, sampler)
    # A nucleus whose mass is met up to rounding may end one token earlier or later.
    masses = np.cumsum(np.sort(softmax(np.log(p), sampler.temperature))[::-1])
    if np.abs(masses - sampler.top_p).min() > 1e-9 or sampler.top_p == 1:
        assert found == pytest.approx(expected, abs=1e-9)


def test_cuts_by_hand():
    p = np.array([0.1, 0.4, 0.2, 0.2, 0.1])
    assert top_k(p, 2) == pytest.approx([0, 2 / 3, 1 / 3, 0, 0])
    assert nucleus(p, 0.4) == pytest.approx([0, 1, 0, 0, 0])
    assert nucleus(p, 0.41) == pytest.approx([0, 2 / 3, 1 / 3, 0, 0])
    assert nucleus(p, 1) == pytest.approx(p)
    assert min_p(p, 0.5) == pytest.approx([0, 0.5, 0.25, 0.25, 0])


def test_greedy_is_reproducible_and_ignores_the_seed():
    assert list(sample(constant, PROMPT, 5, 8, temperature=0, seed=1)) == [2] * 5
    assert Sampler(0).distribution(LOGITS).tolist() == [0, 0, 1]


@pytest.mark.parametrize("wrong", [{"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"min_p": -0.1}, {"min_p": 2}])
def test_samplers_out_of_range(wrong):
    with pytest.raises(LMError, match="must be"):
        Sampler(**wrong)
