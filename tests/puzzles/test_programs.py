"""Programs for attention: solutions are right and at par, wrong ideas are refuted, and nothing of Python ever runs."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest
from support.chapters import Mistake

from lm.rasp.check import compare
from lm.rasp.compiler import compile_program
from lm.rasp.language import tokens as copied
from lm.rasp.programs import Program
from lm.rasp.source import program
from puzzles import catalog, cli
from puzzles.check import check_program, gate
from puzzles.check.programs import inputs, judged
from puzzles.check.sandbox import wire
from puzzles.check.sandbox.program_job import ProgramJob, Ran
from puzzles.errors import PuzzleError
from puzzles.grade.records import grade
from puzzles.picture import picture
from puzzles.program import ProgramPuzzle
from puzzles.source import same_program, skeleton, solution

PROGRAMS = [puzzle for puzzle in catalog.puzzles() if isinstance(puzzle, ProgramPuzzle)]
every_program = pytest.mark.parametrize("puzzle", PROGRAMS, ids=lambda puzzle: puzzle.id)


def whole(puzzle):
    return solution(puzzle, catalog.number(puzzle))


def output_of(puzzle):
    return program(gate.program(gate.parse(whole(puzzle))))


def test_the_chapter_has_what_it_promises():
    names = {puzzle.id.removeprefix("rasp-") for puzzle in PROGRAMS}
    assert names >= {"count", "shift", "find", "recall", "reverse", "histogram", "sort", "addition"}


@every_program
def test_a_puzzle_is_complete(puzzle):
    assert puzzle.title and puzzle.task and puzzle.prediction
    assert len(puzzle.hints) == 3 and all(hint.endswith((".", "?")) for hint in puzzle.hints)
    assert set(puzzle.example) <= set(puzzle.vocabulary)


@every_program
def test_the_solution_is_right_and_at_par(puzzle, check_text):
    verdict = check_text(whole(puzzle))
    assert verdict.passed, verdict
    assert verdict.score.measured == verdict.score.par == puzzle.par
    assert verdict.predicted.right
    assert f"par {puzzle.par}, yours {puzzle.par}: par" in str(verdict)


@every_program
def test_the_solution_is_what_a_transformer_computes(puzzle):
    """The compiled weights, on every input or two hundred random ones, say what the interpreter says."""
    declared = Program(puzzle.title, "", output_of(puzzle), puzzle.example, tuple(puzzle.vocabulary))
    found = compare(compile_program(declared, length=puzzle.length), most=200)
    assert found.compared and not found.disagreements


@every_program
def test_the_skeleton_is_the_solution_with_a_hole(puzzle, check_text):
    holes = skeleton(puzzle, catalog.number(puzzle))
    assert "# HOLE: " in holes and "END HOLE" not in holes and " = ...\n" in holes
    assert not same_program(holes, whole(puzzle))
    assert check_text(holes).untouched
    touched = check_text(holes + "\nmore = 1\n")
    (reason,) = touched.reasons
    assert reason.kind == "file" and "still a hole" in reason.message
    assert " = ..." in holes.splitlines()[reason.line - 1]


@every_program
def test_inputs_are_new_at_every_check_and_repeated_by_a_seed(puzzle):
    assert list(inputs(puzzle, 1)) == list(inputs(puzzle, 1)) != list(inputs(puzzle, 2))
    for tokens in inputs(puzzle, 3):
        assert set(tokens) <= set(puzzle.vocabulary)
        assert len(puzzle.reference(list(tokens))) == len(tokens)


@every_program
def test_guesses_fail(puzzle):
    """Zeros, nothing, a copy of the input, and what is right for another seed's inputs."""
    tried = list(inputs(puzzle, 5))
    others = list(inputs(puzzle, 6))
    guesses = {
        "nothing": [("·",) * len(given) for given in tried],
        "zeros": [("0",) * len(given) for given in tried],
        "a copy": tried,
        "another seed": [
            tuple(map(str, (puzzle.reference(list(other)) * 12)[: len(tokens)]))
            for tokens, other in zip(tried, others[::-1], strict=True)
        ],
    }
    for name, outputs in guesses.items():
        assert not judged(puzzle, 5, Ran(tuple(outputs), layers=1)).passed, name


@every_program
def test_a_program_has_a_picture(puzzle):
    words = " ".join(text.strip() for text in ElementTree.fromstring(picture(puzzle)).itertext())
    assert puzzle.title in words and "layer " in words


