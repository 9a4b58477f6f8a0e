"""Learns tables: finds the line that names the columns, and which column holds what."""

import csv
import re
from collections.abc import Sequence
from typing import Final

from logscope.ingest.formats.table import TableColumns, TableForm, split_row
from logscope.ingest.layouts.keys import KeyNames, find_unit, normalise, read_key_names
from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_WORD
from logscope.ingest.signatures.fields import decode
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState, choose_reading

_PREAMBLE: Final = 40
"""Lines in which the one that names the columns is looked for: some tables explain themselves first."""


def learn_table(lines: Sequence[bytes], reference: int | None = None) -> tuple[TableForm, int] | None:
    """The form of a sample whose first lines name the columns, and how many rows it reads; None without such lines.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    header = _find_header(lines)
    if header is None:
        return None
    name, names, separator = header
    rows = [split_row(line, separator) for line in lines[:200] if line[:1] != b"#"]
    rows = [row for row in rows if len(row) == len(names) and [decode(cell).strip() for cell in row] != names]
    lowered = [normalise(one) for one in names]
    keys = read_key_names()

    def choose(wanted: tuple[str, ...]) -> int | None:
        return next((lowered.index(one) for one in wanted if one in lowered), None)

    time: tuple[int, ...] = ()
    if "date" in lowered and "time" in lowered:
        time = (lowered.index("date"), lowered.index("time"))
    else:
        column = choose(keys.time)
        time = (column,) if column is not None else ()
    status = choose(keys.status)
    service = choose(keys.service)
    if service is not None and len({row[service] for row in rows}) < 2:
        service = None
    message = next((n for one in keys.message if one in lowered and _says(rows, n := lowered.index(one), one)), None)
    level = choose(keys.level)
    if level is None and status is None:
        level = _find_level(rows)
    took = choose(keys.took)
    unit = 1000
    if took is not None and name != "w3c":
        unit = find_unit(names[took], [float(row[took]) for row in rows if row[took].replace(b".", b"", 1).isdigit()])
    columns = TableColumns(
        tuple(names), separator, time, level, message, service, status, took, unit
    )  # fmt: skip
    if not time and columns.level is None:
        return None
    missing, reading = Missing.NOTHING, ""
    if time and rows:
        stamps = [b" ".join(row[column] for column in time).strip() for row in rows]
        kind = AnyStamp().find_kind(stamps[-1])
        if kind is None:
            return None
        missing, reading = kind[0].missing, choose_reading(kind[0].name, stamps, reference)
    form = TableForm(name, columns, missing, reading)
    count = sum(1 for line in lines if form.parse(line, ParseState()) is not None)
    return (form, count) if count else None


def _find_level(rows: list[list[bytes]]) -> int | None:
    """The column, whatever its name, whose cells are levels in nearly all rows, different ones among them."""
    for column in range(len(rows[0]) if rows else 0):
        words = [row[column].strip(b' "').decode("utf-8", "replace").lower() for row in rows]
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
    for at, line in enumerate(lines[:_PREAMBLE]):
        found = _read_names(line, keys)
        # Behind other text it must be borne out by the rows.
        if found is not None and (at == 0 or _count_rows(lines[at + 1 :], found) * 3 > 2 * len(lines[at + 1 :])):
            return found
    return None


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
        if len(names) < 2 or any(not re.fullmatch(r"[A-Za-z@_][\w .@/()-]{0,60}", one) for one in names):
            continue
        known = {normalise(one) for one in names}
        if known & set(keys.time) and (known & {*keys.level, *keys.message, *keys.status} or len(names) >= 4):
            return ("tsv" if separator == "\t" else "csv"), names, separator.encode()
    return None
