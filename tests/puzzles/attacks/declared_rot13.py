#!/usr/bin/env python
# vim: set fileencoding=rot13 :
"""A codec that turns letters into others."""
# refused: file: is in 'rot13'

from numba import cuda

PUZZLE = "map"

@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
