"""Learns tables: finds the line that names the columns, and which column holds what."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Final

from logscope.ingest.formats.form import decode_word
from logscope.ingest.formats.table import ALIGNED, ARRAY, TableColumns, TableForm, split_row
from logscope.ingest.layouts.heads import begins_as_line
from logscope.ingest.layouts.keys import KeyNames, find_unit, normalise, read_key_names
from logscope.ingest.severity import PROSE_SAFE_WORDS, RISING_NUMBERS, SEVERITY_BY_WORD, SHAREPOINT_WORDS, choose_rising
from logscope.ingest.signatures.fields import decode
from logscope.ingest.timestamps.kinds import NUMBERS
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState, choose_reading

_PREAMBLE: Final = 40
"""Lines in which the one that names the columns is looked for: some tables explain themselves first."""


def learn_table(lines: Sequence[bytes], reference: int | None = None) -> tuple[TableForm, int] | None:
    """The form of a sample whose first lines name the columns, and how many rows it reads; None where most are none.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    header = _find_header(lines)
    if header is None:
        return None
    name, names, separator = header
    rows = [split_row(line, separator) for line in lines[:200] if line[:1] != b"#"]
    names = _complete_names(names, rows)
    rows = [row for row in rows if len(row) == len(names) and [decode(cell).strip() for cell in row] != names]
    lowered = list(map(_normalise, names))
    keys = read_key_names()

    def choose(wanted: tuple[str, ...]) -> int | None:
        return next((lowered.index(one) for one in wanted if one in lowered), None)

    time: tuple[int, ...] = ()
    if "date" in lowered and "time" in lowered:
        time = (lowered.index("date"), lowered.index("time"))
    else:
        column = choose(keys.time)
        time = (column,) if column is not None else _find_time(rows)
    status = choose(keys.status)
    if status is not None and rows and sum(_is_code(row[status]) for row in rows) * 2 < len(rows):
        status = None  # A word as in `Status: error`.
    service = choose(keys.service)
    message = next((n for one in keys.message if one in lowered and _says(rows, n := lowered.index(one), one)), None)
    level = choose(keys.level)
    if level is None and status is None:
        level = _find_level(rows)
    if message is None and level is not None and status is None:
        message = _find_wordiest(rows, {*time, level})
    value = None
    if message is None and level is None and status is None:
        message, value = _find_measured(rows, choose(keys.measure), choose(keys.value))
        if message is None:
            message = _find_lines(rows, {*time})
    if value is None and service is not None and len({row[service] for row in rows}) < 2:
        service = None
    took = choose(keys.took)
    unit = 1000
    if took is not None and name != "w3c":
        unit = find_unit(names[took], [float(row[took]) for row in rows if row[took].replace(b".", b"", 1).isdigit()])
    columns = TableColumns(
        tuple(names), separator, time, level, message, service, status, took, unit, value,
        _find_scale(rows, level) if level is not None else "",
    )  # fmt: skip
    if not time and columns.level is None:
        return None
    missing, reading = Missing.NOTHING, ""
    if time and rows:
        stamps = [b" ".join(row[column] for column in time).strip() for row in rows]
        reader = AnyStamp()
        # Lines inside of quoted cells may have as many columns by chance.
        kinds = {stamp: kind for stamp in stamps if len(stamp) <= 64 and (kind := reader.find_kind(stamp)) is not None}
        stamps = [stamp for stamp in stamps if stamp in kinds]
        if stamps:
            kind = kinds[stamps[-1]]
            missing, reading = kind[0].missing, choose_reading(kind[0].name, stamps, reference)
        elif message is not None and _find_lines(rows, {*time}) == message:
            # The lines in it tell when: the export only tells the day.
            columns = replace(columns, time=())
        else:
            return None
    form = TableForm(name, columns, missing, reading)
    count = total = 0
    is_open = False
    for line in lines:
        is_row = form.parse(line, ParseState()) is not None
        count += is_row
        total += (is_row or not is_open) and line[:1] != b"#"
        # A row begins anew: the sample may have begun inside a quoted cell.
        is_open = (is_open and not is_row) ^ (line.count(b'"') % 2 == 1)
    return (form, count) if count and count * 3 >= total * 2 else None


