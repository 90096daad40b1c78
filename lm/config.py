"""The shape of a transformer: its configuration and the names and shapes of its parameters.

Nothing here needs torch: the simulator and a GPU read the same configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from lm.errors import LMError


@dataclass(frozen=True)
class Config:
    """Sizes of a decoder-only, pre-norm transformer (Radford et al. 2019, GPT-2).

    vocabulary  V, number of distinct characters
    context     T, longest sequence; there are T learned position vectors
    width       D, size of the residual stream
    layers      L, number of blocks
    heads       H, attention heads per block, each of width D / H
    """

    vocabulary: int
    context: int = 128
    width: int = 96
    layers: int = 4
    heads: int = 4

    def __post_init__(self) -> None:
        for name in ("vocabulary", "context", "width", "layers", "heads"):
            if getattr(self, name) < 1:
                raise LMError(f"a transformer needs {name} >= 1, got {getattr(self, name)}")
        if self.width % self.heads:
            raise LMError(
                f"the width ({self.width}) must be a multiple of the number of heads ({self.heads}): "
                "change one of the two"
            )

    @property
    def head_width(self) -> int:
        """d = D / H, the size of one head's queries, keys and values."""
        return self.width // self.heads

    @property
    def hidden(self) -> int:
        """Width of the MLP's hidden layer, 4 D as in Vaswani et al. 2017."""
        return 4 * self.width


def parameter_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Every parameter's name and shape, in the order of the forward pass.

    Matrices are stored (inputs, outputs), so that a layer reads `x @ w + b`.  All are float32.
    """
    d, h = config.width, config.hidden
    shapes: dict[str, tuple[int, ...]] = {
        "embedding.token": (config.vocabulary, d),
        "embedding.position": (config.context, d),
    }
    for i in range(config.layers):
        block = {
            "ln1.gain": (d,), "ln1.bias": (d,),
            "attn.wq": (d, d), "attn.bq": (d,),
            "attn.wk": (d, d), "attn.bk": (d,),
            "attn.wv": (d, d), "attn.bv": (d,),
            "attn.wo": (d, d), "attn.bo": (d,),
            "ln2.gain": (d,), "ln2.bias": (d,),
            "mlp.w1": (d, h), "mlp.b1": (h,),
            "mlp.w2": (h, d), "mlp.b2": (d,),
        }  # fmt: skip
        shapes |= {f"blocks.{i}.{name}": shape for name, shape in block.items()}
    shapes |= {"ln.gain": (d,), "ln.bias": (d,)}
    shapes |= {"head.w": (d, config.vocabulary), "head.b": (config.vocabulary,)}
    return shapes


def parameter_count(config: Config) -> int:
    """Number of scalars in all parameters."""
    return sum(prod(shape) for shape in parameter_shapes(config).values())
