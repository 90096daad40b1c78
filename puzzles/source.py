"""The text of a learner's file, cut out of a puzzle's module.

A puzzle's module holds the solution as a real function, so that it is linted, tested and compiled. The
learner's file is derived from it and nothing is written twice:

- the constants and functions that the kernels use, directly or through others, with the comments above them; or the
  assignments that a program's output uses;
- the imports that those lines use;
- a docstring made of the module's docstring and the declared parameters, launches and limits;
- the line `PUZZLE = "id"`, by which the checker knows the task, and `PREDICTION = None` for the answer to its
  question, which the solution gives.

In the module, the lines that the learner has to find stand between `# HOLE: what belongs here` and
`# END HOLE`. The skeleton has `pass` instead of them (a program `name = ...`), and says how many they are; the
solution keeps them and drops the two markers. A puzzle with a declared defect has no hole: its skeleton is the solution
with the defect in it.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from itertools import takewhile

from puzzles.defect import QUESTION
from puzzles.describe import docstring
from puzzles.exercise import Exercise
from puzzles.prediction import Prediction

HOLE = re.compile(r"(?P<indent>[ ]*)# HOLE: .*")
END = re.compile(r"[ ]*# END HOLE")


def skeleton(puzzle: Exercise, number: int) -> str:
    """The file a learner starts from: each hole is empty, or the defect is there."""
    if puzzle.defect:
        return _file(puzzle, number, "None", puzzle.defect.planted(_whole(puzzle)))
    return _file(puzzle, number, "None", _without_holes(puzzle, _part(puzzle)))


def solution(puzzle: Exercise, number: int) -> str:
    """The same file with the holes filled, or repaired."""
    asked = question(puzzle)
    return _file(puzzle, number, asked.written if asked else "None", _whole(puzzle))


def code(text: str) -> str:
    """A file without its docstring, and without the lines that name its puzzle and answer the question."""
    tree, lines = ast.parse(text), text.splitlines()
    named = [node for node in tree.body if _is_prediction(node) or _is_text(node) or _is_name(node)]
    for node in reversed(named):
        del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip()


def question(puzzle: Exercise) -> Prediction | None:
    """The question before the code; for a file with a defect, which of its lines make it wrong."""
    if puzzle.defect is None:
        return puzzle.prediction
    lines = puzzle.defect.numbers(_file(puzzle, 0, "None", puzzle.defect.planted(_whole(puzzle))))
    return Prediction(QUESTION, tuple((line,) for line in lines), puzzle.defect.why)


def file_name(puzzle: Exercise, number: int) -> str:
    """Where `start` puts the skeleton: `04_gemm_naive_3x3.py`."""
    return f"{number:02d}_{puzzle.id.replace('-', '_')}.py"


def same_program(text: str, other: str) -> bool:
    """Whether two files differ in words, layout and the prediction only. Raises SyntaxError if one is not Python."""
    return _program(text) == _program(other)


def _program(text: str) -> str:
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not _is_prediction(node) and not _is_text(node)]
    return ast.dump(tree)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_prediction(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name("PREDICTION")]):
            return True
    return False


def _is_name(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PUZZLE"


def _file(puzzle: Exercise, number: int, answer: str, body: list[str]) -> str:
    imports = "\n".join(_imports(puzzle))
    names = [f'PUZZLE = "{puzzle.id}"']
    if puzzle.prediction or puzzle.defect:
        names.append(f"PREDICTION = {answer}")
    return f"{docstring(puzzle, number)}\n\n{imports}\n\n" + "\n".join([*names, *body]) + "\n"


def _whole(puzzle: Exercise) -> list[str]:
    """The solution's lines without the marks of holes."""
    return [line for line in _part(puzzle) if not HOLE.fullmatch(line) and not END.fullmatch(line)]


def _without_holes(puzzle: Exercise, lines: list[str]) -> list[str]:
    """The lines with each hole empty."""
    kept: list[str] = []
    rest = iter(lines)
    for line in rest:
        kept.append(line)
        if match := HOLE.fullmatch(line):
            cut = list(takewhile(lambda line: not END.fullmatch(line), rest))
            count = f"{len(cut)} line{'s' * (len(cut) > 1)}"
            kept[-1:] = [f"{line} ({count})", match["indent"] + puzzle.emptied(cut)]
    return kept


def _module(puzzle: Exercise) -> tuple[list[str], ast.Module]:
    text = inspect.getsource(sys.modules[puzzle.module])
    return text.splitlines(), ast.parse(text)


def _part(puzzle: Exercise) -> list[str]:
    """The lines of the goals and of all they need; comments and blank lines stay above their statement."""
    lines, tree = _module(puzzle)
    part: list[str] = []
    for statement in _needed(tree, set(puzzle.goals)):
        first = statement.lineno
        if isinstance(statement, ast.FunctionDef):
            first = min([first, *(decorator.lineno for decorator in statement.decorator_list)])
        while first > 1 and _belongs_below(lines[first - 2]):
            first -= 1
        last = statement.end_lineno or first
        if last < len(lines) and END.fullmatch(lines[last]):  # a comment, which the syntax tree does not have
            last += 1
        part += lines[first - 1 : last]
    return part


def _belongs_below(line: str) -> bool:
    return (line.startswith("#") and not END.fullmatch(line)) or not line.strip()


def _imports(puzzle: Exercise) -> list[str]:
    """The imports that this part uses, `import x` before `from x import y`."""
    _, tree = _module(puzzle)
    used = set().union(*map(_names, _needed(tree, set(puzzle.goals))))
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            aliases = [alias for alias in node.names if (alias.asname or alias.name) in used]
            if aliases and isinstance(node, ast.Import):
                found.append(ast.unparse(ast.Import(aliases)))
            elif aliases and isinstance(node, ast.ImportFrom):
                found.append(ast.unparse(ast.ImportFrom(node.module, aliases, node.level)))
    standard = [line for line in found if line.split()[1].partition(".")[0] in sys.stdlib_module_names]
    others = [line for line in found if line not in standard]
    return [*standard, "", *others] if standard and others else found


def _needed(tree: ast.Module, goals: set[str]) -> list[ast.stmt]:
    """The module's assignments and functions that the goals reach by name, in the module's order."""
    defined: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            defined[node.targets[0].id] = node
    reached: set[str] = set()
    waiting = set(goals)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= (_names(defined[name]) & defined.keys()) - reached
    return [node for name, node in defined.items() if name in reached]


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
