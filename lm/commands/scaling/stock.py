"""When public text runs out, by published estimates of its stock and of the growth of training sets."""

from __future__ import annotations

import argparse

from lm.commands.scaling import choice
from lm.scaling import stock

NAME = "stock"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", type=float, default=stock.START, metavar="TOKENS",
                        help="a training set (default: %(default)g, Llama 3.1)")  # fmt: skip
    parser.add_argument("--year", type=float, default=stock.START_YEAR, help="of that one (default: %(default)s)")
    parser.add_argument(
        "--growth",
        type=float,
        metavar="DECADES",
        help=f"orders of magnitude a year (default: {stock.GROWTH}, from {stock.GROWTH_INTERVAL})",
    )
    parser.add_argument("--overtraining", type=float, default=1.0, metavar="FACTOR",
                        help="text beyond that growth, for smaller models (default: %(default)g)")  # fmt: skip


def run(options: argparse.Namespace) -> tuple[dict, str]:
    growth = (stock.GROWTH, *stock.GROWTH_INTERVAL) if options.growth is None else (options.growth,) * 3
    found = stock.exhaustion(growth=growth, start=options.start, year=options.year, overtraining=options.overtraining)
    size = options.start * options.overtraining
    years = {name: stock.year_of(tokens, growth[0], size, options.year) for name, tokens in stock.STOCKS.items()}
    source = "Villalobos et al. 2024, arXiv:2211.04325v2"
    result = {
        "year": found.year,
        "earliest": found.earliest,
        "latest": found.latest,
        "growth": growth[0],
        "start": options.start,
        "stocks": {name: {"tokens": stock.STOCKS[name], "year": year} for name, year in years.items()},
        "published": list(stock.PUBLISHED),
        "source": source,
    }
    rows = [["stock", "tokens", "reached in"]]
    rows += [[name, choice.count(stock.STOCKS[name]), f"{year:.1f}"] for name, year in years.items()]
    lines = [
        f"training sets of {choice.count(size)} tokens in {options.year:g}, growing by {growth[0]:g} orders of "
        "magnitude a year:",
        choice.table(rows),
        f"The effective stock is used up in {found.year:.1f}, between {found.earliest:.1f} and {found.latest:.1f} over "
        f"the intervals of stock and growth; {source} has {stock.PUBLISHED[0]} to {stock.PUBLISHED[1]}.",
    ]
    return result, "\n".join(lines)