def test_a_program_at_hand_is_checked_without_a_file():
    count = catalog.load("rasp-count")
    assert check_program(output_of(count), count).passed
    assert not check_program(copied, count, seed=1).passed
    assert check_program(copied, count, seed=1) == check_program(copied, count, seed=1)


def test_submissions_may_hold_programs():
    count = catalog.load("rasp-count")
    texts = {"a.py": whole(count), "b.py": skeleton(count, catalog.number(count))}
    assert [check["status"] for check in grade("x", texts, {}, 20.0)["checks"]] == ["passed", "open"]


def test_fewer_layers_than_par_are_celebrated():
    sort = catalog.load("rasp-sort")
    outputs = tuple(tuple(sorted(tokens)) for tokens in inputs(sort, 1))
    verdict = judged(sort, 1, Ran(outputs, layers=2))
    assert verdict.passed and "better than par, and than our solution!" in str(verdict)
    assert not judged(sort, 1, Ran(outputs, layers=5)).passed
    assert not judged(sort, 1, Ran(outputs, uncompiled="it looks at too many combinations")).passed


def test_one_layer_too_many_passes_and_is_no_par(edited, check_text):
    verdict = check_text(edited("rasp-count", ("is_a.count()", "is_a.sum(indices - indices + 1)")))
    assert verdict.passed and "par 1, yours 2" in str(verdict) and not str(verdict).endswith("par")


