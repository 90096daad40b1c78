"""Python's and NumPy's own functions inside kernels."""
