"""RASP as text: it means what Python means, and nothing else runs."""

from __future__ import annotations

import pytest

from lm.rasp.check import compare
from lm.rasp.compiler import circuit, compile_program
from lm.rasp.expressible import judge
from lm.rasp.interpreter import run
from lm.rasp.language import RaspError
from lm.rasp.programs import Program
from lm.rasp.source import parse


@pytest.mark.parametrize(
    ("source", "typed", "expected"),
    [
        ("tokens", "ab", ["a", "b"]),
        ("(key(indices) == query(length - 1 - indices)).value(tokens)", "abc", ["c", "b", "a"]),
        ("same = key(tokens) == query(tokens)\nsame.count() - 1", "aba", [1, 0, 1]),
        ("(key(tokens == 'a') & before()).best(indices).only(indices, -1)", "aba", [-1, 0, 0]),
        ("'x' if tokens == 'a' and not indices == 0 else tokens", "aab", ["a", "x", "b"]),
        ("digit = lookup({'1': 1, '2': 2}, tokens, default=0)\neverything.sum(digit)", "12a", [3, 3, 3]),
        ("-indices % 3 // 1 * 2 / 2", "aaa", [0, 2, 1]),
        ("constant(7)", "ab", [7, 7]),
        ("~(indices < 1) | (tokens != 'a')", "ba", [True, True]),
        ("indices.named('place')", "ab", [0, 1]),
    ],
)
def test_programs(source, typed, expected):
    assert run(parse(source), typed) == expected


def test_sequences_are_named_as_assigned():
    assert parse("token_before = tokens").label == "token before"


def test_deep_programs_get_a_sentence():
    deep = parse("x = indices % 2\n" + "x = where(x == 1, x, 0)\n" * 3000 + "x")
    program = Program("deep", "", deep, "ab", ("a", "b"))
    for use in (lambda: run(deep, "ab"), lambda: circuit(program, length=2), lambda: judge(deep)):
        with pytest.raises(RaspError, match="nested too deeply"):
            use()
    with pytest.raises(RaspError, match=r"nested too deeply|makes no sense|not an expression"):
        parse("-" * 100_000 + "indices")


def test_shared_parts_are_looked_at_once():
    shared = parse("x = tokens == 'a'\ny = key(tokens == 'b').count()\n" + "x = x | (x & (y > 0))\n" * 40 + "x")
    assert judge(shared).c_rasp == ""
    result = compare(compile_program(Program("shared", "", shared, "ab", ("a", "b")), length=3))
    assert (result.compared, result.disagreements) == (14, ())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "is empty"),
        ("tokens ==", "line 1 of the program is not an expression"),
        ("x = 1\nimport os", "line 2 of the program: only assignments"),
        ("__import__('os')", "there is no function '__import__': there are key, query"),
        ("tokens.__class__", "is not part of RASP"),
        ("tokens.__class__()", "there is no .__class__"),
        ("key(tokens).selector()", "there is no .selector"),
        ("(lambda: 1)()", "is not part of RASP"),
        ("[t for t in tokens]", "is not part of RASP"),
        ("open('x')", "there is no function 'open'"),
        ("where(tokens == 'a', ..., 1)", "still a hole"),
        ("token", "there is no 'token': there are tokens, indices"),
        ("tokens = indices", "'tokens' is RASP's own"),
        ("x, y = 1, 2", "only assignments to a name"),
        ("key(tokens) == query(tokens)", "ends with a selector"),
        ("1", "ends with 1"),
        ("1 == 1", "at least one side of a comparison"),
        ("0 < indices < 3", "is not part of RASP"),
        ("where(tokens)", "line 1 of the program: this makes no sense"),
        ("1.5 + indices", "is no value of RASP"),
        ("key(tokens) == tokens", "is compared with key"),
        ("lookup({**tokens}, tokens)", r"no \*\* here"),
        ("everything.mean(**tokens)", r"no \*\* here"),
        ("(" * 300 + "1" + ")" * 300, "is not an expression"),
        ("'a' * 999999999", "at least one side of an operator"),
        ("key(5)", "a sequence is needed here, such as tokens or indices, not 5"),
        ("everything.best(3).only(tokens)", "a sequence is needed here"),
        ("where(key(tokens == 'a'), 1, 2)", "a sequence is needed here, .* not a Side"),
        ("where(tokens == 'a', key(tokens), 2)", "a sequence or a value is needed here, not a Side"),
        ("everything & tokens", "key.condition. makes one of a condition"),
        ("lookup({'a': 1}, everything)", "a sequence is needed here"),
        ("indices + {'a': 1}", "a sequence or a value is needed here, not a dict"),
        ("tokens\0", "is not an expression"),
    ],
)
def test_what_is_not_rasp(source, message):
    with pytest.raises(RaspError, match=message):
        parse(source)
