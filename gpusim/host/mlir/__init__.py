"""numba-cuda-mlir during a session: its host side is numba-cuda's, which is simulated; its dispatchers launch there.

Importing a module of this folder imports numba-cuda-mlir.
"""
