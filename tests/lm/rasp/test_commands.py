"""`lm rasp`: results, JSON, pictures, and one sentence for bad input."""

from __future__ import annotations

import json

import pytest

from lm.__main__ import main
from lm.checkpoint import load_checkpoint
from lm.rasp.programs import PROGRAMS


@pytest.mark.parametrize(
    ("program", "typed", "answer"),
    [
        ("addition", "683+345", "1028"),
        ("addition", "9+" + "9" * 40, "1" + "0" * 39 + "8"),
        ("adder", "683+345=102", "1028"),
        ("knowledge", "president in 2008", "Bush"),
        ("sort", "cabca", "aabcc"),
        ("recall", "a1b2>a", "·····1"),
    ],
)
def test_run(cli, program, typed, answer):
    assert cli("rasp", "run", program, typed) == (0, answer + "\n", "")


def test_run_json(cli):
    result = json.loads(cli("rasp", "run", "flip", "abc", "--json")[1])
    assert result == {"program": "flip", "input": ["a", "b", "c"], "output": ["c", "b", "a"]}


def test_programs_in_files(cli, tmp_path):
    path = tmp_path / "twice.rasp"
    path.write_text("again = key(tokens) == query(tokens)\nagain.count() > 1\n", encoding="utf-8")
    assert cli("rasp", "run", path, "abcab") == (0, "11011\n", "")
    assert "none differ" in cli("rasp", "check", path, "--length", 4)[1]
    path.write_text("again = key(tokens) == query(tokens)\nagain.count() > one\n", encoding="utf-8")
    assert f"line 2 of {path}: there is no 'one'" in cli("rasp", "run", path, "abcab")[2]
    assert "there is no text file" in cli("rasp", "run", tmp_path / "none.rasp", "abcab")[2]


def test_list(cli):
    rows = json.loads(cli("rasp", "list", "--json")[1])["programs"]
    assert [row["program"] for row in rows] == list(PROGRAMS)
    by_name = {row["program"]: row for row in rows}
    assert by_name["addition"]["layers"] == 3
    assert by_name["histogram"]["c_rasp"] is True
    assert "computed number" in by_name["addition"]["rasp_l"]
    out = cli("rasp", "list")[1]
    assert len(out.splitlines()) == len(PROGRAMS) + 1


def test_compile_writes_a_checkpoint(cli, tmp_path):
    path = tmp_path / "flip.safetensors"
    status, out, _ = cli("rasp", "compile", "flip", "--length", 4, "--vocabulary", "ab", "-o", path, "--json")
    about = json.loads(out)
    checkpoint = load_checkpoint(path)
    assert status == 0
    assert about["parameters"] == sum(p.size for p in checkpoint.parameters.values())
    assert checkpoint.training["tokens"] == ["begin", "a", "b"]
    assert "parameters" in cli("rasp", "compile", "flip", "-o", path)[1]


def test_check(cli):
    status, out, _ = cli("rasp", "check", "sort", "--length", 4)
    assert (status, out) == (0, "sort: every input up to 4 tokens, 120 compared, none differ\n")
    out = cli("rasp", "check", "split-left", "--length", 9, "--most", 50, "--json")[1]
    assert json.loads(out)["exhaustive"] is False


def test_steps(cli):
    out = cli("rasp", "steps", "addition", "683+345")[1]
    lines = {line.split("  ")[0].strip() or line: line for line in map(str.strip, out.splitlines())}
    assert lines["sum of this place"].split()[-7:] == ["0", "0", "0", "0", "9", "12", "8"]
    assert lines["carry"].split()[-7:] == ["0", "0", "0", "1", "1", "0", "0"]
    assert lines["answer"].split()[-4:] == ["1", "0", "2", "8"]
    steps = json.loads(cli("rasp", "steps", "addition", "683+345", "--json")[1])["steps"]
    assert [step["name"] for step in steps][:3] == ["embedding", "layer 1, attention", "layer 1, MLP"]


@pytest.mark.parametrize("what", ["attention", "steps"])
@pytest.mark.parametrize(("program", "typed"), [("addition", "683+345"), ("knowledge", "capital of Peru")])
def test_draw(cli, tmp_path, what, program, typed):
    path = tmp_path / "picture.svg"
    assert cli("rasp", "draw", program, typed, "-o", path, "--what", what)[0] == 0
    svg = path.read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert ("layer 1" if what == "attention" else "layer 1, attention") in svg
    if what == "attention" and program == "addition":
        assert svg.count("<rect") > 4 * 7 * 8  # every cell of every head


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "sum", "1+1"), "there is no program 'sum': the programs are length"),
        (("run", "addition", "1+x"), "does not know the token 'x' at position 2"),
        (("run", "addition", ""), "needs at least one token"),
        (("run", "minimum", "ba", "--causal"), "their values differ"),
        (("compile", "sort", "-o", "{tmp}"), "cannot be written"),
        (("check", "sort", "--length", "0"), "at least 1 token, got 0"),
        (("draw", "sort", "ab", "-o", "{tmp}"), "cannot be written"),
        (("steps", "sort", "abcabc", "--length", "3"), "has 6 tokens and the model takes 1 to 3"),
        (("learn", "sort", "--length", "5", "--longer", "5"), "lengths must be at least 2 and growing"),
        (("learn", "recall", "--length", "4", "--longer", "6"), "no example of 5 to 6 tokens"),
        (("learn", "recall", "--length", "40", "--longer", "60"), "no example of 41 to 60 tokens"),
        (("learn", "adder", "--length", "2", "--longer", "3"), "no example of 1 to 2 tokens"),
        (("learn", "sort", "--input", "xyz", "-o", "{tmp}/x.svg"), "does not know the token 'x'"),
    ],
)
def test_one_sentence_for_bad_input(cli, tmp_path, arguments, message):
    status, out, err = cli("rasp", *(a.format(tmp=tmp_path) for a in arguments))
    assert (status, out) == (1, "")
    assert message in err
    assert "Traceback" not in err
    assert err.strip().count("\n") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "sort", "--most", 0),
        ("backdoor", "--tests", -5),
        ("learn", "sort", "--steps", 0),
        ("backdoor", "--seed", -1),
    ],
)
def test_numbers_that_no_work_can_be_done_with(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["rasp", *map(str, arguments)])
    assert stopped.value.code == 2
    assert "whole number" in capsys.readouterr().err
