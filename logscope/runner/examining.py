"""All records of a source, whatever their level, in pieces: for whoever tells of them one by one."""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from logscope.errors import SourceError
from logscope.ingest.batch import Batch, Signature
from logscope.ingest.noting import Noter
from logscope.ingest.scanner import Scanner
from logscope.model.files import Problem
from logscope.runner.intake import Intake
from logscope.runner.planning import Plan

_SMALL_BLOCK: Final = 256 * 1024
"""Of a pipe."""
_BLOCK: Final = 1024 * 1024
"""Of a file: what is the same for a block of any size is half of the work on a small one."""


class Piece(NamedTuple):
    """Records that some bytes of a source completed."""

    plan: Plan
    """How they were read: a stream may be learned anew."""
    batch: Batch
    signatures: list[Signature]
    data: bytes
    """The bytes; empty where a part of a file ends."""


class Spot(NamedTuple):
    """Where some bytes of a source begin."""

    part: int = 0
    offset: int = 0
    line: int = 1


BEGIN: Final = Spot()


def examine(plan: Plan, problems: list[Problem], noter: Noter | None = None, spot: Spot = BEGIN) -> Iterator[Piece]:
    """All records in pieces.

    Args:
        plan: Of the source.
        problems: Takes what could not be read.
        noter: Of another reading of it.
        spot: Where to begin; a stream is read from where it stands.
    """
    if plan.stream is not None:
        intake = Intake(plan, time.time, examine=True)
        for block in plan.stream.read_to_end(_SMALL_BLOCK):
            for scanned in intake.feed(block):
                yield Piece(intake.plan, *scanned, block)
        for scanned in intake.flush():
            yield Piece(intake.plan, *scanned, b"")
        return
    scanner = Scanner(
        plan.layout, plan.source.service, examine=True, part=spot.part, offset=spot.offset, line=spot.line,
        with_ids=False, with_messages=True, noter=noter,
    )  # fmt: skip
    last = len(plan.source.parts) - 1
    for part, data in read_parts(plan, problems, spot):
        batch = scanner.feed(data) if data else scanner.flush() if part == last else scanner.end_part()
        yield Piece(plan, batch, scanner.signatures, data)


def read_parts(plan: Plan, problems: list[Problem], spot: Spot = BEGIN) -> Iterator[tuple[int, bytes]]:
    """The parts of a source's files, each in blocks and with an empty one behind them, by the number of the part."""
    for part in range(spot.part, len(plan.source.parts)):
        start = spot.offset if part == spot.part else 0
        try:
            for block in plan.read_part(part, problems.append, start=start, block=_BLOCK):
                yield part, block
        except SourceError as error:
            problems.append(Problem("unreadable", error.reason))
        yield part, b""
