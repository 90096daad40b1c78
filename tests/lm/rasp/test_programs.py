"""Every program of the library against plain Python."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rasp_references import REFERENCES

from lm.config import parameter_count
from lm.rasp.compiler import compile_program
from lm.rasp.interpreter import run
from lm.rasp.language import RaspError, where
from lm.rasp.programs import PROGRAMS, find
from lm.rasp.programs.arithmetic import causal_addition, digit
from lm.rasp.source import parse

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


README = Path(__file__).parents[3] / "lm" / "rasp" / "README.md"


def test_the_readmes_programs():
    flip, addition = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    names: dict = {}
    exec(flip, names)
    assert run(names["flip"], "abc") == ["c", "b", "a"]
    names |= {"digit": digit, "where": where}
    exec(addition, names)
    parsed = parse(f"digit = lookup({ {d: int(d) for d in '0123456789'} }, tokens, 0)\n" + addition)
    for typed in ("683+345", "9+99", "0+0", "5+5", "100+1"):
        expected = run(PROGRAMS["addition"].output, list(typed))
        assert run(names["addition"], list(typed)) == expected
        assert run(parsed, list(typed)) == expected


def test_the_readmes_sizes():
    rows = re.findall(r"^\| ([a-z0-9-]+) \| ([\d,]+)[^|]* \| ([\d,]+)", README.read_text(encoding="utf-8"), re.M)
    assert len(rows) == 7
    for name, tracr, ours in rows:
        size = parameter_count(compile_program(PROGRAMS[name], length=5).checkpoint.config)
        assert f"{size:,}" == ours
        assert size <= int(tracr.replace(",", ""))
    assert f"has {len(PROGRAMS)} of them" in README.read_text(encoding="utf-8")
