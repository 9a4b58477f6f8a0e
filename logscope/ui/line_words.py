"""A log line as the panes write it: its head, or the time that stands for a long one, message, rest. Pure."""

import re
from collections.abc import Sequence

from logscope.model.lines import LogLine
from logscope.model.severity import Severity
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, severity_letter

_QUOTED_END = re.compile(r"(?<!\\)(?:\\\\)*\"")
_STAMP_AGAIN = re.compile(r"\A(?:\S{1,64} ){0,3}\[\d{1,2}/[A-Z][a-z]{2}/\d{4}:[\d:.]{8,15}(?: [+-]\d{4})?\] ?")
"""What a request's line begins with: its client, and the time once more."""
_WORDS_CELLS = 48
"""Cells that the message should have: where a long head leaves it fewer, time and message stand for the line."""
_LONG_SHARE = 0.1
_HEAD_CELLS = 15
"""Of the time and the letter that stand for a long head."""


def split_message(line: LogLine) -> tuple[str, str]:
    """What a line says, and the rest behind it. Neither is safe to show as it is."""
    text = line.text[line.message :]
    head = line.text[: line.message]
    is_quoted = head.endswith('"') or (head.startswith("{") and len(_QUOTED_END.findall(head)) % 2 == 1)
    if is_quoted:
        # The message of a structured line ends with its quotes, where it has a head of its own, too; what follows are
        # other fields.
        end = _QUOTED_END.search(text)
        if end is not None:
            return text[: end.start()], text[end.start() :]
    return text, ""


def leave_out_asker(text: str) -> str:
    """What a line says without what a request's begins with: its client, and the time once more."""
    return _STAMP_AGAIN.sub("", text)


def have_long_heads(lines: Sequence[LogLine], room: int, look: Look) -> bool:
    """Whether so many heads leave their messages too little of the room, or tell another time, that none is shown."""
    heads = [line for line in lines if line.is_head and line.message]
    return sum(_is_long(line, room, look) for line in heads) >= max(1, _LONG_SHARE * len(heads))


def split_line(
    line: LogLine,
    look: Look,
    room: int,
    *,
    is_short: bool,
    is_scrolled: bool,
    is_apart: bool = False,
    said: str = "",
) -> tuple[str, str, str]:
    """Head, message and rest of a line, safe.

    Args:
        line: Raw.
        look: How times are written.
        room: Cells for all of it.
        is_short: The time and a letter for its level stand for its head.
        is_scrolled: The begin of the line is out of view.
        is_apart: The lines around it are not those of its record: what continues one tells its time as well.
        said: What stands for a line whose text wraps it; empty where that is shown as it stands.
    """
    if said:
        return _short_head(line, look), safe_text(leave_out_asker(said)), ""
    if is_apart and not line.is_head and line.time is not None:
        return _short_head(line, look), safe_text(line.text[line.message :]).lstrip(), ""
    if not line.is_head and line.message and is_short:
        # The time that it repeats stands a line or two above.
        return " " * _HEAD_CELLS, safe_text(line.text[line.message :]), ""
    if not line.is_head or not line.message:
        is_timed = line.is_head and line.time is not None and is_scrolled
        return _short_head(line, look) if is_timed else "", safe_text(line.text), ""
    head = safe_text(line.text[: line.message])
    text, rest = split_message(line)
    is_structured = head.startswith("{")
    if is_short or _is_long(line, room, look):
        # What only closes a structured line says nothing, and what only guards a quote within it.
        rest = rest[1:].rstrip().removesuffix("}") if rest.strip('"}] ') else ""
        text = text.replace('\\"', '"') if is_structured else leave_out_asker(text)
        head = _short_head(line, look)
    return head, safe_text(text), safe_text(rest)


def _short_head(line: LogLine, look: Look) -> str:
    """Colour is never alone: what is bad has its letter."""
    letter = severity_letter(line.severity) if line.severity >= Severity.WARN else " "
    return f"{look.clock_ms(line.time):<{_HEAD_CELLS - 3}} {letter} "


def _is_long(line: LogLine, room: int, look: Look) -> bool:
    """A head that is better told by its time: it takes too much room, or tells it by another clock than the screen."""
    return room - line.message < min(_WORDS_CELLS, room // 2) or not _tells_shown_time(line, look)


def _tells_shown_time(line: LogLine, look: Look) -> bool:
    return line.time is None or look.clock(line.time).strip() in line.text[: line.message]
