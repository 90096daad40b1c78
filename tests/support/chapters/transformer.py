"""The block of a transformer."""

import torch
from support.chapters import Mistake

functional = torch.nn.functional

TORCH = {
    "layer-norm": lambda x, gain, bias: functional.layer_norm(x, x.shape[1:], gain, bias, eps=1e-5),
    "gelu": lambda x: functional.gelu(x, approximate="tanh"),
    "embedding": lambda tokens, token, position: (functional.embedding(tokens, token) + position).flatten(0, 1),
}

MISTAKES = [
    Mistake("embedding", (("position[r % t, j]", "position[r // t, j]"),), "result"),
    Mistake("gelu", (("cuda.gridDim.x", "1"),), "finding", "race"),
]
