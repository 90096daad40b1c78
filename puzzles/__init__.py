"""A course of GPU kernels with a hole in each: a specification, limits on reads, hints, and a strict checker.

- `puzzles.catalog`: the puzzles, one module each, in the order of the course.
- `puzzles.check`: runs a learner's kernel on the simulator and says what is wrong with it.
- `puzzles.cli`: the command line, `python -m puzzles`.
"""
