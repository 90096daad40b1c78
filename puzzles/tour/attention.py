"""Part 2: softmax and attention, by how often they go to global memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch.nn.functional import scaled_dot_product_attention

from gpusim.report.page import Section, prose, table
from gpusim.report.text import table as text_table
from gpusim.view.player import Player
from puzzles.tour.check import Check
from puzzles.tour.measure import Measurement, measure, reads_table
from puzzles.tour.parts import annotated, chapter, picture
from puzzles.tour.progress import Progress
from puzzles.tour.story import Station, story, told

ROWS, COLUMNS = 48, 64
LENGTH = 64
WIDTH = 8


@dataclass(frozen=True)
class Attention:
    """Two forms of softmax and three of causal attention, all of one size; and small ones for the pictures."""

    three_pass: Measurement
    online: Measurement
    scores: Measurement
    streaming: Measurement
    tiled: Measurement
    drawn: Measurement
    told: Measurement

    def named(self) -> dict[str, Measurement]:
        """The measurements that the tables compare, by name."""
        return {
            "softmax, three passes": self.three_pass,
            "softmax, online": self.online,
            "attention, scores in memory": self.scores,
            "attention, scores never stored": self.streaming,
            "attention, in tiles": self.tiled,
        }

    def checks(self) -> list[Check]:
        return [check for m in (*self.named().values(), self.drawn, self.told) for check in m.checks()]

    def stories(self) -> dict[str, Player]:
        """The launches that are told step by step, by name."""
        return {"softmax": told(self.told.run, SOFTMAX_STORY), "tiled": told(self.drawn.run, TILED_STORY)}

    def section(self) -> Section:
        """This part of the page."""
        return Section("Softmax and attention", _body(self))


def explore(progress: Progress, rows: int = ROWS, columns: int = COLUMNS, length: int = LENGTH) -> Attention:
    """Run the kernels and print their table."""
    matrix, sequence = {"m": rows, "n": columns}, {"t": length, "d": WIDTH}
    with progress.step("softmax and attention"):
        result = Attention(
            measure("softmax-three-pass", _softmax, matrix),
            measure("softmax-online", _softmax, matrix),
            measure("attention-scores", _attention, sequence),
            measure("attention-streaming", _attention, sequence),
            measure("attention-tiled", _attention, {**sequence, "tile": 4}),
            measure("attention-tiled", _attention, {"t": 7, "d": WIDTH, "tile": 4}),
            measure("softmax-online", _softmax, {"m": 4, "n": 6}),
        )
    progress.show(text_table(reads_table("softmax and attention", result.named())))
    return result


def _softmax(arguments: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return torch.softmax(arguments["x"], dim=-1)


def _attention(arguments: Mapping[str, torch.Tensor]) -> torch.Tensor:
    q, k, v = (arguments[name][None] for name in "qkv")
    return scaled_dot_product_attention(q, k, v, is_causal=True)[0]


def _body(attention: Attention) -> str:
    named = attention.named()
    softmax = {name: m for name, m in named.items() if name.startswith("softmax")}
    rest = {name: m for name, m in named.items() if name not in softmax}
    rows, columns = attention.online.size["m"], attention.online.size["n"]
    length = attention.tiled.size["t"]
    return "".join(
        (
            prose(INTRODUCTION),
            chapter(
                "Softmax, once over the row less",
                SOFTMAX.format(rows=rows, columns=columns),
                table(reads_table("", softmax)),
                story(attention.told.run, SOFTMAX_STORY),
                annotated(attention.online.run),
            ),
            chapter(
                "Attention without its matrix",
                ATTENTION.format(length=length, width=WIDTH),
                table(reads_table("", rest)),
                prose(
                    STORED.format(
                        stored=attention.scores.writes,
                        written=attention.tiled.writes,
                        factor=attention.scores.reads / attention.tiled.reads,
                    )
                ),
                picture(attention.drawn.run, "attention in tiles", TILED_CAPTION, block=1, thread=2),
                story(attention.drawn.run, TILED_STORY),
                annotated(attention.tiled.run),
            ),
        )
    )


INTRODUCTION = """The same counting, for the operation at the heart of a language model. The inputs are hard
ones: rows around +150 or −150, whose exponentials a 32-bit number cannot hold, so that only a kernel that
subtracts the row's maximum survives. Errors are the largest differences from torch."""

SOFTMAX = """Softmax turns a row of scores into weights. The safe way takes three passes: the maximum, the sum
of the exponentials, the results. The online form needs two: it keeps the maximum and the sum of what it has
seen so far, and when a larger element turns up, it multiplies the sum by exp(old maximum − new maximum). Here
are {rows} rows of {columns}."""

ATTENTION = """In causal attention, position i compares its query with the keys of all positions up to i and
takes the mean of their values, weighted by softmax. The plain kernel writes a matrix of weights to global
memory and reads it back. With the online softmax the matrix is not needed: each thread keeps a running
maximum, a running sum, and a running mean. In tiles, the threads of a block share the keys and values that
they all need. Below are {length} positions of width {width}."""

STORED = """Going without the matrix cuts the writes from {stored:,} to {written:,}; sharing tiles divides the
reads by {factor:.0f}. The gap grows with the length of the sequence: the matrix grows with its square, the
result only with the length."""

TILED_CAPTION = """The second block of a shorter sequence, of seven positions. It goes through the keys and
values in two tiles; the second is cut short at the end of the sequence, and one of the four threads has no
query but helps to copy. In the second tile, each following key is read by one query less: that is causality.
Outlined is what thread 2 touches."""

_SEEN, _SUM = "largest = max(largest, value)", "total = total * math.exp(before - largest)"
SOFTMAX_STORY = (
    Station("largest = x[row, 0]", "Four threads, one for each row: the first element is the largest.", thread=1),
    Station(_SEEN, "The next element. Was the maximum too small? `before` and `largest` tell.", thread=1),
    Station(_SUM, "The sum so far shrinks by exp(before − largest), and the element joins it.", thread=1),
    Station(_SUM, "After one pass, maximum and sum are known together.", visit=5, thread=1),
    Station("out[row, j] = math.exp", "The second pass reads each element once more, and writes the result.", thread=1),
)

_SCORE = "score += query[e] * keys[j - first, e]"
TILED_STORY = (
    Station("query[e] =", "Four threads, three queries: each thread keeps its own query.", block=1, thread=1),
    Station("keys[x, e] = k[first + x, e]", "Each thread copies one key and one value for all.", block=1, thread=1),
    Station(_SCORE, "Every query meets the first key of the tile.", block=1, thread=1),
    Station("shrink = math.exp", "The online softmax: what was summed before shrinks.", block=1, thread=1),
    Station("keys[x, e] = k[first + x, e]", "The second tile is cut short: three keys are left.", 9, 1, 1),
    Station("for j in range(first", "Each following key is read by one query less: causality.", 8, 1, 1),
    Station("out[i, e] = sums[e] / total", "The mean of the values, without a matrix of weights.", block=1, thread=1),
)
