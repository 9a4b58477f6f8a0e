"""Frozen values to plain JSON values and back. What comes back is checked field by field: a file may hold anything.

Knows dataclasses, enums, tuples, optional values, bytes, the scalars of JSON, and tables of integers, which stand
beside the JSON; nothing is ever executed or imported by what a file says. A field that has a default may be missing
(an older file); one that is not known belongs to a newer logscope.
"""

import dataclasses
import math
import types
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, Union, get_args, get_origin, get_type_hints

import numpy as np

from logscope.ingest.batch import Int64

_WIDEST: Final = 64
"""Bits of an integer: no time, count, key or inode has more, and what is reckoned with one would not end well."""


class CodecError(ValueError):
    """A value does not fit its type."""


def encode(value: object, tables: list[Int64] | None = None) -> object:
    """A frozen value as what `json` can write.

    Args:
        value: A dataclass, an enum, a tuple, a scalar.
        tables: Takes the tables of integers that it holds; None where it may hold none.

    Raises:
        CodecError: It holds something that is no plain data.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return encode(value.value, tables)
    if isinstance(value, int | float):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, tuple | list):
        return [encode(one, tables) for one in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name), tables) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray) and tables is not None and value.dtype == np.int64:
        tables.append(value)
        return len(tables) - 1
    raise CodecError(f"{type(value).__name__} cannot be kept")


def decode(expected: object, data: object, where: str = "value", tables: Sequence[Int64] = ()) -> object:
    """The value of a type that a JSON value stands for.

    Args:
        expected: A type or annotation: a dataclass, an enum, a scalar, `tuple[...]`, or several with `|`.
        data: What `json` read.
        where: Name of the value, for the error.
        tables: Those that stand beside the JSON.

    Raises:
        CodecError: It does not fit.
    """
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        return _decode_any(get_args(expected), data, where, tables)
    if origin is tuple:
        return _decode_tuple(get_args(expected), data, where, tables)
    # `NDArray` is an alias of its own kind since numpy 2.5.
    if (get_origin(getattr(origin, "__value__", None)) or origin) is np.ndarray:
        if type(data) is not int or not 0 <= data < len(tables):
            raise CodecError(f"{where} is no table")
        return tables[data]
    if isinstance(expected, type):
        if dataclasses.is_dataclass(expected):
            return _decode_object(expected, data, where, tables)
        if issubclass(expected, Enum):
            return _decode_enum(expected, data, where)
        if expected is bytes:
            return _decode_bytes(data, where)
        if _is_scalar(expected, data):
            return float(data) if expected is float and isinstance(data, int) else data
    raise CodecError(f"{where} is not {getattr(expected, '__name__', expected)}")


def _decode_bytes(data: object, where: str) -> bytes:
    try:
        if isinstance(data, str):
            return data.encode("latin-1")
    except UnicodeEncodeError:
        pass  # No text of bytes: told below.
    raise CodecError(f"{where} is no bytes")


def _is_scalar(expected: type, data: object) -> bool:
    if expected is type(None):
        return data is None
    if expected is float:
        return (isinstance(data, float) and math.isfinite(data)) or _is_scalar(int, data)
    if expected is int:
        # A bool is an int for Python, not for us.
        return type(data) is int and data.bit_length() <= _WIDEST
    return expected in (str, bool) and type(data) is expected


def _decode_any(options: tuple[object, ...], data: object, where: str, tables: Sequence[Int64]) -> object:
    if data is None and type(None) in options:
        return None
    errors = []
    for option in options:
        if option is type(None):
            continue
        try:
            return decode(option, data, where, tables)
        except CodecError as error:
            errors.append(error)
    raise errors[0] if errors else CodecError(f"{where} must not be empty")


def _decode_tuple(kinds: tuple[object, ...], data: object, where: str, tables: Sequence[Int64]) -> object:
    if not isinstance(data, list):
        raise CodecError(f"{where} is not a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kind = kinds[0]
        if kind is int or kind is str:
            # Long series: one check a value, no call.
            if any(type(one) is not kind for one in data):
                raise CodecError(f"{where} holds something else than {kind.__name__}")
            if kind is int and data and max(max(data).bit_length(), min(data).bit_length()) > _WIDEST:
                raise CodecError(f"{where} holds a number that is too large")
            return tuple(data)
        return tuple(decode(kind, one, where, tables) for one in data)
    if len(kinds) != len(data):
        raise CodecError(f"{where} has {len(data)} values instead of {len(kinds)}")
    return tuple(decode(kind, one, where, tables) for kind, one in zip(kinds, data, strict=True))


def _decode_enum(expected: type[Enum], data: object, where: str) -> Enum:
    try:
        return expected(data)
    except ValueError:
        raise CodecError(f"{where} is no {expected.__name__}") from None


def _decode_object(expected: type, data: object, where: str, tables: Sequence[Int64]) -> object:
    if not isinstance(data, dict):
        raise CodecError(f"{where} is not an object")
    hints = _hints(expected)
    unknown = sorted(str(key) for key in data.keys() - hints.keys())
    if unknown:
        raise CodecError(f"{where}.{unknown[0][:60]} is not known here")
    values = {name: decode(hints[name], one, f"{where}.{name}", tables) for name, one in data.items()}
    missing = [name for name in _required(expected) if name not in values]
    if missing:
        raise CodecError(f"{where}.{missing[0]} is missing")
    made: object = expected(**values)
    return made


@lru_cache(maxsize=256)
def _hints(expected: type) -> dict[str, object]:
    return dict(get_type_hints(expected))


@lru_cache(maxsize=256)
def _required(expected: type) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in dataclasses.fields(expected)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )
