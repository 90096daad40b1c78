"""Simulated memory: buffers in four address spaces, typed views of them, and the one path to their bytes."""
