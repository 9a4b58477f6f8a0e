"""`parse` and `check`: how files are read, record by record and file by file."""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from json.encoder import encode_basestring_ascii as encode_text
from typing import Final

import numpy as np

from logscope.analysis.clocks.clocks import Clock, describe_clock, name_zone
from logscope.cli.options import build_request, open_or_complain
from logscope.cli.refusals import complain
from logscope.errors import SourceError
from logscope.ingest.batch import Batch, Signature
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.noting import Noter
from logscope.ingest.scanner import Scanner
from logscope.ingest.signatures.variants import MOST_TEMPLATES, Variants, hash_text
from logscope.ingest.timestamps.local import LocalClock
from logscope.model.files import Problem
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US, format_iso
from logscope.runner.clock_scan import scan_clocks
from logscope.runner.intake import Intake
from logscope.runner.planning import Plan
from logscope.runner.request import Request
from logscope.sources.discovery import Refusal
from logscope.text.safe_text import safe_text

_SHOWN_LINES: Final = 5
"""Lines without a time that `check` quotes."""
_SMALL_BLOCK: Final = 256 * 1024
"""Of a pipe."""
_BLOCK: Final = 1024 * 1024
"""Of a file: what is the same for a block of any size is half of the work on a small one."""
_MOST_KEPT: Final = 16 * 1024 * 1024
"""Bytes of a file up to which its records are kept until all kinds are known: as much again are their places."""
_Piece = tuple[Plan, Batch, list[Signature]]


def parse(options: argparse.Namespace) -> int:
    """Every record as one JSON line; memory does not grow with the file."""
    request = build_request(options, siblings=False)
    opened = open_or_complain(request)
    clocks = scan_clocks(opened.plans)
    write = sys.stdout.write
    for plan in opened.plans:
        clock = clocks.get(plan.source.key, Clock())
        problems = list(plan.problems)
        templates: set[str] = set()
        pieces: Iterable[_Piece] = ()
        if plan.stream is None:
            templates, pieces = _read_templates(plan, problems)
        else:
            pieces = _batches(plan, problems, None)
        variants = Variants(templates)
        writer = _Writer(plan, clock.zone_us, _given_zone(plan, request, clock), variants)
        for seen, batch, signatures in pieces:
            problems += batch.problems
            write("".join(writer.write(batch, signatures, seen.layout)))
        complain([Refusal(plan.source.key, problem.detail) for problem in problems])
    return 0


def _batches(plan: Plan, problems: list[Problem], noter: Noter | None) -> Iterator[_Piece]:
    """All records in pieces, with the plan that each was read by: a stream may be learned anew."""
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


def _given_zone(plan: Plan, request: Request, clock: Clock) -> tzinfo | None:
    """The zone of stamps without one that the user gave; None where they have one, or other files prove another."""
    if plan.layout.zone_written or clock.zone_us or clock.is_proved:
        return None
    return plan.zone[0] if plan.zone is not None else request.tz


def _read_templates(plan: Plan, problems: list[Problem]) -> tuple[set[str], Iterable[_Piece]]:
    """Distinct templates of a file, at most `MOST_TEMPLATES` (of more those with the smallest hashes), and its pieces.

    A small file's pieces are kept, the others are read once more.
    """
    noter = Noter(plan.layout)
    seen: set[str] = set()
    known: list[Signature] = []
    count = size = 0
    found: list[Problem] = []
    kept: list[_Piece] = []
    for piece in _batches(plan, found, noter):
        batch, signatures = piece[1:]
        # The list grows until it is begun anew.
        if signatures is not known:
            known, count = signatures, 0
        seen.update(signature.template for signature in signatures[count:])
        count = len(signatures)
        if len(seen) > 2 * MOST_TEMPLATES:
            seen = _smallest(seen)
        size += batch.byte_count
        if size <= _MOST_KEPT:
            kept.append(piece)
        else:
            kept.clear()
    if size > _MOST_KEPT:
        return _smallest(seen), _batches(plan, problems, noter)
    problems += found
    return _smallest(seen), kept


def _smallest(templates: set[str]) -> set[str]:
    if len(templates) <= MOST_TEMPLATES:
        return templates
    return set(sorted(templates, key=lambda text: (hash_text(text), text))[:MOST_TEMPLATES])


