"""Training a transformer: the text, the optimizers, the loop, and going on after an interruption.

Reading order: `options`, `text`, `schedule`, `muon`, `optimizers`, `loop`; then `state`, `processes`, `precision`.
"""
