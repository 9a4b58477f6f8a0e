"""`check`: how files are read, file by file."""

import argparse
import sys
from collections.abc import Mapping
from typing import Final

import numpy as np

from logscope.analysis.clocks.clocks import Clock, describe_clock, name_zone
from logscope.cli.options import build_request, open_or_complain
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US
from logscope.runner.clock_scan import find_given_zone, scan_clocks
from logscope.runner.examining import examine
from logscope.runner.planning import Plan
from logscope.runner.request import Request
from logscope.text.safe_text import safe_text

_SHOWN_LINES: Final = 5
"""Lines without a time that are quoted."""


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
    elif find_given_zone(plan, request, clock or Clock()) is not None:
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
    for piece in examine(plan, problems):
        layout, batch = piece.plan.layout, piece.batch
        lines += batch.line_count
        records += len(batch.time)
        is_timed, is_levelled = batch.time != NO_TIME, batch.severity != Severity.UNKNOWN
        timed += int(is_timed.sum())
        levelled += int(is_levelled.sum())
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
