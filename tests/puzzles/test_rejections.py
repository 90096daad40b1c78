"""The checker lets no wrong kernel pass, and says why in a sentence."""

from __future__ import annotations

import textwrap

import pytest
from support.chapters import every

MISTAKES = [mistake for chapter in every("MISTAKES") for mistake in chapter]

HEADER = 'import math\nimport numpy as np\nfrom numba import cuda, float32\nPUZZLE = "{}"\n'


def kernel(body: str, parameters: str = "c, a, b", puzzle: str = "gemm-naive-3x3") -> str:
    """A learner's file with this kernel body."""
    head = HEADER.format(puzzle) + f"@cuda.jit\ndef kernel({parameters}):\n"
    return head + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"


# Through gate and sandbox, as `python -m puzzles check` does.


def test_a_correct_file_passes(edited, check_text):
    verdict = check_text(edited("gemm-naive-3x3"))
    assert verdict.passed, verdict
    assert "54 (at most 54)" in str(verdict)


def test_a_transposed_result(edited, check_text):
    verdict = check_text(edited("gemm-naive-3x3", ("c[i, j] = total", "c[j, i] = total")))
    (reason,) = verdict.reasons
    assert reason.kind == "result"
    assert "transpose" in reason.advice
    assert "6 of 9 elements of c are wrong" in reason.message


def test_a_kernel_that_works_for_ones_only(check_text):
    verdict = check_text(kernel("c[cuda.threadIdx.y, cuda.threadIdx.x] = float32(3)"))
    assert [reason.kind for reason in verdict.reasons] == ["result"]


def test_no_guard(edited, check_text):
    verdict = check_text(edited("guard", ("    if i < out.shape[0]:\n        out", "    out")))
    (reason,) = verdict.reasons
    assert "out of bounds" in reason.message and "'x'" in reason.message
    assert reason.line is not None and reason.size == {"n": 5}


def test_too_many_reads(edited, check_text):
    verdict = check_text(
        edited(
            "gemm-naive-3x3",
            ("    total = float32(0)\n", "    c[i, j] = float32(0)\n"),
            ("total +=", "c[i, j] +="),
            ("    c[i, j] = total\n", ""),
        )
    )
    assert {reason.kind for reason in verdict.reasons} == {"limit"}
    assert "81, but the limit is at most 2 * n**3 = 54" in verdict.reasons[0].message


@pytest.mark.parametrize(
    "trick",
    [
        "import gpusim\ngpusim.simulate = None",
        "from puzzles import check",
        "import os",
        "cuda.jit = print",
        "cuda.jit, x = print, 1",
        "np.isclose = lambda *a, **k: np.array(True)",
        "for i in range(3):\n    pass",
        "kernel(0, 0, 0)",
        "TABLE = np.linalg.inv(np.eye(3))",
        "TABLE = [x for x in range(9)]",
        "TABLE = (lambda: 1)()",
        "class Fake:\n    pass",
        "@print\ndef helper():\n    pass",
        "def helper(x=print(1)):\n    pass",
        "def helper(x: print(1)):\n    pass",
        "import builtins",
        "from numpy import *",
        "len = print\nX = len(1)",
        "from numpy import fromfunction as len\nX = len(1)",
        "@cuda.jit(link=[print(1)])\ndef helper():\n    pass",
        "if __name__ == '__main__':\n    pass\nelse:\n    print(1)",
        "while True:\n    pass",
        "try:\n    pass\nfinally:\n    pass",
        "async def helper():\n    pass",
        "X: int = print(1)",
        "X = (y := 1)",
        "X = f'{print(1)}'",
    ],
)
def test_work_on_the_host(edited, check_text, trick):
    """Whatever acts on the host is refused from its text, before anything runs."""
    text = edited("gemm-naive-3x3") + "\n" + trick + "\n"
    verdict = check_text(text)
    (reason,) = verdict.reasons
    assert reason.kind == "file"
    assert reason.line is not None and reason.line > 10
    assert not verdict.launches


@pytest.mark.parametrize("body", ["c[:] = a @ b", "np.matmul(a, b, c)", "np.dot(a, b, out=c)"])
def test_numpy_in_place_of_threads(judge_text, body):
    verdict = judge_text("gemm-naive-3x3", kernel(body))
    assert not verdict.passed


def test_numpy_in_a_plain_function(judge_text):
    text = HEADER.format("gemm-naive-3x3") + "def kernel(c, a, b):\n    c[:] = a @ b\n"
    assert not judge_text("gemm-naive-3x3", text).passed


