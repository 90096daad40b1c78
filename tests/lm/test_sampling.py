"""Drawing characters: distribution, temperature, seed, context."""

from __future__ import annotations

import numpy as np
import pytest

from lm.errors import LMError
from lm.sampling import next_character, sample

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
    assert next_character(np.array([1e30, -1e30], np.float32), 0.1, np.random.default_rng(0)) == 0


@pytest.mark.parametrize(
    ("prompt", "characters", "temperature", "message"),
    [([], 5, 1, "prompt is empty"), ([0], 0, 1, "at least 1"), ([0], 5, -1, "temperature")],
)
def test_bad_requests(prompt, characters, temperature, message):
    with pytest.raises(LMError, match=message):
        list(sample(constant, np.array(prompt, np.int32), characters, 8, temperature))
