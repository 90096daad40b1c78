"""Do two ways to run a kernel agree? What is compared, and the ways to run a generated module."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from support.generate import ATOMICS, Case
from support.oracle import Machine, Record, Recorded

import gpusim
from gpusim.report.run import Run
from gpusim.simt.policies import lockstep

COUNTED = [(space, op) for space in ("global", "shared", "local", "constant") for op in ("loads", "stores", "atomics")]

INEXACT = 1e-6
"""How far functions such as sin may differ; all other numbers of generated kernels are far coarser."""

NO_MEMCHECK = ("racecheck", "initcheck", "synccheck")


def module_of(case: Case, folder: Path) -> ModuleType:
    """Write a case's source to a file and import it, so that `inspect` finds the source."""
    path = folder / f"generated_{case.seed}.py"
    path.write_text(case.source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def observed(run: Run) -> dict[str, Any]:
    """Everything that schedulers must agree on besides the results."""
    return {
        "counts": run.counts,
        "arrays": run.arrays,
        "lines": dict(run.lines),
        **{f"{op} of {space} by thread": run.per_thread(space, op) for space, op in COUNTED},
        "findings": findings(run),
    }


def findings(run: Run) -> set[tuple[Any, ...]]:
    """Kinds and places of findings, without the thread that happened to be first."""
    return {(f.tool, f.kind, f.severity, f.array, f.file, f.line) for f in run.findings}


def assert_agree(first: Any, second: Any, what: str) -> None:
    """Like `==` for what `observed` returns, with a message that says where they differ."""
    if isinstance(first, dict):
        for key in [*first, *(key for key in second if key not in first)]:
            assert key in first and key in second, f"{what}: only one has {key!r}"
            assert_agree(first[key], second[key], f"{what}, {key}")
    elif isinstance(first, np.ndarray):
        np.testing.assert_array_equal(first, second, err_msg=what)
    else:
        assert first == second, f"{what}: {first!r} and {second!r}"


def assert_same_results(first: tuple[Any, ...], second: tuple[Any, ...], what: str, rtol: float = 0) -> None:
    """Arguments after two launches hold the same numbers (NaN is one value)."""
    for position, (a, b) in enumerate(zip(first, second, strict=True)):
        if isinstance(a, np.ndarray):
            for name in a.dtype.names or (...,):
                close = rtol if a[name].dtype.kind == "f" else 0
                np.testing.assert_allclose(a[name], b[name], close, err_msg=f"{what}: argument {position}, {name}")


def launch(
    kernel: Any,
    configuration: Any,
    arguments: tuple[Any, ...],
    scheduler: Any,
    lanes: int | None = None,
    **options: Any,
) -> Run:
    """Run with a scheduler, and in lockstep with chunks of about `lanes` threads."""
    usual = lockstep.CHUNK_LANES
    lockstep.CHUNK_LANES = lanes or usual
    try:
        return gpusim.simulate(kernel, scheduler=scheduler, **options)[configuration](*arguments)
    finally:
        lockstep.CHUNK_LANES = usual


def check_schedulers(
    kernel: Any, configuration: Any, arguments: Any, rtol: float = 0, **options: Any
) -> tuple[Run, tuple[Any, ...]]:
    """Run in lockstep (all blocks together, two at a time, and one at a time) and in threads; all must agree.

    `configuration` is (grid, block, ...), `arguments()` makes fresh arguments. Returns the run in lockstep,
    and the arguments after it.
    """
    pair = 2 * int(np.prod(configuration[1]))
    reference = arguments()
    run = launch(kernel, configuration, reference, "lockstep", **options)
    expected = observed(run)
    ways = (
        ("chunks of two blocks", "lockstep", pair),
        ("chunks of a block", "lockstep", 1),
        ("threads", "threads", None),
    )
    for name, scheduler, lanes in ways:
        given = arguments()
        other = launch(kernel, configuration, given, scheduler, lanes, **options)
        assert_same_results(reference, given, f"lockstep and {name}", rtol)
        assert_agree(expected, observed(other), f"lockstep and {name}")
    return run, reference


def check_case(case: Case, module: ModuleType) -> tuple[Run, tuple[Any, ...]]:
    """Run a generated kernel with all schedulers, and in the oracle if it is plain."""
    options: dict[str, Any] = {"check": NO_MEMCHECK} if case.flavour.outside else {}
    run, results = check_schedulers(module.kernel, case.configuration, case.arguments, INEXACT, **options)
    if case.flavour.plain:
        given = case.arguments()
        record = run_oracle(case, given)
        assert_same_results(given, results, "oracle and lockstep", INEXACT)
        assert_agree(by_oracle(record, run), by_lockstep(run), "oracle and lockstep")
    return run, results


class Oracle(Machine):
    """The oracle, with the atomics and local arrays that generated kernels use."""

    def cuda(self) -> SimpleNamespace:
        cuda = super().cuda()
        cuda.local = SimpleNamespace(
            array=lambda shape, dtype: Recorded(np.zeros(shape, str(dtype)), "mine", "local", self)
        )
        combine = {"add": np.add, "sub": np.subtract, "max": np.maximum, "min": np.minimum}
        combine |= {"and_": np.bitwise_and, "or_": np.bitwise_or, "xor": np.bitwise_xor}
        cuda.atomic = SimpleNamespace(**{name: self._atomic(combine[name]) for name in ATOMICS})
        return cuda

    def _local_array(self, shape: Any, dtype: Any) -> Recorded:
        return Recorded(np.zeros(shape, str(dtype)), "local", "local", self)

    @staticmethod
    def _atomic(combine: Any) -> Any:
        def atomic(array: Recorded, index: Any, value: Any) -> None:
            array._note("atomic", index)
            array.data[index] = combine(array.data[index], value)

        return atomic


def run_oracle(case: Case, arguments: tuple[Any, ...]) -> Record:
    """Run a plain case thread by thread in Python itself."""
    extent = [(*given, 1, 1)[:3] for given in (case.grid, case.block)]
    oracle = Oracle(*extent)  # type: ignore[arg-type]
    scope: dict[str, Any] = {}
    body = case.source.replace("@cuda.jit(device=True)\n", "").replace("@cuda.jit\n", "")
    exec(compile(body, "oracle", "exec"), scope)
    scope["cuda"] = oracle.cuda()
    kernel = scope["kernel"]
    names = kernel.__code__.co_varnames[: len(arguments)]
    with np.errstate(all="ignore"):
        return oracle.run(kernel, arguments, names)


def by_oracle(record: Record, run: Run) -> dict[str, Any]:
    """What the oracle can say of counters: totals, by array and by thread, and barriers."""
    counts: dict[str, Any] = {"barriers": record.barriers}
    shape = run.per_thread("global", "loads").shape
    arrays = Counter((space, name, op) for op, space, name, *_ in record.accesses if space == "global")
    for space in ("global", "shared", "local"):
        for op in ("load", "store", "atomic"):
            counts[f"{space} {op}s"] = record.count(space, op)
            counts[f"{space} {op}s by thread"] = record.per_thread(space, op, shape)
    return counts | {f"{op}s of {name}": n for (_, name, op), n in sorted(arrays.items())}


def by_lockstep(run: Run) -> dict[str, Any]:
    """The same from a run."""
    counts: dict[str, Any] = {"barriers": run.counts["barriers"]}
    for space in ("global", "shared", "local"):
        for op in ("loads", "stores", "atomics"):
            counts[f"{space} {op}"] = run.counts[space][op]
            counts[f"{space} {op} by thread"] = run.per_thread(space, op)
    for name, array in run.arrays.items():
        if array["space"] == "global":
            counts |= {f"{op} of {name}": array[op] for op in ("loads", "stores", "atomics") if array[op]}
    return counts