MISTAKES = [
    Mistake("rasp-count", (('tokens == "a"', 'tokens == "b"'),), "result", "for a position 0 should be 1 but is 0"),
    Mistake("rasp-count", (('key(tokens == "a")', "key(tokens) == query(tokens)"),), "result", "should be"),
    Mistake("rasp-count", (("is_a.count()", "is_a.value(tokens)"),), "result", "should be"),
    Mistake("rasp-count", (("output = is_a.count()\n", ""),), "file", "ends with a selector", at="is_a ="),
    Mistake(
        "rasp-count",
        (
            (
                "output = is_a.count()",
                "x = is_a.count()\nx = (key(x) == query(x)).mean(x)\noutput = (key(x) == query(x)).mean(x)",
            ),
        ),
        "limit",
        "layers: 3, but the limit is at most 2; par is 1",
    ),
    Mistake("rasp-shift", (("indices) - 1", "indices) + 1"),), "result", "position 0 should be _ but is a"),
    Mistake("rasp-shift", (('(tokens, "_")', "(tokens)"),), "result", "should be _ but is ·"),
    Mistake("rasp-shift", (("key(indices) == query(indices) - 1", "key(indices) < query(indices)"),), "result"),
    Mistake("rasp-shift", ((' - 1\noutput = left.value(tokens, "_")', " - 1"),), "file", "ends with a selector"),
    Mistake("rasp-histogram", (("query(tokens)", "query(indices)"),), "result", "should be 1 but is 0"),
    Mistake("rasp-histogram", (("key(tokens) == query(tokens)", "key(tokens == tokens)"),), "result"),
    Mistake("rasp-histogram", (("same.count()", "same.best(indices).count()"),), "result", "should be 2 but is 1"),
    Mistake("rasp-histogram", (("key(tokens) ==", "tokens =="),), "file", "bare sequence", at="same ="),
    Mistake("rasp-find", (("-indices", "indices"),), "result", "position 0 should be 0 but is 1"),
    Mistake("rasp-find", (("first.only(indices)", "first.only(tokens)"),), "result", "should be 0 but is a"),
    Mistake("rasp-find", (("first.only", "same.only"),), "result", "their values differ"),
    Mistake("rasp-find", (("best(-indices)", "best(tokens)"),), "result", "best() needs numbers"),
    Mistake("rasp-reverse", (("length - 1 - indices", "length - indices"),), "result", "should be a but is ·"),
    Mistake(
        "rasp-reverse", (("length - 1 - indices", "indices"),), "result", "for a b position 0 should be b but is a"
    ),
    Mistake("rasp-reverse", (("length - 1 - indices", "3 - indices"),), "result"),
    Mistake("rasp-reverse", (("opposite = length", "opposite = size"),), "file", "there is no 'size'", at="opposite ="),
    Mistake("rasp-recall", ((".best(indices)", ""),), "result", "their values differ"),
    Mistake("rasp-recall", (("query(tokens)) &", "query(token_before)) &"),), "result"),
    Mistake("rasp-recall", ((".best(indices)", ""), ("key(token_before)", "key(tokens)")), "result"),
    Mistake("rasp-recall", (('token_before == ">", value', 'tokens == ">", value'),), "result"),
    Mistake("rasp-sort", (("(smaller | equal).count()", "smaller.count()"),), "result", "should be a but is ·"),
    Mistake("rasp-sort", (("(key(indices) < query(indices))", "(key(indices) <= query(indices))"),), "result"),
    Mistake("rasp-sort", (("smaller | equal", "smaller & equal"),), "result"),
    Mistake("rasp-sort", (("smaller = key(tokens) <", "smaller = key(tokens) >"),), "result"),
    Mistake("rasp-addition", (("place != 9", "place != 99"),), "result"),
    Mistake("rasp-addition", (("best(-indices)", "best(indices)"),), "result"),
    Mistake("rasp-addition", (("place > 9, False", "place > 7, False"),), "result"),
    Mistake("rasp-addition", (("key(indices) > query(indices)", "key(indices) >= query(indices)"),), "result"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{m.puzzle}-{n}" for n, m in enumerate(MISTAKES)])
def test_a_mistake_is_refused_for_the_right_reason(edited, check_text, mistake):
    text = edited(mistake.puzzle, *mistake.edits)
    verdict = check_text(text, seed=3)
    assert not verdict.passed
    (reason,) = verdict.reasons
    assert reason.kind == mistake.kind and mistake.words in reason.message
    assert not mistake.at or mistake.at in text.splitlines()[reason.line - 1]


def test_every_puzzle_has_mistakes():
    for puzzle in PROGRAMS:
        assert sum(mistake.puzzle == puzzle.id for mistake in MISTAKES) >= 4


HEAD = 'PUZZLE = "rasp-count"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os\noutput = tokens", "imports only words"),
        ("from os import system\noutput = tokens", "imports only words"),
        ("from lm.rasp import run\noutput = tokens", "imports only words"),
        ("from lm.rasp import tokens as key\noutput = tokens", "imports only words"),
        ("from lm.rasp import *\noutput = tokens", "imports only words"),
        ("from .lm.rasp import tokens\noutput = tokens", "imports only words"),
        ("output = open('/etc/passwd')", "there is no function 'open'"),
        ("output = __import__('os').system('true')", "there is no function '__import__'"),
        ("output = tokens.__class__", "not part of RASP"),
        ("output = tokens.__class__()", "there is no .__class__()"),
        ("output = key(tokens).of()", "there is no .of()"),
        ("output = (lambda: 1)()", "not part of RASP"),
        ("output = [x for x in tokens]", "not part of RASP"),
        ("output = f'{tokens}'", "not part of RASP"),
        ("def f():\n    return tokens\noutput = f()", "only assignments"),
        ("class F:\n    pass", "only assignments"),
        ("while True:\n    pass", "only assignments"),
        ("@print\ndef f():\n    pass", "only assignments"),
        ("output = (x := tokens)", "not part of RASP"),
        ("output: print(1) = tokens", "only assignments"),
        ("tokens = indices\noutput = tokens", "RASP's own"),
        ("tokens.label = 'x'", "only assignments"),
        ("output, x = tokens, 1", "only assignments"),
        ("PREDICTION = print(1)\noutput = tokens", "PREDICTION is a number"),
        ("X = 9 ** 9 ** 9\noutput = tokens", "not part of RASP"),
        ("X = 2 * 3\noutput = tokens", "at least one side"),
        ("X = 10000000000000000000000000\noutput = tokens", "bits"),
        ("output = tokens + " + "1" * 4000, "bits"),
        ("output = " + "(" * 300 + "tokens" + ")" * 300, "too many nested"),
        ("output = " + "-" * 100 + "indices", "nested too deeply"),
        ("output = indices" + " + 1" * 100, "nested too deeply"),
        ("x = indices\n" + "x = x + 1\n" * 8000, "too many"),
        ("output = '" + "a" * 50_000 + "'", "too many"),
        ("x = indices\n" + "x = x + x\n" * 60 + "output = {1: x}", "ends with a dict"),
        ("", "it is empty"),
        ("output = tokens(", "not Python yet"),
    ],
)
def test_what_is_no_program_is_refused_from_its_text(check_text, text, words):
    verdict = check_text(HEAD + text)
    (reason,) = verdict.reasons
    assert reason.kind == "file" and words in reason.message
    assert len(reason.message) < 500 and "Traceback" not in str(verdict)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = indices + 2\n" + "x = x * x\n" * 60 + "output = x", "Do its numbers"),
        ("x = indices + 2\n" + "x = x * x\n" * 9 + "output = x", "too large"),
        ("x = indices\n" + "x = x + 1\n" * 2000 + "output = x", "nested too deeply"),
        ("x = key(tokens == 'a').count()\n" + "x = (key(x) == query(x)).count()\n" * 40 + "output = x", "should be"),
        ("output = tokens * 99999999999999", ""),
        ("output = constant('%99999999999d') % indices", ""),
    ],
)
def test_a_program_that_grows_without_bound_ends_with_a_sentence(check_text, text, words):
    verdict = check_text(HEAD + text, time_limit=4)
    assert not verdict.passed
    assert words in verdict.reasons[0].message and "Traceback" not in str(verdict)


