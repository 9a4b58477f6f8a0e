"""All records of a source, whatever their level, in pieces: for whoever tells of them one by one."""

import time
from collections.abc import Iterator
from typing import Final

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
Piece = tuple[Plan, Batch, list[Signature]]


def examine(plan: Plan, problems: list[Problem], noter: Noter | None = None) -> Iterator[Piece]:
    """All records in pieces, with the plan that each was read by: a stream may be learned anew.

    Args:
        plan: Of the source.
        problems: Takes what could not be read.
        noter: Of another reading of it.
    """
    if plan.stream is not None:
        intake = Intake(plan, time.time, examine=True)
        for block in plan.stream.read_to_end(_SMALL_BLOCK):
            for scanned in intake.feed(block):
                yield intake.plan, *scanned
        for scanned in intake.flush():
            yield intake.plan, *scanned
        return
    scanner = Scanner(
        plan.layout, plan.source.service, examine=True, with_ids=False, with_messages=True, noter=noter
    )  # fmt: skip
    parts = plan.source.parts
    for number in range(len(parts)):
        try:
            for block in plan.read_part(number, problems.append, block=_BLOCK):
                yield plan, scanner.feed(block), scanner.signatures
        except SourceError as error:
            problems.append(Problem("unreadable", error.reason))
        batch = scanner.flush() if number == len(parts) - 1 else scanner.end_part()
        yield plan, batch, scanner.signatures
