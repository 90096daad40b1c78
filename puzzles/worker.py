"""`python -m puzzles.worker`: the process that runs learners' kernels (`puzzles.check.sandbox.worker`).

A sandbox may not let it write, so Numba's caches beside the packages are made read-only before anything that is cached
is imported.
"""

from __future__ import annotations

from numba.core import caching


def freeze_caches() -> None:
    """Load compiled loops from the cache, whether or not one could write there, and store none."""
    caching._CacheLocator.ensure_cache_path = lambda self: None
    caching.Cache.save_overload = lambda self, signature, data: None


if __name__ == "__main__":
    freeze_caches()
    from puzzles.check.sandbox.worker import main  # imports the simulator, whose loops are cached

    main()