def test_a_compiler_that_has_too_much_to_do_is_not_a_pass(edited, check_text):
    """Right outputs, on a way that no transformer of a bounded size has: every value is a number of its own."""
    text = edited(
        "rasp-count", ("is_a.count()", "is_a.count() + 0 * big"), ("is_a = key", "big = indices\n@is_a = key")
    )
    text = text.replace("@", "big = big * 3 + tokens_as_numbers\n" * 12)
    text = text.replace(
        "big = indices\n", 'tokens_as_numbers = lookup({"a": 0, "b": 1, "c": 2}, tokens)\nbig = indices\n'
    )
    text = text.replace("tokens_as_numbers\n", "(key(indices) == query(big % 6)).mean(tokens_as_numbers, 0)\n")
    verdict = check_text(text, time_limit=15)
    assert not verdict.passed or verdict.score.measured > 1


def job() -> ProgramJob:
    return ProgramJob(whole(PROGRAMS[0]), (("a", "b"), ("c",)), ("a", "b", "c"), 6)


def test_a_job_crosses_the_wall_without_seed_puzzle_or_reference():
    message = job().packed(3.0)
    length, _ = wire.HEAD.unpack(message[: wire.HEAD.size])
    value, arrays = wire.unpack(message[wire.HEAD.size : wire.HEAD.size + length], b"")
    assert ProgramJob.unpacked(value, arrays) == job()
    assert set(value) == {"text", "inputs", "vocabulary", "length", "kind", "seconds", "on_gpu"}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"outputs": None},
        {"outputs": [["1", "1"], ["0"]]},
        {"outputs": [["1", "1"]], "layers": 1},
        {"outputs": [["1"], ["0"]], "layers": 1},
        {"outputs": [["1", 1], ["0"]], "layers": 1},
        {"outputs": [["1", "1"], ["0" * 1000]], "layers": 1},
        {"outputs": [["1", "1"], ["0"], ["0"]], "layers": 1},
        {"outputs": [["1", "1"], ["0"]], "layers": "1"},
        {"outputs": [["1", "1"], ["0"]], "layers": True},
    ],
)
def test_an_answer_that_cannot_be_is_not_believed(value):
    with pytest.raises(wire.BadMessage):
        job().outcome(value, [])


def test_an_answer_is_what_it_says():
    right = {"outputs": [["1", "1"], ["0"]], "layers": 1}
    assert job().outcome(right, []) == Ran((("1", "1"), ("0",)), layers=1)


def test_recall_and_addition_draw_what_they_promise():
    rng = random.Random(0)
    for _ in range(100):
        tokens = catalog.load("rasp-addition").draw(rng)
        first, second = "".join(tokens).split("+")
        answer = [str(value) for value in catalog.load("rasp-addition").reference(tokens) if value is not None]
        assert int("".join(answer)) == int(first) + int(second)


def test_the_commands_know_programs(tmp_path, capsys):
    assert cli.main(["show", "rasp-sort"]) == 0
    assert "a a b c c" in capsys.readouterr().out
    assert cli.main(["show", "rasp-sort", "--json", "--svg", str(tmp_path / "sort.svg")]) == 0
    assert '"par": 3' in capsys.readouterr().out
    assert "<svg" in (tmp_path / "sort.svg").read_text(encoding="utf-8")
    assert cli.main(["predict", "rasp-sort", "4"]) == 0
    assert cli.main(["hint", "rasp-sort", "3"]) == 0
    assert cli.main(["solution", "rasp-sort"]) == 0
    assert cli.main(["debug", "rasp-sort"]) == 1
    assert "asks for a program, not for a kernel" in capsys.readouterr().err
    with pytest.raises(PuzzleError):
        catalog.load_kernel("rasp-sort")
