"""Two models on which perplexity and quality part company.

The overconfident model puts 1 - e on its first guess and spreads e over the other V - 1 symbols.  With accuracy a it
has

    H = -a log2(1 - e) - (1 - a) log2( e / (V - 1) )        bits

so for small e it is worse than uniform, log2 V, however often it is right short of always; its best e is 1 - a.

The one-article model writes one good article, word for word, whenever it is asked for text: nobody who reads one sample
finds a fault, and any other text is impossible to it.  Mixed with a uniform model of weight w, each token of another
text costs about log2(V / w) bits (Theis et al. 2016, "A note on the evaluation of generative models", section 3).
"""

from __future__ import annotations

import math

import numpy as np


def overconfident_bits(accuracy: float, slack: float, symbols: int) -> float:
    """H of the docstring: accuracy a, slack e above 0, V symbols."""
    return -accuracy * math.log2(1 - slack) - (1 - accuracy) * math.log2(slack / (symbols - 1))


class OneArticle:
    """Knows one article by heart.  article: int [N] tokens below V."""

    def __init__(self, article: np.ndarray, symbols: int, slack: float = 1e-6) -> None:
        self.article = article
        self.symbols = symbols
        self.slack = slack

    def write(self, tokens: int) -> np.ndarray:
        """int [tokens]: the article, again and again: its samples are as good as the article."""
        return np.resize(self.article, tokens)

    def probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """float64 [N]: p of each token, from the article's first on."""
        right = np.resize(self.article, len(tokens)) == tokens
        return np.where(right, 1 - self.slack, 0) + self.slack / self.symbols
