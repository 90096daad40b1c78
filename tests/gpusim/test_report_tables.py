"""Tables of a run: their numbers are the run's, and nothing empty is shown."""

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim.report.tables import launch_facts, memory_table, number, source_tables


@cuda.jit(device=True)
def doubled(x, i):
    return 2 * x[i]


@cuda.jit
def reverse(out, x):
    tile = cuda.shared.array(8, float32)
    t = cuda.threadIdx.x
    tile[t] = doubled(x, t)
    cuda.syncthreads()
    if t < 4:
        out[t] = tile[7 - t]


@pytest.fixture(scope="module")
def run():
    return gpusim.simulate(reverse)[2, 8](np.zeros(4, np.float32), np.ones(8, np.float32))


def column(table, heading):
    at = [c.heading for c in table.columns].index(heading)
    return [row.cells[at] for row in table.rows]


def value(text):
    return float(text.replace(",", "")) if text else 0


def test_arrays_have_the_counts_of_the_run(run):
    table = memory_table(run)
    for row, reads, writes in zip(table.rows, column(table, "reads"), column(table, "writes"), strict=True):
        if row.style != "total":
            assert value(reads) == run.arrays[row.cells[0]]["loads"]
            assert value(writes) == run.arrays[row.cells[0]]["stores"]


def test_totals_are_the_totals_of_a_space(run):
    table = memory_table(run)
    (row,) = [row for row in table.rows if row.style == "total"]
    assert row.cells[1] == "global"
    assert value(row.cells[[c.heading for c in table.columns].index("reads")]) == 16


def test_columns_that_say_nothing_are_left_out(run):
    headings = {c.heading for table in (memory_table(run), *source_tables(run)) for c in table.columns}
    assert not headings & {"atomics", "conflicts", "global atomics", "local reads", "constant reads"}


def test_lines_add_up_to_the_run_over_all_functions(run):
    tables = source_tables(run)
    assert [table.title for table in tables] == ["reverse", "doubled"]
    for space, counter, heading in (
        ("global", "loads", "global reads"),
        ("global", "stores", "global writes"),
        ("shared", "loads", "shared reads"),
        ("shared", "stores", "shared writes"),
    ):
        cells = [c for t in tables if heading in {h.heading for h in t.columns} for c in column(t, heading)]
        assert sum(map(value, cells)) == run.counts[space][counter]


def test_lines_are_those_of_the_file(run):
    with open(__file__, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for table in source_tables(run):
        for number_, text in zip(column(table, "line"), column(table, "source"), strict=True):
            assert lines[int(number_) - 1].strip() == text.strip()


def test_active_lanes_show_divergence(run):
    kernel = source_tables(run)[0]
    lanes = dict(zip(column(kernel, "source"), column(kernel, "active lanes"), strict=True))
    assert lanes["        out[t] = tile[7 - t]"] == "4" and lanes["    cuda.syncthreads()"] == "8"


def test_facts_tell_barriers_and_divergence(run):
    facts = dict(launch_facts(run))
    assert facts["barriers"] == "2" and facts["branches"] == "2 (2 divergent)"


@pytest.mark.parametrize(
    ("given", "text"), [(0, ""), (None, ""), (7, "7"), (1234567, "1,234,567"), (2.75, "2.8"), (4.0, "4")]
)
def test_numbers_are_written_for_people(given, text):
    assert number(given) == text
