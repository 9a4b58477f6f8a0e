"""The laws of scanning: any cut gives the same records, every byte has its place, fast reading equals slow reading."""

import json
import random
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest
from format_samples import BY_NAME, NAMES_BY_FILE, layout_of, learn
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.ingest import blocks, gathering, joining, records, scanner
from logscope.ingest.batch import Batch
from logscope.ingest.formats.form import TextForm
from logscope.ingest.layouts.layout import Layout, Sample, learn_layout
from logscope.ingest.patterns import reader
from logscope.ingest.scanner import Scanner
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME
from tests.effort import often


class Row(NamedTuple):
    """One record as a batch gives it."""

    part: int
    offset: int
    line: int
    length: int
    lines: int
    time: int
    severity: int
    service: str
    status: int
    duration: int


class Read(NamedTuple):
    """All that a scanner gave."""

    rows: list[Row]
    notes: list[tuple[int, str, bytes]]
    """Row, template and text of what matters."""
    lines: int
    size: int


def gather(scanner: Scanner, batches: list[Batch]) -> Read:
    rows: list[Row] = []
    notes: list[tuple[int, str, bytes]] = []
    for batch in batches:
        for position, row in enumerate(batch.notable.tolist()):
            signature = scanner.signatures[int(batch.signature[position])]
            notes.append((len(rows) + row, signature.template, batch.texts[position]))
        for n in range(len(batch.time)):
            rows.append(
                Row(
                    int(batch.part[n]), int(batch.offset[n]), int(batch.line[n]), int(batch.length[n]),
                    int(batch.lines[n]), int(batch.time[n]), int(batch.severity[n]),
                    scanner.services[int(batch.service[n])] if batch.service is not None else scanner.services[0],
                    int(batch.status[n]) if batch.status is not None else 0,
                    int(batch.duration_us[n]) if batch.duration_us is not None else -1,
                )
            )  # fmt: skip
    return Read(rows, notes, sum(batch.line_count for batch in batches), sum(batch.byte_count for batch in batches))


def scan(layout: Layout, data: bytes, cuts: list[int], *, examine: bool = False) -> Read:
    return gather(*scan_batches(layout, data, cuts, examine=examine))


def scan_batches(layout: Layout, data: bytes, cuts: list[int], *, examine: bool) -> tuple[Scanner, list[Batch]]:
    scanner = Scanner(layout, "own", examine=examine)
    bounds = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    batches = [scanner.feed(data[start:end]) for start, end in pairwise(bounds)]
    return scanner, [*batches, scanner.flush()]


CHANGES = (b"0", b"9", b" ", b"x", b'"', b"\x1b[31m", b"\\", b"ERROR ")


