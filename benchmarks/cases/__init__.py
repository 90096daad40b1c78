"""The launches that are timed, in the order of the tables."""

from cases import attention, matmul, reductions, vectors

CASES = [*matmul.CASES, *reductions.CASES, *vectors.CASES, *attention.CASES]

__all__ = ["CASES"]
