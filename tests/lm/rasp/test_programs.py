"""Every program of the library against plain Python."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rasp_references import REFERENCES

from lm.rasp.interpreter import run
from lm.rasp.language import RaspError
from lm.rasp.programs import PROGRAMS, find
from lm.rasp.programs.arithmetic import causal_addition

ADDITIONS = {"addition", "adder"}


def test_every_program_has_a_reference():
    assert set(REFERENCES) | ADDITIONS == set(PROGRAMS)


def with_one_plus(name, tokens):
    """Programs that split need exactly one plus."""
    return "split" not in name or tokens.count("+") == 1


@pytest.mark.parametrize("name", REFERENCES)
def test_all_short_inputs(name):
    program = PROGRAMS[name]
    vocabulary = program.vocabulary[:4]
    for length in range(1, 5):
        for tokens in product(vocabulary, repeat=length):
            if with_one_plus(name, tokens):
                found = run(program.output, tokens, program.causal)
                assert found == list(REFERENCES[name](list(tokens))), tokens


@pytest.mark.parametrize("name", REFERENCES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_longer_inputs(name, data):
    program = PROGRAMS[name]
    tokens = data.draw(st.lists(st.sampled_from(program.vocabulary), min_size=5, max_size=20))
    if "split" in name:
        tokens = [t for t in tokens if t != "+"]
        tokens.insert(data.draw(st.integers(0, len(tokens))), "+")
    assert run(program.output, tokens, program.causal) == list(REFERENCES[name](tokens))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**30), st.integers(0, 10**30), st.booleans())
def test_addition_of_any_length(a, b, near_nines):
    if near_nines:  # long chains of carries
        b = max(0, 10 ** len(str(a)) - a - b % 2)
    program = PROGRAMS["addition"]
    typed = f"{a}+{b}"
    assert program.write(run(program.output, program.read(typed))) == str(a + b)


def continuation(program, question, answer):
    """What the program says from the = on while the answer is written behind it."""
    typed = list(question + answer)
    return run(program, typed, causal=True)[len(question) - 1 :]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 999), st.integers(0, 999))
def test_the_adder_continues_a_sum(a, b):
    said = continuation(PROGRAMS["adder"].output, f"{a}+{b}=", str(a + b))
    assert said == [*str(a + b), "\n"]


def test_the_adder_says_nothing_before_the_equals_sign():
    assert run(PROGRAMS["adder"].output, list("683+345"), causal=True) == [None] * 7


def test_an_adder_of_more_digits():
    program = causal_addition(5)
    for a, b in ((99999, 1), (1, 99999), (12345, 87654), (12345, 87655), (90000, 9), (7, 12), (99999, 99999)):
        assert continuation(program, f"{a}+{b}=", str(a + b)) == [*str(a + b), "\n"]


def test_reading_input():
    assert find("addition").read("683+345") == list("683+345")
    assert find("knowledge").read("president in 2008") == ["president", "in", "2008"]
    assert find("histogram").read("to be or not to be") == ["to", "be", "or", "not", "to", "be"]
    with pytest.raises(RaspError, match="addition does not know the token 'x' at position 1"):
        find("addition").read("6x")
    with pytest.raises(RaspError, match="at least one token"):
        find("sort").read("")
    with pytest.raises(RaspError, match="there is no program 'sum': the programs are length, index"):
        find("sum")


def test_writing_output():
    assert find("histogram").write([2, 10]) == "2 10"
    assert find("addition").write([None, 1, 0]) == "10"
    assert find("recall").write([None, "1"]) == "·1"
