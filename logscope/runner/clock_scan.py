"""A reading for clocks alone: the ids of all files, before anything is told of their records.

Whoever prints or cuts records one by one (`parse`, `check`, `--since`) must know a file's zone before the first one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Final

from logscope.analysis.clocks.clocks import Clock
from logscope.index.index import Index
from logscope.ingest.batch import Batch, Signature
from logscope.ingest.scanner import Scanner
from logscope.runner.examining import read_parts
from logscope.runner.planning import Plan
from logscope.runner.request import Request
from logscope.session.clocks import Clocks
from logscope.session.memory import SourcePlan

_EXAMINED: Final = 24 * 1024 * 1024
"""Bytes of all files up to which every record is searched; of more the sampled seconds are enough."""


def scan_clocks(plans: Sequence[Plan]) -> Mapping[str, Clock]:
    """The clocks of files that share ids, zones taken from UTC; empty where none could say anything new.

    Files are read to their end. Streams cannot be read twice and are left out.
    """
    files = [plan for plan in plans if plan.stream is None]
    if len(files) < 2 or all(plan.layout.zone_written for plan in files):
        return {}
    known: dict[str, SourcePlan] = {}
    index, window = Index(), Index(is_window=True)
    examine = sum(part.size for plan in files for part in plan.source.parts) <= _EXAMINED
    for plan in files:
        key = plan.source.key
        paths = tuple(part.path for part in plan.source.parts)
        known[key] = SourcePlan(key, plan.source.service, paths, plan.layout)
        for batch, _ in scan_plan(plan, examine=examine):
            for one in (index, window) if examine else (index,):
                one.fold_counts(key, batch)
    return Clocks(known, index, window, None, None).compare().clocks


def find_given_zone(plan: Plan, request: Request, clock: Clock) -> tzinfo | None:
    """The zone of stamps without one that the user gave; None where they have one, or other files prove another."""
    if plan.layout.zone_written or clock.zone_us or clock.is_proved:
        return None
    return plan.zone[0] if plan.zone is not None else request.tz


def scan_plan(plan: Plan, *, examine: bool = False) -> Iterable[tuple[Batch, list[Signature]]]:
    """All records of a source, for whoever counts them without telling of them."""
    scanner = Scanner(plan.layout, plan.source.service, examine=examine)
    # What cannot be read is told by whoever reads it to tell of it.
    for _, data in read_parts(plan, []):
        yield scanner.feed(data) if data else scanner.end_part(), scanner.signatures
    yield scanner.flush(), scanner.signatures
