"""What is learnt of files before they are read, and how dates spread from those that prove them to the others."""

import gzip
import os

import pytest

from logscope.model.files import DateOrigin
from logscope.model.severity import Severity
from logscope.model.times import format_iso
from logscope.runner.intake import Intake
from logscope.runner.planning import looks_like_log, make_plans
from logscope.runner.request import Request, open_request
from logscope.sources.discovery import discover

LATER = 1_795_000_000
"""When all the files were copied: long after what they tell of."""


@pytest.fixture
def read_times(tmp_path):
    """Writes files, and gives each one's times and their origin."""

    def read(**texts: str) -> dict[str, tuple[list[str], DateOrigin]]:
        paths = []
        for name, text in texts.items():
            path = tmp_path / f"{name}.log"
            path.write_text(text)
            os.utime(path, (LATER, LATER))
            paths.append(str(path))
        found = discover(paths, lambda path: True, siblings=False, wait_for_missing=False)
        plans, _ = make_plans(found.sources, {})
        times = {}
        for plan in plans:
            layout = plan.layout
            state = layout.new_state()
            heads = [layout.parse(line.encode(), state) for line in texts[plan.source.service].splitlines()]
            stamps = ["-" if head.time is None else format_iso(head.time, 0) for head in heads if head is not None]
            times[plan.source.service] = stamps, layout.date_origin
        return times

    return read


DATED = "2026-03-05T13:50:00Z INFO start\n2026-03-06T01:00:00Z INFO end\n"


def test_year_and_day_come_from_dated_files(read_times):
    """Stamps without year or day are put next to the other files' last, whatever the modification times say."""
    found = read_times(
        app=DATED, sys="Mar  5 14:02:08 web cron[1]: x\n" * 2, redis="23:59:58.100 * a\n00:00:02.100 # b\n"
    )
    assert found["sys"] == (["2026-03-05T14:02:08Z"] * 2, DateOrigin.YEAR_FROM_FILES)
    assert found["redis"] == (["2026-03-05T23:59:58Z", "2026-03-06T00:00:02Z"], DateOrigin.DAY_FROM_FILES)


def test_order_of_day_and_month_comes_from_sure_files(read_times):
    """Dates that may be read in two ways are read as those that bring a file near to the others."""
    assert read_times(app=DATED, us="03/06/2026 00:30:00 INFO a\n" * 2)["us"][0] == ["2026-03-06T00:30:00Z"] * 2
    dated = DATED.replace("-03-0", "-06-0").replace("-06-06", "-06-03").replace("-06-05", "-06-03")
    assert read_times(app=dated, eu="03/06/2026 00:30:00 INFO a\n" * 2)["eu"][0] == ["2026-06-03T00:30:00Z"] * 2


def test_uptimes_count_from_what_another_file_quotes(read_times):
    """A line that syslog took from the kernel tells when the kernel started."""
    dmesg = "[    1.500000] Linux version 6.1\n[  100.250000] Out of memory: Killed process 71 (redis-server)\n"
    syslog = "2026-03-05T14:02:08.250000Z web kernel: [  100.250000] Out of memory: Killed process 71 (redis-server)\n"
    found = read_times(dmesg=dmesg, syslog=syslog * 2)
    assert found["dmesg"] == (["2026-03-05T14:00:29Z", "2026-03-05T14:02:08Z"], DateOrigin.DAY_FROM_FILES)
    assert read_times(dmesg=dmesg)["dmesg"] == (["-", "-"], DateOrigin.NONE)


def test_uptimes_count_from_the_kernels_own_clock(read_times):
    """A kernel writes its clock when it starts, and seconds since 1970 in audit records."""
    lines = "[    1.500000] rtc_cmos 00:00: setting system clock to 2026-03-05T14:00:29 UTC (1772719229)\n"
    lines += "[  100.250000] Out of memory: Killed process 71 (redis-server)\n"
    assert read_times(dmesg=lines)["dmesg"] == (
        ["2026-03-05T14:00:29Z", "2026-03-05T14:02:07Z"],
        DateOrigin.WRITTEN,
    )


@pytest.mark.parametrize("begin", [b"", b"\n", b"\r\n \n"])
def test_a_log_that_holds_nothing_yet_is_learnt_from_its_first_lines(tmp_path, begin):
    """Blank lines tell nothing of a layout; they are counted with the lines that it is learnt from."""
    log = tmp_path / "new.log"
    log.write_bytes(begin)
    found = discover([str(tmp_path)], looks_like_log, siblings=False, wait_for_missing=True)
    ((plan,), _) = make_plans(found.sources, {}, live=True)
    intake = Intake(plan, lambda: 0.0)
    assert intake.feed(begin) == []
    (scanned,) = intake.feed(b"2026-03-02T14:02:00Z ERROR cart lost\n2026-03-02T14:02:01Z INFO x\n")
    assert scanned.batch.line_count + intake.flush()[-1].batch.line_count == begin.count(b"\n") + 2
    assert Severity.ERROR in scanned.batch.severity.tolist()


def write_parts(folder, stamps):
    """Rotated parts of one log, a record each: name -> its time (seconds since 1970), when it was also last written."""
    for name, at in stamps.items():
        text = f"{format_iso(at * 1_000_000, 0)} ERROR order failed\n".encode() if at is not None else b""
        (folder / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        os.utime(folder / name, (at or LATER, at or LATER))


@pytest.mark.parametrize("gone", ["x.log.2", "x.log.2.gz"])
@pytest.mark.parametrize("live", [True, False])
def test_parts_that_end_long_before_the_log_begins_are_left_out(tmp_path, gone, live):
    """Beside a named log those are read that end within a day before its first line; named ones are read all."""
    write_parts(tmp_path, {"x.log": LATER, "x.log.1": LATER - 80_000, gone: LATER - 90_000})
    for words, parts in ((["x.log"], ["x.log.1", "x.log"]), (["x.log", gone], [gone, "x.log"])):
        (plan,) = open_request(Request([str(tmp_path / word) for word in words]), live=live).plans
        assert [os.path.basename(part.path) for part in plan.source.parts] == parts


def test_parts_of_a_log_that_was_rotated_a_moment_ago_are_read(tmp_path):
    """An empty log begins when it was made: what was written until then is beside it."""
    write_parts(tmp_path, {"x.log": None, "x.log.1": LATER - 60, "x.log.2": LATER - 900_000})
    (plan,) = open_request(Request([str(tmp_path / "x.log")])).plans
    assert [os.path.basename(part.path) for part in plan.source.parts] == ["x.log.1", "x.log"]