def learn_nameless(lines: Sequence[bytes], reference: int | None = None) -> tuple[TableForm, int] | None:
    """The form of rows whose columns nobody names, as servers write them, and how many lines it reads.

    None where most lines do not have as many columns, whole dates in one and levels in another. Rows may be arrays of
    JSON.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    # The first line of a row of several has only some of its cells.
    whole = [line for line in _leave_out_quoted(lines[:200]) if line.count(b'"') % 2 == 0]
    is_array = are_arrays(lines)
    for separator in (ARRAY,) if is_array else (b",", b";", b"\t", b"|") if whole else ():
        rows = [split_row(line, separator) for line in whole]
        ((size, count),) = Counter(map(len, rows)).most_common(1)
        if size < _LEAST_COLUMNS - is_array or count < max(_LEAST_ROWS, _NEARLY_ALL * len(rows)):
            continue
        rows = [row for row in rows if len(row) == size]
        time, level = _find_time(rows, is_array), _find_level(rows)
        if not time or level is None:
            continue
        dates = {column for column in range(size) if _find_time([[row[column]] for row in rows])}
        message = _find_wordiest(rows, {*time, *dates, level})
        if message is None:
            continue
        # Where the text is of several lines, a row ends with it.
        names = tuple(f"column {number}" for number in range(1, max(*time, level, message) + 2))
        texts = [b" ".join(row[column] for column in time).strip() for row in rows]
        kind = AnyStamp().find_kind(texts[0])
        reading = choose_reading(kind[0].name, texts, reference) if kind is not None else ""
        columns = TableColumns(names, separator, time, level, message)
        name = "json arrays" if is_array else "tsv" if separator == b"\t" else "csv"
        form = TableForm(name, columns, reading=reading)
        return form, sum(1 for line in lines if form.parse(line, ParseState()) is not None)
    return None


def are_arrays(lines: Sequence[bytes]) -> bool:
    """Whether most lines look like an array of JSON each: a text or a moment first, then others."""
    return 2 * sum(1 for line in lines if _ARRAY.match(line) and line.rstrip().endswith(b"]")) > len(lines)


_ARRAY: Final = re.compile(rb"\[ ?(?:\"[^\"]{1,64}\"|1\d{9}[\d.]{0,10}), ?[\"\d]")


def _normalise(name: str) -> str:
    """A column's name without its unit or zone: `timestamp [UTC]`."""
    return normalise(_UNIT.sub("", name)).lstrip("@")


_UNIT: Final = re.compile(r"(?<=\S)\s{0,4}(?:\[[^\]]{0,20}\]|\((?:UTC|GMT|local|ms|s)\))$", re.IGNORECASE)


def spans_lines(lines: Sequence[bytes]) -> bool:
    """Whether some cells of a table are quoted and of several lines."""
    return len(_leave_out_quoted(lines)) < len(lines)


def _leave_out_quoted(lines: Sequence[bytes]) -> list[bytes]:
    """Lines that do not begin inside a quoted cell; all where most would, for then a quote stands alone."""
    outside: list[bytes] = []
    is_open = False
    for line in lines:
        if not is_open:
            outside.append(line)
        is_open ^= line.count(b'"') % 2 == 1
    return outside if len(outside) * 4 > len(lines) else list(lines)


def _find_time(rows: list[list[bytes]], may_count: bool = False) -> tuple[int, ...]:
    """The column, whatever its name, whose cells are whole dates in nearly all rows; or a day's and a clock's.

    Args:
        rows: Of the sample.
        may_count: Numbers since 1970 are times, too.
    """
    stamps = AnyStamp()
    few = rows[:_FEW]
    for column in range(len(few[0]) if few else 0):
        for columns in ((column,), (column, column + 1))[: 1 + (column + 1 < len(few[0]))]:
            texts = [b" ".join(row[one].strip() for one in columns) for row in few]
            kinds = [kind[0] for text in texts if len(text) <= 64 and (kind := stamps.find_kind(text)) is not None]
            whole = sum(kind.missing is Missing.NOTHING and (may_count or kind.name not in NUMBERS) for kind in kinds)
            if whole >= _NEARLY_ALL * len(few):
                return columns
    return ()


