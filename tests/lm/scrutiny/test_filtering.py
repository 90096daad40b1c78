"""The corpus filter: exact and near duplicates, and documents outside the bounds."""

from __future__ import annotations

import json

import numpy as np

from lm.corpus import builtin
from lm.scrutiny.filtering import BANDS, ROWS, clean, jaccard, shingle_hashes, signature

WORDS = builtin().held_out.split()


def text(begin: int, size: int = 120) -> str:
    return " ".join(WORDS[begin : begin + size])


def test_verdicts():
    first, other = text(0), text(500)
    changed = first.replace(WORDS[60], "changed", 1)
    documents = [first, other, first.upper() + "  \n", changed, "zq xj " * 40]
    verdicts = clean(documents, lambda d: 99.0 if d.startswith("zq") else 3.0, most=10)
    assert [v.reason for v in verdicts] == ["kept", "kept", "exact duplicate", "near duplicate", "too strange"]
    assert [v.of for v in verdicts] == [None, None, 0, 0, None]
    assert [v.reason for v in clean(documents[:2], lambda d: 3.0, least=4)] == ["too predictable"] * 2


def test_documents_that_share_little_are_no_duplicates():
    documents = [text(i * 100, 110) for i in range(30)]
    assert {v.reason for v in clean(documents, lambda d: 1.0)} == {"kept"}


def test_minhash_estimates_the_jaccard_similarity():
    functions = np.random.default_rng(0).integers(1 << 62, size=(2, BANDS * ROWS), dtype=np.uint64)
    for shift in (5, 30, 80):
        a, b = (shingle_hashes(WORDS[i : i + 200]) for i in (0, shift))
        agreed = (signature(a, functions) == signature(b, functions)).mean()
        assert abs(agreed - jaccard(a, b)) < 0.15


def test_command(cli, tmp_path):
    source, out = tmp_path / "corpus.txt", tmp_path / "clean.txt"
    source.write_text(f"{text(0)}\n\n{text(300)}\n\n{text(0)}\n\n{'#%&' * 60}\n", encoding="utf-8")
    status, printed, _ = cli("filter", "--text", source, "--out", out, "--most", 100, "--json")
    assert status == 0
    assert json.loads(printed)["counts"] == {"kept": 2, "exact duplicate": 1, "too strange": 1}
    assert out.read_text(encoding="utf-8") == f"{text(0)}\n\n{text(300)}\n\n"
    assert "kept" in cli("filter", "--text", source)[1]
    status, _, err = cli("filter", "--text", source, "--out", out)
    assert status == 1
    assert "is there already" in err
    assert "--similar is a share" in cli("filter", "--text", source, "--similar", 2)[2]
