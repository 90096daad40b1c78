"""Reading CSV files, good and bad."""

from __future__ import annotations

import pytest

from lm.errors import LMError
from lm.scaling.table import read_runs


def test_columns_in_any_order_and_case(write):
    runs = read_runs(write("name, LOSS ,d,n", "a,2.5,1e9,100", "", "b,2.25,2e9,200"))
    assert runs.parameters.tolist() == [100, 200]
    assert runs.tokens.tolist() == [1e9, 2e9]
    assert runs.loss.tolist() == [2.5, 2.25]
    assert runs.compute.tolist() == [6e11, 2.4e12]


def test_the_exact_name_wins(write):
    assert read_runs(write("n,N,D,loss", "1,2,3,4")).parameters.tolist() == [2]


@pytest.mark.parametrize("separator", [",", ";", "\t", " , "])
def test_separators_quotes_and_marks(tmp_path, separator):
    rows = [separator.join(cells) for cells in (('"N"', "D", "loss"), ("1e8", '"2E9"', "+2.5"), ("3.e8", ".4e10", "2"))]
    path = tmp_path / "runs.csv"
    path.write_bytes(b"\xef\xbb\xbf\r\n" + "\r\n".join(rows).encode() + b"\r\n\r\n")
    runs = read_runs(path)
    assert runs.parameters.tolist() == [1e8, 3e8]
    assert runs.tokens.tolist() == [2e9, 4e9]
    assert runs.loss.tolist() == [2.5, 2]


def test_lines_are_those_of_the_file(write):
    """Empty lines, and cells of several lines, move no line's number."""
    with pytest.raises(LMError, match="line 6: loss is '-'"):
        read_runs(write("", "N,D,loss,note", "", '1,2,3,"one', 'two"', "1,2,-,"))


def test_long_text_is_cut(write):
    with pytest.raises(LMError, match=r"line 2: N is '1e8,1e9,.*\.\.\.', not a number") as caught:
        read_runs(write("N,D,loss", '"1e8,1e9,2.5', *["1e8,1e9,2.5"] * 100))
    assert len(str(caught.value)) < 250
    with pytest.raises(LMError, match="line 2 cannot be read as CSV: field larger"):
        read_runs(write("N,D,loss", '"1e8,1e9,2.5', *["1e8,1e9,2.5"] * 20000))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["N,loss", "1,2"], r"line 1 has no column D \(it has N, loss\)"),
        (["N,D,loss"], "has a header and no rows"),
        (["N,D,loss", "1e8,1e9,2.5", "0,1e9,2.5"], "line 3: N is 0, and must be a number above 0"),
        (["N,D,loss", "1e8,-1,2.5"], "line 2: D is -1"),
        (["N,D,loss", "1e8,1e9,nan"], "line 2: loss is nan"),
        (["N,D,loss", "1e8,1e9,inf"], "line 2: loss is inf"),
        (["N,D,loss", "1e8,many,2.5"], "line 2: D is 'many', not a number"),
        (["N,D,loss", "1e8,,2.5"], "line 2: D is '', not a number"),
        (["N,D,loss", "1e8,1e9,2.5", "", "1e8"], "line 4 ends before its column D"),
        (["N,N,D,loss", "1,1,1,1"], "line 1 has 2 columns named N"),
        (["N,D,loss", "1e8,1e9,2,5"], "line 2 has 4 cells for 3 columns: write decimals with a point"),
        (["N;D;loss", "1e8;1e9;2,5"], "line 2: loss is '2,5', not a number"),
        (["N,D,loss", "1_000,1e9,2.5"], "line 2: N is '1_000', not a number"),
        (["N,D,loss", '"70,000,000",1e9,2.5'], "line 2: N is '70,000,000', not a number"),
    ],
)
def test_bad_files(write, lines, reason):
    path = write(*lines)
    with pytest.raises(LMError, match=reason) as caught:
        read_runs(path)
    assert str(path) in str(caught.value)


def test_files_that_are_no_table(tmp_path):
    (tmp_path / "empty.csv").write_text("\n")
    with pytest.raises(LMError, match="is empty"):
        read_runs(tmp_path / "empty.csv")
    with pytest.raises(LMError, match="no text file"):
        read_runs(tmp_path / "none.csv")
