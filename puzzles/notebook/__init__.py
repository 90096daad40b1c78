"""The course in a notebook: what its cells call, and the notebooks themselves.

    from puzzles.notebook import check, hints, picture, predict, progress, puzzle

- `puzzle("map")` is the task, `picture("map")` what the solution does, `hints("map")` its hints.
- `predict("map", 2)` marks an answer; `predict("map")` asks, with a form where ipywidgets is installed.
- `check(kernel)` runs the kernel on the simulator, in this process: the verdict, and a failed launch to step through.
- `progress()` is how far you are. It is kept in .puzzles.json beside the notebook, as the command line does.

`%load_ext puzzles` adds `%%puzzle ID`, which runs a cell and checks the kernels that it defines.
"""

from puzzles.notebook.calls import check, hints, picture, predict, progress, puzzle

__all__ = ["check", "hints", "picture", "predict", "progress", "puzzle"]
