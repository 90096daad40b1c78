"""The simulated machine: blocks, warps and lanes, the masks that say which lanes are active, and launches."""
