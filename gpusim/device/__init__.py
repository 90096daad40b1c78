"""The numba.cuda that a kernel sees: one module a topic, and `surface`, which finds what a name stands for."""
