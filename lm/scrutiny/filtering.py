"""Cleaning a corpus: exact duplicates, near duplicates, and documents that a model of good text finds strange.

Exact duplicates have the same words, whatever their case and spacing.  Near duplicates share most of their shingles
(sequences of `SHINGLE` words): the Jaccard similarity |A & B| / |A | B| is estimated by MinHash, the share of hash
functions whose least value over both sets is equal (Broder 1997).  Candidates are those that agree on a whole band of
functions (Leskovec et al., Mining of Massive Datasets, section 3.4), and the similarity of candidates is computed
exactly.  What is left is kept if its perplexity lies between two bounds (Wenzek et al. 2020, CCNet): above are lists,
tables and noise; below is what repeats itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SHINGLE = 5
BANDS, ROWS = 20, 5  # similarity 0.8 is a candidate with probability 0.9996, 0.3 with 0.05


@dataclass(frozen=True)
class Verdict:
    """Why a document goes or stays: "kept", "exact duplicate", "near duplicate", "too strange", "too predictable".

    of           the earlier document that it duplicates
    perplexity   of a document that came so far
    """

    reason: str
    of: int | None = None
    perplexity: float | None = None


def clean(
    documents: list[str],
    perplexity: Callable[[str], float],
    least: float = 0.0,
    most: float = float("inf"),
    similar: float = 0.8,
) -> list[Verdict]:
    """A verdict for each document; the first of several alike is kept.

    perplexity    of one document, under a model of good text
    least, most   its bounds
    similar       the Jaccard similarity from which two documents are near duplicates
    """
    verdicts = []
    whole: dict[bytes, int] = {}
    bands: dict[tuple[int, bytes], list[int]] = {}
    shingles: dict[int, set[int]] = {}
    functions = np.random.default_rng(0).integers(1 << 62, size=(2, BANDS * ROWS), dtype=np.uint64)
    for number, document in enumerate(documents):
        words = document.lower().split()
        key = hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).digest()
        if key in whole:
            verdicts.append(Verdict("exact duplicate", whole[key]))
            continue
        whole[key] = number
        mine = shingle_hashes(words)
        keys = [(band, part.tobytes()) for band, part in enumerate(signature(mine, functions).reshape(BANDS, ROWS))]
        candidates = {other for band in keys for other in bands.get(band, [])}
        twin = next((other for other in sorted(candidates) if jaccard(mine, shingles[other]) >= similar), None)
        if twin is not None:
            verdicts.append(Verdict("near duplicate", twin))
            continue
        shingles[number] = mine
        for band in keys:
            bands.setdefault(band, []).append(number)
        value = perplexity(document)
        reason = "too strange" if value > most else "too predictable" if value < least else "kept"
        verdicts.append(Verdict(reason, perplexity=value))
    return verdicts


def shingle_hashes(words: list[str]) -> set[int]:
    """Hashes of all sequences of SHINGLE words; of all words, where there are fewer."""
    count = max(1, len(words) - SHINGLE + 1)
    parts = (" ".join(words[i : i + SHINGLE]).encode("utf-8", "surrogatepass") for i in range(count))
    return {int.from_bytes(hashlib.blake2b(part, digest_size=4).digest(), "little") for part in parts}


def signature(hashes: set[int], functions: np.ndarray) -> np.ndarray:
    """uint64 [functions]: the least value of each function (a x + b) mod 2^64 over the hashes, its high half."""
    x = np.fromiter(hashes, np.uint64, len(hashes))
    a, b = functions[0] | np.uint64(1), functions[1]
    return ((x[:, None] * a + b) >> np.uint64(32)).min(axis=0)


def jaccard(a: set[int], b: set[int]) -> float:
    """|a & b| / |a | b|."""
    return len(a & b) / len(a | b)
