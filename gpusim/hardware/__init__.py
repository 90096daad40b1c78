"""Real GPUs: is one here, run on it, compile for one that is not here, and what a launch would cost on it."""
