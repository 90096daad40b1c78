"""A language whose entropy is known: documents to learn, and the floor that no model of them can go below.

`grammar` has the syntax, `words` the probabilities of types, `language` the documents and the exact probability of
each of their tokens, `entropy` the floor in closed form, `spelling` the words as text.
"""

from lm.language.entropy import Entropy, exact_entropy, frequencies
from lm.language.language import Language

__all__ = ["Entropy", "Language", "exact_entropy", "frequencies"]
