"""Operations that several threads execute together: barriers, votes, shuffles."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from gpusim.places import Site
from gpusim.simt.lanes import Lanes


def collective(scope: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    """`operation`, which works on all lanes at once, for lanes that may still have to meet.

    `scope` is "block" or "warp"; the first argument of a warp operation is its member mask.
    """

    @functools.wraps(operation)
    def together(t: Lanes, site: Site, *arguments: Any) -> Any:
        return t.schedule.collective(t, scope, operation, site, *arguments)

    return together
