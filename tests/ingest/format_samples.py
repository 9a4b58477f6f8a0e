"""The sample lines of all formats, and layouts learned from them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from logscope.ingest.layouts.layout import Layout, Sample, learn_layout

SAMPLES = Path(__file__).with_name("samples")
MTIME_US = 1_772_755_200_000_000


def read_samples(path: Path) -> Iterator[tuple[str, str, list[tuple[bytes, str]]]]:
    name, form, rows, line = "", "", [], b""
    for text in path.read_bytes().split(b"\n"):
        if text.startswith(b"### "):
            if rows:
                yield name, form, rows
            name, form = text[4:].decode().split(" | ")
            rows = []
        elif text.startswith(b"=> "):
            rows.append((line, text[3:].decode()))
        else:
            line = text
    yield name, form, rows


def learn(lines: list[bytes]) -> Layout:
    data = b"\n".join(lines) + b"\n"
    return learn_layout(Sample("x.log", data, b"", b"", len(data), MTIME_US))


BY_FILE = {path.stem: list(read_samples(path)) for path in sorted(SAMPLES.glob("*.txt"))}
CASES = [case for cases in BY_FILE.values() for case in cases]
BY_NAME = {name: [line for line, _ in rows] for name, _, rows in CASES}
NAMES_BY_FILE = {file: [name for name, _, _ in cases] for file, cases in BY_FILE.items()}
"""For tests that go through all formats: a test per file, which names the format that fails it."""


@cache
def layout_of(name: str) -> Layout:
    """The layout of a format's sample lines: learned when it is asked for, and once for all tests of a worker."""
    return learn(BY_NAME[name])
