"""Lines that hold many records, end to end: each is a record, lines are those of the file, places can be opened."""

import gzip
import json
from dataclasses import replace

import pytest

from logscope.cli.main import main
from logscope.model.files import LineRef
from logscope.model.times import US, format_iso
from logscope.runner.file_lines import FileLines
from logscope.runner.live import LiveLoop
from logscope.runner.log_view import OpenLog
from logscope.runner.proof import prove_count
from logscope.runner.records import read_record
from logscope.runner.request import Request, open_request
from logscope.sources.pages import PagePart, PageReader
from tests.growing import follow_growing

T0 = 1_772_719_320
ROWS = [
    {"time": format_iso((T0 + n) * US), "level": "error" if n % 9 == 0 else "info", "msg": f"straße {n} sent"}
    for n in range(180)
]
LINES = [json.dumps({"Records": ROWS[at : at + 20]}, ensure_ascii=False) for at in range(0, 180, 20)]
TEXT = "".join(line + "\n" for line in LINES)


@pytest.fixture
def analyze(capsys):
    def run(*paths):
        assert main(["analyze", "--json", *map(str, paths)]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def keep_on(_):
    return True


def open_log(path):
    (plan,) = open_request(Request([str(path)])).plans
    reader = PageReader([PagePart(str(path), roll=plan.layout.roll)])
    return OpenLog(plan.source.key, plan.source.service, plan.layout, reader)


@pytest.mark.parametrize("encode", [str.encode, lambda text: text.encode("utf-16"), lambda text: text[:-1].encode()])
def test_all_records_are_counted_and_all_lines(tmp_path, analyze, encode):
    """Lines and bytes are those of the file; the first of a kind is where its line is."""
    path = tmp_path / "cart.json"
    path.write_bytes(encode(TEXT))
    document = analyze(path)
    (file,), (group,) = document["files"], document["groups"]
    assert (file["lines"], file["records"], file["errors"], file["untimed_records"]) == (9, 180, 20, 0)
    assert file["bytes"] == path.stat().st_size
    assert [problem["kind"] for problem in file["problems"]] == ["rolled"]
    assert (group["count"], group["line"], json.loads(group["sample"])) == (20, 1, ROWS[0])


def test_a_compressed_archive_is_parsed(tmp_path, capsys):
    """With the numbers of the lines of its content."""
    path = tmp_path / "cart.json.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert main(["parse", str(path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["line"], row["level"], row["message"]) for row in rows] == [
        (n // 20 + 1, row["level"], row["msg"]) for n, row in enumerate(ROWS)
    ]


def test_a_record_can_be_opened(tmp_path):
    """By its place: its text alone; the pane shows a record in each row, with the number of its line."""
    path = tmp_path / "cart.json"
    path.write_text(TEXT)
    log = open_log(path)
    shown = log.around(0, 0, 0, 500)
    assert [(line.number, json.loads(line.text)) for line in shown] == [
        (n // 20 + 1, row) for n, row in enumerate(ROWS)
    ]
    before = log.around(0, shown[90].offset, 25, 0)
    assert [line.number for line in before] == [line.number for line in shown[65:90]]
    (plan,) = open_request(Request([str(path)])).plans
    text = read_record(plan.layout, plan.read_part(0, print, start=shown[95].offset))
    assert text is not None
    assert json.loads(text) == ROWS[95]
    assert log.reader.offset_of_line(0, 5) == shown[80].offset
    found = log.find_text(0, shown[95].offset, "straße 170 ", 1, keep_on)
    assert (found.number, found.offset) == (9, shown[170].offset)
    few = log.matching(0, shown[90].offset, "straße 12", 0, 50, keep_on)
    assert [(line.number, line.offset) for line in few] == [(7, shown[n].offset) for n in range(120, 130)]


def test_longer_lines_than_are_read_at_once_are_numbered(tmp_path):
    """Of rows of more than a page, and of one whose mark stands at the edge of a piece."""
    rows = [{"time": row["time"], "msg": "x" * size} for row, size in zip(ROWS, [9, 9, 70_000, 65_490], strict=False)]
    path = tmp_path / "cart.json"
    path.write_text(f"{json.dumps(rows)}\n" * 20)
    log = open_log(path)
    assert [line.number for line in log.around(0, 0, 0, 500)] == [n // 4 + 1 for n in range(80)]
    end = log.reader.end_of(0)
    assert [line.number for line in log.around(0, end - 1, 9, 1)] == [18] * 2 + [19] * 4 + [20] * 4
    fresh = open_log(path)
    assert fresh.reader.line_at(0, end - 1) == 20
    assert fresh.reader.offset_of_line(0, 20) == log.reader.offset_of_line(0, 20)


def test_no_command_counts_what_a_line_holds_many_of(tmp_path):
    """`grep -c` counts lines: nothing is claimed of it."""
    path = tmp_path / "cart.json"
    path.write_text(TEXT)
    request = Request([str(path)])
    snapshots = []
    loop = LiveLoop(request, open_request(request), snapshots.append, wall=lambda: 0.0)
    loop._publish = lambda snapshot: (snapshots.append(snapshot), loop.stop())
    loop.run()
    (group,) = snapshots[-1].groups
    assert prove_count(group, snapshots[-1]) is None
    plain = replace(snapshots[-1], files=tuple(replace(file, problems=()) for file in snapshots[-1].files))
    assert prove_count(group, plain) is not None


def test_what_is_appended_is_read(tmp_path):
    """A writer that flushes in the middle of a record; the line that is cited opens as its first record."""
    path = tmp_path / "cart.json"
    data = TEXT.encode()
    opened, snapshots = follow_growing(path, data, len(data) // 2 + 40, lambda file: file.records == 180)
    file = snapshots[-1].files[0]
    assert (file.lines, file.records, file.errors) == (9, 180, 20)
    lines = FileLines(opened)
    spot = lines.spot_of(LineRef(str(path), snapshots[-1].groups[0].line))
    assert json.loads(lines.around(spot, 0, 1)[0].text)["level"] == "error"
