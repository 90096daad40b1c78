"""The causal adder is a language model: it continues prompts, and its perplexity on answers is 1.000."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from lm.checkpoint import save_checkpoint
from lm.rasp.compiler import compile_program
from lm.rasp.forward import run
from lm.rasp.programs import PROGRAMS
from lm.rasp.programs.arithmetic import causal_addition


@pytest.fixture(scope="module")
def adder():
    return compile_program(PROGRAMS["adder"])


@pytest.fixture(scope="module")
def path(adder, tmp_path_factory):
    path = tmp_path_factory.mktemp("adder") / "adder.safetensors"
    save_checkpoint(adder.checkpoint, path)
    return path


def sums(count, seed):
    """Sums of all lengths; every third has long carries."""
    generator = random.Random(seed)
    for i in range(count):
        a, b = (generator.randrange(10 ** generator.randint(1, 3)) for _ in range(2))
        if i % 3 == 0:
            b = max(0, 10 ** len(str(a)) - a - generator.randrange(2))
        if b < 1000:
            yield f"{a}+{b}=", str(a + b)


def test_every_digit_of_the_answer(adder):
    for question, answer in sums(300, 0):
        (said,) = run(adder.checkpoint, [list(question + answer)])
        assert said[len(question) - 1 :] == [*answer, "\n"]


@pytest.mark.parametrize(("prompt", "answer"), [("683+345=", "1028"), ("7+995=", "1002"), ("0+0=", "0")])
def test_generate(cli, path, prompt, answer):
    status, out, _ = cli("generate", "--checkpoint", path, "--prompt", prompt)
    assert (status, out) == (0, f"{prompt}{answer}\n")


def test_generate_says_nothing_beyond_the_declared_length(cli, path, tmp_path):
    status, out, err = cli("generate", "--checkpoint", path, "--prompt", "123456789+123456789=")
    assert (status, out) == (1, "")
    assert "the prompt has 20 characters and the program was compiled for 12" in err
    assert len(cli("generate", "--checkpoint", path, "--prompt", "1", "--chars", 50, "--seed", 2)[1]) <= 14
    assert "line 1, column 2:" in cli("generate", "--checkpoint", path, "--prompt", "6x")[2]
    sorter = tmp_path / "sort.safetensors"
    save_checkpoint(compile_program(PROGRAMS["sort"], length=4).checkpoint, sorter)
    assert "it continues nothing" in cli("generate", "--checkpoint", sorter, "--prompt", "ba", "--no-cache")[2]


def test_generate_on_the_simulator(cli, tmp_path):
    path = tmp_path / "small.safetensors"
    small = replace(PROGRAMS["adder"], output=causal_addition(2), length=9)
    save_checkpoint(compile_program(small).checkpoint, path)
    status, out, _ = cli("generate", "--checkpoint", path, "--prompt", "68+34=", "--device", "sim")
    assert (status, out) == (0, "68+34=102\n")


@pytest.mark.parametrize("device", ["torch", "sim"])
def test_perplexity_on_answers_is_one(cli, path, tmp_path, device):
    text = tmp_path / "sums.txt"
    text.write_text("".join(f"{q}{a}\n" for q, a in sums(8, 1)), encoding="utf-8")
    status, out, _ = cli("eval", "--checkpoint", path, "--text", text, "--after", "=", "--device", device, "--json")
    result = json.loads(out)
    assert status == 0
    assert result["perplexity"]["transformer"] == pytest.approx(1, abs=5e-4)
    assert result["perplexity"]["uniform"] == pytest.approx(14)
    assert result["characters"] == sum(len(line.partition("=")[2]) + 1 for line in text.read_text().split())
    if device == "sim":
        assert sum(row["global_loads"] for row in result["kernels"]) > 500_000
        assert result["findings"] == []


def test_a_wrong_answer_is_expensive(cli, path, tmp_path):
    text = tmp_path / "wrong.txt"
    text.write_text("683+345=1027\n", encoding="utf-8")
    out = cli("eval", "--checkpoint", path, "--text", text, "--after", "=", "--json")[1]
    assert json.loads(out)["perplexity"]["transformer"] > 1000


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("683+345", "line 1 of {text} has no '='"),
        ("6+x=7", "line 1 of {text} has at line 1, column 3"),
        ("1000+1000=2000", "line 1 of {text} has 14 characters and the model sees 12 at most"),
    ],
)
def test_bad_lines(cli, path, tmp_path, line, message):
    text = tmp_path / "sums.txt"
    text.write_text(line + "\n", encoding="utf-8")
    status, out, err = cli("eval", "--checkpoint", path, "--text", text, "--after", "=")
    assert (status, out) == (1, "")
    assert message.format(text=text) in err
