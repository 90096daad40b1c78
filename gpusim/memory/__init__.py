"""Simulated memory as passive bytes: buffers in four address spaces, views of them, compiled loops over addresses."""
