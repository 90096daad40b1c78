"""Interpreter and compiled weights agree: every program, both modes, every short input, and random programs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rasp_random_programs import VOCABULARY, Generator

from lm.checkpoint import load_checkpoint, save_checkpoint
from lm.config import parameter_count, parameter_shapes
from lm.rasp.check import compare, on_device
from lm.rasp.compiler import Compiled, compile_program
from lm.rasp.forward import encode, run
from lm.rasp.language import RaspError, indices, lookup, tokens, where
from lm.rasp.programs import PROGRAMS, Program
from lm.rasp.selectors import everything, key, length, query

# tracr's parameters for the same program, three tokens (shuffle-Dyck-2: four brackets) and five positions.
TRACR = {
    "flip": 18_755, "sort": 11_394, "histogram": 1_053, "shift": 624, "pair-balance": 2_380,
    "sort-by-frequency": 62_134, "shuffle-dyck-2": 246_884,
}  # fmt: skip


def small(name, **options):
    """The program for at most four of its tokens and inputs of at most five."""
    program = PROGRAMS[name]
    vocabulary = program.vocabulary if name in ("addition", "adder", "knowledge") else program.vocabulary[:4]
    return compile_program(program, vocabulary, 5, **options)


def agrees(compiled, most=2_000, **options):
    result = compare(compiled, most, **options)
    assert result.disagreements == ()
    return result


@pytest.mark.parametrize("causal", [False, True], ids=["bidirectional", "causal"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_all_programs_on_every_short_input(name, causal):
    result = agrees(small(name, causal=causal), 100 if name == "adder" else 1_400)
    assert result.compared > 0
    assert result.exhaustive or name in ("addition", "adder", "knowledge")


@pytest.mark.parametrize("causal", [False, True], ids=["bidirectional", "causal"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_up_to_the_declared_length(name, causal):
    longest = 12 if name in ("cumulative-sum", "adder") else 14
    result = agrees(compile_program(PROGRAMS[name], length=longest, causal=causal), 40, seed=1)
    assert result.compared + result.undefined == 40


def test_long_inputs():
    for name, longest in (("sort", 24), ("histogram", 60), ("first", 60), ("fraction-previous", 50), ("dyck-1", 40)):
        assert agrees(compile_program(PROGRAMS[name], length=longest), 60, seed=2).compared


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), causal=st.booleans())
def test_random_programs(seed, causal):
    program = Program("random", "", Generator(seed).program(), "abc", VOCABULARY)
    agrees(compile_program(program, length=4, causal=causal))


@pytest.mark.parametrize(("name", "most"), TRACR.items())
def test_no_larger_than_tracrs(name, most):
    assert parameter_count(compile_program(PROGRAMS[name], length=5).checkpoint.config) <= most


def test_layers():
    assert compile_program(PROGRAMS["flip"], length=5).circuit.layers == 2
    for longest in (7, 61):
        assert compile_program(PROGRAMS["addition"], length=longest).circuit.layers <= 4


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**30 - 1), st.integers(0, 10**30 - 1), st.booleans())
def test_compiled_addition_of_long_numbers(long_addition, a, b, near_nines):
    if near_nines:
        b = max(0, 10 ** len(str(a)) - a - b % 2)
    (answer,) = run(long_addition.checkpoint, [list(f"{a}+{b}")])
    assert "".join(answer).lstrip("·") == str(a + b)


@pytest.fixture(scope="module")
def long_addition() -> Compiled:
    return compile_program(PROGRAMS["addition"], length=61)


def test_weights_are_found_out_when_they_are_wrong():
    compiled = small("histogram")
    compiled.checkpoint.parameters["blocks.0.attn.wq"][:] *= 0
    wrong = compare(compiled).disagreements
    assert wrong
    assert wrong[0].expected != wrong[0].found


@pytest.mark.parametrize("device", ["torch", "sim"])
@pytest.mark.parametrize("name", ["histogram", "dyck-1", "induction"])
def test_the_packages_transformer_answers_the_same(name, device, tmp_path):
    compiled = small(name)
    save_checkpoint(compiled.checkpoint, tmp_path / "program.safetensors")
    loaded = load_checkpoint(tmp_path / "program.safetensors")
    agrees(compiled, 40, answer=on_device(loaded, device))
    ids = encode(loaded, [compiled.circuit.vocabulary[:3]])
    from lm.evaluation import open_model
    from lm.rasp.forward import forward

    ours = forward(loaded.parameters, ids, loaded.config)
    np.testing.assert_allclose(open_model(device, loaded).logits(ids), ours, rtol=1e-4, atol=1e-2)


def test_shapes_are_the_configurations():
    checkpoint = small("sort").checkpoint
    assert {n: p.shape for n, p in checkpoint.parameters.items()} == parameter_shapes(checkpoint.config)
    assert all(p.dtype == np.float32 for p in checkpoint.parameters.values())


def test_compiling_is_reproducible():
    first, second = (small("sort").checkpoint.parameters for _ in range(2))
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


def compiled_output(output, **options):
    return compile_program(Program("test", "", output, "ab", ("a", "b")), **{"length": 4} | options)


@pytest.mark.parametrize(
    "output",
    [
        everything.sum(lookup({"a": 1, "b": 2}, tokens)),
        (key(tokens == "a") | key(indices == 0)).count() - key(tokens == "a").count(),
        where((key(tokens) == query(tokens)).count() > key(tokens == "a").count(), tokens, "-"),
        (~(key(tokens) == query(tokens))).best(indices).only(tokens, None),
        (key(tokens == "a").count() == length) & (key(tokens == "b").count() == 0),
        where(where(tokens == "a", "1", indices) == 1, "number", "other"),  # "1" and 1 look alike
        (key(key(tokens == "a").count() > 1) & (key(indices) < query(indices))).mean(indices, -1),
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_combinations(output, causal):
    agrees(compiled_output(output, causal=causal))


def test_bad_requests():
    with pytest.raises(RaspError, match="counts, which needs a beginning token"):
        compiled_output((key(tokens) == query(tokens)).count(), begin=False)
    with pytest.raises(RaspError, match="may select nothing"):
        compiled_output(key(tokens == "a").only(tokens), begin=False)
    with pytest.raises(RaspError, match="at least 1 token, got 0"):
        compiled_output(tokens, length=0)
    with pytest.raises(RaspError, match="a vocabulary needs at least one token"):
        compiled_output(tokens, vocabulary=())
    with pytest.raises(RaspError, match=r"best\(\) must come last"):
        compiled_output((everything.best(indices) & key(tokens == "a")).only(tokens))
    with pytest.raises(RaspError, match="different means"):
        compiled_output(everything.mean(indices * indices + lookup({"a": 1}, tokens, 0)), length=60)


def test_bad_inputs_of_a_model():
    checkpoint = compiled_output(tokens).checkpoint
    with pytest.raises(RaspError, match="has 5 tokens and the model takes 1 to 4"):
        run(checkpoint, ["ababa"])
    with pytest.raises(RaspError, match="does not know the token 'c'"):
        run(checkpoint, ["abc"])
