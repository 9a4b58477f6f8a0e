"""Encodings and odd bytes end to end: lines are those of the text, places can be opened, nothing is dropped."""

import bz2
import gzip
import json
import os

import pytest

from logscope.cli.main import main
from logscope.runner.records import read_record
from logscope.runner.request import Request, open_request
from logscope.sources.content import open_content
from logscope.sources.pages import PagePart, PageReader
from tests.growing import follow_growing

LINES = [
    f"2026-03-05 14:{n // 60:02d}:{n % 60:02d}.123 {level} [main] cart: straße 中 {n} refused"
    for n, level in enumerate((["ERROR"] + ["INFO"] * 8) * 20)
]
WIDE = {
    "utf-16": "utf-16-le", "utf-16-be": "utf-16-be", "utf-16-le": "utf-16-le", "utf-32": "utf-32-le",
}  # fmt: skip


@pytest.fixture
def analyze(capsys):
    def run(*paths):
        assert main(["analyze", "--json", *map(str, paths)]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def parse(capsys):
    def run(path):
        assert main(["parse", str(path)]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def read_whole_sums(document):
    (file,) = document["files"]
    return file["lines"], file["records"], file["errors"], file["untimed_records"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", WIDE)
def test_wide_encodings_are_read_as_text(tmp_path, analyze, parse, encoding, newline):
    """UTF-16 and UTF-32 give the lines, times, levels and words of the text, and the bytes on disk."""
    path = tmp_path / "cart.log"
    path.write_bytes((newline.join(LINES) + newline).encode(encoding))
    document = analyze(path)
    assert read_whole_sums(document) == (180, 180, 20, 0)
    assert (document["files"][0]["encoding"], document["files"][0]["bytes"]) == (WIDE[encoding], path.stat().st_size)
    rows = parse(path)
    assert [row["line"] for row in rows] == list(range(1, 181))
    assert rows[17]["message"] == "straße 中 17 refused"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_compressed_wide_file_is_unpacked_and_turned(tmp_path, analyze, pack):
    """Both layers come off, whatever the name says."""
    path = tmp_path / "cart.log"
    path.write_bytes(pack("\n".join(LINES).encode("utf-16")))
    assert read_whole_sums(analyze(path)) == (180, 180, 20, 0)


def test_a_place_in_a_wide_file_can_be_opened(tmp_path):
    """The offset of a record gives its text again, in the reader, and to the log pane, with line numbers."""
    path = tmp_path / "cart.log"
    path.write_bytes("\n".join(LINES).encode("utf-16"))
    request = Request([str(path)])
    plan = open_request(request).plans[0]
    offset = len(("\n".join(LINES[:90]) + "\n").encode())
    assert read_record(plan.layout, plan.read_part(0, print, start=offset)).decode() == LINES[90]
    pages = PageReader([PagePart(str(path))])
    page = pages.read(0, offset, 1, 2)
    assert [(line.line, line.data.decode()) for line in page.lines] == [(n + 1, LINES[n]) for n in (89, 90, 91)]
    pages.close()


def test_a_wide_file_is_paged_from_any_place(tmp_path):
    """Random access gives the same bytes as reading from the begin, also after going back."""
    text = "\n".join(LINES * 200)
    path = tmp_path / "cart.log"
    path.write_bytes(text.encode("utf-16"))
    content = open_content(str(path))
    expected = text.encode()
    for offset in (1_500_000, 7, 900_000, len(expected) - 5):
        assert content.read(offset, 100) == expected[offset : offset + 100]
    content.close()


def test_a_wide_file_is_followed(tmp_path):
    """What is appended to a UTF-16 file is read as text, also when a write ends inside a character."""
    path = tmp_path / "cart.log"
    data = "".join(line + "\n" for line in LINES).encode("utf-16")
    _, snapshots = follow_growing(path, data, len(data) // 2 + 1, lambda file: file.lines == 180)
    assert (snapshots[-1].files[0].lines, snapshots[-1].files[0].errors) == (180, 20)


ODD = {
    "latin-1": ("Größe überschritten", "latin-1"),
    "nul": ("a\0b\0\0c", "utf-8"),
    "lone carriage return": ("10 %\r20 %\r100 % done", "utf-8"),
    "colours": ("\x1b[31mred\x1b[0m alert", "utf-8"),
    "vertical tab, form feed, separators": ("a\x0bb\x0cc\x1cd\x1ee\x85f\u2028g", "utf-8"),
    "lone continuation bytes": ("x", "utf-8"),
}


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_do_not_change_the_count(tmp_path, analyze, parse, name, ending):
    """Whatever stands in a message, a line ends at its newline only, and every line is a record with time and level."""
    words, encoding = ODD[name]
    odd = words.encode(encoding) + (b"\x80\xbf\xfe" if name.startswith("lone cont") else b"")
    heads = [f"2026-03-05 14:00:{n:02d} ERROR [main] cart: ".encode() + odd for n in range(40)]
    path = tmp_path / "cart.log"
    path.write_bytes((ending or b"\n").join(heads) + ending)
    assert read_whole_sums(analyze(path)) == (40, 40, 40, 0)
    rows = parse(path)
    assert [(row["line"], row["level"]) for row in rows] == [(n + 1, "error") for n in range(40)]


def test_whole_lines_in_colour_are_read(tmp_path, analyze):
    """A coloured stamp and level are a stamp and a level."""
    path = tmp_path / "cart.log"
    path.write_text(
        "".join(f"\x1b[2m2026-03-05T14:00:{n:02d}Z\x1b[0m \x1b[31mERROR\x1b[0m cart: no\n" for n in range(40))
    )
    assert read_whole_sums(analyze(path)) == (40, 40, 40, 0)


def test_a_truncated_character_at_the_end_of_a_wide_file(tmp_path, analyze):
    """Half a character at the end costs nothing but itself."""
    path = tmp_path / "cart.log"
    path.write_bytes("\n".join(LINES).encode("utf-16") + b"x")
    assert read_whole_sums(analyze(path)) == (180, 180, 20, 0)
    assert os.path.getsize(path) == analyze(path)["files"][0]["bytes"]
