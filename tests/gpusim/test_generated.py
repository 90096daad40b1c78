"""Kernels that a program writes itself: from text and from syntax trees, without a file."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.kernel.sourceless import compile_with_source

TEXT = """
def double(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] *= 2
"""


class Tripled(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(3.0) if node.value == 2 else node


def function_of(code, name="double"):
    names = {"cuda": cuda}
    exec(code, names)
    return names[name]


def launched(function):
    with gpusim.install():
        a = np.arange(40, dtype=np.float32)
        cuda.jit(function)[2, 32](a)
    return a


def test_a_kernel_of_compiled_text_runs():
    function = function_of(compile_with_source(TEXT, "<string>", "exec"))
    assert inspect.getsource(function) == TEXT.lstrip("\n")
    assert np.array_equal(launched(function), 2 * np.arange(40))


def test_a_kernel_of_a_changed_syntax_tree_runs():
    tree = ast.fix_missing_locations(Tripled().visit(ast.parse(TEXT)))
    function = function_of(compile_with_source(tree, "<double>", "exec"))
    assert "*= 3.0" in inspect.getsource(function)
    assert np.array_equal(launched(function), 3 * np.arange(40))


def test_installed_gpusim_keeps_the_text_of_what_is_compiled():
    with gpusim.install():
        function = function_of(compile(TEXT, "<string>", "exec"))
    assert np.array_equal(launched(function), 2 * np.arange(40))
    assert compile is not compile_with_source


def test_names_that_lead_to_text_stay(tmp_path):
    script = tmp_path / "double.py"
    script.write_text(TEXT)
    assert compile_with_source(TEXT, str(script), "exec").co_filename == str(script)
    assert compile_with_source(TEXT, script, "exec").co_filename == str(script)
    linecache.cache["<cell 1>"] = (len(TEXT), None, TEXT.splitlines(keepends=True), "<cell 1>")
    assert compile_with_source(TEXT, "<cell 1>", "exec").co_filename == "<cell 1>"


def test_what_has_no_functions_stays():
    assert compile_with_source("a = 1", "<mine>", "exec").co_filename == "<mine>"
    assert eval(compile_with_source("1 + 1", "<mine>", "eval")) == 2


def test_syntax_trees_and_their_flags_pass():
    assert isinstance(compile_with_source(TEXT, "<mine>", "exec", ast.PyCF_ONLY_AST), ast.Module)


def test_a_syntax_error_names_the_file_of_the_program():
    with pytest.raises(SyntaxError) as caught:
        compile_with_source("def broken(:\n", "<mine>", "exec")
    assert caught.value.filename == "<mine>"


def test_features_of_the_calling_module_are_inherited_unless_told():
    text = "def f(a: missing): pass"
    annotations = __future__.annotations.compiler_flag
    assert compile_with_source(text, "<mine>", "exec").co_flags & annotations
    assert not compile_with_source(text, "<mine>", "exec", dont_inherit=True).co_flags & annotations
    assert compile_with_source(text, "<mine>", "exec", annotations, True).co_flags & annotations
