"""What a look at a log that is followed gives: bytes of a generation, and what became of the files behind its path."""

from dataclasses import dataclass

from logscope.model.files import Problem


@dataclass(frozen=True, slots=True)
class Data:
    """The next bytes of one generation. An older generation may still give bytes after a newer one began."""

    data: bytes
    generation: int
    offset: int
    """Of the first byte, in the content of its file."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A generation gives no more bytes: its last line is complete even without a newline."""

    generation: int


@dataclass(frozen=True, slots=True)
class Truncated:
    """The file was cut; it is read on from the cut as a new generation: from its begin, if nothing of it is known.

    What was written after the last look and before the cut is lost where no copy of it was kept.
    """

    generation: int
    offset: int = 0
    """Of the cut: what stands before it was read."""
    lines: int = 0
    """Line ends of the generation before that were read behind the cut; 0 with an offset of 0."""
    doubtful: int = 0
    """At most so many of them stand behind the cut all the same, and are read again."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """A new file is behind the path, or was in the meantime."""

    generation: int
    path: str
    """Where it lies: the path that is followed, or a rotated part."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing is behind the path any more; it is waited for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The path cannot be opened yet; it is tried at each poll. Told once for each reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Bytes that were written cannot be read any more."""

    generation: int
    reason: str


@dataclass(frozen=True, slots=True)
class Flawed:
    """What a generation holds is damaged, or not whole."""

    generation: int
    problem: Problem


Event = Data | Ended | Truncated | Rotated | Gone | Waiting | Lost | Flawed
