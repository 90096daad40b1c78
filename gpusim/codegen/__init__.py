"""Real code for a GPU that need not be here: Numba's compilers, NVIDIA's linker, and what the code tells.

The room is not called `compile`, because `gpusim.compile` is the function.
"""
