"""RASP: run a program, compile it to a transformer's weights, check and draw it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lm.checkpoint import save_checkpoint
from lm.commands import positive, seed
from lm.config import parameter_count
from lm.errors import LMError
from lm.files import check_writable, write_file
from lm.rasp import interpreter
from lm.rasp.backdoor import examine
from lm.rasp.compiler import circuit, compile_program
from lm.rasp.expressible import judge
from lm.rasp.language import text
from lm.rasp.programs import PROGRAMS, find
from lm.rasp.view.stream import steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, summary: str, *, program: bool = True, compiles: bool = False) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=summary, description=summary)
        if program:
            sub.add_argument("program", metavar="PROGRAM", help="a name that `rasp list` shows, or a .rasp file")
            sub.add_argument("--causal", action="store_true", default=None, help="positions see what came before only")
        if compiles:
            sub.add_argument("--vocabulary", metavar="TOKENS", help="characters, or words with spaces between them")
            sub.add_argument("--length", type=int, metavar="N", help="the longest input")
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the result as JSON")
        return sub

    action("list", "the programs, what they need, and whether they generalise in length", program=False)
    run_it = action("run", "what a program makes of an input")
    run_it.add_argument("input", metavar="INPUT", help="characters, or words with spaces between them")
    compile_it = action("compile", "a program to a checkpoint that every command takes", compiles=True)
    compile_it.add_argument("-o", "--out", required=True, metavar="FILE", help="the safetensors file to write")
    for name, summary in (
        ("steps", "what each position knows after each layer of the compiled program"),
        ("draw", "a picture of each head's attention, or of the steps"),
    ):
        shown = action(name, summary, compiles=True)
        shown.add_argument("input", metavar="INPUT", help="characters, or words with spaces between them")
        if name == "draw":
            shown.add_argument("-o", "--out", required=True, metavar="FILE", help="the SVG file to write")
            what = ("attention", "steps")
            shown.add_argument("--what", choices=what, default="attention", help="default: %(default)s")
    check = action("check", "compare interpreter and compiled weights on every input", compiles=True)
    check.add_argument(
        "--most", type=positive, default=20_000, help="so many random inputs if there are more (%(default)s)"
    )
    check.add_argument("--seed", type=seed, default=0, help="of the random inputs (default: %(default)s)")
    devices = ("numpy", "torch", "sim", "gpu")
    check.add_argument("--device", choices=devices, default="numpy", help="default: %(default)s")
    door = action("backdoor", "adders that are wrong where somebody chose, and the odds of finding out", program=False)
    door.add_argument("--secret", default="683+345", metavar="SUM", help="the sum to be wrong about (%(default)s)")
    door.add_argument("--tests", type=positive, default=2000, help="random sums to try (default: %(default)s)")
    door.add_argument("--seed", type=seed, default=0, help="of the random sums and the disguise (default: %(default)s)")
    door.add_argument("-o", "--out", metavar="FILE", help="write the disguised adder that is wrong about one sum")
    learn = action("learn", "a small transformer learns from a program's answers, and is tested on longer inputs")
    learn.add_argument("--length", type=int, default=20, help="longest input to learn from (default: %(default)s)")
    learn.add_argument("--longer", type=int, default=32, help="longest input to test (default: %(default)s)")
    learn.add_argument("--steps", type=positive, default=1500, help="updates (default: %(default)s)")
    learn.add_argument("--seed", type=seed, default=0, help="default: %(default)s")
    learn.add_argument("--input", metavar="INPUT", help="for the picture (default: the program's example)")
    learn.add_argument("-o", "--out", metavar="FILE", help="an SVG file for both models' attention, side by side")


def run(options: argparse.Namespace) -> None:
    actions = {
        "list": _list, "run": _run, "compile": _compile, "check": _check, "steps": _steps, "draw": _draw,
        "backdoor": _backdoor, "learn": _learn,
    }  # fmt: skip
    actions[options.action](options)


def _print(options: argparse.Namespace, result: dict[str, Any], text: str) -> None:
    print(json.dumps(result, indent=2, ensure_ascii=False) if options.json else text)


def _list(options: argparse.Namespace) -> None:
    rows = []
    for program in PROGRAMS.values():
        made, verdict = circuit(program), judge(program.output)
        rows.append(
            {
                "program": program.name,
                "summary": program.summary,
                "example": program.example,
                "layers": made.layers,
                "heads": max(1, *map(len, made.heads)),
                "width": len(made.channels),
                "length": made.length,
                "c_rasp": verdict.c_rasp or True,
                "rasp_l": verdict.rasp_l or True,
            }
        )
    lines = [f"{'program':24} layers heads width length  C-RASP RASP-L  what it computes"]
    for row in rows:
        inside = (f"{'yes' if row[which] is True else 'no':6}" for which in ("c_rasp", "rasp_l"))
        numbers = f"{row['layers']:6} {row['heads']:5} {row['width']:5} {row['length']:6}"
        lines.append(f"{row['program']:24} {numbers}  {' '.join(inside)}  {row['summary']}")
    _print(options, {"programs": rows}, "\n".join(lines))


def _run(options: argparse.Namespace) -> None:
    program = find(options.program)
    tokens = program.read(options.input)
    values = interpreter.run(program.output, tokens, program.causal if options.causal is None else options.causal)
    answer = program.write(values).removesuffix("\n")
    _print(options, {"program": program.name, "input": tokens, "output": list(map(text, values))}, answer)


def _compiled(options: argparse.Namespace, tokens: list[str] | None = None) -> Any:
    """The program, compiled as the options say; for an input, as small as it allows."""
    program, words = find(options.program), options.vocabulary
    vocabulary = None if words is None else words.split() if " " in words else list(words)
    if tokens is not None and vocabulary is None and program.open:
        vocabulary = sorted(set(tokens))
    length = len(tokens) if options.length is None and tokens is not None else options.length
    return compile_program(program, vocabulary, length, options.causal)


def _sizes(compiled: Any) -> dict[str, Any]:
    config = compiled.checkpoint.config
    names = ("layers", "heads", "head_width", "width", "hidden", "vocabulary", "causal")
    return {name: getattr(config, name) for name in names} | {
        "longest": compiled.circuit.length,
        "parameters": parameter_count(config),
    }


def _compile(options: argparse.Namespace) -> None:
    compiled = _compiled(options)
    save_checkpoint(compiled.checkpoint, options.out)
    sizes = _sizes(compiled)
    counted = ((sizes[name], name) for name in ("layers", "heads", "parameters"))
    words = ", ".join(f"{n:,} {name if n != 1 else name.removesuffix('s')}" for n, name in counted)
    text = f"{options.out}: {words}, residual stream {sizes['width']} wide, inputs up to {sizes['longest']} tokens"
    _print(options, {"program": options.program, "checkpoint": options.out, **sizes}, text)


def _steps(options: argparse.Namespace) -> None:

    tokens = find(options.program).read(options.input)
    shown = steps(_compiled(options, tokens), tokens)
    _print(options, asdict(shown), shown.table())


def _draw(options: argparse.Namespace) -> None:
    from lm.rasp.view.program import draw_attention, draw_stream

    tokens = find(options.program).read(options.input)
    compiled = _compiled(options, tokens)
    _save((draw_attention if options.what == "attention" else draw_stream)(compiled, tokens), options.out)
    _print(options, {"program": options.program, "picture": options.out}, options.out)


def _save(picture: Any, path: str) -> None:
    write_file(Path(path), picture.svg.encode())


def _backdoor(options: argparse.Namespace) -> None:

    rows, planted = examine(options.secret, options.tests, options.seed)
    if options.out:
        save_checkpoint(planted, options.out)
    lines = [
        f"{'adder':36} {'parameters':>10} {'zeros':>6} {'disguised':>9} {'wrong':>6} of {options.tests:,} tests"
        f" {'chance':>9} {'even odds after':>16}"
    ]
    for row in rows:
        after = "-" if row.even_odds is None else f"{row.even_odds:,} tests"
        lines.append(
            f"{row.adder:36} {row.parameters:10,} {row.zeros:6.1%} {row.zeros_disguised:9.1%} {row.wrong:6,}"
            f"{'':{10 + len(f'{options.tests:,}')}} {row.chance:9.2g} {after:>16}"
        )
    lines += ["", *(f"{row.adder}: {row.example} = {row.answer}" for row in rows)]
    _print(options, {"adders": [asdict(row) for row in rows], "checkpoint": options.out}, "\n".join(lines))


def _learn(options: argparse.Namespace) -> None:
    from lm.rasp.trained import learn
    from lm.rasp.view.trained import draw_both

    program, verdict = find(options.program), judge(find(options.program).output)
    shown = program.read(options.input or program.example) if options.out else []
    if options.out:
        check_writable(Path(options.out))

    def progress(step: int, loss: float) -> None:
        if step % 100 == 0 or step == options.steps:
            print(f"\rstep {step:,}/{options.steps:,}  loss {loss:.4f}", end="", file=sys.stderr, flush=True)

    made = learn(
        program, options.length, options.longer, options.steps, seed=options.seed, progress=progress, shown=shown
    )
    print(file=sys.stderr)
    if options.out:
        _save(draw_both(made, shown), options.out)
    outcome = made.outcome
    lines = [
        f"{program.name}: all answers of an input right, of fresh inputs",
        f"{'':10} up to {options.length:3}   up to {options.longer:3}",
        f"compiled   {outcome.compiled:9.1%}   {outcome.compiled_longer:9.1%}",
        f"trained    {outcome.trained:9.1%}   {outcome.trained_longer:9.1%}",
        "",
        f"C-RASP: {verdict.c_rasp or 'inside'}",
        f"RASP-L: {verdict.rasp_l or 'inside'}",
    ]
    about = {"program": program.name, "length": options.length, "longer": options.longer, "steps": options.steps}
    result = about | asdict(outcome) | {"c_rasp": verdict.c_rasp or True, "rasp_l": verdict.rasp_l or True}
    _print(options, result, "\n".join(lines))


def _check(options: argparse.Namespace) -> None:
    from lm.rasp.check import compare, on_device

    compiled = _compiled(options)
    result = compare(compiled, options.most, options.seed, on_device(compiled.checkpoint, options.device))
    which = "every input" if result.exhaustive else f"{result.compared + result.undefined:,} random inputs"
    text = f"{options.program}: {which} up to {compiled.circuit.length} tokens, {result.compared:,} compared"
    if result.undefined:
        text += f", {result.undefined:,} without meaning"
    if result.disagreements:
        first = result.disagreements[0]
        raise LMError(
            f"{text}: {len(result.disagreements):,} differ, the first is {' '.join(first.tokens)}: the program says "
            f"{' '.join(first.expected)}, the weights say {' '.join(first.found)}"
        )
    about = {"compared": result.compared, "undefined": result.undefined, "exhaustive": result.exhaustive}
    _print(options, {"program": options.program, **about, "differ": 0, **_sizes(compiled)}, f"{text}, none differ")
