"""Modified Kneser-Ney of order 5 on 0.9 million words: seconds and memory.

    python benchmarks/ngrams.py [--words 930000] [--order 5] [--json OUT]

The words are those of the known language (`lm.language`), 20 a line; the last tenth of the lines is the test text.  The
first run is timed, from text in memory to the perplexity of the test text; a second one is watched by tracemalloc.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
import tracemalloc
from pathlib import Path
from typing import Any

from lm.language import Language
from lm.study.measure import Request, measure

LINE = 20


def texts(words: int) -> tuple[str, str]:
    """Training and test text of `words` words in all."""
    language = Language()
    documents = language.documents(0, -(-words // language.length))
    tokens = documents.reshape(-1, LINE)
    lines = [" ".join(f"w{token}" for token in line) + "\n" for line in tokens.tolist()]
    cut = len(lines) * 9 // 10
    return "".join(lines[:cut]), "".join(lines[cut:])


def run(words: int, order: int) -> dict[str, Any]:
    """Seconds, bytes of the tables, greatest memory in use, and the perplexity."""
    train, test = texts(words * 10 // 9)
    start, cpu = time.perf_counter(), time.process_time()
    result = measure(train, {"test": test}, Request(order))
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    tracemalloc.start()
    measure(train, {"test": test}, Request(order))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "order": order,
        "words": result["tokens"]["train"],
        "types": result["types"],
        "ngrams": result["ngrams"],
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "table_bytes": result["bytes"],
        "peak_bytes": peak,
        "test_perplexity": result["ppl"]["test"],
        "python": platform.python_version(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=930_000)
    parser.add_argument("--order", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    result = run(options.words, options.order)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(
        f"order {result['order']}, {result['words']:,} words of {result['types']:,} types, "
        f"{sum(result['ngrams']):,} n-grams: {result['seconds']:.2f} s, {result['cpu_seconds']:.2f} s of CPU, "
        f"tables {result['table_bytes'] / 1e6:.0f} MB, at most {result['peak_bytes'] / 1e6:.0f} MB in use"
    )


if __name__ == "__main__":
    main()
