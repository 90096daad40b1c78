"""Messages between the checker and the process that runs kernels: a JSON value and arrays behind it.

    8 bytes   length of the JSON text (big endian)
    8 bytes   length of all that follows it
    JSON      {"value": ..., "arrays": [[dtype, shape], ...]}
    bytes     the arrays' elements, one array after the other, in C order

No pickles: what comes back from a sandbox is numbers and text, whatever it claims to be.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from puzzles.spec import Array

HEAD = struct.Struct(">QQ")

JSON_BYTES = 4 << 20
ARRAY_BYTES = 256 << 20

DTYPES = frozenset(np.dtype(f"{kind}{size}").str for kind in "iu" for size in (1, 2, 4, 8)) | frozenset(
    np.dtype(f"f{size}").str for size in (2, 4, 8)
)


class BadMessage(ValueError):
    """Something else than a message of this form, or a message that is too long."""


def pack(value: Any, arrays: Sequence[Array] = ()) -> bytes:
    """The bytes of one message."""
    kinds = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({"value": value, "arrays": kinds}).encode()
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    return HEAD.pack(len(text), len(data)) + text + data


def read(source: Callable[[int], bytes]) -> tuple[Any, list[Array]]:
    """One message from `source(count)`, which returns up to count bytes, and none at the end.

    Raises EOFError at the end before a message, and BadMessage.
    """
    head = _exactly(source, HEAD.size)
    if not head:
        raise EOFError
    length, rest = HEAD.unpack(head)
    if length > JSON_BYTES or rest > ARRAY_BYTES:
        raise BadMessage(f"a message of {length + rest:,} bytes")
    return unpack(_exactly(source, length), _exactly(source, rest))


def unpack(text: bytes, data: bytes) -> tuple[Any, list[Array]]:
    """The value and the arrays of a message without its head. Raises BadMessage."""
    try:
        message = json.loads(text)
        value, kinds = message["value"], message["arrays"]
        arrays = []
        for dtype, shape in kinds:
            if dtype not in DTYPES or not all(type(extent) is int and extent >= 0 for extent in shape):
                raise BadMessage(f"an array of {dtype!r}")
            size = math.prod(shape) * np.dtype(dtype).itemsize
            if size > len(data):
                raise BadMessage("an array that is cut off")
            arrays.append(np.frombuffer(data[:size], dtype=dtype).reshape(shape).copy())
            data = data[size:]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadMessage(f"not a message: {type(error).__name__}") from None
    if data:
        raise BadMessage("bytes after the end")
    return value, arrays


def _exactly(source: Callable[[int], bytes], count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = source(min(count, 1 << 20))
        if not part:
            if parts:
                raise BadMessage("a message that is cut off")
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
