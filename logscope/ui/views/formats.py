"""How a log is written, to be chosen: the logs, the formats that read its lines, and what the lines would be. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from logscope.model.files import FileSummary, file_name
from logscope.model.times import Dial
from logscope.model.trying import Tried, TriedLine
from logscope.ui.formatting import Look, Row, fit, label, severity_letter, shorten

_FORMAT = 22
_TIMED = 14
_STAMP = 19
AS_LEARNED = "as learned"
"""What takes a name back."""


@dataclass(frozen=True, slots=True)
class LogChoice:
    """A log, all its parts."""

    key: str
    name: str
    format: str
    records: int
    untimed: int

    @property
    def is_untimed(self) -> bool:
        """Its records carry no time, or hardly any."""
        return bool(self.records) and self.untimed * 2 > self.records


def list_choices(files: Sequence[FileSummary], first: str) -> list[LogChoice]:
    """The logs: the one that is looked at, those without clock, the others as they stand.

    Args:
        files: That are read.
        first: Key of the log that is looked at; empty for none.
    """
    parts: dict[str, list[FileSummary]] = {}
    for file in files:
        parts.setdefault(file.source, []).append(file)
    choices = [
        LogChoice(
            key=key,
            name=file_name(of[-1].path),
            format=of[-1].format,
            records=sum(file.records for file in of),
            untimed=sum(file.untimed_records for file in of),
        )
        for key, of in parts.items()
    ]
    return sorted(choices, key=lambda one: (one.key != first, not one.is_untimed))


def choice_rows(
    choices: Iterable[LogChoice], named: Mapping[str, str], wanted: str, width: int, look: Look
) -> list[Row]:
    """A row for each log whose name holds what is typed: how it is read now."""
    palette = look.palette
    rows = [label(f"{'READ AS':<{_FORMAT}} {'WITH A TIME':<{_TIMED}}  LOG", look)]
    for one in choices:
        if wanted.strip().lower() not in one.name.lower():
            continue
        said = f"{one.format}, as said" if one.key in named else one.format
        timed = "no record" if not one.records else f"{(one.records - one.untimed) * 100 // one.records} %"
        line = Text(no_wrap=True)
        line.append(f" {fit(said, _FORMAT, look.glyphs)} ", palette.dim)
        line.append(f"{timed:<{_TIMED}}  ", palette.warning if one.is_untimed else palette.dim)
        line.append(fit(one.name, max(10, width - line.cell_len - 1), look.glyphs), palette.plain)
        rows.append(Row(line, one.key))
    return rows


def format_rows(names: Iterable[str], known: Mapping[str, Tried], said: str, wanted: str, look: Look) -> list[Row]:
    """A row for each format whose name holds what is typed: how many of the lines that were looked at it gives a time.

    A name that is typed whole comes before those that hold it.

    Args:
        names: In their order; the empty one is for what is learned.
        known: By name what was tried so far.
        said: The name that holds now; empty for none.
        wanted: Typed letters.
        look: Colours.
    """
    palette, letters = look.palette, wanted.strip().lower()
    rows: list[Row] = []
    for name in sorted(names, key=lambda name: bool(letters) and not name.startswith(letters)):
        shown = name or AS_LEARNED
        if letters not in shown:
            continue
        tried = known.get(name)
        line = Text(no_wrap=True)
        style = palette.dim if tried is not None and not tried.is_readable else palette.plain
        line.append(f" {fit(shown, _FORMAT, look.glyphs)} ", style)
        line.append(_tell_share(tried), palette.dim)
        line.append("  now" if name == said else "", palette.info)
        rows.append(Row(line, f"={name}"))
    return rows or [label("no format is called so", look)]


def _tell_share(tried: Tried | None) -> str:
    if tried is None:
        return ""
    if not tried.count:
        return "no line yet"
    return f"{tried.timed:>4} of {tried.count} timed" if tried.is_readable else "reads no line"


def preview_rows(tried: Tried | None, width: int, look: Look) -> list[Row]:
    """What the first lines would be: time, level, message; what goes on with the line before is indented."""
    if tried is None:
        return []
    if not tried.lines:
        return [label("nothing is written yet: the first line will be read so", look)]
    if not tried.is_readable:
        return [label(f"no line of this log can be read as {tried.name}", look)]
    rows = [label(f"{'TIME':<{_STAMP}} L MESSAGE", look)]
    return rows + [Row(_preview_line(one, width, look), is_label=True) for one in tried.lines]


def _preview_line(one: TriedLine, width: int, look: Look) -> Text:
    palette = look.palette
    line = Text(no_wrap=True)
    if not one.is_head:
        line.append(f" {'':{_STAMP}}   ")
        line.append(shorten(one.message, max(10, width - line.cell_len), look.glyphs), palette.dim)
        return line
    stamp = "no time" if one.time is None else f"{Dial().read(one.time):%Y-%m-%d %H:%M:%S}"
    line.append(f" {stamp:<{_STAMP}} ", palette.warning if one.time is None else palette.info)
    line.append(f"{severity_letter(one.severity)} ", palette.strong)
    line.append(shorten(one.message, max(10, width - line.cell_len), look.glyphs), palette.plain)
    return line
