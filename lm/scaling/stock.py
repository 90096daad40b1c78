"""When the text runs out: the stock of public text against the growth of training sets (Villalobos et al. 2024,
arXiv:2211.04325 version 2).

Their estimates: an effective stock of 3e14 tokens (90 % interval 1e14 to 1e15; quality and several passes taken into
account), and training sets that grew by 0.38 orders of magnitude a year (95 % interval 0.27 to 0.48).  They find the
stock used up between 2026 and 2032 (80 % interval).  Here growth is continued from the largest known training set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lm.errors import LMError

STOCK, STOCK_INTERVAL = 3e14, (1e14, 1e15)  # tokens
GROWTH, GROWTH_INTERVAL = 0.38, (0.27, 0.48)  # orders of magnitude a year
START, START_YEAR = 1.56e13, 2024.5  # Llama 3.1 405B (arXiv:2407.21783)
PUBLISHED = (2026, 2032)
STOCKS = {
    "Common Crawl": 1.3e14,
    "indexed web": 5.1e14,
    "whole web": 3.1e15,
    "effective stock of public human text": STOCK,
}  # tokens; the same paper, figure 1 and section 2


@dataclass(frozen=True)
class Exhaustion:
    """The year in which one training set takes the whole stock: middle, and earliest and latest of the intervals."""

    year: float
    earliest: float
    latest: float


def year_of(stock: float, growth: float, start: float = START, year: float = START_YEAR) -> float:
    """year + log10(stock / start) / growth.  Tokens; growth in orders of magnitude a year.  Raises LMError."""
    for name, value in (("stock", stock), ("growth", growth), ("starting size", start)):
        if not (math.isfinite(value) and value > 0):
            raise LMError(f"the {name} must be above 0, got {value}")
    if not math.isfinite(year):
        raise LMError(f"the year must be a number, got {year}")
    return year + math.log10(stock / start) / growth


def exhaustion(
    stock: tuple[float, float, float] = (STOCK, *STOCK_INTERVAL),
    growth: tuple[float, float, float] = (GROWTH, *GROWTH_INTERVAL),
    start: float = START,
    year: float = START_YEAR,
    overtraining: float = 1.0,
) -> Exhaustion:
    """Middle, low and high of stock and growth; `overtraining` multiplies the starting size (smaller models on more
    text).  The earliest year takes the smallest stock and the fastest growth, the latest the opposite."""
    if not overtraining > 0:
        raise LMError(f"overtraining is a factor above 0, got {overtraining}")
    size = start * overtraining
    return Exhaustion(
        year_of(stock[0], growth[0], size, year),
        year_of(stock[1], growth[2], size, year),
        year_of(stock[2], growth[1], size, year),
    )
