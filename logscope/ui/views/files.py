"""The files: lines, errors, zone, format, what is wrong with each; and logs that were written since and not given."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from rich.style import Style
from rich.text import Text

from logscope.model.files import FileSummary, LineRef, ZoneOrigin, file_name
from logscope.model.snapshot import Snapshot
from logscope.report.wording import tell_asked
from logscope.sources.nearby import NearbyFile
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, Row, fit, label, size

ALSO = "also:"
"""Begin of the keys of rows that stand for a file that was not given."""
_MOST_LEFT_OUT = 50
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_ZONE = 14
"""Cells of `+01:00 assumed`."""


def file_rows(
    snapshot: Snapshot,
    also: Sequence[NearbyFile],
    width: int,
    look: Look,
    troubles: Sequence[tuple[str, str]] = (),
    left_out: Sequence[str] = (),
    named: Mapping[str, str] = _NONE,
) -> list[Row]:
    """Every file that is read, those that cannot be read now, then those that could be.

    Args:
        snapshot: With the files that are read.
        also: Written since shortly before the onset, not given.
        width: Cells.
        look: Colours and times.
        troubles: Paths behind which nothing new can be read, each with the reason.
        left_out: Text files of a folder that were taken for no logs.
        named: By the key of a log the format that a person said it is written in.
    """
    palette = look.palette
    reasons = dict(troubles)
    is_wide = width >= 100
    extra = f" {'FORMAT':<16}" if is_wide else ""
    rows = [label(f"  {'LINES':>11} {'ERRORS':>8} {'WARN':>7} {'LAST':<8} {'ZONE':<{_ZONE}}{extra} FILE", look)]
    for file in snapshot.files:
        is_untimed = bool(file.records) and file.untimed_records > file.records // 2
        trouble = reasons.pop(file.path, "")
        style = palette.warning if file.problems or is_untimed or trouble else palette.plain
        zone = (
            file.zone.name if file.zone.origin is ZoneOrigin.WRITTEN else f"{file.zone.name} {file.zone.origin.value}"
        )
        line = Text(no_wrap=True)
        line.append(f"   {file.lines:>11,} ", palette.plain)
        line.append(f"{file.errors:>8,} ", palette.error if file.errors else palette.dim)
        line.append(f"{file.warnings:>7,} ", palette.warning if file.warnings else palette.dim)
        line.append(f"{look.clock(file.last_seen)} ", palette.plain)
        line.append(f"{fit(zone, _ZONE, look.glyphs)} ", palette.dim)
        if is_wide:
            line.append(f"{fit(file.format, 16, look.glyphs)} ", palette.dim)
        line.append(fit(file_name(file.path), max(10, width - line.cell_len - 1), look.glyphs), style)
        last = LineRef(file.path, max(1, file.lines))
        rows.append(Row(line, file.path, last, file.last_seen, file.service))
        rows += [_told(f"now: {trouble}; it is tried again", width, look)] if trouble else []
        rows += _problems(file, is_untimed, width, look)
        if file.source in named:
            words = f"read as {named[file.source]}, as was said   : format, as learned takes it back"
            rows.append(_told(words, width, look, look.palette.dim))
    asked = tell_asked(snapshot.asked, look.dial)
    if asked:
        rows.insert(0, label(f"Only records {asked} count, as was asked; LINES are all.", look))
    for path, trouble in reasons.items():
        line = Text(no_wrap=True)
        line.append(f"   {'-':>11} {'-':>8} {'-':>7} {'-':<8} ", palette.dim)
        line.append(fit(f"{path}: {trouble}", max(10, width - line.cell_len - 1), look.glyphs), palette.warning)
        rows.append(Row(line, path))
    if left_out:
        rows += [
            label("", look),
            label("LEFT OUT: no times and no levels in them (Enter reads one all the same):", look),
        ]
        rows += [_offered("", path, width, look) for path in left_out[:_MOST_LEFT_OUT]]
        if len(left_out) > _MOST_LEFT_OUT:
            rows.append(label(f"  and {len(left_out) - _MOST_LEFT_OUT:,} more", look))
    also = [one for one in also if one.path not in left_out]
    if also:
        rows += [
            label("", look),
            label("ALSO WRITTEN from 15 min before it began on, not given (Enter adds one):", look),
        ]
        rows += [_offered(f"{size(one.size):>11}  {look.clock(one.mtime_us)}  ", one.path, width, look) for one in also]
    return rows


def _offered(facts: str, path: str, width: int, look: Look) -> Row:
    """A file that is not read: Enter adds it."""
    line = Text(no_wrap=True)
    line.append(f"   {facts}", look.palette.dim)
    line.append(fit(path, max(10, width - line.cell_len - 1), look.glyphs), look.palette.info)
    return Row(line, ALSO + path)


def _problems(file: FileSummary, is_untimed: bool, width: int, look: Look) -> list[Row]:
    texts = [f"{safe_text(one.kind)}: {safe_text(one.detail)}" for one in file.problems[:3]]
    if is_untimed:
        texts.append(f"no clock: {file.untimed_records:,} of {file.records:,} records without a time   : format")
    if file.clock_offset_us:
        texts.append(f"clock {file.clock_offset_us / 1e6:+.1f} s corrected ({safe_text(file.clock_origin)})")
    return [_told(text, width, look) for text in texts]


def _told(text: str, width: int, look: Look, style: Style | None = None) -> Row:
    """What is said of the file above; a warning unless another style is given."""
    words = fit(text, max(10, width - 18), look.glyphs)
    return Row(Text(f"{'':15}{look.glyphs.branch}{words}", style=style or look.palette.warning), is_joined=True)