def _find_wordiest(rows: list[list[bytes]], taken: set[int]) -> int | None:
    """The column with the most words, different texts among them; None where none has any."""
    best: tuple[float, int] | None = None
    for column in range(len(rows[0]) if rows else 0):
        cells = [row[column].strip() for row in rows]
        words = sum(min(20, cell[:400].count(b" ")) for cell in cells) / len(cells)
        if column not in taken and words >= 1 and len(set(cells)) > 1 and (best is None or words > best[0]):
            best = words, column
    return None if best is None else best[1]


def _find_lines(rows: list[list[bytes]], taken: set[int]) -> int | None:
    """The column, whatever its name, most of whose cells begin as lines of a log do; None where none's do."""
    column = _find_wordiest(rows, taken)
    if column is None:
        return None
    begins = [row[column] for row in rows]
    return column if 2 * sum(map(begins_as_line, begins)) > len(begins) else None


def _is_code(cell: bytes) -> bool:
    return cell in (b"", b"-") or (len(cell) == 3 and cell.isdigit())


def _find_scale(rows: list[list[bytes]], level: int) -> str:
    """Name of the scale of a level's column; empty for the usual words and syslog's numbers."""
    words = {row[level].strip() for row in rows}
    if words & _SHAREPOINT and words & SHAREPOINT_WORDS.keys():
        return "sharepoint"
    numbers = [int(row[level]) for row in rows if row[level] in RISING_NUMBERS]
    return choose_rising(numbers) if len(numbers) * 2 > len(rows) else ""


_SHAREPOINT: Final = frozenset((b"Monitorable", b"Unexpected", b"Verbose", b"VerboseEx"))
"""Levels that say whose the others are."""


def _find_measured(rows: list[list[bytes]], measure: int | None, value: int | None) -> tuple[int | None, int | None]:
    """The columns of what was measured and of its value, where each row is one measurement; else none."""
    if measure is None or value is None or not rows:
        return None, None
    names = {row[measure].strip() for row in rows}
    numbers = sum(_is_number(row[value]) for row in rows)
    is_long = numbers >= _NEARLY_ALL * len(rows) and 2 * len(names) <= len(rows) + 1
    return (measure, value) if is_long and not any(b" " in one or _is_number(one) for one in names) else (None, None)


def _is_number(cell: bytes) -> bool:
    try:
        return isfinite(float(cell))
    except ValueError:
        return False


_FEW: Final = 40
_NEARLY_ALL: Final = 0.9


def _find_level(rows: list[list[bytes]]) -> int | None:
    """The column, whatever its name, whose cells are levels in nearly all rows, different ones among them."""
    for column in range(len(rows[0]) if rows else 0):
        words = [decode_word(row[column].strip(b' "')).lower() for row in rows]
        levels = {word for word in words if word in SEVERITY_BY_WORD}
        count = sum(1 for word in words if word in levels)
        if count >= 0.9 * len(words) and len(levels) > 1 and levels & PROSE_SAFE_WORDS:
            return column
    return None


def _find_header(lines: Sequence[bytes]) -> tuple[str, list[str], bytes] | None:
    keys = read_key_names()
    for line in lines[:20]:
        text = line.decode("utf-8", "replace").lstrip("\ufeff")
        if text.startswith("#Fields:"):
            rest = text[len("#Fields:") :].strip()
            mark = next((mark for mark in ("\t", ",") if mark in rest), None)
            names = [one.strip() for one in rest.split(mark)]
            return ("w3c", names, b" ") if mark is None else ("w3c", names, mark.encode())
        if text.startswith("#fields\t"):
            return "zeek", text.split("\t")[1:], b"\t"
    for at, line in enumerate(lines[:_UNKNOWN]):
        unknown = _read_unknown_names(line, lines[at + 1 :])
        if unknown is not None:
            return unknown
    for at, line in enumerate(lines[:_PREAMBLE]):
        found = _read_names(line, keys)
        # Behind other text it must be borne out by the rows.
        if found is not None and (at == 0 or _count_rows(lines[at + 1 :], found) * 3 > 2 * len(lines[at + 1 :])):
            return found
    return None


