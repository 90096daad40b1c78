"""How much arithmetic a launch cannot do without, from its source and the counts of its lines.

A compiler removes part of what a source says: it computes addresses once and steps them, unrolls loops,
folds constants, and fuses a multiplication with an addition. So only operators and functions of values
count here: not those in indices, in loop headers and tests, or between constants, and two of them are
one instruction.
"""

from __future__ import annotations

import ast
import textwrap

from gpusim.hardware.work import Work
from gpusim.kernel.source import SourceBlock
from gpusim.lower.analysis import assigned_names, instruction_count, walk_scope

OPERATORS_PER_INSTRUCTION = 2
"""A fused multiply-add is the instruction that does the most."""

_FUNCTIONS = frozenset(("math", "abs", "max", "min", "pow", "round"))
"""What is an instruction when it is called; device functions are inlined, and conversions may cost nothing."""


def arithmetic_instructions(run: Work) -> float:
    """Warp instructions of arithmetic that the launch executes at least."""
    operators = 0.0
    for block in run.sources:
        for line, share in _shares(block).items():
            counts = run.lines[line if block.file == run.file else (block.file, line)]
            operators += share * counts["instructions"]
    return operators / OPERATORS_PER_INSTRUCTION


def _shares(block: SourceBlock) -> dict[int, float]:
    """Line of the file -> operators of values, as a part of what the counter of instructions counts there."""
    try:
        module = ast.parse(textwrap.dedent("\n".join(block.lines)))
    except SyntaxError:  # a lambda in the middle of an expression
        return {}
    ast.increment_lineno(module, block.first_line - 1)
    function = next((node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)), None)
    if function is None:
        return {}
    parameters = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    variables = parameters | assigned_names(function.body)
    counted: dict[int, int] = {}
    useful: dict[int, int] = {}
    for node in walk_scope(list(function.body)):
        if isinstance(node, ast.stmt):
            counted[node.lineno] = counted.get(node.lineno, 0) + instruction_count(node)
            useful[node.lineno] = useful.get(node.lineno, 0) + _operators(node, variables)
    return {line: number / counted[line] for line, number in useful.items() if number}


def _operators(statement: ast.stmt, variables: set[str]) -> int:
    """Operators and functions of values in a statement itself, not in the statements that it holds."""
    if isinstance(statement, (ast.For, ast.While, ast.If, ast.FunctionDef)):
        return 0
    count = 0
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Subscript):  # neither the index nor the access
            stack.append(node.value)
            continue
        if isinstance(node, (ast.BinOp, ast.AugAssign)) or (isinstance(node, ast.Call) and _is_instruction(node)):
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            count += not names.isdisjoint(variables)
        stack.extend(ast.iter_child_nodes(node))
    return count


def _is_instruction(call: ast.Call) -> bool:
    """`math.exp(x)`, `max(a, b)`"""
    function = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    return isinstance(function, ast.Name) and function.id in _FUNCTIONS
