"""The fast part of the conformance run: some of the test files of the installed `numba.cuda` on gpusim.

`make conformance` runs all of them and writes the tables in results/, which list what cannot pass and why.
"""

import json
from pathlib import Path

import pytest
from conformance.numba_tests import run
from conformance.reasons import reason

from gpusim.kernel.dialects import IN_NUMBA, NUMBA

pytest.importorskip("filecheck", reason="numba-cuda's tests import it")
pytest.importorskip("cffi", reason="numba-cuda's tests import it")

TABLES = {
    name: json.loads((Path(__file__).parent / "results" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("table", "in_numba")
}
RESULTS = TABLES["in_numba" if NUMBA is IN_NUMBA else "table"]

IN_PLACE_OF_THE_SIMULATOR = (
    "cudapy/test_atomics.py",
    "cudapy/test_array.py",
    "cudapy/test_array_alignment.py",
    "cudapy/test_blackscholes.py",
    "cudapy/test_complex.py",
    "cudapy/test_constmem.py",
    "cudapy/test_cooperative_groups.py",
    "cudapy/test_device_func.py",
    "cudapy/test_exception.py",
    "cudapy/test_intrinsics.py",
    "cudapy/test_record_dtype.py",
    "cudapy/test_sm.py",
    "cudapy/test_sync.py",
    "cudapy/test_ufuncs.py",
    "cudapy/test_vector_type.py",
    "cudasim/test_cudasim_issues.py",
)
AS_THE_GPU = (
    "cudadrv/test_cuda_ndarray.py",
    "cudapy/test_bfloat16.py",
    "cudapy/test_bfloat16_bindings.py",
    "cudapy/test_cache_hints.py",
    "cudapy/test_cuda_array_interface.py",
    "cudapy/test_device_array_capture.py",
    "cudapy/test_forall.py",
    "cudapy/test_fp8_bindings.py",
    "cudapy/test_gufunc.py",
    "cudapy/test_serialize.py",
    "cudapy/test_sync.py",
    "cudapy/test_warp_ops.py",
    "doc_examples/test_matmul.py",
    "doc_examples/test_reduction.py",
)


@pytest.mark.parametrize(("mode", "files"), [("gpusim", IN_PLACE_OF_THE_SIMULATOR), ("installed", AS_THE_GPU)])
def test_outcomes_are_those_of_the_table(mode, files):
    files = [file for file in files if file in RESULTS["files"]]  # Numba has fewer than numba-cuda
    outcomes = run(mode, files)
    failed = {test: error for test, (outcome, error) in outcomes.items() if outcome == "failed"}
    surprises = {test: error for test, error in failed.items() if test not in RESULTS["failures"][mode]}
    assert not surprises
    for file in files:
        passed = sum(test.startswith(file) and outcome == "passed" for test, (outcome, _) in outcomes.items())
        assert passed >= RESULTS["files"][file][mode].get("passed", 0), file


@pytest.mark.parametrize("table", TABLES)
def test_gpusim_passes_what_numbas_simulator_passes(table):
    for file, counts in TABLES[table]["files"].items():
        assert counts["gpusim"].get("passed", 0) >= counts["numba"].get("passed", 0), file
    assert not TABLES[table]["failures"]["gpusim"]


@pytest.mark.parametrize("table", TABLES)
def test_every_failure_in_the_table_has_a_reason(table):
    for mode, failures in TABLES[table]["failures"].items():
        if mode != "numba":
            unexplained = [test for test, why in failures.items() if why.startswith("unexplained")]
            assert not unexplained, mode


def test_a_failure_without_a_known_cause_has_no_reason():
    assert reason("gpusim", "cudapy/test_sync.py::TestSync::test_simple", "AssertionError: 1 != 2") is None
