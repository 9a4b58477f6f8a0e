"""Logs that go on in a file of another name: each line once, and nothing of files that nobody asked for."""

import os
import time

import pytest
from live import Log, Reader

from logscope.sources.events import Lost
from logscope.sources.naming import next_weekday
from logscope.sources.rotated import list_known

NAMES = [
    ("app-2026-11-27.log", "app-2026-11-28.log"),
    ("app.log.2026-11-27", "app.log.2026-11-28"),
    ("log-20261127.txt", "log-20261127_001.txt"),
    ("postgresql-2026-11-27_000000.log", "postgresql-2026-11-28_000000.log"),
    ("u_ex261127.log", "u_ex261128.log"),
    ("postgresql-Fri.log", "postgresql-Sat.log"),
]


def lines(reader):
    return [line for _, data in sorted(reader.data.items()) for line in data.splitlines()]


@pytest.mark.parametrize("hold_open", [True, False])
@pytest.mark.parametrize(("first", "second"), NAMES)
def test_a_log_goes_on_in_the_next_file(tmp_path, first, second, hold_open):
    """The end of the old file is read, then the new one, which is the one that is told."""
    old, new = Log(tmp_path, first), Log(tmp_path, second, first=100)
    old.write()
    reader = Reader(old, hold_open=hold_open)
    reader.poll()
    old.write(3)
    new.write()
    reader.poll(2)
    new.write()
    reader.settle()
    assert lines(reader) == old.written + new.written
    assert reader.follower.path == new.path
    assert not any(isinstance(event, Lost) for event in reader.events)


def test_a_writer_that_stays_behind(tmp_path):
    """What is written to the old file after the new one was begun is read as its own."""
    old, new = Log(tmp_path, "app-2026-11-27.log"), Log(tmp_path, "app-2026-11-28.log", first=100)
    old.write()
    reader = Reader(old)
    reader.poll()
    new.write()
    reader.poll()
    old.write()
    reader.settle()
    assert sorted(lines(reader)) == sorted(old.written + new.written)


def test_several_files_between_two_looks(tmp_path):
    """None is left out, and the newest is followed."""
    days = [Log(tmp_path, f"app-2026-11-{day}.log", first=100 * day) for day in range(10, 14)]
    days[0].write()
    reader = Reader(days[0])
    reader.poll()
    for day in days[1:]:
        day.write()
    reader.poll(2)
    days[-1].write()
    reader.settle()
    assert lines(reader) == [line for day in days for line in day.written]


def test_an_old_file_that_is_asked_for_is_that_alone(tmp_path):
    """Who names last week's log does not follow today's."""
    old, new = Log(tmp_path, "app-2026-11-20.log"), Log(tmp_path, "app-2026-11-27.log", first=100)
    old.write()
    new.write()
    reader = Reader(old)
    reader.poll()
    Log(tmp_path, "app-2026-11-28.log", first=200).write()
    reader.settle()
    assert lines(reader) == old.written


def test_a_file_of_the_week_is_used_again(tmp_path):
    """Last week's lines were told before: the file is read from its begin, once it is begun anew."""
    old, new = Log(tmp_path, "pg-Sun.log"), Log(tmp_path, "pg-Mon.log", first=100)
    new.write(5)
    os.utime(new.path, (time.time() - 6 * 86_400,) * 2)
    old.write()
    reader = Reader(old, known=list_known(old.path))
    reader.poll()
    assert lines(reader) == old.written
    last_week = list(new.written)
    new.truncate()
    new.write()
    reader.settle()
    assert lines(reader) == old.written + new.written[len(last_week) :]


def test_runs_of_a_container(tmp_path):
    """Kubelet numbers the files by the starts of the container; a rotated part of a run is no next one."""
    folder = tmp_path / "pods" / "shop_cart-1_uid" / "cart"
    folder.mkdir(parents=True)
    first, second = Log(folder, "0.log"), Log(folder, "1.log", first=100)
    first.write()
    reader = Reader(first)
    reader.poll()
    os.rename(first.path, first.path + ".20261128-140208")
    first.forget()
    first.write()
    reader.poll()
    second.write()
    reader.settle()
    assert lines(reader) == first.written + second.written


def test_compressed_parts_and_other_logs_are_no_next_file(tmp_path):
    """They lie beside the log, and are newer."""
    log = Log(tmp_path, "app-2026-11-27.log")
    log.write()
    reader = Reader(log)
    reader.poll()
    (tmp_path / "app-2026-11-28.log.gz").write_bytes(b"")
    Log(tmp_path, "other-2026-11-28.log").write()
    Log(tmp_path, "app.log.1").write()
    reader.settle()
    assert lines(reader) == log.written
    assert reader.follower.path == log.path


def test_names_of_the_next_day():
    """Weekdays go round; other names have none."""
    assert next_weekday("/x/pg-Sun.log") == "/x/pg-Mon.log"
    assert [next_weekday(name) for name in ("pg.log", "pg-Sun.log.1", "pg-2026-11-28.log", "pg-Sun.log.gz")] == [
        None
    ] * 4
