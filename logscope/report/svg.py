"""The trend as an inline SVG: errors and warnings as bars, the share of served requests as a line, moments as marks."""

import html
from collections.abc import Sequence
from typing import Final

from logscope.model.times import Dial
from logscope.report.chart import Table

_WIDTH: Final = 1000
_HEIGHT: Final = 160
_TOP: Final = 24
_BOTTOM: Final = 26
_LABELS: Final = 6
_LEAST: Final = 2.0
"""Pixels of the lowest bar: a single record stays visible."""


def draw_chart(table: Table, marks: Sequence[tuple[str, int, str]], dial: Dial) -> str:
    """The chart of a table; heights by square root, so that a single record stays visible beside a storm.

    Args:
        table: What is drawn.
        marks: Letter, time and name of each moment.
        dial: Of the times on the axis.
    """
    count = len(table.errors)
    step = _WIDTH / count
    parts = [*_bars(table, step), *_served(table, step), *_moments(table, marks), *_axis(table, step, dial)]
    names = ", ".join(f"{name} {dial.clock(time)}" for _, time, name in marks)
    label = html.escape(f"{'records' if table.records_of else 'errors and warnings'} over time; {names}", quote=True)
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_TOP + _HEIGHT + _BOTTOM}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg><figcaption>{_caption(table, marks)}</figcaption></figure>"
    )


def _bars(table: Table, step: float) -> list[str]:
    stacks = [((errors, "e"), (warnings, "w")) for errors, warnings in zip(table.errors, table.warnings, strict=True)]
    if table.records_of:
        stacks = [((records, "r"), (0, "w")) for records in table.records]
    highest = max(1, *(lower[0] + upper[0] for lower, upper in stacks))
    drawn = []
    for n, stack in enumerate(stacks):
        low, total = 0.0, stack[0][0] + stack[1][0]
        for value, name in stack:
            if value:
                share = (total / highest) ** 0.5 * value / total
                height = max(_LEAST, share * _HEIGHT)
                drawn.append(
                    f'<rect class="{name}" x="{n * step + 0.5:.1f}" y="{_TOP + _HEIGHT - low - height:.1f}" '
                    f'width="{max(1.0, step - 1):.1f}" height="{height:.1f}"/>'
                )
                low += height
    return drawn


def _served(table: Table, step: float) -> list[str]:
    """The share of served requests; buckets without requests break the line."""
    if not any(table.ok) and not any(table.failed):
        return []
    lines: list[list[str]] = [[]]
    for n, (ok, failed) in enumerate(zip(table.ok, table.failed, strict=True)):
        if not ok + failed:
            lines.append([])
            continue
        lines[-1].append(f"{(n + 0.5) * step:.1f},{_TOP + _HEIGHT * failed / (ok + failed):.1f}")
    return [f'<polyline class="s" points="{" ".join(points)}"/>' for points in lines if points]


def _moments(table: Table, marks: Sequence[tuple[str, int, str]]) -> list[str]:
    span = len(table.errors) * table.bucket_us
    drawn = []
    taken: list[float] = []
    for letter, time, _ in marks:
        at = (time - table.start) / span * _WIDTH
        if not 0 <= at <= _WIDTH:
            continue
        aside = at
        while any(abs(aside - other) < 14 for other in taken):
            aside += 14
        taken.append(aside)
        drawn.append(f'<line class="m" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 4}" y2="{_TOP + _HEIGHT}"/>')
        drawn.append(f'<text x="{min(aside, _WIDTH - 8):.1f}" y="{_TOP - 8}" text-anchor="middle">{letter}</text>')
    return drawn


def _axis(table: Table, step: float, dial: Dial) -> list[str]:
    count = len(table.errors)
    every = max(1, count // _LABELS)
    base = _TOP + _HEIGHT
    drawn = [f'<line class="a" x1="0" x2="{_WIDTH}" y1="{base}" y2="{base}"/>']
    for n in range(0, count, every):
        anchor = "start" if n == 0 else "middle"
        time = dial.clock(table.start + n * table.bucket_us)
        if n * step <= _WIDTH - 40:
            drawn.append(f'<text x="{n * step:.1f}" y="{base + 18}" text-anchor="{anchor}">{time}</text>')
    return drawn


def _caption(table: Table, marks: Sequence[tuple[str, int, str]]) -> str:
    seconds = table.bucket_us // 1_000_000
    told = ", ".join(f"{letter} {name}" for letter, _, name in marks)
    served = "; line: share of requests served" if any(table.ok) or any(table.failed) else ""
    what = "Records" if table.records_of else "Errors, warnings on top of them,"
    return html.escape(f"{what} per {seconds} s, square-root scale{served}; {told}".rstrip("; "))