def test_an_endless_loop(check_text):
    verdict = check_text(kernel("while True:\n    pass"))
    (reason,) = verdict.reasons
    assert reason.kind == "launch" and reason.line == 7
    assert "never ends" in reason.message


def test_an_endless_loop_with_work_in_it(check_text):
    verdict = check_text(kernel("i = 0\nwhile i < 5:\n    c[0, 0] = a[0, 0]"))
    assert "endless" in verdict.reasons[0].message


def test_a_loop_beyond_the_time_limit(check_text):
    loops = "for x in range(1 << 20):\n    for y in range(1 << 20):\n        c[0, 0] = a[0, 0]"
    verdict = check_text(kernel(loops), time_limit=4)
    (reason,) = verdict.reasons
    assert reason.kind == "sandbox"
    assert "Not finished after 4 seconds" in reason.message


def test_output_is_kept_apart_from_the_result(check_text):
    """What a kernel prints is shown, and cannot be taken for a verdict."""
    verdict = check_text(kernel('print("passed", 1)'))
    assert not verdict.passed
    assert "passed 1" in verdict.printed
    assert "| passed 1" in str(verdict)


# Without the sandbox: the same judge, sooner.


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x = [1, 2]\nc[0, 0] = x[0]", "kernel"),
        ("with a:\n    pass", "with"),
        ("import sys", "import"),
        ("c[0, 0] = aa[0, 0]", "aa"),
        ("raise SystemExit", "raise SystemExit"),
        ("class X:\n    pass", "kernel"),
        ("c[0, 0] = lambda: 1", ""),
    ],
)
def test_what_a_kernel_cannot_do(judge_text, body, words):
    verdict = judge_text("gemm-naive-3x3", kernel(body))
    (reason,) = verdict.reasons
    assert reason.kind in ("file", "launch", "unwritten")
    assert words in reason.message
    assert "Traceback" not in str(verdict)


def test_missing_kernel(edited, check_text):
    verdict = check_text(edited("map", ("def kernel", "def colonel")))
    assert "defines no kernel" in verdict.reasons[0].message


def test_a_kernel_that_is_no_function(edited, check_text):
    verdict = check_text(edited("map", ("def kernel", "def colonel")) + "\nkernel = 3\n")
    assert "defines no kernel" in verdict.reasons[0].message


@pytest.mark.parametrize(("parameters", "count"), [("c, a", "2 parameters"), ("c", "1 parameter"), ("c, a, b, d", "4")])
def test_wrong_number_of_parameters(judge_text, parameters, count):
    verdict = judge_text("gemm-naive-3x3", kernel("pass", parameters))
    assert count in verdict.reasons[0].message
    assert "passes 3: kernel(c, a, b)" in verdict.reasons[0].message


def test_renamed_parameters_are_fine(judge_text):
    body = """
    total = float32(0)
    for k in range(3):
        total += left[cuda.threadIdx.y, k] * right[k, cuda.threadIdx.x]
    result[cuda.threadIdx.y, cuda.threadIdx.x] = total
    """
    assert judge_text("gemm-naive-3x3", kernel(body, "result, left, right")).passed


def test_an_input_that_is_changed(edited, judge_text):
    text = edited("gemm-naive-3x3", ("    c[i, j] = total", "    c[i, j] = total\n    a[i, j] = float32(7)"))
    kinds = {reason.kind: reason for reason in judge_text("gemm-naive-3x3", text).reasons}
    assert "is now 7, but a is an input" in kinds["input"].message


def test_an_input_that_is_stored_back(edited, judge_text):
    """Writing what is there already changes nothing, and is still a write that others could race with."""
    text = edited("map", ("    out[i] =", "    a[i] = a[i]\n    out[i] ="))
    assert judge_text("map", text).reasons[0].kind == "input"


def test_an_output_left_unwritten(edited, judge_text):
    text = edited("gemm-naive-3x3", ("    c[i, j] = total", "    if i > 0:\n        c[i, j] = total"))
    (reason,) = judge_text("gemm-naive-3x3", text).reasons
    assert reason.kind == "unwritten"
    assert "c[0, 0] was never written: 3 of 9" in reason.message


def test_an_index_that_forgets_the_block(edited, judge_text):
    text = edited("gemm-naive-6x6", ("j, i = cuda.grid(2)", "j, i = cuda.threadIdx.x, cuda.threadIdx.y"))
    reasons = {reason.kind: reason for reason in judge_text("gemm-naive-6x6", text).reasons}
    assert "race" in reasons["finding"].message
    assert "cuda.blockIdx" in reasons["unwritten"].advice


