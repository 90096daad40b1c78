"""What a teacher takes away: a table, JUnit XML, Gradescope's results.json, one plain JSON file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from puzzles.grade.records import Record, statuses

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

def table(records: Sequence[Record], puzzles: list[str]) -> str:
    """CSV: a row for each submission, with the status of each puzzle, and remarks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["submission", "passed", "of", "late", *puzzles, "remarks"])
    for record in records:
        found = statuses(record, puzzles)
        passed = sum(status == "passed" for status in found.values())
        late = "late" if record.get("late") else ""
        cells = [record["submission"], passed, len(puzzles), late, *found.values(), "; ".join(remarks(record, puzzles))]
        writer.writerow([_plain(cell) for cell in cells])
    return text.getvalue()


def remarks(record: Record, puzzles: list[str]) -> list[str]:
    """What deserves a look: nothing handed in, unreadable files, several files for one puzzle, unknown puzzles."""
    found = ["missing"] if record.get("missing") else []
    names = [check["puzzle"] for check in record["checks"] if check["status"] != "unreadable"]
    for check in record["checks"]:
        if check["status"] == "unreadable":
            found.append(f"unreadable {check['file']}: {check['output']}")
    found += [f"several files for {name}" for name in puzzles if names.count(name) > 1]
    found += [f"not asked for: {name or 'a file without a known puzzle'}" for name in sorted(set(names) - set(puzzles))]
    return found


def junit(records: Sequence[Record], puzzles: list[str]) -> str:
    """JUnit XML: a test suite for each submission, a test case for each puzzle."""
    root = ElementTree.Element("testsuites")
    for record in records:
        found = statuses(record, puzzles)
        failures = sum(status != "passed" for status in found.values())
        attributes = {"name": record["submission"], "tests": str(len(found)), "failures": str(failures)}
        suite = ElementTree.SubElement(root, "testsuite", _attributes(attributes))
        for puzzle, status in found.items():
            case = ElementTree.SubElement(suite, "testcase", {"classname": "puzzles", "name": puzzle})
            if status != "passed":
                ElementTree.SubElement(case, "failure", {"message": status}).text = _xml(output(record, puzzle))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def gradescope(record: Record, puzzles: list[str]) -> dict[str, Any]:
    """Gradescope's results.json of one submission (its "Autograder Specifications"): a point for each puzzle."""
    tests = [
        {
            "name": puzzle,
            "score": float(status == "passed"),
            "max_score": 1.0,
            "status": "passed" if status == "passed" else "failed",
            "output": output(record, puzzle) or status,
            "output_format": "text",
        }
        for puzzle, status in statuses(record, puzzles).items()
    ]
    return {"output": "\n".join(remarks(record, puzzles)), "tests": tests}


def result(records: Sequence[Record], puzzles: list[str]) -> dict[str, Any]:
    """A plain result.json for other autograders: points, and every check."""
    submissions = []
    for record in records:
        found = statuses(record, puzzles)
        passed = sum(status == "passed" for status in found.values())
        late, missing = bool(record.get("late")), bool(record.get("missing"))
        submissions.append(
            {
                "submission": record["submission"],
                "score": passed,
                "max_score": len(puzzles),
                "late": late,
                "missing": missing,
                "puzzles": found,
                "checks": record["checks"],
            }
        )
    return {"schema": 1, "puzzles": puzzles, "submissions": submissions}


def output(record: Record, puzzle: str) -> str:
    """What the checker said of a puzzle's files."""
    return "\n".join(check["output"] for check in record["checks"] if check["puzzle"] == puzzle)


def _plain(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _attributes(attributes: dict[str, str]) -> dict[str, str]:
    return {name: _xml(value) for name, value in attributes.items()}


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write."""
    return _NO_XML.sub("?", text)
