"""Sections of honesty: how it was read, and the lines themselves."""

from logscope.model.files import FileSummary, ZoneOrigin, file_name
from logscope.model.snapshot import Snapshot
from logscope.model.times import US
from logscope.report.markup import fence
from logscope.report.page import MOST_REFS, Page
from logscope.report.wording import cut
from logscope.text.safe_text import safe_text

_MOST_RECORDS = 20
_MOST_LINES = 12
"""Lines of one record."""
_WIDEST = 500
_MOST_PROBLEMS = 5


def write_method(page: Page) -> list[str]:
    """Files, formats, zones and clocks, and what was not read."""
    s = page.snapshot
    lines = [
        "## Method",
        "",
        "| File | Service | Format | Zone | Lines | Errors | Warnings | Without time |",
        "|---|---|---|---|---:|---:|---:|---:|",
        *(_file(page, f) for f in s.files),
    ]
    notes = [note for f in s.files for note in _notes(page, f)]
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    lines += [
        "",
        f"{sum(f.lines for f in s.files):,} lines read. Kinds are records with the same masked text; counts are from "
        "the onset on. The ranking adds points for who is named, for words of a cause and for order, never for volume. "
        "Times are as written, with each file's zone and clock applied.",
    ]
    if s.provisional:
        lines += ["", "**Provisional**: the files were not read to their end."]
    return lines


def _file(page: Page, f: FileSummary) -> str:
    zone = f.zone.name if f.zone.origin is ZoneOrigin.WRITTEN else f"{f.zone.name} ({f.zone.origin.value})"
    return (
        f"| {page.code(_name(f))} | {page.text(f.service)} | {page.text(f.format)} | {page.text(zone)} "
        f"| {f.lines:,} | {f.errors:,} | {f.warnings:,} | {f.untimed_records:,} |"
    )


def _notes(page: Page, f: FileSummary) -> list[str]:
    name = page.code(_name(f))
    notes = [f"{name}: {page.text(p.detail)}" for p in f.problems[:_MOST_PROBLEMS]]
    if len(f.problems) > _MOST_PROBLEMS:
        notes.append(f"{name}: {len(f.problems) - _MOST_PROBLEMS} more problems")
    if f.date_origin.value not in ("written", "none"):
        notes.append(f"{name}: dates are inferred ({f.date_origin.value})")
    if f.clock_offset_us:
        origin = page.text(f.clock_origin)
        notes.append(f"{name}: its clock is off; {f.clock_offset_us / US:+.3f} s were added ({origin})")
    return notes


def _name(f: FileSummary) -> str:
    return file_name(f.path)


def write_appendix(page: Page) -> list[str]:
    """The cited records, raw, in a fence that none of them can end: the story's first, then what else is rested on."""
    texts = _find_texts(page.snapshot)
    cited = [place for place in _list_cited(page.snapshot) if texts.get(place)]
    if not cited:
        return []
    lines = ["## Cited lines", ""]
    room = page.options.most_raw_lines
    for place in cited[:_MOST_RECORDS]:
        if room <= 0:
            lines += ["Further cited lines were left out.", ""]
            break
        lines += [page.ref(*place), ""]
        # Redacted as a whole: a key of several lines is not recognised line by line.
        whole = page.clean(texts[place]).split("\n")
        raw = [safe_text(line) for line in whole[: min(_MOST_LINES, room)]]
        room -= len(raw)
        shown = [cut(line, _WIDEST) for line in raw]
        lines += [*fence(shown), ""]
        if len(whole) > len(raw):
            rest = len(whole) - len(raw)
            lines += [f"{rest} more {'line' if rest == 1 else 'lines'} of this record.", ""]
    return lines


def _list_cited(snapshot: Snapshot) -> list[tuple[str, int]]:
    """Each place once: the story's, the likeliest cause's evidence, and what follow-ups rest on."""
    story = ((e.file, e.line) for e in snapshot.timeline if e.file and e.line and (e.is_key or e.is_root))
    evidence = (e for one in snapshot.candidates[:1] for e in (*one.evidence, *one.counter_evidence))
    reasons = (*(one.lines for one in evidence), *(one.lines for one in snapshot.actions.follow_up))
    rests = ((ref.file, ref.line) for lines in reasons for ref in lines[:MOST_REFS])
    return list(dict.fromkeys((*story, *rests)))


def _find_texts(snapshot: Snapshot) -> dict[tuple[str, int], str]:
    """What is known of raw lines: the logs may be gone by the time that it is read."""
    texts = {(group.file, group.line): group.sample for group in snapshot.groups}
    onsets = ((one.onset_ref, one.onset_sample) for one in snapshot.groups if one.onset_sample)
    texts |= {(ref.file, ref.line): sample for ref, sample in onsets if ref is not None}
    return texts | {(e.file, e.line): e.sample for e in snapshot.timeline if e.file and e.line and e.sample}
