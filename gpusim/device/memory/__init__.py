"""Arrays that kernels make, atomics, pointers, loads and stores with cache hints."""
