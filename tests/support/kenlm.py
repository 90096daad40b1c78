"""What KenLM's estimator makes of small texts: the numbers in `tests/lm/ngrams/kenlm.json`.

    python tests/support/kenlm.py FOLDER        # that has KenLM's programs lmplz and query

runs, for each text of `TEXTS` and each order,

    lmplz -o ORDER --discount_fallback --text train --arpa model ;  query -v summary model < test

and keeps the perplexity (unknown words included) and, by length, the number of n-grams and the sums of their log10
probabilities and backoff weights; for the shortest text all of them.  The numbers were made with version 0.3.0 of
KenLM (PyPI's source distribution has the programs' source).  lmplz refuses a literal <unk>, so it sees UNK instead.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ORDERS = (1, 2, 3, 4, 5)
RESULTS = Path(__file__).parents[1] / "lm" / "ngrams" / "kenlm.json"
Entries = list[dict[str, tuple[float, float]]]  # by length: n-gram, log10 p, log10 backoff weight


def made(lines: int, seed: int, types: int, shape: str = " {} \n") -> str:
    """Lines of words whose frequencies fall; one is <unk>, the first of each of its pairs chooses the second."""
    generator = random.Random(seed)
    text = ""
    for _ in range(lines):
        words: list[int] = []
        for _ in range(int(generator.random() * 16)):
            r = generator.random()
            words.append((words[-1] * 7 + 3) % types if words and r < 0.4 else int(generator.random() * r * r * types))
        text += shape.format(" ".join("<unk>" if word == 2 else f"w{word}" for word in words))
    return text


# name: a text to count, a text to measure
TEXTS = {
    "tiny, its last type comes thrice": ("a b c\na b\nc c c a\n", "a c\nb z\n"),
    "like the Penn Treebank's files": (made(1200, 0, 900), made(200, 1, 1000)),
    "blank lines, and a carriage return": (made(300, 2, 120, "{}\r\n") + "\n\n", made(50, 3, 120, "{}\r\n")),
    "few types": (made(400, 4, 7), made(50, 5, 8)),
    "one line a word": ("x\ny\nx\nz\n", "x\nw\n"),
    "tabs, runs of blanks, and spaces of Unicode within words": (
        made(200, 6, 60, " \t{} \t \n").replace(" ", "  ").replace("w3", "é\u00a0\u2028\u3000"),
        made(50, 7, 70, "\t{}\n").replace("w3", "é\u00a0\u2028\u3000"),
    ),
    "a discount of exactly 0, of unigrams": (
        " a b <unk> <unk> d a\n a b\n<unk> N a d a a d <unk> N <unk> <unk> N a d\n",
        "a N\nz b\n",
    ),
}


def entries(arpa: str) -> Entries:
    """The n-grams of a file in ARPA's format."""
    found: Entries = []
    for line in arpa.split("\n"):
        if re.fullmatch(r"\\\d+-grams:", line):
            found.append({})
        elif found and "\t" in line:
            p, gram, *backoff = line.split("\t")
            found[-1][gram] = float(p), float(backoff[0]) if backoff else 0.0
    return found


def estimated(programs: Path, train: str, test: str, order: int) -> dict[str, Any]:
    """What the estimator gives for a text and an order."""
    with tempfile.TemporaryDirectory() as name:
        text, model = Path(name, "train"), Path(name, "model")
        text.write_bytes(train.replace("<unk>", "UNK").encode())
        options = ["-o", str(order), "-S", "100M", "-T", name, "--discount_fallback", "--text", text, "--arpa", model]
        subprocess.run([programs / "lmplz", *options], check=True, capture_output=True)
        found = entries(model.read_text(encoding="utf-8"))
        result: dict[str, Any] = {
            "ngrams": [len(x) for x in found],
            "log10_p": [round(sum(p for p, _ in x.values()), 6) for x in found],
            "log10_backoff": [round(sum(b for _, b in x.values()), 6) for x in found],
        }
        if len(train) < 20:
            result["entries"] = found
        if order > 1:  # query reads no unigrams
            command = [programs / "query", "-v", "summary", model]
            said = subprocess.run(command, input=test.replace("<unk>", "UNK").encode(), check=True, capture_output=True)
            line = re.search(r"including OOVs:\s*(\S+)", said.stdout.decode() + said.stderr.decode())
            assert line is not None
            result["ppl"] = float(line[1])
        return result


def main() -> None:
    programs = Path(sys.argv[1])
    found = {name: {order: estimated(programs, *texts, order) for order in ORDERS} for name, texts in TEXTS.items()}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
