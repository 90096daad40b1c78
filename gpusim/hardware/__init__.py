"""Real GPUs: is one here, run on it, and compile for one that is not here."""
