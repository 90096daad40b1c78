"""The shape of the simulated machine: grids and blocks, the lanes of a chunk, masks of active lanes."""
