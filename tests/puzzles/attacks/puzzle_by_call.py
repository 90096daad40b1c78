"""So is the puzzle's name."""
# refused: file: does not say which puzzle

from numba import cuda

PUZZLE = str("map")
