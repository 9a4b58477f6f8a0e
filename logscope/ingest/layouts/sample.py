"""What the plan phase hands to the learner."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sample:
    """What the plan phase saw of one file, raw."""

    name: str
    """File name: the last component of its path."""
    head: bytes
    """First bytes of the content, up to 64 KiB."""
    middle: bytes
    """Up to 64 KiB from the middle; empty for small files. May begin and end inside a line."""
    tail: bytes
    """The last bytes, up to 64 KiB; empty for small files. May begin inside a line."""
    size: int
    """Bytes of the content; of the file where it is compressed."""
    mtime_us: int | None
    """When the file was last written, microseconds UTC; None for streams."""


@dataclass(frozen=True, slots=True)
class DateHint:
    """What the dated files of the same run tell, microseconds UTC."""

    first: int | None
    last: int | None
    starts: Mapping[bytes, int] = field(default_factory=dict)
    """Of uptimes as other files quote them behind a time of their own: the start that they count from."""
