"""Whole files in small, with what a person reads in them: which lines are one record, when, how bad, whose, what."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from format_samples import MTIME_US

from logscope.ingest.layouts.layout import Layout, Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, format_iso

FILES = Path(__file__).with_name("records")


class Record(NamedTuple):
    line: int
    time: str
    level: str
    service: str
    message: str
    text: bytes = b""
    """Raw, all lines."""


class Case(NamedTuple):
    file: str
    """Name of the one that holds it."""
    name: str
    form: str
    data: bytes
    records: list[Record]


def read_records(data: bytes, mtime_us: int | None = MTIME_US) -> tuple[Layout, list[Record]]:
    """The layout of a file of these bytes, and its records with all that they say."""
    layout = learn_layout(Sample("x.log", data[:65536], b"", b"", len(data), mtime_us))
    scanner = Scanner(layout, "-", examine=True)
    records: list[Record] = []
    for batch in (scanner.feed(data), scanner.flush()):
        services = scanner.services
        for position, row in enumerate(batch.notable.tolist()):
            time = int(batch.time[row])
            records.append(
                Record(
                    int(batch.line[row]),
                    "-" if time == NO_TIME else format_iso(time),
                    Severity(int(batch.severity[row])).word or "-",
                    services[int(batch.service[row])] if batch.service is not None else "-",
                    layout.read_message(batch.texts[position]),
                    batch.texts[position],
                )
            )
    return layout, records


def read_cases() -> Iterator[Case]:
    """Each small file of the samples with what it holds; `>>>` stands before a record's first line."""
    for path in sorted(FILES.glob("*.txt")):
        for block in path.read_text("utf-8").split("### ")[1:]:
            title, *rows = block.rstrip("\n").split("\n")
            name, form = title.split(" | ")
            lines: list[str] = []
            expected: list[Record] = []
            for row in rows:
                if row.startswith(">>> "):
                    head, _, message = row[4:].partition(" | ")
                    expected.append(Record(len(lines) + 1, *head.split(), message))
                else:
                    lines.append(row)
            yield Case(path.stem, name, form, "\n".join(lines).encode() + b"\n", expected)
