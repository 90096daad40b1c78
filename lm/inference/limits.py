"""What a key-value cache cannot do."""

from __future__ import annotations

from lm.config import Config
from lm.errors import LMError


def check_causal(config: Config) -> None:
    """Raises LMError for a model whose earlier positions change when a token is added."""
    if not config.causal:
        raise LMError("a model that sees the tokens after each position has no use for a cache: run it without")


def check_room(config: Config, length: int) -> None:
    """Raises LMError when `length` positions are more than the context."""
    if length > config.context:
        raise LMError(f"{length} tokens do not fit into the context of {config.context}: start a new cache")
