"""Counters of the simulator beside those of Nsight Compute (`ncu`)."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from on_gpu.agreement import on_simulator
from on_gpu.launches import Launch


@dataclass(frozen=True)
class Counter:
    """A counter of a run, and the metrics of Nsight Compute whose sum it should equal.

    Names: Nsight Compute documentation, "Metrics Reference" and "Metrics Decoder".
    """

    name: str
    of_run: Callable[[Mapping[str, Any]], int]
    metrics: tuple[str, ...]


def _counter(space: str, counter: str, *metrics: str) -> Counter:
    return Counter(f"{space} {counter}", lambda counts: int(counts[space][counter]), metrics)


COUNTERS = (
    _counter("global", "load_requests", "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum"),
    _counter("global", "store_requests", "l1tex__t_requests_pipe_lsu_mem_global_op_st.sum"),
    _counter(
        "global",
        "atomic_requests",
        "l1tex__t_requests_pipe_lsu_mem_global_op_atom.sum",
        "l1tex__t_requests_pipe_lsu_mem_global_op_red.sum",
    ),
    _counter("global", "load_sectors", "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum"),
    _counter("global", "store_sectors", "l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum"),
    _counter("shared", "load_requests", "smsp__inst_executed_op_shared_ld.sum"),
    _counter("shared", "store_requests", "smsp__inst_executed_op_shared_st.sum"),
    _counter("shared", "load_wavefronts", "l1tex__data_pipe_lsu_wavefronts_mem_shared_op_ld.sum"),
    _counter("shared", "store_wavefronts", "l1tex__data_pipe_lsu_wavefronts_mem_shared_op_st.sum"),
    _counter("shared", "load_bank_conflicts", "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum"),
    _counter("shared", "store_bank_conflicts", "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum"),
    Counter(
        "divergent branches",
        lambda counts: int(counts["warp"]["divergent_branches"] + counts["warp"]["divergent_loop_tests"]),
        ("smsp__sass_branch_targets_threads_divergent.sum",),
    ),
)


@dataclass(frozen=True)
class Comparison:
    """One counter of one launch, counted twice; `why` is the launch's `note`, or what usually makes a difference."""

    launch: str
    counter: str
    simulator: int
    ncu: int
    note: str = ""

    @property
    def equal(self) -> bool:
        return self.simulator == self.ncu

    @property
    def why(self) -> str:
        if self.equal:
            return ""
        if self.note:
            return self.note
        if self.counter == "divergent branches":
            return "a compiler turns short branches into predicates and unrolls loops, and adds branches of its own"
        if self.ncu < self.simulator:
            return "the compiler keeps values in registers, or merges accesses into wider ones"
        return "the compiler splits accesses that are wider than it can align, spills registers, or splits a warp"

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "equal": self.equal, "why": self.why}


class ProfilerError(Exception):
    """What `ncu` said instead of numbers, in one line."""


def profile(ncu: str, launches: Sequence[Launch], program: Sequence[str]) -> list[Comparison]:
    """Count `launches` on both; `program` is the command that makes exactly these launches, in order.

    Raises `ProfilerError` when ncu fails or reports other kernels.
    """
    metrics = [metric for counter in COUNTERS for metric in counter.metrics]
    command = [ncu, "--csv", "--print-units", "base", "--metrics", ",".join(metrics), *program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    kernels = parse(done.stdout)
    if done.returncode or len(kernels) != len(launches):
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line or "Error" in line]
        raise ProfilerError(
            f"ncu ended with exit status {done.returncode} and {len(kernels)} kernels for {len(launches)} launches"
            + (f": {said[0].strip('= ')}" if said else "")
        )
    return [row for launch, kernel in zip(launches, kernels, strict=True) for row in compare(launch, kernel)]


def compare(launch: Launch, kernel: Mapping[str, Any]) -> list[Comparison]:
    """The rows of one launch, from what ncu reports for its kernel; a metric that ncu lacks is left out."""
    if launch.kernel.__name__ not in kernel["name"]:
        raise ProfilerError(f"ncu reports kernel '{kernel['name']}' where '{launch.kernel.__name__}' was launched")
    counts, values = on_simulator(launch, check="none")[0].counts, kernel["metrics"]
    return [
        Comparison(launch.name, c.name, c.of_run(counts), sum(values[metric] for metric in c.metrics), launch.note)
        for c in COUNTERS
        if all(metric in values for metric in c.metrics)
    ]


def parse(output: str) -> list[dict[str, Any]]:
    """The kernels in ncu's CSV, in the order of their launches: {"name", "metrics": {metric: number}}."""
    table = [line for line in output.splitlines() if line.startswith('"')]
    kernels: dict[str, dict[str, Any]] = {}
    for row in csv.DictReader(table):
        kernel = kernels.setdefault(row["ID"], {"name": row["Kernel Name"], "metrics": {}})
        value = (row["Metric Value"] or "").replace(",", "")
        if value.replace(".", "", 1).isdigit():
            kernel["metrics"][row["Metric Name"]] = round(float(value))
    return list(kernels.values())