def _read_unknown_names(line: bytes, below: Sequence[bytes]) -> tuple[str, list[str], bytes] | None:
    """Columns with names in any language, or in capitals over columns filled up with blanks, borne out by the rows.

    Which of them are dates, levels and texts their cells tell.
    """
    text = line.decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r")
    if len(text) > 1024 or _DIGIT.search(text):
        return None
    for separator in (",", ";", "\t", ALIGNED.decode()):
        if text.count(separator) < _LEAST_COLUMNS - 1:
            continue
        names = [decode(one).strip() for one in split_row(text.encode(), separator.encode())]
        wanted = _CAPITALS if separator == ALIGNED.decode() else _NAME
        if not _LEAST_COLUMNS <= len(names) == len(set(names)) or not all(map(wanted.fullmatch, names)):
            continue
        bare = _leave_out_quoted(below[:200])
        rows = [split_row(one, separator.encode()) for one in bare]
        rows = [row for row in rows if len(row) == len(_complete_names(names, rows))]
        is_table = len(rows) >= _LEAST_ROWS and len(rows) * 3 > 2 * len(bare)
        if is_table and (_find_time(rows) or _find_level(rows) is not None):
            kind = "table" if separator == ALIGNED.decode() else "tsv" if separator == "\t" else "csv"
            return kind, names, separator.encode()
    return None


def _complete_names(names: list[str], rows: Sequence[Sequence[bytes]]) -> list[str]:
    """Names of all columns: Windows names none over the text that its rows end with."""
    longer = [row for row in rows if len(row) == len(names) + 1]
    is_text = sum(1 for row in longer if b" " in row[-1].strip()) * 2 > len(rows)
    return [*names, "message"] if is_text and "message" not in names else names


_UNKNOWN: Final = 3
"""Lines in which names are looked for that only the rows bear out."""
_DIGIT: Final = re.compile(r"\d")
_NAME: Final = re.compile(r"[^\W\d][\w .@/()-]{0,60}")
_CAPITALS: Final = re.compile(r"[A-Z][A-Z_/()-]{0,30}(?: [A-Z_/()-]{1,30}){0,3}")
_LEAST_COLUMNS: Final = 4
"""One less for arrays, of which the brackets speak, too."""
_LEAST_ROWS: Final = 3


_SURE: Final = ("message", "msg", "text")


def _says(rows: list[list[bytes]], column: int, name: str) -> bool:
    """Some cell of a column has more than a word, or its name is sure: marks and names say less than the row."""
    return name in _SURE or not rows or any(b" " in row[column].strip() for row in rows)


def _count_rows(lines: Sequence[bytes], header: tuple[str, list[str], bytes]) -> int:
    return sum(1 for line in lines if len(split_row(line, header[2])) == len(header[1]))


def _read_names(line: bytes, keys: KeyNames) -> tuple[str, list[str], bytes] | None:
    """Kind, columns and separator of a line that names columns; None for one that does not."""
    first = line.decode("utf-8", "replace").lstrip("\ufeff")
    if first.startswith(("{", "[")) or len(first) > 4096 or "\r" in first or "\n" in first or "\0" in first:
        return None
    for separator in (",", "\t", ";", "|"):
        names = [one.strip() for one in next(csv.reader([first], delimiter=separator), [])]
        if len(names) < 2 or any(not re.fullmatch(r"[A-Za-z@_][\w .@/()\[\]-]{0,60}", one) for one in names):
            continue
        known = set(map(_normalise, names))
        is_measured = bool(known & set(keys.measure) and known & set(keys.value))
        says = bool(known & {*keys.level, *keys.message, *keys.status}) or is_measured
        if known & set(keys.time) and (says or len(names) >= 4):
            return ("tsv" if separator == "\t" else "csv"), names, separator.encode()
    return None
