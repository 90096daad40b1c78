"""What `benchmarks/gpu.py` is made of: launches, and four things to do with them on a GPU.

Everything here can be imported without a GPU, and with nothing but numba-cuda, NumPy and torch installed.
"""
