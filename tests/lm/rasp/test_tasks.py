"""The tasks: solutions are right and at par, holes are not solutions, wrong ideas are refuted."""

from __future__ import annotations

import re

import pytest

from lm.rasp.language import RaspError
from lm.rasp.source import parse
from lm.rasp.tasks import TASKS, judge

BY_NAME = {task.name: task for task in TASKS}


@pytest.mark.parametrize("task", TASKS, ids=BY_NAME)
def test_solutions_are_right_and_at_par(task):
    judgement = judge(task, parse(task.solution), seed=3)
    assert judgement.right, judgement.message
    assert judgement.layers == task.layers
    assert "which is par" in judgement.message
    assert task.hints


@pytest.mark.parametrize("task", TASKS, ids=BY_NAME)
def test_holes_say_so(task):
    assert task.hole != task.solution
    with pytest.raises(RaspError, match="still a hole"):
        parse(task.hole, task.name)


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("count", 'key(tokens == "a").count() + 0 * indices - 1', "must be"),
        ("shift", '(key(indices) == query(indices) + 1).value(tokens, "_")', "for 'aa' position 0 must be _ and is a"),
        ("find", "(key(tokens) == query(tokens)).best(indices).only(indices)", "position 0 must be 0 and is 1"),
        ("find", "(key(tokens) == query(tokens)).only(indices)", "has no result: .* their values differ"),
        ("histogram", "key(tokens == tokens).count()", "must be"),
        ("reverse", "(key(indices) == query(length - indices)).value(tokens)", "must be a and is ·"),
        ("sort", "(key((key(tokens) < query(tokens)).count()) == query(indices)).only(tokens)", "must be a and is ·"),
        ("addition", BY_NAME["addition"].solution.replace("place != 9", "place != 99"), "must be"),
        ("addition", BY_NAME["addition"].solution.replace("best(-indices)", "best(indices)"), "must be"),
        ("recall", "where(tokens == '>', tokens, None)", "must be"),
    ],
)
def test_wrong_ideas_are_refuted(name, source, message):
    judgement = judge(BY_NAME[name], parse(source))
    assert not judgement.right
    assert re.search(message, judgement.message)


def test_over_par():
    assert judge(BY_NAME["count"], parse('key(tokens == "a").sum(indices - indices + 1)')).message == (
        "right, with 2 layers; par is 1"
    )
