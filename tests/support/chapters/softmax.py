"""Softmax."""

import torch
from support.chapters import Mistake

TORCH = {
    "softmax-three-pass": lambda x: torch.softmax(x, 1),
    "softmax-online": lambda x: torch.softmax(x, 1),
    "cross-entropy": lambda logits, targets: torch.nn.functional.cross_entropy(
        logits, targets.long(), reduction="none"
    ),
}

MISTAKES = [
    Mistake("softmax-online", (("total * math.exp(before - largest)", "total"),), "result"),
    Mistake("cross-entropy", (("targets[i]]", "i]"),), "result"),
]
