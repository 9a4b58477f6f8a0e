"""The sample lines of all formats, and layouts learned from them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from logscope.ingest.layouts.layout import Layout, Sample, learn_layout

SAMPLES = Path(__file__).with_name("samples")
MTIME_US = 1_772_755_200_000_000


def read_samples() -> Iterator[tuple[str, str, list[tuple[bytes, str]]]]:
    for path in sorted(SAMPLES.glob("*.txt")):
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


CASES = list(read_samples())
BY_NAME = {name: [line for line, _ in rows] for name, _, rows in CASES}


@cache
def layout_of(name: str) -> Layout:
    """The layout of a format's sample lines: learned when it is asked for, and once for all tests of a worker."""
    return learn(BY_NAME[name])