def damage(lines: list[bytes], seed: str) -> list[bytes]:
    """The lines over and over, most of them as they are, some with a byte changed, cut or glued."""
    draw = random.Random(seed)
    damaged = []
    for _ in range(often(max(4, 1000 // (sum(map(len, lines)) + 1)))):
        for line in lines:
            at = draw.randrange(len(line) + 1)
            damaged.append(
                draw.choice(
                    (
                        line, line, line, line, line + b"\r", line[:at],
                        line[:at] + draw.choice(CHANGES) + line[at + 1 :],
                        b"\tat com.example.Service.call(Service.java:17)", b"", line + b" " + line,
                        b"panic: index out of range", b"Traceback (most recent call last):",
                    )
                )
            )  # fmt: skip
    return damaged


@pytest.mark.parametrize(
    "line", [b"2026-03-05T14:02:08.%03d+00:%s [SMON] lags", b'{"ts":"2026-03-05T14:02:08.%03d+00:%s","msg":"lags"}']
)
def test_impossible_zones_are_read_alike(line):
    """An offset with 90 minutes is none, whether its line is parsed alone or read as columns."""
    lines = [line % (number, b"90" if number % 50 == 49 else b"00") for number in range(400)]
    layout = learn(lines)
    data = b"\n".join(lines) + b"\n"
    slow, fast = (scan(layout, data, cuts, examine=True).rows for cuts in (list(range(0, len(data), 900)), []))
    assert slow == fast


@pytest.mark.parametrize(
    ("line", "usual", "rare"),
    [
        # The second of two stamps is no time.
        (b"2026-03-05T14:02:08.123Z 2026-03-05 14:02:%s INFO queue %d is long", b"08", b"99"),
        # A blank ends the value of a pair.
        (b"ts=2026-03-05%s14:02:08.123Z level=info msg=lags n=%d", b"T", b" "),
        # No object is read that holds a number with a zero before it.
        (b'{"ts":"2026-03-05T14:02:08.123Z","pid":%s,"level":"info","msg":"lags","n":%d}', b"1204", b"0204"),
    ],
)
def test_heads_that_only_look_like_the_others_are_read_alike(line, usual, rare):
    """Where a line fits in the places of stamp and level alone, it is read in columns as its parser reads it."""
    layout = learn([line % (usual, number) for number in range(400)])
    lines = [line % (rare if number % 7 == 6 else usual, number) for number in range(400)]
    data = b"\n".join(lines) + b"\n"
    slow, fast = (scan(layout, data, cuts, examine=True).rows for cuts in (list(range(0, len(data), 200)), []))
    assert slow == fast


@pytest.mark.parametrize("file", NAMES_BY_FILE)
def test_fast_reading_equals_slow_reading(file, monkeypatch):
    """Small pieces whose lines are parsed alone, and one piece read as columns or by patterns, give the same records.

    Of whole lines and of damaged ones. Patterns are regexes that are matched on all lines at once; the messages that
    they found, which a batch hands over, are what the layout reads in the records, byte for byte.
    """
    usual = blocks._WORTH_COMPILING
    for number, name in enumerate(NAMES_BY_FILE[file]):
        layout = layout_of(name)
        data = b"\n".join(damage(BY_NAME[name] + BY_NAME[name][:1] * 3, name)) + b"\n"
        slow = scan(layout, data, list(range(0, len(data), 3000)), examine=True)
        assert (slow.lines, slow.size) == (data.count(b"\n"), len(data)), name
        # Without patterns the lines of a block are parsed as single ones are: looked at in every third layout.
        for worth_compiling in (usual, 1) if number % 3 == 0 else (1,):
            monkeypatch.setattr(blocks, "_WORTH_COMPILING", worth_compiling)
            monkeypatch.setattr(blocks, "_WORTH_A_LOOK", 64 if worth_compiling > 1 else 8)
            scanner, batches = scan_batches(layout, data, [], examine=True)
            fast = gather(scanner, batches)
            assert slow.rows == fast.rows, name
            assert slow.notes == fast.notes, name
            assert (slow.lines, slow.size) == (fast.lines, fast.size), name
        for batch in batches:
            check_messages(layout, batch)


def check_messages(layout: Layout, batch: Batch) -> None:
    if batch.messages is None:
        return
    for n, text in enumerate(batch.texts):
        message = batch.messages.text(n)
        if message is not None:
            assert layout.read_message(text) == message.decode("utf-8", "replace").rstrip("\r"), text


def test_rows_with_quotes_are_read_as_columns(monkeypatch):
    """Cells in quotes that hold separators, with a message between others, are read as their parser reads them.

    Quotes inside of a cell, and such that nothing ends, are left to the parser.
    """
    cells = (b'"rejected, no stock"', b"rejected", b'"a ""b"" c"', b'a "b" c', b'"open', b'""', b'"x" y', b",")
    rows = [b'"2026-03-05 14:02:%02d",%s,%d' % (n % 60, cells[n * n % 61 % len(cells)], n) for n in range(600)]
    layout = learn([b"time,msg,order", *(b'"2026-03-05 14:02:%02d","rejected, %d",7' % (n, n) for n in range(40))])
    data = b"\n".join(rows) + b"\n"
    slow = scan(layout, data, list(range(0, len(data), 200)), examine=True)
    monkeypatch.setattr(blocks, "_WORTH_COMPILING", 1)
    parsed = []
    parse = Layout.parse
    monkeypatch.setattr(Layout, "parse", lambda self, line, state: parsed.append(line) or parse(self, line, state))
    fast = scan(layout, data, [], examine=True)
    assert (slow.rows, slow.notes) == (fast.rows, fast.notes)
    # The first of its kind is signed by what its parser reads.
    assert sum(b'"rejected, no stock",' in line for line in parsed) < 5


def test_empty_lines_are_counted_without_being_parsed(monkeypatch):
    """A file of feeds alone, as a writer leaves that prints nothing, costs what its bytes cost."""
    layout = learn([b"2026-03-02T14:00:%02d.000Z INFO [main] started %d" % (n, n) for n in range(50)])
    asked = []
    parse = Layout.parse
    monkeypatch.setattr(Layout, "parse", lambda self, line, state: asked.append(line) or parse(self, line, state))
    data = b"\n" * 100_000 + b"2026-03-02T14:01:00.000Z ERROR [main] failed\n" + b"\n" * 100_000
    read = scan(layout, data, [50_000, 150_000])
    assert read.lines == 200_001
    assert [row.lines for row in read.rows] == [100_000, 100_001]
    assert asked.count(b"") < 10


_BARE = b"2026-03-02T14:00:%02d.000Z|job-%d|INFO| started %d"
_WRAPPED = b"Mar  2 14:00:%02d host app[%d]: started %d"
_TWICE_STAMPED = b"Mar  2 14:00:%02d host app[%d]: 2026-03-02 14:00:00 INFO started %d"


@pytest.mark.parametrize(
    ("form", "usual", "rare"),
    [
        (_BARE, b"Mar is no date", b"Mar 02 2026 14:00:30 banner"),
        (_BARE, b"Exception was handled", b'Exception in thread "main" java.lang.IllegalStateException'),
        (_WRAPPED, b"Mar  2 14:00:59 host app[7]: Exception handled", b"Mar  2 14:00:59 host app[7]: panic: x"),
        (
            _WRAPPED,
            b"Mar  2 14:00:59 host app[7]: Exception in time",
            b'Mar  2 14:00:59 host app[7]: Exception in thread "main" E',
        ),
        (
            _TWICE_STAMPED,
            b"Mar  2 14:00:59 host app[7]: Exception in thread pool was mended",
            b'Mar  2 14:00:59 host app[7]: Exception in thread "main" E',
        ),
    ],
)
def test_rare_lines_are_told_from_usual_ones_in_blocks(form, usual, rare, monkeypatch):
    """What a line says that begins like a date or a crash depends on what stands behind its first words."""
    monkeypatch.setattr(blocks, "_WORTH_COMPILING", 1)
    lines = [form % (n % 60, 9 ** (n % 7), n) for n in range(400)]
    layout = learn(lines)
    lines += [*[usual] * 80, rare, *[usual] * 80, *lines[:200], usual, rare, usual]
    data = b"\n".join(lines) + b"\n"
    assert scan(layout, data, []) == scan(layout, data, list(range(0, len(data), 900)))


_WHOLE = b"2026-03-02T14:%02d:%02d.018Z ERROR [svc%d] order failed"
_YEARLESS = b"Mar  2 14:%02d:%02d host%d app[7]: order failed"


@pytest.mark.parametrize(("usual", "other"), [(_WHOLE, _YEARLESS), (_YEARLESS, _WHOLE)])
def test_each_line_lacks_what_its_own_form_lacks(usual, other, monkeypatch):
    """In a file of two forms, one of which writes no year, the other's years are those that it writes."""
    monkeypatch.setattr(blocks, "_WORTH_COMPILING", 1)
    lines = [form % (n // 60, n % 60, n % 3) for n in range(300) for form in (usual, other)]
    data = b"\n".join(lines * 3) + b"\n"
    layout = learn(lines)
    fast = scan(layout, data, [], examine=True)
    assert fast == scan(layout, data, list(range(0, len(data), 900)), examine=True)
    assert {row.time // 86_400_000_000 for row in fast.rows} == {20_514}


def test_text_is_read_by_patterns():
    """The regexes of all layouts of text can be matched on many lines at once."""
    text = [
        layout for layout in map(layout_of, BY_NAME) if isinstance(layout.forms[0], TextForm) and not layout.two_lines
    ]
    assert text
    assert all(reader.PatternReader(layout).is_able for layout in text if layout.encoding == "utf-8")


def test_messages_with_escapes_are_handed_over_undone():
    """Docker's lines with escapes among others: their messages stand in a text of their own, and are signed alike."""
    said = ('cart %d of "shop" lost', "cart %d lost", "cart %d of \\ lost")
    times = [f"2026-03-02T14:{n // 60 % 60:02d}:{n % 60:02d}.5Z" for n in range(3000)]
    logs = [f"2026-03-02 14:00:00,500 ERROR [main] c.s.Cart - {said[n % 3] % n}\n" for n in range(3000)]
    lines = [
        json.dumps({"log": log, "stream": "stdout", "time": time}).encode()
        for log, time in zip(logs, times, strict=True)
    ]
    data = b"\n".join(lines) + b"\n"
    layout = learn(lines)
    batch = Scanner(layout, "own", examine=True).feed(data)
    assert batch.messages is not None
    assert [said[n % 3] % n for n in range(1, 2999)] == [one and one.decode() for one in batch.messages.texts()[1:]]
    fast, slow = (scan(layout, data, cuts, examine=True) for cuts in ([], list(range(0, len(data), 3000))))
    assert fast.notes == slow.notes


def test_lines_without_a_request_are_told_apart():
    """Lines of an access log whose request is missing are not taken for each other by their status."""
    name = "access combined"
    lines = [b'10.1.2.5 - - [05/Mar/2026:14:02:11 +0000] "-" 408 %s "-" "-"' % size for size in (b"0", b"-")]
    data = b"\n".join((BY_NAME[name] * 8 + lines) * 8) + b"\n"
    slow = scan(layout_of(name), data, list(range(0, len(data), 3000)))
    assert slow.notes == scan(layout_of(name), data, []).notes
    assert {template for _, template, _ in slow.notes} >= {'"-" <num> <num> "-" "-"', '"-" <num> - "-" "-"'}


@cache
def read_whole(name: str) -> tuple[bytes, Read]:
    """Lines of a format, and what is read of them at once."""
    data = b"\n".join(BY_NAME[name] * 3)[:9000]
    return data, scan(layout_of(name), data, [])


@pytest.mark.parametrize("name", sorted(BY_NAME)[::9])
@settings(max_examples=often(30))
@given(cuts=st.lists(st.integers(0, 10_000), max_size=8))
def test_any_cut_gives_the_same_records(name, cuts):
    """Where the bytes are cut changes nothing."""
    data, whole = read_whole(name)
    assert whole == scan(layout_of(name), data, cuts)


_AGAIN = [
    b"2026-03-05 14:02:08.%06d+00:00 [%s] <0.%d.0> %s" % (123_455 + n // 3, level, thread, text)
    for n, (level, thread, text) in enumerate(
        (level, thread, text)
        for level in (b"error", b"info")
        for thread in (7, 8)
        for text in (b"closing connection:", b"", b"   missed heartbeats", b"*****", b"** Reason ==", b"accepted")
    )
]


_TRACED = [
    b"2026-03-05 14:02:%02d.148 71 ERROR vol.api.manager %s" % (second, text)
    for second in (8, 9)
    for text in (
        b"[req-1a - - -] could not attach", b"Traceback (most recent call last):",
        b'  File "/opt/vol/manager.py", line 12, in attach', b"vol.exception.NoTarget: no target", b"",
    )
]  # fmt: skip


@settings(max_examples=often(60))
@given(
    known=st.sampled_from([_AGAIN, _TRACED]),
    picked=st.lists(st.integers(0, len(_AGAIN) + 1), min_size=1, max_size=40),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
)
def test_heads_written_again_are_joined_alike_in_blocks_and_lines(known, picked, cuts):
    """Wherever the bytes are cut, and whether they are read as columns or one by one."""
    layout = learn_layout(Sample("mq.log", b"\n".join(known), b"", b"", 1, None))
    lines = [[*known, b"no head", b"    at x"][n % (len(known) + 2)] for n in picked]
    data = b"".join(line + b"\n" for line in lines)
    one_by_one = scan(layout, data, list(range(1, len(data), 7)))
    assert scan(layout, data, cuts) == one_by_one
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logscope.ingest.scanner._SMALL", 0)
        assert scan(layout, data, cuts) == one_by_one


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=4))
def test_any_bytes_are_counted(data, cuts):
    """Lines are newlines plus a non-empty rest, and the records' lines add up to them, whatever the bytes."""
    read = scan(layout_of(next(iter(BY_NAME))), data, cuts, examine=True)
    expected = data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
    assert expected == read.lines == sum(row.lines for row in read.rows)
    assert len(data) == read.size


@cache
def logback():
    return learn([b"2026-03-02 14:02:03,%03d ERROR [main] c.s.Cart - Cannot read cart %d" % (n, n) for n in range(50)])


def test_trace_is_one_record_across_rotation():
    """A trace that the rotation cut goes on in the next part; its place is its head's."""
    scanner = Scanner(logback(), "own")
    batches = [
        scanner.feed(b"2026-03-02 14:02:03,001 ERROR [main] c.s.Cart - failed\njava.lang.IllegalStateException: x"),
        scanner.end_part(),
        scanner.feed(b"\tat com.shop.Cart.read(Cart.java:7)\n2026-03-02 14:02:04,001 INFO [main] c.s.Cart - next\n"),
        scanner.flush(),
    ]
    read = gather(scanner, batches)
    assert [(row.part, row.line, row.lines, row.severity) for row in read.rows] == [
        (0, 1, 3, Severity.ERROR),
        (1, 2, 1, Severity.INFO),
    ]
    assert [n[1] for n in read.notes] == ["failed\ncaused by java.lang.IllegalStateException\n  at com.shop.Cart.read"]
    assert [sum(b.line_count for b in batches if b.fed_part == part) for part in (0, 1)] == [2, 2]


def test_lines_before_the_first_head_are_an_untimed_record():
    """The middle of a record whose head is not here is a record without a time."""
    data = b"\tat x\n\tat y\n2026-03-02 14:02:03,001 INFO [main] c.s.Cart - next\n"
    rows = scan(logback(), data, []).rows
    assert [(row.time, row.lines) for row in rows] == [(NO_TIME, 2), (1_772_460_123_001_000, 1)]


def test_long_line_is_capped_and_counted():
    """Of a line longer than the cap its begin is kept; its bytes are counted and it stays one line."""
    line = b"2026-03-02 14:02:03,001 ERROR [main] c.s.Cart - " + b"x" * 300_000 + b"\n"
    for cuts in ([], [100_000, 200_000]):
        read = scan(logback(), line * 2, cuts)
        assert [65_536, 65_536] == [row.length for row in read.rows] == [len(note[2]) for note in read.notes]
        assert (2, 2 * len(line)) == (read.lines, read.size)


def test_hundreds_of_continuations_are_counted():
    """A record keeps its first 256 lines and counts all."""
    head = b"2026-03-02 14:02:03,001 ERROR [main] c.s.Cart - failed\n"
    for cuts in ([], list(range(0, 20_000, 500))):
        read = scan(logback(), head + b"\tat a.b(C.java:1)\n" * 1000 + head, cuts)
        assert [row.lines for row in read.rows] == [1001, 1]
        assert len(read.notes[0][2].split(b"\n")) == 256


def test_lines_that_go_on_from_a_released_record_are_no_record():
    """A trace whose frames come after its head was given out is one record, as in a reading that waits."""
    head = b"2026-03-02 14:02:03,001 ERROR [main] c.s.Cart - failed\n"
    frames = b"java.lang.IllegalStateException: cart\n\tat a.b(C.java:1)\n"
    scanner = Scanner(logback(), "cart")
    pieces = [head, frames, frames * 100, head]
    batches = [batch for piece in pieces for batch in (scanner.feed(piece), scanner.release(), scanner.release())]
    read = gather(scanner, [*batches, scanner.flush()])
    assert [row.line for row in read.rows] == [1, 2 + 2 * 101]
    assert read.lines == 4 + 2 * 100


def test_a_block_whose_lines_were_all_read_alone_has_services():
    """A syslog of the kernel's lines: none is known by its pattern, and each still has its service."""
    lines = [
        b'Aug 08 16:%02d:08 job2 kernel: [9215.%03d] audit: type="ALLOWED" pid=%d' % (n // 2, n, n) for n in range(90)
    ]
    lines[40] = b"Aug 08 16:20:01 job2 systemd[1]: export.service: Main process exited, code=killed, status=9/KILL"
    data = b"\n".join(lines) + b"\n"
    services = [row.service for row in scan(learn(lines), data, []).rows]
    assert (services.count("kernel"), services[40]) == (89, "systemd")


@pytest.mark.parametrize("zeros", [64, 4000, 65_535, 65_536, 70_000, 3_000_000])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_hole_costs_no_record(zeros, ending):
    """A line that stands behind zeros that nobody wrote is a record, whatever the cuts, and begins behind them."""
    line = b"2026-03-02T14:02:03.018Z ERROR [cart] order failed" + ending
    data = line * 100 + b"\0" * zeros + line * 100
    layout = learn([line[:-1]] * 20)
    chance = random.Random(zeros)
    whole, *others = [
        scan(layout, data, cuts)
        for cuts in ([], [100 * len(line)], sorted(chance.randrange(len(data)) for _ in range(5)))
    ]
    assert others == [whole, whole]
    assert (whole.lines, len(whole.rows)) == (200, 200)
    assert [row.offset - zeros for row in whole.rows[100:102]] == [100 * len(line), 101 * len(line)]
    assert {text for _, _, text in whole.notes} == {line.rstrip()}


_PIECES = st.sampled_from(
    [
        b"2026-03-02 14:02:03,001 ERROR [main] c.s.Cart - failed\n",
        b"2026-03-02 14:02:04,001 INFO [main] c.s.Cart - up\n",
        b"2026-03-02 14:02:03,001 ERROR [main] c.s.Cart - ".ljust(149, b"x") + b"\ry\n",
        b"java.lang.IllegalStateException: cart\n", b"\tat a.b(C.java:1)\n", b"] rest\n", b"\n", b"\r\n", b"\r",
        b"x", b"x" * 70, b"\0", b"\0" * 63, b"\0" * 64, b"\0" * 200,
    ]
)  # fmt: skip


@settings(max_examples=often(100))
@given(
    pieces=st.lists(_PIECES, max_size=40),
    cuts=st.lists(st.integers(0, 4000), max_size=5),
    small=st.sampled_from([16, 300, 10_000]),
)
def test_zeros_returns_and_caps_are_kept_alike_in_blocks_and_lines(pieces, cuts, small):
    """Holes, carriage returns and capped lines give the same records read alone, in blocks, and cut anywhere."""
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        for room in (scanner, blocks, gathering, joining, records):
            patch.setattr(room, "LONGEST_LINE", 150)
        patch.setattr(records, "MOST_LINES", 5)
        patch.setattr(scanner, "MOST_LINES", 5)
        patch.setattr(scanner, "_SMALL", 10_000)
        alone = scan(logback(), data, [])
        patch.setattr(scanner, "_SMALL", small)
        assert alone == scan(logback(), data, cuts)


def test_what_a_line_announces_makes_the_kind():
    """Behind a colon the next line says what happened, unless it is the statement that was run."""
    layout = learn([b"2026-03-05 14:02:08 ERROR saved order 7"] * 10)
    told = [
        b"ORA-19815: no room on 7",
        b"ORA-00600: internal error",
        b"ORA-19815: no room on 81",
        b"select 1",
        b"  at x",
    ]
    lines = [b"2026-03-05 14:02:08 ERROR Errors in file 12:\n" + line for line in told]
    for cuts in ([], list(range(7, 400, 7))):
        notes = scan(layout, b"\n".join(lines * 60) + b"\n", cuts).notes
        assert [template for _, template, _ in notes[:5]] == [
            "Errors in file <num>: ORA-19815: no room on <num>",
            "Errors in file <num>: ORA-00600: internal error",
            "Errors in file <num>: ORA-19815: no room on <num>",
            "Errors in file <num>:",
            "Errors in file <num>:",
        ]


def test_a_trace_behind_heads_makes_the_kind():
    """One fault whose every line has the head again is one event, by its exception."""
    layout = learn_layout(Sample("vol.log", b"\n".join(_TRACED), b"", b"", 1, None))
    scanner = Scanner(layout, "vol")
    batches = [scanner.feed(b"\n".join([*_TRACED, b""])), scanner.flush()]
    assert [lines for batch in batches for lines in batch.lines.tolist()] == [5, 5]
    (signature,) = scanner.signatures
    assert signature.template.endswith("\ncaused by vol.exception.NoTarget\n  at manager.attach")


def test_an_exception_of_elixir_makes_the_kind():
    """Whatever request ends, the head says the same: what was raised and where tell one kind from another."""
    layout = learn([b"08:12:01.233 request_id=F1 [info] Sent 200 in 12ms"] * 10)
    below = b"** (exit) an exception was raised:\n    ** (%b) %b\n        (shop 0.1.0) lib/%b.ex:12: Shop.run/2\n"
    raised = [(b"Shop.LockError", b"locked by 7", b"db"), (b"KeyError", b"no a", b"db"), (b"KeyError", b"no b", b"web")]
    head = b"08:12:02.%03d request_id=F2 [error] #PID<0.%d.0> running ShopWeb terminated\n"
    text = b"".join(head % (n, n) + below % raised[n % 3] for n in range(60))
    assert len({template for _, template, _ in scan(layout, text, []).notes}) == 3


def test_traces_that_come_again_are_signed_as_each_alone():
    """Wrapped ones that differ in the digits of their heads are one kind; where the text differs they may be two."""

    def wrap(second, service, code, name):
        form = (
            b"%s  | 2026-03-05T14:02:%02d.123Z ERROR [main] save failed: code %d\n%s  | a.b.%sException: gone\n"
            b"%s  | \tat a.B.run(B.java:17)\n%s  | \tat a.%s.run(C.java:1)\n"
        )
        return form % (service, second, code, service, name, service, service, name)

    told = [
        (
            n % 60,
            (b"desk", b"seat")[n % 2],
            500 + n % 3,
            (b"Old", b"New")[n % 5 == 0],
        )
        for n in range(120)
    ]
    records = [wrap(*one) for one in told]
    layout = learn(b"".join(records).splitlines())
    together = [note[1] for note in scan(layout, b"".join(records), []).notes]
    assert together == [scan(layout, one, []).notes[0][1] for one in records]
    assert len(set(together)) == 6


@pytest.mark.parametrize(
    "line",
    [
        b'{"ts":"2026-03-05T14:02:08.%03dZ","level":"info","msg":"done","method":"GET","path":"/x","status":%d}',
        b'ts=2026-03-05T14:02:08.%03dZ level=info msg="request done" method=GET path=/x status=%d took_ms=7',
        b"2026-03-05T14:02:08.%03dZ INFO GET /x %d 7ms",
    ],
)
def test_requests_that_failed_matter_at_any_level(line):
    """In blocks and in lines, and those alone."""
    lines = [line % (n, (200, 404, 503)[n % 3]) for n in range(300)]
    layout, data = learn(lines), b"\n".join(lines) + b"\n"
    fast, slow = (scan(layout, data, cuts) for cuts in ([], list(range(0, len(data), 400))))
    assert fast == slow
    assert [note[0] for note in fast.notes] == list(range(2, 300, 3))


def test_however_many_marks_a_file_begins_with():
    """Of files that were put together each has its own: they are taken off, and nothing is called within itself."""
    line = b"2026-03-05T14:02:08.123Z ERROR saved order 7"
    layout = learn([line] * 20)
    for count in (0, 1, 3, 9000):
        read = scan(layout, b"\xef\xbb\xbf" * count + line + b"\n", [], examine=True)
        assert read.lines == 1
        assert read.notes[0][1].endswith("saved order <num>"), count
