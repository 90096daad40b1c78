"""Defects from the literature's bug classes: each is found at its line, and its fix is clean and right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.pairs import Pair, all_pairs, findings_of, marked

PAIRS = all_pairs(Path(__file__).parent / "defects")
TOOLS = {"memcheck", "racecheck", "initcheck", "synccheck"}


def test_there_are_enough_of_each_kind():
    assert len(PAIRS) >= 70
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)
    assert {tool for pair in PAIRS for tool, _, _ in marked(pair.defect)} == TOOLS


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_defect_is_found_at_its_line(pair: Pair):
    findings = findings_of(pair.defect, pair, pair.arguments())
    assert {(finding.tool, finding.severity, finding.line) for finding in findings} == marked(pair.defect), [
        finding.describe() for finding in findings
    ]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_fix_is_clean_and_right(pair: Pair):
    arguments = pair.arguments()
    expected = pair.expected(*(np.array(a) if isinstance(a, np.ndarray) else a for a in arguments))
    findings = findings_of(pair.fix, pair, arguments)
    assert findings == [], [finding.describe() for finding in findings]
    assert marked(pair.fix) == set()
    result = np.asarray(arguments[0])
    if result.dtype.fields:
        np.testing.assert_array_equal(result, expected)
    else:
        np.testing.assert_allclose(result, expected, rtol=1e-5)