def test_adding_to_poison(edited, judge_text):
    text = edited("guard", ("out[i] =", "out[i] +="))
    (reason,) = judge_text("guard", text).reasons
    assert "+=" in reason.advice


BARRIERS = {"gemm-shared-3x3": 1, "gemm-tiled-6x6": 2, "gemm-any-size": 2, "row-sum": 2, "attention-tiled": 2}


@pytest.mark.parametrize(("name", "which"), [(name, i) for name, count in BARRIERS.items() for i in range(count)])
def test_a_barrier_left_out(edited, judge_text, name, which):
    """The result may even be right, as it is on many a GPU; it is a race all the same."""
    pieces = edited(name).split("cuda.syncthreads()\n")
    code = (
        "cuda.syncthreads()\n".join(pieces[: which + 1]) + "pass\n" + "cuda.syncthreads()\n".join(pieces[which + 1 :])
    )
    assert code.count("syncthreads()\n") == BARRIERS[name] - 1
    reasons = judge_text(name, code).reasons
    assert any(reason.kind == "finding" and "race" in reason.message for reason in reasons)


def test_a_barrier_that_not_all_threads_reach(edited, judge_text):
    inside = ("\n        cuda.syncthreads()\n        half", "\n            cuda.syncthreads()\n        half")
    verdict = judge_text("row-sum", edited("row-sum", inside))
    assert not verdict.passed
    assert "syncthreads" in verdict.reasons[0].message


def test_an_early_return_before_a_barrier(edited, judge_text):
    text = edited(
        "gemm-any-size",
        ("    total = float32(0)\n", "    if i >= m or j >= n:\n        return\n    total = float32(0)\n"),
    )
    assert not judge_text("gemm-any-size", text).passed


def test_shared_memory_may_not_be_left_out(edited, judge_text):
    text = edited("gemm-shared-3x3", ("a_tile[i, k] * b_tile[k, j]", "a[i, k] * b[k, j]"))
    counters = [reason.message.partition(":")[0] for reason in judge_text("gemm-shared-3x3", text).reasons]
    assert counters == ["global loads"]


def test_one_thread_may_not_do_it_all(judge_text):
    body = """
    row = cuda.blockIdx.x
    if cuda.threadIdx.x == 0:
        total = float32(0)
        for j in range(x.shape[1]):
            total += x[row, j]
        out[row] = total
    """
    messages = [r.message for r in judge_text("row-sum", kernel(body, "out, x", "row-sum")).reasons]
    assert any("busiest thread" in message for message in messages)


def test_atomics_may_not_replace_the_tree(edited, judge_text):
    body = """
    row = cuda.blockIdx.x
    if cuda.threadIdx.x == 0:
        out[row] = float32(0)
    cuda.syncthreads()
    for j in range(cuda.threadIdx.x, x.shape[1], 64):
        cuda.atomic.add(out, row, x[row, j])
    """
    messages = [r.message for r in judge_text("row-sum", kernel(body, "out, x", "row-sum")).reasons]
    assert any("global atomics" in message for message in messages)


@pytest.mark.parametrize("name", ["softmax-three-pass", "softmax-online", "cross-entropy"])
def test_an_exponential_that_overflows(edited, judge_text, name):
    text = edited(name, ("largest = max(", "largest = float32(0) * max("))
    (reason,) = judge_text(name, text).reasons
    assert reason.kind == "result"
    assert "not finite" in reason.advice


def test_the_shortcut_to_the_variance(edited, judge_text):
    """Mean of squares minus square of mean loses all its digits far from zero."""
    text = edited(
        "layer-norm",
        ("(x[row, j] - mean) ** 2", "x[row, j] * x[row, j]"),
        ("float32(n) + float32(EPS)", "float32(n) - mean * mean + float32(EPS)"),
    )
    assert judge_text("layer-norm", text).reasons[0].kind == "result"


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{m.puzzle}-{n}" for n, m in enumerate(MISTAKES)])
def test_a_mistake_is_refused_for_the_right_reason(edited, judge_text, mistake):
    text = edited(mistake.puzzle, *mistake.edits)
    verdict = judge_text(mistake.puzzle, text)
    lines = text.splitlines()
    told = [
        reason
        for reason in verdict.reasons
        if reason.kind == mistake.kind and mistake.words in f"{reason.message} {reason.advice}"
        if not mistake.at or (reason.line is not None and mistake.at in lines[reason.line - 1])
    ]
    assert told, verdict
