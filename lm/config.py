"""The shape of a transformer: its configuration and the names and shapes of its parameters.

One transformer, two settings: `gpt2` (Radford et al. 2019: learned positions, layer norm, GELU, biases) and `modern`
(rotary positions, RMS norm, normalised queries and keys, squared ReLU, no biases).  Every field can also be chosen by
itself, and every combination runs in torch, on the simulator and on a GPU.

Nothing here needs torch: the simulator and a GPU read the same configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Literal, get_args

from lm.errors import LMError

Norm = Literal["layer", "rms", "none"]
Activation = Literal["gelu", "relu2", "relu"]
Positions = Literal["learned", "rotary", "none"]

_CHOICES = {"norm": get_args(Norm), "activation": get_args(Activation), "positions": get_args(Positions)}
_AT_LEAST_ONE = ("vocabulary", "context", "width", "layers", "heads", "kv_heads", "head_width", "hidden")


@dataclass(frozen=True)
class Config:
    """Sizes and parts of a pre-norm transformer.

    vocabulary   V, number of distinct tokens
    context      T, longest sequence
    width        D, size of the residual stream
    layers       L, number of blocks
    heads        H, attention heads (of queries) per block
    kv_heads     heads of keys and values, each shared by H / kv_heads heads of queries; 0: as many as H
    head_width   d, size of one head's queries, keys and values; 0: D / H
    hidden       width of the MLP's hidden layer; 0: 4 D, as in Vaswani et al. 2017
    norm         "layer" (Ba et al. 2016), "rms" (Zhang & Sennrich 2019) or "none"
    activation   "gelu" (its tanh form), "relu2" (squared; So et al. 2021) or "relu"
    positions    "learned" (T vectors), "rotary" (Su et al. 2021) or "none"
    causal       whether a position sees only itself and those before it
    bias         whether linear layers and layer norms have a bias
    tied         whether the head is the token embedding's transpose (Press & Wolf 2017)
    qk_norm      whether each head's queries and keys pass an RMS norm (Henry et al. 2020; Dehghani et al. 2023)
    ngrams       N: hashed tables of the last 2, 3, .. N tokens join the embedding (`lm.hashing`); 0: none
    ngram_rows   rows of each of those tables
    """

    vocabulary: int
    context: int = 128
    width: int = 96
    layers: int = 4
    heads: int = 4
    kv_heads: int = 0
    head_width: int = 0
    hidden: int = 0
    norm: Norm = "layer"
    activation: Activation = "gelu"
    positions: Positions = "learned"
    causal: bool = True
    bias: bool = True
    tied: bool = False
    qk_norm: bool = False
    ngrams: int = 0
    ngram_rows: int = 0

    def __post_init__(self) -> None:
        for name in ("vocabulary", "context", "width", "layers", "heads"):
            if getattr(self, name) < 1:
                raise LMError(f"a transformer needs {name} >= 1, got {getattr(self, name)}")
        if self.width % self.heads and not self.head_width:
            raise LMError(
                f"the width ({self.width}) must be a multiple of the number of heads ({self.heads}): "
                "change one of the two"
            )
        defaults = {"kv_heads": self.heads, "head_width": self.width // self.heads, "hidden": 4 * self.width}
        for name, value in defaults.items():
            object.__setattr__(self, name, getattr(self, name) or value)
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise LMError(f"a transformer needs {name} >= 1, got {getattr(self, name)}")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise LMError(f"there is no {name} {getattr(self, name)!r}: take one of {', '.join(choices)}")
        if self.heads % self.kv_heads:
            raise LMError(
                f"the number of heads ({self.heads}) must be a multiple of the number of key and value heads "
                f"({self.kv_heads}): change one of the two"
            )
        if self.positions == "rotary" and self.head_width % 2:
            raise LMError(f"rotary positions turn pairs of channels and a head has {self.head_width}: make it even")
        if (self.ngrams == 1 or self.ngrams < 0) or (self.ngrams > 0) != (self.ngram_rows > 0):
            raise LMError(
                f"hashed n-grams need an order of at least 2 and at least 1 row, got {self.ngrams} and "
                f"{self.ngram_rows}: give both, or 0 for both"
            )
        if self.ngrams and not self.causal:
            raise LMError("hashed n-grams are of the tokens so far: a model that sees all tokens cannot have them")

    @property
    def query_width(self) -> int:
        """H d, the size of all heads' queries together."""
        return self.heads * self.head_width

    @property
    def kv_width(self) -> int:
        """kv_heads d, the size of all heads' keys, or values, together."""
        return self.kv_heads * self.head_width

    @property
    def ngram_orders(self) -> range:
        """The orders of the hashed tables: 2, 3, .. `ngrams`."""
        return range(2, self.ngrams + 1)


def gpt2(vocabulary: int, **sizes: Any) -> Config:
    """The parts of GPT-2 (Radford et al. 2019); `sizes` are other fields of `Config`."""
    return Config(vocabulary, **sizes)


def modern(vocabulary: int, **sizes: Any) -> Config:
    """The parts that small models of today share: RMS norm, rotary positions, QK norm, squared ReLU, no biases."""
    parts: dict[str, Any] = {
        "norm": "rms", "activation": "relu2", "positions": "rotary", "qk_norm": True, "bias": False,
    }  # fmt: skip
    return Config(vocabulary, **parts | sizes)


SETTINGS = {"gpt2": gpt2, "modern": modern}


def parameter_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Every parameter's name and shape, in the order of the forward pass.

    Matrices are stored (inputs, outputs), so that a layer reads `x @ w + b`.  All are float32.  A part that the
    configuration leaves out has no parameters: no biases, no norm, no learned positions, no head of its own.
    """
    d, h, q, kv = config.width, config.hidden, config.query_width, config.kv_width
    shapes: dict[str, tuple[int, ...]] = {"embedding.token": (config.vocabulary, d)}
    if config.positions == "learned":
        shapes["embedding.position"] = (config.context, d)
    shapes |= {f"embedding.ngram{n}": (config.ngram_rows, d) for n in config.ngram_orders}
    for i in range(config.layers):
        block = (
            _norm(config, "ln1")
            | _linear(config, "attn", "q", d, q)
            | _linear(config, "attn", "k", d, kv)
            | _linear(config, "attn", "v", d, kv)
            | ({"attn.q.gain": (config.head_width,), "attn.k.gain": (config.head_width,)} if config.qk_norm else {})
            | _linear(config, "attn", "o", q, d)
            | _norm(config, "ln2")
            | _linear(config, "mlp", "1", d, h)
            | _linear(config, "mlp", "2", h, d)
        )
        shapes |= {f"blocks.{i}.{name}": shape for name, shape in block.items()}
    shapes |= _norm(config, "ln")
    if not config.tied:
        shapes["head.w"] = (d, config.vocabulary)
        if config.bias:
            shapes["head.b"] = (config.vocabulary,)
    return shapes


def _norm(config: Config, name: str) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    if config.norm != "none":
        shapes[f"{name}.gain"] = (config.width,)
    if config.norm == "layer" and config.bias:
        shapes[f"{name}.bias"] = (config.width,)
    return shapes


def _linear(config: Config, part: str, name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {f"{part}.w{name}": (inputs, outputs)}
    if config.bias:
        shapes[f"{part}.b{name}"] = (outputs,)
    return shapes


def parameter_count(config: Config) -> int:
    """Number of scalars in all parameters."""
    return sum(prod(shape) for shape in parameter_shapes(config).values())
