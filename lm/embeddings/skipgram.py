"""Skip-gram with negative sampling: a word's vector predicts the words around it.

    maximise  log s(u_w . v_c)  +  sum over k drawn words n of  log s(-u_w . v_n),     s(x) = 1 / (1 + exp(-x))

for each word w and each word c within `reach` of it; n is drawn in proportion to (count)^(3/4) (Mikolov et al. 2013,
"Distributed representations of words and phrases", section 2.2).  Its optimum is u . v = log(p(w, c) / (p(w) p(c))) -
log k (Levy & Goldberg 2014, "Neural word embedding as implicit matrix factorization", equation 7).

Analogy: a is to b as c is to the word nearest to b - a + c by cosine, other than these three (Mikolov et al. 2013,
"Linguistic regularities in continuous space word representations", section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from lm.errors import LMError


@dataclass(frozen=True)
class Embeddings:
    """words, and a vector for each: float32 [words, width]."""

    words: list[str]
    vectors: np.ndarray

    def nearest(self, vector: np.ndarray, count: int = 5, but: tuple[str, ...] = ()) -> list[tuple[str, float]]:
        """The words whose vectors have the largest cosine with this one, and the cosines."""
        unit = self.vectors / np.linalg.norm(self.vectors, axis=1, keepdims=True)
        cosine = unit @ (vector / np.linalg.norm(vector))
        best = [i for i in np.argsort(-cosine) if self.words[i] not in but][:count]
        return [(self.words[i], float(cosine[i])) for i in best]

    def analogy(self, a: str, b: str, c: str, count: int = 5) -> list[tuple[str, float]]:
        """What c is to, as a is to b.  Raises LMError for a word without a vector."""
        return self.nearest(self[b] - self[a] + self[c], count, but=(a, b, c))

    def __getitem__(self, word: str) -> np.ndarray:
        """The word's vector.  Raises LMError when it has none."""
        if word not in self.words:
            raise LMError(f"the text has no word {word!r} that is frequent enough for a vector: ask for another")
        return self.vectors[self.words.index(word)]


def pairs(numbers: np.ndarray, reach: int) -> np.ndarray:
    """int64 [pairs, 2]: each word with each other word at most `reach` places away."""
    found = []
    for distance in range(1, reach + 1):
        before, after = numbers[:-distance], numbers[distance:]
        found += [np.stack([before, after], axis=1), np.stack([after, before], axis=1)]
    return np.concatenate(found).astype(np.int64)


def skipgram(
    text: list[str],
    width: int = 32,
    reach: int = 2,
    negatives: int = 5,
    epochs: int = 5,
    least: int = 5,
    rate: float = 0.02,
    seed: int = 0,
) -> Embeddings:
    """Vectors for the words that the text has at least `least` times.  Raises LMError when there are fewer than two."""
    words, index, counts = np.unique(np.array(text), return_inverse=True, return_counts=True)
    kept = np.flatnonzero(counts >= least)
    if len(kept) < 2:
        raise LMError(f"the text has {len(kept)} words that occur {least} times and vectors need 2: give a longer text")
    number = np.full(len(words), -1)
    number[kept] = np.arange(len(kept))
    numbers = number[index]
    both = torch.from_numpy(pairs(numbers[numbers >= 0], reach))
    noise = torch.from_numpy(counts[kept] ** 0.75)

    generator = torch.Generator().manual_seed(seed)
    u = ((torch.rand((len(kept), width), generator=generator) - 0.5) / width).requires_grad_()
    v = torch.zeros((len(kept), width), requires_grad=True)
    optimizer = torch.optim.Adam([u, v], lr=rate)
    batch = 1024
    for _ in range(epochs):
        for rows in torch.randperm(len(both), generator=generator).split(batch):
            drawn = torch.multinomial(noise, len(rows) * negatives, replacement=True, generator=generator)
            loss = negative_sampling(u, v, both[rows], drawn.view(len(rows), negatives))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return Embeddings([str(word) for word in words[kept]], u.detach().numpy())


def negative_sampling(u: Tensor, v: Tensor, both: Tensor, drawn: Tensor) -> Tensor:
    """The loss of pairs [n, 2] with drawn words [n, k], per pair."""
    centre = u[both[:, 0]]  # [n, width]
    true = (centre * v[both[:, 1]]).sum(dim=1)
    false = (v[drawn] @ centre.unsqueeze(2)).squeeze(2)  # [n, k]
    return -(logsigmoid(true) + logsigmoid(-false).sum(dim=1)).mean()


def kinship(sentences: int = 3000, seed: int = 0) -> list[str]:
    """A text whose analogies are known: people of two sexes and several ranks, and what is said of each.

    "the queen of spain wears her crown": a word of rank goes with its things, a word of sex with its pronoun.
    """
    generator = np.random.default_rng(seed)
    ranks = {
        ("king", "queen"): ("crown", "throne", "kingdom"),
        ("prince", "princess"): ("castle", "horse", "heir"),
        ("actor", "actress"): ("stage", "film", "play"),
        ("waiter", "waitress"): ("tray", "table", "menu"),
        ("man", "woman"): ("house", "street", "town"),
    }
    names = list(ranks)
    text: list[str] = []
    for _ in range(sentences):
        pair = names[generator.integers(len(names))]
        sex = int(generator.integers(2))
        thing = ranks[pair][generator.integers(3)]
        verb = ("sees", "likes", "has", "leaves")[generator.integers(4)]
        text += [("he", "she")[sex], "is", "the", pair[sex], "and", verb, ("his", "her")[sex], thing, "."]
    return text
