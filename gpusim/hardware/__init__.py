"""Models of real GPUs: their limits, occupancy, caches, and the least time that a launch takes."""
