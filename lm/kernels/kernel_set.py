"""The kernels that a transformer's forward pass runs, as a set whose members can be replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from lm.errors import LMError
from lm.kernels import naive
from lm.kernels.attention import ATTENTION_SCORES, ATTENTION_VALUES
from lm.kernels.cache import APPEND, ATTENTION_DECODE
from lm.kernels.cross_entropy import CROSS_ENTROPY
from lm.kernels.embedding import ADD_NGRAMS, EMBED, EMBED_TOKENS
from lm.kernels.fused_attention import ATTENTION
from lm.kernels.layer_norm import LAYER_NORM
from lm.kernels.matmul import MATMUL_REGISTER_TILED
from lm.kernels.operation import Operation, parameter_names
from lm.kernels.pointwise import ADD_BIAS, GELU, RELU, RELU2, RESIDUAL_ADD
from lm.kernels.rms_norm import RMS_NORM
from lm.kernels.rotary import ROTARY
from lm.kernels.softmax import SOFTMAX_ONLINE


@dataclass(frozen=True)
class KernelSet:
    """One operation for each place in the forward pass.

    A place is defined by the formula, the parameter names and the types of its default operation
    (`KernelSet().matmul.description`, `.parameters`, `.signature`).  A configuration uses some of the places:
    one norm, one activation, one way to embed and to attend.
    """

    embed: Operation = EMBED
    embed_tokens: Operation = EMBED_TOKENS
    add_ngrams: Operation = ADD_NGRAMS
    layer_norm: Operation = LAYER_NORM
    rms_norm: Operation = RMS_NORM
    matmul: Operation = MATMUL_REGISTER_TILED
    add_bias: Operation = ADD_BIAS
    rotary: Operation = ROTARY
    attention: Operation = ATTENTION
    attention_scores: Operation = ATTENTION_SCORES
    softmax: Operation = SOFTMAX_ONLINE
    attention_values: Operation = ATTENTION_VALUES
    append: Operation = APPEND
    attention_decode: Operation = ATTENTION_DECODE
    gelu: Operation = GELU
    relu: Operation = RELU
    relu2: Operation = RELU2
    residual_add: Operation = RESIDUAL_ADD
    cross_entropy: Operation = CROSS_ENTROPY

    @classmethod
    def default(cls) -> KernelSet:
        """This package's own kernels."""
        return cls()

    @classmethod
    def naive(cls) -> KernelSet:
        """The plain way wherever there is a better one (`lm.kernels.naive`)."""
        return cls(
            layer_norm=naive.LAYER_NORM_NAIVE,
            rms_norm=naive.RMS_NORM_NAIVE,
            matmul=naive.MATMUL_NAIVE,
            attention=naive.ATTENTION_NAIVE,
            attention_scores=naive.ATTENTION_SCORES_NAIVE,
            softmax=naive.SOFTMAX_NAIVE,
            attention_values=naive.ATTENTION_VALUES_NAIVE,
            attention_decode=naive.ATTENTION_DECODE_NAIVE,
            cross_entropy=naive.CROSS_ENTROPY_NAIVE,
        )

    @classmethod
    def named(cls, name: str) -> KernelSet:
        """ "good": this package's own kernels; "naive": the plain ones.  Raises LMError for another name."""
        sets = {"good": cls.default, "naive": cls.naive}
        if name not in sets:
            raise LMError(f"there is no set of kernels {name!r}: the sets are {' and '.join(sets)}")
        return sets[name]()

    def __iter__(self) -> Iterator[tuple[str, Operation]]:
        """(place, operation), in the order of the forward pass."""
        return ((place.name, getattr(self, place.name)) for place in fields(self))

    def replace(self, **kernels: Any) -> KernelSet:
        """A new set with other kernels in the named places: `replace(matmul=my_matmul)`.

        A value is a kernel, which is launched as the default one is, or an `Operation` with a launch of
        its own: `replace(matmul=MATMUL_TILED)`.

        Raises LMError when there is no such place or the kernel's parameters are not the place's.
        """
        places = dict(KernelSet())
        operations = {}
        for place, kernel in kernels.items():
            if place not in places:
                raise LMError(f"there is no place {place!r} for a kernel: the places are {', '.join(places)}")
            operation = kernel if isinstance(kernel, Operation) else replace(places[place], kernel=kernel)
            _check_parameters(place, operation, places[place])
            operations[place] = operation
        return replace(self, **operations)


def _check_parameters(place: str, offered: Operation, wanted: Operation) -> None:
    if not callable(offered.kernel):
        raise LMError(f"{place} needs a kernel, a function with @cuda.jit; got {offered.kernel!r}")
    names = parameter_names(offered.kernel)
    if names != wanted.parameters:
        raise LMError(
            f"the kernel {offered.kernel.__name__} cannot be used for {place}: its parameters are "
            f"({', '.join(names)}) and must be ({', '.join(wanted.parameters)}), for {wanted.description}"
        )