class _Writer:
    """Records as JSON lines: what returns again and again is encoded once."""

    def __init__(self, plan: Plan, zone_us: int, zone: tzinfo | None, variants: Variants) -> None:
        """Args are kept.

        Args:
            plan: Of the file.
            zone_us: What other files prove that is to be added to its times.
            zone: That the user gave, for stamps without one of their own.
            variants: Groups of templates.
        """
        self._zone_us = zone_us
        self._clock = None if zone is None else LocalClock(zone)
        self._variants = variants
        self._files = [encode_text(part.path) for part in plan.source.parts]
        self._groups: dict[str, str] = {}
        self._second = NO_TIME
        self._second_text = ""

    def write(self, batch: Batch, signatures: list[Signature], layout: Layout) -> Iterator[str]:
        """One line for each record of a batch."""
        notable = batch.notable
        columns = (batch.part, batch.line, batch.time, batch.severity)
        rows = zip(
            *(column[notable].tolist() for column in columns), batch.signature.tolist(), batch.texts, strict=True
        )  # fmt: skip
        read = layout.read_message
        known: Sequence[bytes | None] = () if batch.messages is None else batch.messages.texts()
        for position, (part, line, moment, severity, signature, text) in enumerate(rows):
            template = signatures[signature].template
            group = self._groups.get(template) or self._encode_group(template)
            told = known[position] if known else None
            message = read(text) if told is None else told.decode("utf-8", "replace").rstrip("\r")
            yield (
                f'{{"file":{self._files[part]},"line":{line},"timestamp":{self._format_time(moment)},'
                f'"level":{_LEVELS[severity]},"message":{encode_text(message)},"group":{group}}}\n'
            )

    def _encode_group(self, template: str) -> str:
        if len(self._groups) >= MOST_TEMPLATES:
            self._groups.clear()
        group = self._groups[template] = encode_text(self._variants.find_group(template))
        return group

    def _format_time(self, time: int) -> str:
        if time == NO_TIME:
            return "null"
        time = time + self._zone_us if self._clock is None else self._clock.to_utc(time)
        second, fraction = divmod(time, US)
        if second != self._second:
            self._second, self._second_text = second, format_iso(second * US, 0)[:-1]
        return f'"{self._second_text}.{fraction:06d}Z"'


_LEVELS: Final = {int(level): json.dumps(level.word) for level in Severity}


def check(options: argparse.Namespace) -> int:
    """One paragraph a file: format, zone, share of lines with a time and a level, lines that were not read."""
    request = build_request(options, siblings=False)
    opened = open_or_complain(request)
    clocks = scan_clocks(opened.plans)
    services = {plan.source.key: plan.source.service for plan in opened.plans}
    for plan in opened.plans:
        sys.stdout.write(_describe(plan, _describe_zone(plan, request, clocks.get(plan.source.key), services)))
    for refusal in opened.refusals:
        sys.stdout.write(f"{safe_text(refusal.path)}\n  not read: {safe_text(refusal.reason)}\n")
    return 0


def _describe_zone(plan: Plan, request: Request, clock: Clock | None, services: Mapping[str, str]) -> str:
    """Where a file's zone comes from, and how wrong its clock is."""
    layout = plan.layout
    how = describe_clock(clock, services.__getitem__)
    if layout.untimed:
        zone = "none: it has no times"
    elif layout.zone_written:
        zone = f"{layout.zone_name} (written)"
    elif clock is not None and clock.is_proved:
        zone = f"{name_zone(-clock.zone_us)} (proved: {how})"
    elif clock is not None and clock.is_aligned:
        zone = f"none written, read as {name_zone(-clock.zone_us)} ({how})"
    elif clock is not None and clock.zone_us:
        zone = f"{name_zone(-clock.zone_us)} if {services[clock.reference]} is written in UTC ({how})"
    elif _given_zone(plan, request, clock or Clock()) is not None:
        zone = f"{plan.zone[1] if plan.zone is not None else request.tz_name or request.tz} (given)"
    else:
        zone = "UTC (assumed: none is written; --tz gives one)"
    if clock is None or not clock.offset_us:
        return zone
    side = "behind" if clock.offset_us > 0 else "ahead"
    return f"{zone}; its clock is {abs(clock.offset_us) / US:.1f} s {side} ({how})"


def _describe(plan: Plan, zone: str) -> str:
    problems = list(plan.problems)
    records = timed = levelled = lines = 0
    without: dict[str, list[str]] = {"time": [], "level": []}
    layout = plan.layout
    for seen, batch, _ in _batches(plan, problems, None):
        layout = seen.layout
        lines += batch.line_count
        records += len(batch.time)
        is_timed, is_levelled = batch.time != NO_TIME, batch.severity != Severity.UNKNOWN
        timed += int(is_timed.sum())
        levelled += int(is_levelled.sum())
        problems += batch.problems
        for what, good in (("time", is_timed), ("level", is_levelled)):
            room = _SHOWN_LINES - len(without[what])
            for position in np.flatnonzero(~good[batch.notable])[:room].tolist():
                text = batch.texts[position].decode("utf-8", "replace").split("\n", 1)[0]
                without[what].append(f"    {int(batch.line[batch.notable[position]])}: {text[:160]}")
    rows = [
        safe_text(", ".join(part.path for part in plan.source.parts)),
        f"  service   {safe_text(plan.source.service)}",
        f"  format    {safe_text(layout.name)}, {layout.encoding}",
        f"  zone      {zone}",
        f"  dates     {layout.date_origin.value}",
        f"  lines     {lines:,}, records {records:,}",
        f"  timed     {_share(timed, records)}",
        f"  levelled  {_share(levelled, records)}",
    ]
    if timed * 2 < records:
        rows.append("  try       --format FILE=NAME, if you know how it is written")
    for what, shown in without.items():
        if shown:
            rows += [f"  first records without a {what}, by line:", *map(safe_text, shown)]
    rows += [f"  problem   {safe_text(problem.kind)}: {safe_text(problem.detail)}" for problem in problems]
    return "\n".join(rows) + "\n"


def _share(count: int, total: int) -> str:
    return f"{count:,} of {total:,} records ({count / total:.1%})" if total else "no records"
