"""The numba.cuda surface: what kernels call (the modules here) and what hosts call (`host`)."""
