"""Files as they were read, lines that are cited, and how far the reading is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ZoneOrigin(StrEnum):
    """Where a file's time zone comes from."""

    WRITTEN = "written"
    """Every stamp carries it."""
    GIVEN = "given"
    """By `--tz` or the configuration."""
    PROVED = "proved"
    """By ids or mirrored events shared with a file whose zone is known."""
    ASSUMED = "assumed"


class DateOrigin(StrEnum):
    """Where a file's dates come from."""

    WRITTEN = "written"
    YEAR_FROM_NAME = "year from the file's name"
    YEAR_FROM_FILES = "year from other files"
    YEAR_FROM_MTIME = "year from the file's modification time"
    DAY_FROM_NAME = "day from the file's name"
    DAY_FROM_FILES = "day from other files"
    DAY_FROM_MTIME = "day from the file's modification time"
    NONE = "none"
    """The file holds no times, or nothing tells the day."""


def file_name(path: str) -> str:
    """A file's own name as people are told it: of `-`, what it stands for. Raw."""
    return "stdin" if path == "-" else path.rsplit("/", 1)[-1]


def place_of(path: str, line: int | None) -> str:
    """`file:line` with the file's own name; of a line that nobody counted, or of none, the name alone. Raw."""
    return f"{file_name(path)}:{line}" if line is not None and line > 0 else file_name(path)


@dataclass(frozen=True, slots=True)
class LineRef:
    """A line that can be opened.

    Where nobody counted the lines before it, its number is below zero and tells where it begins (`uncounted`).
    """

    file: str
    """Path of the part, as it was given or found."""
    line: int
    """1-based line number inside that part (of the content, where it is compressed)."""
    offset: int | None = None
    """Byte offset of the line's first byte in the part's content; None when not known."""

    @property
    def place(self) -> str:
        """As people are told it (`place_of`)."""
        return place_of(self.file, self.line)


def uncounted(offset: int) -> int:
    """What stands for the number of a line that nobody counted, by its offset; and the offset by what stands for it."""
    return -1 - offset


ROLLED: Final = "rolled"
"""Kind of the problem of a file whose lines hold many records."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a file that a reader must know: damaged, unreadable, undated, ..."""

    kind: str
    detail: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A file's time zone and how it is known."""

    name: str
    """`UTC`, an IANA name, or an offset such as `+01:00`."""
    origin: ZoneOrigin


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file (or one rotated part of a log) and how it was read."""

    path: str
    source: str
    """Key of the log this part belongs to; parts of one rotated log share it."""
    service: str
    format: str
    encoding: str
    zone: Zone
    date_origin: DateOrigin
    lines: int
    records: int
    bytes: int
    """Bytes on disk; of the content for compressed files."""
    errors: int
    warnings: int
    untimed_records: int
    first_seen: int | None
    last_seen: int | None
    clock_offset_us: int
    """What is added to a stamp of this file to get the common time; 0 when nothing shows a difference."""
    problems: tuple[Problem, ...] = ()
    levelled_records: int = 0
    """Records with a written level."""
    clock_origin: str = "assumed"
    """Why the offset is what it is: `assumed`, or e.g. `37 shared ids`."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How much has been read."""

    bytes_read: int
    bytes_total: int
    done: bool
    stopped: bool = False
    """The user stopped the reading."""
    files: int = 0
    """Those that are read, begun or not; 0 where the Snapshot has them all."""
    newest_first: bool = False
    """What is told rests on the newest part of each large log, whatever was read of the rest."""
