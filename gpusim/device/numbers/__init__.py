"""Functions of numbers: bits, libdevice, narrow floats, vector types, intrinsics with code of their own."""
