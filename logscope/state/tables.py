"""Tables of integers as bytes that compress well, and back."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.state.codec import CodecError

_WORD: Final = 8
_MOST_ROWS: Final = 2**32
_MOST_COLUMNS: Final = 64


def pack_table(table: Int64) -> bytes:
    """Column by column the steps from row to row, the lowest byte of all first: most of the others are zero."""
    steps = np.diff(table.T, axis=-1, prepend=0).astype("<i8")
    return steps.reshape(-1).view(np.uint8).reshape(-1, _WORD).T.tobytes()


def unpack_tables(data: bytes, shapes: object) -> Sequence[Int64]:
    """Tables of these shapes, which together are the data.

    Raises:
        CodecError: They are not.
    """
    if not isinstance(shapes, list):
        raise CodecError("tables is not a list")
    tables: list[Int64] = []
    at = 0
    for shape in shapes:
        if not _is_shape(shape):
            raise CodecError("tables holds something else than shapes")
        count = int(np.prod(shape, dtype=object))
        piece = data[at : at + _WORD * count]
        if len(piece) != _WORD * count:
            raise CodecError("tables are cut")
        at += _WORD * count
        bytes_of = np.frombuffer(piece, np.uint8).reshape(_WORD, count).T
        steps = np.ascontiguousarray(bytes_of).reshape(-1).view("<i8").astype(np.int64)
        tables.append(np.ascontiguousarray(np.cumsum(steps.reshape(shape[::-1]), axis=-1).T))
    if at != len(data):
        raise CodecError("something follows the tables")
    return tables


def _is_shape(shape: object) -> bool:
    """Rows, or rows and columns."""
    if not isinstance(shape, list) or not 1 <= len(shape) <= 2:
        return False
    is_sized = all(type(size) is int and 0 <= size < _MOST_ROWS for size in shape)
    return is_sized and (len(shape) == 1 or shape[1] < _MOST_COLUMNS)
